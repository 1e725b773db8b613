"""The trainer, from top to bottom: windows in, a checkpoint out."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from rich.console import Console
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from longhaul.demos.loading import Loader, Sampler
from longhaul.demos.windows import Windows
from longhaul.errors import ConfigError
from longhaul.files import writing
from longhaul.policies.training.checkpoints import write_checkpoint
from longhaul.policies.training.clock import Clock
from longhaul.policies.training.distributed import Processes
from longhaul.policies.training.learner import Learner
from longhaul.policies.training.metrics import Metrics, write_terms
from longhaul.policies.training.optimizers import optimizers
from longhaul.policies.training.options import ACCELERATE_PRECISIONS, Options
from longhaul.policies.training.progress import TrainingBar
from longhaul.policies.training.state import load_state, prune, random_states, save_state

Evaluate = Callable[[Path, int], Mapping[str, float]]
"""Rolls a checkpoint out: maps its file and step to scores; the greatest `score` is the best."""

LAST_CHECKPOINT, BEST_CHECKPOINT = "last.safetensors", "best.safetensors"
"""The checkpoints' file names in a run's folder."""


class DivergedError(ConfigError):
    """The gradient is not finite."""


@dataclass(frozen=True)
class Data:
    """Windows for training and validation (None: no validation), and how they are drawn:
    `balance` see longhaul.demos.loading.Sampler."""

    train: Windows
    validation: Windows | None
    balance: float = 0.0


class Trainer:
    """Trains a learner to `options.steps`; a state in `folder` is resumed.

    `evaluate`, where given, is called every `options.evaluate_every` steps. `tracker` holds
    `project`, `config` and `wandb` (options of its `init`) for Weights & Biases. `trained_on` are
    the facts that each checkpoint tells of its data (longhaul.policies.policy.TrainedOn).
    `stopped_by` is the number of the signal that ended the session, or 0.
    """

    def __init__(
        self,
        learner: Learner,
        data: Data,
        options: Options,
        folder: Path,
        console: Console,
        device: str = "cpu",
        evaluate: Evaluate | None = None,
        tracker: Mapping[str, Any] | None = None,
        trained_on: Mapping[str, Any] | None = None,
    ) -> None:
        self.trained_on, self.stopped_by = dict(trained_on or {}), 0
        self.learner, self.data, self.options, self.folder = learner, data, options, folder
        self.console, self.evaluate, self.device = console, evaluate, device
        self.accelerator = Accelerator(
            mixed_precision=ACCELERATE_PRECISIONS[options.precision],
            gradient_accumulation_steps=options.accumulate,
            cpu=device == "cpu",
            log_with="wandb" if tracker else None,
        )
        self.processes = Processes(self.accelerator)
        rank, world = self.processes.rank, self.processes.count
        torch.manual_seed(options.seed + rank)
        self.network = learner.module()
        module: Any = learner
        if options.compile:
            module = torch.compile(module)
        self.module, *prepared = self.accelerator.prepare(
            module, *optimizers(self.network, options)
        )
        self.optimizers: list[Any] = prepared
        self.rates = [[group["lr"] for group in o.param_groups] for o in self.optimizers]
        self.average = copy_of(self.network) if options.ema else None
        notes = self._resumed()
        self.step: int = notes.get("step", 0)
        self.best: float = notes.get("best", -math.inf)
        drawn = self.step * options.accumulate
        self.saved = self.step if notes else -1
        self.sampler = Sampler(
            data.train, options.batch, options.seed, data.balance, rank, world, drawn
        )
        self.metrics = Metrics(
            folder / "metrics.jsonl",
            self.step,
            self.accelerator.is_main_process,
            notes.get("pending"),
        )
        if self.accelerator.is_main_process:
            write_terms(folder, learner.terms)
        self.clock = Clock(notes.get("seconds", 0.0), options.minutes)
        if tracker:
            self.accelerator.init_trackers(
                tracker["project"], tracker["config"], {"wandb": tracker["wandb"]}
            )

    def run(self) -> Path:
        """Train, and return the best checkpoint's file.

        The best is the one of the highest score where checkpoints are evaluated, else of the
        lowest validation loss, else the last. After `options.minutes`, SIGTERM or Ctrl-C the run
        ends with its state saved. A session that finds all steps done still writes the last
        checkpoint, since the one before may have been killed before it did. Raises DivergedError
        if a gradient is not finite; the last saved state stays.
        """
        options = self.options
        bar = TrainingBar(self.console, options.steps, self.step)
        with stoppable() as stop, attention(self.device), self._loading() as batches, bar:
            while self.step < options.steps and not self._ends(stop):
                norm = self._update(batches)
                bar.advance(self.step)
                if self._reports():
                    self._report("train", {**self.metrics.means(), **self._pace(norm)})
                if self._due(options.validate_every) and self.data.validation is not None:
                    self._validate()
                if self._due(options.evaluate_every) and self.evaluate is not None:
                    with bar.hidden():
                        self.processes.main_alone(self._evaluate)
                if self._due(options.save_every):
                    self._save()
            self._save()
            self.stopped_by = stop[0] if stop else 0
        self.accelerator.end_training()
        best = self.folder / BEST_CHECKPOINT
        return best if best.is_file() else self.folder / LAST_CHECKPOINT

    def _resumed(self) -> dict[str, Any]:
        """Load the newest state, if there is one, and return its notes; see load_state."""
        notes = load_state(
            self.folder / "state",
            self.network,
            self.optimizers,
            self.average,
            self.console.print,
            self.processes.rank,
            self.processes.count,
        )
        self.processes.require_same(notes.get("step", 0), self.folder)
        return notes

    def _ends(self, stop: list[int]) -> bool:
        """Return whether a signal or the clock ends the session, in all processes at once: one that
        went on would wait for the gradients of the others."""
        return self.processes.any(bool(stop) or self.clock.over())

    def _update(self, batches: Iterator[Mapping[str, Tensor]]) -> float:
        """Take one step of the optimizer; return the norm of the gradient."""
        options, accelerator = self.options, self.accelerator
        for optimizer, rates in zip(self.optimizers, self.rates, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * options.schedule(self.step)
        self.module.train()
        for _ in range(options.accumulate):
            with accelerator.accumulate(self.module):
                losses = self.module(to_device(next(batches), accelerator.device))
                accelerator.backward(losses["loss"])
            self.metrics.add({name: loss.item() for name, loss in losses.items()})
        norm = float(accelerator.clip_grad_norm_(self.network.parameters(), options.clip))
        if not math.isfinite(norm):
            raise DivergedError(f"step {self.step}: the gradient is {norm}; try a lower lr")
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        if self.average is not None:
            # A lower decay at first, so that the untrained weights leave the average soon.
            decay = min(options.ema, (1 + self.step) / (10 + self.step))
            move_average(self.average, self.network, decay)
        self.step += 1
        return norm

    def _reports(self) -> bool:
        """Return whether this step's losses are reported: the first, the last, and others."""
        return self.step in (1, self.options.steps) or self.step % self.options.log_every == 0

    def _due(self, every: int) -> bool:
        """Return whether this step is a multiple of `every`, or the last; never if it is 0."""
        return bool(every) and (self.step == self.options.steps or self.step % every == 0)

    @torch.no_grad()
    def _validate(self) -> None:
        """Report the mean losses over evenly spread windows, which are the same every time."""
        windows, options = self.data.validation, self.options
        assert windows is not None
        self.module.eval()
        count = min(len(windows), options.batch * options.validation_batches)
        numbers = np.linspace(0, len(windows) - 1, count).astype(np.int64)
        sums: dict[str, float] = {}
        for first in range(0, count, options.batch):
            chosen = numbers[first : first + options.batch]
            batch = {name: torch.from_numpy(a) for name, a in windows.batch(chosen).items()}
            for name, loss in self.module(to_device(batch, self.accelerator.device)).items():
                sums[name] = sums.get(name, 0.0) + loss.item() * len(chosen)
        means = {name: total / count for name, total in sums.items()}
        self._report("validation", means)
        if self.evaluate is None:
            self._keep_if_best(-means["loss"])

    def _evaluate(self) -> None:
        if self.evaluate is not None:
            scores = self.evaluate(self._checkpoint(LAST_CHECKPOINT), self.step)
            self._report("evaluation", scores)
            self._keep_if_best(scores["score"])

    def _keep_if_best(self, score: float) -> None:
        if score > self.best and self.accelerator.is_main_process:
            self.best = score
            self._checkpoint(BEST_CHECKPOINT)

    def _checkpoint(self, name: str, again: bool = False) -> Path:
        weights = self.network.state_dict() if self.average is None else self.average
        facts = {**self.trained_on, "steps": self.step} if self.trained_on else {}
        return write_checkpoint(self.learner, self.folder / name, weights, facts, again)

    def _save(self) -> None:
        """Write the state and the last checkpoint. A state of this step stays; the checkpoint may
        be missing, if the session that wrote the state was killed behind it."""
        again, states = self.saved == self.step, self.folder / "state"
        random = {name: self.processes.rows(own) for name, own in random_states().items()}
        if not self.accelerator.is_main_process:
            return
        if not again:
            notes = {
                "best": self.best,
                "seconds": self.clock.seconds(),
                "pending": self.metrics.pending(),
            }
            with writing(states):
                save_state(
                    states, self.step, self.network, self.optimizers, self.average, notes, random
                )
            self.saved = self.step
        prune(states, self.step)
        self._checkpoint(LAST_CHECKPOINT, again)

    def _pace(self, norm: float) -> dict[str, float]:
        options = self.options
        windows = options.batch * options.accumulate * self.accelerator.num_processes
        return {
            "grad_norm": norm,
            "lr": options.lr * options.schedule(self.step - 1),
            "windows_per_s": self.clock.rate(self.step) * windows,
        }

    def _report(self, kind: str, values: Mapping[str, float]) -> None:
        if not self.accelerator.is_main_process:
            return
        self.metrics.write(kind, self.step, values)
        named = {f"{kind}/{name}": value for name, value in values.items()}
        self.accelerator.log(named, step=self.step)
        shown = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
        left = self.clock.left(self.step, self.options.steps) / 60
        total = self.options.steps
        self.console.print(f"{self.step} of {total} {kind}: {shown}; about {left:.0f} min left")

    @contextmanager
    def _loading(self) -> Iterator[Iterator[dict[str, Tensor]]]:
        loader = Loader(self.data.train, self.sampler)
        try:
            yield iter(loader)
        finally:
            loader.close()


def to_device(batch: Mapping[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    return {name: tensor.to(device, non_blocking=True) for name, tensor in batch.items()}


def copy_of(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


@torch.no_grad()
def move_average(average: dict[str, Tensor], network: nn.Module, decay: float) -> None:
    """Move every averaged weight toward the network's: decay * average + (1 - decay) * weight."""
    for name, value in network.state_dict().items():
        average[name].lerp_(value, 1 - decay)


@contextmanager
def attention(device: str) -> Iterator[None]:
    """On a CPU, avoid the fused attention kernel: its backward pass took three times as long."""
    if device == "cpu":
        with sdpa_kernel(SDPBackend.MATH):
            yield
    else:
        yield


@contextmanager
def stoppable() -> Iterator[list[int]]:
    """Yield a list that is empty until SIGTERM or Ctrl-C asks the run to end. A second signal has
    its usual effect."""
    asked: list[int] = []
    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in signals]

    def restore() -> None:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)

    def ask(number: int, _: Any) -> None:
        asked.append(number)
        restore()

    for number in signals:
        signal.signal(number, ask)
    try:
        yield asked
    finally:
        restore()
