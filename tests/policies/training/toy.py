"""A learner of one linear layer, and data whose actions it can learn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import torch
from rich.console import Console
from safetensors.torch import save_file
from torch import Tensor, nn

from longhaul.demos.cache import build_cache
from longhaul.demos.windows import Windows
from longhaul.envs.specs import Requirement
from longhaul.policies.training.learner import WindowSpec
from longhaul.policies.training.options import Options
from longhaul.policies.training.train import Data, Trainer
from tests.demos.made import MadeSource

BATCH = 8


class ToyLearner(nn.Module):
    """Predicts an action from a state, through noise that training draws."""

    requirement = Requirement()
    windows = WindowSpec(length=3, sizes={"wrist": 4})
    terms: ClassVar[Mapping[str, str]] = {"loss": "squared error", "twice": "twice that"}

    def __init__(self, seed: int = 0, noise: float = 0.01) -> None:
        super().__init__()
        self.noise = noise
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.net = nn.Linear(3, 2)

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        state = batch["robot_obs"] / 40
        if self.training:
            state = state + self.noise * torch.randn_like(state)
        error = (self.net(state) - batch["actions"] / 40).square().mean()
        return {"loss": error, "twice": 2 * error}

    def module(self) -> nn.Module:
        return self.net

    def save(self, path: Path, weights: Mapping[str, Tensor]) -> None:
        save_file({name: value.contiguous() for name, value in weights.items()}, path)


SESSION: Mapping[str, Any] = {"evaluate_every": 0, "minutes": None, "seed": 0}
"""Options that a script takes from elsewhere in its configuration."""


def make_data(folder: Path) -> Data:
    cache = build_cache(MadeSource((20,) * 12), dict(ToyLearner.windows.sizes), folder / "cache")
    train = Windows(cache, 3, holdout=0.2)
    return Data(train, Windows(cache, 3, split="validation", holdout=0.2))


def make_trainer(
    folder: Path,
    steps: int = 40,
    noise: float = 0.01,
    tracker: Mapping[str, Any] | None = None,
    console: Console | None = None,
    **options: Any,
) -> Trainer:
    """Return a trainer in `folder`/run, or one that goes on there."""
    settings = {"batch": BATCH, "warmup": 5, "lr": 0.05, "log_every": 1, "clip": 1.0}
    told = console or Console(quiet=True)
    (folder / "run").mkdir(exist_ok=True)
    chosen = Options(steps=steps, **{**SESSION, **settings, **options})
    run = folder / "run"
    learner = ToyLearner(noise=noise)
    return Trainer(learner, make_data(folder), chosen, run, told, tracker=tracker)
