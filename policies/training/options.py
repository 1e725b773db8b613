"""What a training run can be told."""

from __future__ import annotations

import math
from dataclasses import dataclass

from longhaul.errors import ConfigError

PRECISIONS = {"float32": "no", "bfloat16": "bf16"}
"""Names of precisions, and accelerate's for them."""


@dataclass(frozen=True)
class Options:
    """Numbers of the optimization; the defaults are Seer's published fine-tuning but for `steps`.

    `batch` windows go into one forward pass of one process, `accumulate` passes into one step of
    the optimizer. The learning rate rises to `lr` over `warmup` steps and falls to zero at `steps`
    along a cosine; so does `muon_lr`, that of Muon, which takes the matrices unless it is 0.
    `ema` is the decay of the averaged weights, 0 for none; early steps have a lower one.
    `validate_every`, `save_every` and `evaluate_every` (0: never) count steps; validation takes
    `validation_batches` batches.
    `minutes` ends a session early, with all that it takes to go on; None: no limit.
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
        if self.precision not in PRECISIONS:
            valid = ", ".join(PRECISIONS)
            raise ConfigError(f"precision={self.precision} is unknown; valid: {valid}")
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
