"""The options of a training run."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from longhaul.errors import ConfigError, require_known

ACCELERATE_PRECISIONS = {"float32": "no", "bfloat16": "bf16"}
"""Our names of precisions, and those that accelerate takes for them."""


@dataclass(frozen=True)
class Options:
    """The options of the optimization; the defaults are Seer's published fine-tuning, except
    `steps`.

    The learning rates rise over the warmup and fall to zero at the last step along a cosine.

    Attributes:
        steps: Steps of the optimizer.
        batch: Windows in one forward pass of one process.
        accumulate: Forward passes in one step of one process.
        lr: The learning rate of AdamW.
        muon_lr: The learning rate of Muon, which trains the matrices; with 0, AdamW trains
            everything.
        weight_decay: The weight decay of AdamW.
        warmup: Steps over which the learning rates rise.
        clip: The largest norm of the gradient.
        ema: The decay of the averaged weights, which is lower in early steps; 0 averages none.
        precision: The type of floating-point numbers, float32 or bfloat16.
        compile: True compiles the network with torch.compile.
        log_every: Steps between the training losses that are logged.
        validate_every: Steps between validations.
        validation_batches: Batches of a validation, spread evenly over the held-out windows.
        save_every: Steps between saved states.
        evaluate_every: Steps between evaluations by rollout; 0 evaluates never.
        minutes: The minutes after which a session ends; the next one continues it; None is no
            limit.
        seed: The seed of the order of the data and of all random numbers of torch.
    """

    steps: int = 10000
    batch: int = 64
    accumulate: int = 1
    lr: float = 1e-3
    muon_lr: float = 0.0
    weight_decay: float = 1e-4
    warmup: int = 200
    clip: float = 0.1
    ema: float = 0.0
    precision: str = "float32"
    compile: bool = False
    log_every: int = 50
    validate_every: int = 500
    validation_batches: int = 16
    save_every: int = 500
    evaluate_every: int = field(kw_only=True)
    minutes: float | None = field(kw_only=True)
    seed: int = field(kw_only=True)

    def __post_init__(self) -> None:
        require_known("precision", self.precision, ACCELERATE_PRECISIONS)
        whole = ("steps", "batch", "accumulate", "log_every", "validate_every", "save_every")
        for name in (*whole, "validation_batches"):
            if type(getattr(self, name)) is not int or getattr(self, name) < 1:
                raise ConfigError(f"{name}={getattr(self, name)} must be a whole number from 1 on")
        for name in ("lr", "clip"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name}={getattr(self, name)} must be above 0")
        for name in ("muon_lr", "weight_decay", "warmup", "evaluate_every"):
            if not getattr(self, name) >= 0:
                raise ConfigError(f"{name}={getattr(self, name)} must be at least 0")
        if not 0 <= self.ema < 1:
            raise ConfigError(f"ema={self.ema} must be at least 0 and below 1")

    def schedule(self, step: int) -> float:
        """Return the share of the full learning rate in step number `step`, counted from 0."""
        if step < self.warmup:
            return (step + 1) / self.warmup
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
