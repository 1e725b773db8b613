"""The README's three commands at the smallest size: record, train, roll out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import fmean

import pytest

from longhaul.commands.train import main as train
from longhaul.console import LOG_FILE
from longhaul.policies.training.metrics import read_metrics

ROOT = Path(__file__).parents[1]


def script(folder: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a user does, from another folder."""
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / f"{name}.py"), *arguments],
        cwd=folder,
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )


LEARN = (
    "policy=seer",
    "recipe=small_cpu",
    "data.path=runs/demos/calvin",
    "data.holdout=0",
    "optimization.steps=40",
    "optimization.warmup=5",
    "optimization.batch=8",
    "optimization.log_every=1",
    "optimization.save_every=20",
    "evaluate.every=40",
    "evaluate.episodes=1",
    "evaluate.workers=1",
    "env.renderer=bullet_tiny",
    "env.subtask_steps=5",
    "run_dir=trained",
    "threads=1",
)


def test_record_train_rollout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = script(
        tmp_path,
        "record",
        "env=calvin",
        "policy=noisy_expert",
        "episodes=2",
        "env.play_length=1",
        "env.renderer=bullet_tiny",
        "videos=0",
    )
    assert recorded.returncode == 0, recorded.stderr
    trained = script(tmp_path, "train", *LEARN, "--json")
    assert trained.returncode == 0, trained.stderr
    rows = read_metrics(tmp_path / "trained" / "metrics.jsonl")
    losses = [row["loss"] for row in rows if row["kind"] == "train"]
    assert len(losses) == 40 and fmean(losses[-10:]) < 0.8 * fmean(losses[:10])
    assert [row["avg_len"] for row in rows if row["kind"] == "evaluation"] == [0.0]
    told = json.loads(trained.stdout)
    checkpoint = told.pop("best")
    assert checkpoint == "trained/best.safetensors"
    assert told == {"run_dir": "trained", "steps": 40, "of": 40}
    rolled = script(
        tmp_path,
        "rollout",
        "policy=seer",
        "env=calvin",
        f"checkpoint={checkpoint}",
        "env.renderer=bullet_tiny",
        "env.subtask_steps=5",
        "episodes=1",
        "workers=1",
        "device=cpu",
        "run_dir=rolled",
        "videos.first=0",
        "videos.failures=0",
    )
    assert rolled.returncode == 0, rolled.stderr
    assert "untrained" not in rolled.stdout + rolled.stderr
    logs = [tmp_path / p / LOG_FILE for p in ("runs/demos/calvin/recording", "trained", "rolled")]
    assert all(" begins\n" in log.read_text() for log in logs)
    assert "40 of 40 steps done" in logs[1].read_text()
    origin = json.loads((tmp_path / "rolled" / "provenance.json").read_text())
    assert origin["identity"]["policy"]["architecture"] == "small"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert train([*LEARN, "optimization.lr=0.01"]) == 2
    *before, error = capsys.readouterr().err.splitlines()
    assert error.startswith("error: ") and "belongs to another configuration" in error
    assert all(line.endswith(" ...") for line in before)  # what a slow start was at
