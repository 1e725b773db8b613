"""The trainer: what it does to weights, and that a run which stops goes on as if it had not."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from longhaul.errors import ConfigError
from longhaul.evaluation.records.logger import wandb_options
from longhaul.policies.training.metrics import read_metrics
from longhaul.policies.training.options import Options
from longhaul.policies.training.train import DivergedError
from tests.policies.training.toy import SESSION, ToyLearner, make_trainer

LOCAL = {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
TIMES = ("windows_per_s",)


def lines(folder: Path) -> list[dict[str, Any]]:
    rows = read_metrics(folder / "run" / "metrics.jsonl")
    return [{k: v for k, v in row.items() if k not in TIMES} for row in rows]


def test_the_loss_falls_and_files_are_there(tmp_path: Path) -> None:
    best = make_trainer(tmp_path, steps=120, validate_every=40).run()
    rows = lines(tmp_path)
    losses = [row["loss"] for row in rows if row["kind"] == "train"]
    assert losses[-1] < 0.1 * losses[0]
    assert [row["step"] for row in rows if row["kind"] == "validation"] == [40, 80, 120]
    assert best == tmp_path / "run" / "best.safetensors"
    assert set(load_file(best)) == {"weight", "bias"}
    assert sorted(p.name for p in (tmp_path / "run" / "state").iterdir()) == ["step-00000120"]


@pytest.mark.slow  # two starts of torchrun; test_distributed compares without it
def test_two_processes_of_torchrun_learn_what_one_does(tmp_path: Path) -> None:
    weights = []
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        folder.mkdir()
        torchrun = ["-m", "torch.distributed.run", f"--nproc_per_node={processes}", "--standalone"]
        module = ["-m", "tests.policies.training.parallel", str(folder)]
        subprocess.run(
            [sys.executable, *torchrun, *module], check=True, env={**os.environ, **LOCAL}
        )
        weights.append(load_file(folder / "run" / "last.safetensors"))
    assert lines(tmp_path / "1")[-1]["step"] == 40
    for name, value in weights[0].items():
        torch.testing.assert_close(weights[1][name], value, rtol=1e-5, atol=1e-6)


def test_all_its_sessions_log_to_one_run_of_weights_and_biases_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    (tmp_path / "run").mkdir()
    for steps in (5, 10):
        told = wandb_options(tmp_path / "run")
        tracker = {"project": "toy", "config": {"seed": 0}, "wandb": told}
        make_trainer(tmp_path, steps=steps, tracker=tracker).run()
    logs = sorted(tmp_path.glob("run/wandb/offline-run-*/*.wandb"))
    name = (tmp_path / "run" / "wandb-id.txt").read_text().strip()
    assert [log.name for log in logs] == [f"run-{name}.wandb"] * 2
    deadline = time.monotonic() + 300  # W&B's own process writes it, when it comes to it
    for log in logs:
        while b"train/loss" not in log.read_bytes() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert b"train/loss" in log.read_bytes()


def test_a_session_may_end_early(tmp_path: Path) -> None:
    stopped = make_trainer(tmp_path, minutes=0.0)
    assert stopped.stopped_by == 0
    stopped.run()
    assert stopped.step == 0 and stopped.stopped_by == 0
    assert (tmp_path / "run/state/step-00000000").is_dir()
    trainer = make_trainer(tmp_path)
    trainer.run()
    assert trainer.step == 40


def test_sigterm_saves_and_ends(tmp_path: Path) -> None:
    trainer = make_trainer(tmp_path, save_every=1000)
    report = trainer._report

    def terminated(kind: str, values: Any) -> None:
        report(kind, values)
        if trainer.step == 13:
            signal.raise_signal(signal.SIGTERM)

    trainer._report = terminated  # type: ignore[method-assign]
    before = signal.getsignal(signal.SIGTERM)
    trainer.run()
    assert signal.getsignal(signal.SIGTERM) is before
    assert trainer.stopped_by == signal.SIGTERM
    assert make_trainer(tmp_path).step == 13


def test_accumulated_passes_equal_a_big_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "randn_like", torch.zeros_like)
    weights = []
    for name, batch, accumulate in (("big", 8, 1), ("small", 2, 4)):
        (tmp_path / name).mkdir()
        trainer = make_trainer(tmp_path / name, steps=5, batch=batch, accumulate=accumulate)
        trainer.run()
        weights.append(trainer.network.weight.detach().clone())
    torch.testing.assert_close(weights[0], weights[1], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("ema", "decays"), [(0.15, (0.1, 0.15, 0.15)), (0.9, (0.1, 2 / 11, 0.25))])
def test_the_average_follows_its_formula(
    ema: float, decays: tuple[float, ...], tmp_path: Path
) -> None:
    """The decay grows as (1 + step) / (10 + step) until it is the one asked for."""
    trainer = make_trainer(tmp_path, steps=3, ema=ema)
    start = trainer.network.weight.detach().clone()
    seen: list[torch.Tensor] = []
    trainer._report = lambda *_: seen.append(  # type: ignore[method-assign]
        trainer.network.weight.detach().clone()
    )
    trainer.run()
    expected = start
    for decay, weight in zip(decays, seen[:3], strict=True):
        expected = decay * expected + (1 - decay) * weight
    last = load_file(tmp_path / "run" / "last.safetensors")
    torch.testing.assert_close(last["weight"], expected)


def test_without_rollouts_the_best_has_the_lowest_validation_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loss of the middle validation is made the lowest; its weights are those that are kept."""
    trainer = make_trainer(tmp_path, steps=30, validate_every=10)
    kept: dict[int, torch.Tensor] = {}
    losses = {10: 0.6, 20: 0.2, 30: 0.4}

    def validated(learner: ToyLearner, batch: Any) -> dict[str, torch.Tensor]:
        if learner.training:
            return {"loss": learner.net.weight.square().sum()}
        kept[trainer.step] = learner.net.weight.clone()
        return {"loss": torch.tensor(losses[trainer.step])}

    monkeypatch.setattr(ToyLearner, "forward", validated)
    assert torch.equal(load_file(trainer.run())["weight"], kept[20])
    assert not torch.equal(kept[20], kept[30])


def test_the_best_is_what_scored_best(tmp_path: Path) -> None:
    trainer = make_trainer(tmp_path, steps=30, evaluate_every=10)
    scores = {10: 0.2, 20: 0.9, 30: 0.4}
    kept: dict[int, torch.Tensor] = {}

    def evaluate(checkpoint: Path, step: int) -> dict[str, float]:
        kept[step] = load_file(checkpoint)["weight"]
        return {"score": scores[step]}

    trainer.evaluate = evaluate
    assert torch.equal(load_file(trainer.run())["weight"], kept[20])


def test_a_gradient_that_is_no_number_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_trainer(tmp_path, steps=10, save_every=5).run()
    monkeypatch.setattr(
        ToyLearner, "forward", lambda self, batch: {"loss": self.net.weight.sum() * math.nan}
    )
    with pytest.raises(DivergedError, match="step 10: the gradient is nan"):
        make_trainer(tmp_path, steps=20).run()
    state = load_file(tmp_path / "run" / "state" / "step-00000010" / "model.safetensors")
    assert all(torch.isfinite(value).all() for value in state.values())


def test_the_rate_rises_and_falls_along_a_cosine() -> None:
    options = Options(steps=110, warmup=10, **SESSION)
    assert options.schedule(0) == pytest.approx(0.1)
    assert options.schedule(9) == pytest.approx(1.0)
    assert options.schedule(60) == pytest.approx(0.5)
    assert options.schedule(85) == pytest.approx(0.5 + 0.5 * math.cos(0.75 * math.pi))
    assert options.schedule(110) == pytest.approx(0.0)


def test_the_rate_that_is_reported_is_the_one_that_was_used(tmp_path: Path) -> None:
    trainer = make_trainer(tmp_path, steps=7)
    used: list[float] = []
    update = trainer._update

    def updated(batches: Any) -> float:
        norm = update(batches)
        used.append(trainer.optimizers[0].param_groups[0]["lr"])
        return norm

    trainer._update = updated  # type: ignore[method-assign]
    trainer.run()
    # It rises to 0.05 over 5 steps; of the 2 after them the second is half-way down.
    assert used == pytest.approx([0.01, 0.02, 0.03, 0.04, 0.05, 0.05, 0.025])
    assert [row["lr"] for row in lines(tmp_path) if row["kind"] == "train"] == used


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"precision": "half"}, "precision=half is unknown; valid: float32, bfloat16"),
        ({"batch": 0}, "batch=0 must be a whole number"),
        ({"lr": 0.0}, "lr=0.0 must be above 0"),
        ({"ema": 1.0}, "ema=1.0 must be"),
        ({"ema": -0.1}, "ema=-0.1 must be"),
        ({"muon_lr": -1.0}, "muon_lr=-1.0 must be at least 0"),
        ({"weight_decay": -1e-4}, "weight_decay=-0.0001 must be at least 0"),
        ({"warmup": -1}, "warmup=-1 must be at least 0"),
        ({"evaluate_every": -1}, "evaluate_every=-1 must be at least 0"),
    ],
)
def test_wrong_options_are_named(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Options(**{"steps": 10, **SESSION, **wrong})
