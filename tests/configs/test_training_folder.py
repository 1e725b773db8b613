"""The folder of a training run: one process at a time, whole after any end, and what it says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import longhaul.configs.train as training
from longhaul.__main__ import main
from longhaul.configs.train import LOCK_FILE, open_folder, trained_on
from longhaul.errors import ConfigError
from longhaul.interrupts import INTERRUPTED
from longhaul.policies.checkpoint import read_trained_on
from longhaul.policies.training.metrics import read_metrics
from longhaul.policies.training.train import Data, Trainer
from tests.chaos.dying import dies_before
from tests.policies.training.toy import ToyLearner, make_data

HOLD = """
import sys, time
from longhaul.files import locked
from pathlib import Path
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def config(folder: Path, **more: Any) -> dict[str, Any]:
    return {
        "policy": {"_target_": "toy"},
        "optimization": {"steps": 1},
        "data": {"fraction": 1.0, "holdout": 0.1, "balance": 0.0},
        "seed": 0,
        "device": "cpu",
        "name": "train",
        "mixed": "refuse",
        "run_dir": str(folder),
        **more,
    }


def opened(folder: Path) -> None:
    with open_folder(config(folder), "dataset", "text"):
        pass


def test_two_trainings_do_not_share_a_folder(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with (
        open_folder(config(run), "dataset", "text"),
        pytest.raises(ConfigError, match=f"run_dir={run} is in use by another process"),
    ):
        opened(run)
    opened(run)


def test_another_process_of_a_fresh_folder_too(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(run / LOCK_FILE)], stdout=subprocess.PIPE
    )
    assert other.stdout is not None and other.stdout.readline() == b"held\n"
    try:
        with pytest.raises(ConfigError, match="in use"):
            opened(run)
        assert [path.name for path in run.iterdir()] == [LOCK_FILE]
    finally:
        other.kill()
        other.wait()
    opened(run)  # the lock of a killed process is free


def test_the_folder_is_made_again_after_any_death(tmp_path: Path) -> None:
    change, died = 0, True
    while died:
        change += 1
        run = tmp_path / str(change)
        died = dies_before(change, lambda at=run: opened(at))
        opened(run)
        assert json.loads((run / "provenance.json").read_text())["identity"]["seed"] == 0
        assert sorted(p.name for p in run.iterdir()) == [
            "config.yaml",
            LOCK_FILE,
            "provenance.json",
        ]
    assert change > 4


@pytest.mark.parametrize("name", ["thesis.tex", "episodes.jsonl", "config.yaml.old"])
def test_a_folder_of_something_else_stays_as_it_is(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(ConfigError, match="is not the folder of a training run"):
        opened(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_facts_name_data_and_code(tmp_path: Path) -> None:
    data = {"env": "longhaul/Calvin-v0", "scenes": ["D"], "dataset_hash": "abc"}
    with open_folder(config(tmp_path / "run"), "dataset", "text") as folder:
        written = json.loads((folder / "provenance.json").read_text())
        written["git"] = {"commit": "c0ffee", "dirty": True}
        (folder / "provenance.json").write_text(json.dumps(written))
        facts = trained_on(config(folder), data, "small_cpu", folder)
    assert {key: facts[key] for key in data} == data
    assert (facts["recipe"], facts["seed"]) == ("small_cpu", 0)
    assert facts["commit"] == "c0ffee and changes"
    assert facts["versions"]["torch"] == written["packages"]["torch"]


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Have the command train a toy; what stands in the dict as `strike` is raised at step 4."""
    asked: dict[str, Any] = {}
    data = make_data(tmp_path)
    facts = {"dataset_hash": "abc", "scenes": ["D"]}
    report = Trainer._report

    def striking(self: Trainer, kind: str, values: Any) -> None:
        report(self, kind, values)
        if self.step == 4 and (number := asked.pop("strike", None)):
            signal.raise_signal(number)

    def open_data(*_: Any) -> Any:
        return ToyLearner(), Data(data.train, asked.get("validation", data.validation)), facts

    monkeypatch.setattr(training, "open_data", open_data)
    monkeypatch.setattr(Trainer, "_report", striking)
    monkeypatch.setattr(torch, "set_num_threads", lambda _: None)
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGINT)
    yield asked
    signal.signal(signal.SIGINT, before)


def command(*words: str) -> int:
    options = ("steps=30", "batch=8")
    given = [f"optimization.{option}" for option in options]
    return main(
        ["train", "policy=seer", "data.path=x", "run_dir=run", "device=cpu", *given, *words]
    )


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().err.split())


def test_thirty_steps_report_the_first_and_the_last(
    toy: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command() == 0
    rows = read_metrics(Path("run/metrics.jsonl"))
    assert [(row["kind"], row["step"]) for row in rows] == [
        ("train", 1),
        ("train", 30),
        ("validation", 30),
    ]
    said = told(capsys)
    assert "1 of 30 train: loss " in said and "30 of 30 train: loss " in said
    assert read_trained_on(Path("run/best.safetensors"))["scenes"] == ["D"]
    assert read_trained_on(Path("run/last.safetensors"))["steps"] == 30


def test_it_says_why_nothing_is_validated(
    toy: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    toy["validation"] = None
    assert command("data.holdout=0.01") == 0
    assert "no validation: too few trajectories for data.holdout=0.01" in told(capsys)


@pytest.mark.parametrize(
    ("number", "code", "line"),
    [
        (signal.SIGINT, INTERRUPTED, "interrupted; the same command goes on from here"),
        (signal.SIGTERM, 128 + signal.SIGTERM, "terminated; the same command goes on from here"),
    ],
)
def test_a_stopped_training_says_so_and_goes_on(
    number: int, code: int, line: str, toy: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    toy["strike"] = number
    assert command("optimization.log_every=2") == code
    said = told(capsys)
    assert said.endswith(line) and "4 of 30 steps done" in said and "Traceback" not in said
    assert command("optimization.log_every=2") == 0
    assert len(read_metrics(Path("run/metrics.jsonl"))) == 17


def test_a_session_whose_minutes_are_over_says_so(
    toy: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("minutes=0") == 0
    assert "0 of 30 steps done; minutes=0 are over, the same command goes on" in told(capsys)


def test_no_file_is_kept_from_others(toy: dict[str, Any]) -> None:
    before = os.umask(0o022)
    try:
        assert command() == 0
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o777 for path in Path("run").rglob("*")}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o644}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o755}
