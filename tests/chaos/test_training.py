"""A training run that dies between any two changes of files goes on to the same files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from longhaul.errors import ConfigError
from longhaul.policies.training.metrics import read_metrics
from longhaul.policies.training.train import Trainer
from tests.chaos.dying import EVERY_CHANGE_IS_SLOW, dies_before
from tests.policies.training.toy import make_trainer

OPTIONS: dict[str, Any] = {
    "steps": 6,
    "save_every": 2,
    "validate_every": 3,
    "log_every": 4,
    "ema": 0.9,
}


def trainer(folder: Path, **options: Any) -> Trainer:
    made = make_trainer(folder, **{**OPTIONS, **options})
    made.trained_on = {"env": "toy", "scenes": ["D"]}
    return made


def train(folder: Path) -> None:
    torch.set_num_threads(1)
    trainer(folder).run()


def results(folder: Path) -> dict[str, Any]:
    """Return what of a finished run must not depend on how it was done."""
    run = folder / "run"
    newest = sorted((run / "state").iterdir())[-1]
    files = [run / "last.safetensors", run / "best.safetensors", *sorted(newest.glob("*.safe*"))]
    rows = read_metrics(run / "metrics.jsonl")
    timed = ("windows_per_s",)
    return {
        **{str(file.relative_to(run)): file.read_bytes() for file in files},
        "metrics": [{k: v for k, v in row.items() if k not in timed} for row in rows],
        "left": sorted(str(p.relative_to(run)) for p in run.rglob("*")),
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an undisturbed run, with its data decoded."""
    folder = tmp_path_factory.mktemp("whole")
    train(folder)
    return folder


def copy_of_data(whole: Path, folder: Path) -> Path:
    folder.mkdir()
    shutil.copytree(whole / "cache", folder / "cache")
    return folder


@EVERY_CHANGE_IS_SLOW
def test_it_may_die_before_any_change_of_a_file(whole: Path, tmp_path: Path, stride: int) -> None:
    wanted, change, died = results(whole), 0, True
    assert [row["step"] for row in wanted["metrics"] if row["kind"] == "train"] == [1, 4, 6]
    while died:
        change += stride
        folder = copy_of_data(whole, tmp_path / str(change))
        died = dies_before(change, lambda at=folder: train(at))
        train(folder)
        assert results(folder) == wanted, f"it died before change {change}"
        shutil.rmtree(folder)
    assert change > 30


def test_a_run_whose_weights_are_missing_at_its_end_writes_them(whole: Path) -> None:
    """As after `kill -9` between the last state and last.safetensors."""
    wanted, last = results(whole), whole / "run" / "last.safetensors"
    last.unlink()
    train(whole)
    assert results(whole) == wanted
    (whole / "run" / "last.safetensors").write_bytes(wanted["best.safetensors"][:100])
    train(whole)
    assert results(whole) == wanted


def test_finished_weights_keep_their_bytes(whole: Path) -> None:
    """Rollouts and memories know a checkpoint by its hash, whichever version wrote it."""
    wanted = results(whole)
    again = trainer(whole)
    again.trained_on = {}
    again.run()
    assert results(whole) == wanted


def broken(state: Path, how: str) -> None:
    """Break a state as crashes, full disks and people do."""
    model = state / "model.safetensors"
    if how == "truncated":
        model.write_bytes(model.read_bytes()[:-20])
    elif how == "empty":
        model.write_bytes(b"")
    elif how == "garbage":
        (state / "optimizer.safetensors").write_bytes(b"\xff" * 500)
    elif how == "other shapes":
        shutil.copy(state / "random.safetensors", model)
    elif how == "no average":
        (state / "average.safetensors").unlink()
    elif how == "no notes":
        (state / "notes.json").unlink()
    elif how == "half notes":
        (state / "notes.json").write_text('{"step": 6, "be')
    elif how == "notes of words":
        (state / "notes.json").write_text('{"step": 6, "best": "high", "seconds": 1}')
    elif how == "notes of another step":
        (state / "notes.json").write_text('{"step": 3, "best": 0.0, "seconds": 1}')
    elif how == "nothing":
        shutil.rmtree(state)
        state.mkdir()
    else:
        raise AssertionError(how)


HOWS = (
    *("truncated", "empty", "garbage", "other shapes", "no average", "no notes", "half notes"),
    *("notes of words", "notes of another step", "nothing"),
)


@pytest.fixture
def copied(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "copied")
    return tmp_path / "copied"


@pytest.mark.parametrize("how", HOWS)
def test_the_state_before_a_broken_one_is_used(
    how: str, whole: Path, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(copied / "run" / "state" / "step-00000006", how)
    again = make_trainer(copied, console=Console(width=10_000), **OPTIONS)
    again.trained_on = {"env": "toy", "scenes": ["D"]}
    (line,) = capsys.readouterr().out.splitlines()
    assert "step-00000006 is broken and is left out: " in line
    assert again.step == 4
    again.run()
    assert results(copied) == results(whole)


@pytest.mark.parametrize("how", ["truncated", "no notes"])
def test_without_a_whole_state_nothing_is_overwritten(how: str, copied: Path) -> None:
    for state in (copied / "run" / "state").iterdir():
        broken(state, how)
    before = {p: p.read_bytes() for p in copied.rglob("*") if p.is_file()}
    with pytest.raises(ConfigError, match="step-00000004, step-00000006 is whole") as caught:
        trainer(copied)
    assert "\n" not in str(caught.value)
    assert {p: p.read_bytes() for p in copied.rglob("*") if p.is_file()} == before


def test_what_only_looks_like_a_state_is_left_alone(copied: Path) -> None:
    states = copied / "run" / "state"
    shutil.copytree(states / "step-00000004", states / "step-00000004.old")
    shutil.copytree(states / "step-00000004", states / "step-backup")
    (states / "step-00000009").write_text("a file")
    (copied / "run" / "last.safetensors").unlink()
    assert trainer(copied).step == 6
    going_on = trainer(copied, steps=12)
    going_on.run()
    names = ["step-00000004.old", "step-00000009", "step-00000010", "step-00000012", "step-backup"]
    assert sorted(p.name for p in states.iterdir()) == names
    assert json.loads((states / "step-00000012" / "notes.json").read_text())["step"] == 12
