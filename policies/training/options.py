"""The options of a training run."""

from __future__ import annotations

import math
from dataclasses import dataclass

from longhaul.errors import ConfigError, require_known

ACCELERATE_PRECISIONS = {"float32": "no", "bfloat16": "bf16"}
"""Our names of precisions, and those that accelerate takes for them."""


@dataclass(frozen=True)
class Options:
    """The options of the optimization; the defaults are Seer's published fine-tuning, except
    `steps`.

    `batch` windows go into one forward pass of one process, `accumulate` passes into one step of
    the optimizer. The learning rate rises to `lr` over `warmup` steps and falls to zero at `steps`
    along a cosine. `muon_lr` is the learning rate of Muon and follows the same schedule; Muon
    updates the matrices unless it is 0. `ema` is the decay of the averaged weights, 0 for none;
    early steps have a lower one. `validate_every`, `save_every` and `evaluate_every` (0: never)
    count steps; validation takes `validation_batches` batches. `minutes` limits a session, which
    then saves its state, so that it can be resumed; None: no limit.
    """

    steps: int
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
    evaluate_every: int = 0
    minutes: float | None = None
    seed: int = 0

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
