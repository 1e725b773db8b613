"""The lines of metrics.jsonl: means since the last one, and none but ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from longhaul.errors import ConfigError
from longhaul.policies.training.metrics import Metrics, read_metrics


def test_each_line_has_the_means_since_the_last(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path / "metrics.jsonl", 0)
    for values in ([1.0, 2.0], [4.0], [1.0, 3.0, 8.0]):
        for value in values:
            metrics.add({"loss": value, "twice": 2 * value})
        mean = sum(values) / len(values)
        assert metrics.means() == {"loss": mean, "twice": 2 * mean}
    assert metrics.means() == {}


def test_what_was_added_since_goes_on_in_the_next_session(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path / "metrics.jsonl", 0)
    metrics.add({"loss": 1.0})
    metrics.means()
    metrics.add({"loss": 2.0})
    metrics.add({"loss": 3.0})
    pending = json.loads(json.dumps(metrics.pending()))
    again = Metrics(tmp_path / "metrics.jsonl", 3, pending=pending)
    again.add({"loss": 7.0})
    assert again.means() == {"loss": 4.0}


def test_lines_of_later_steps_are_dropped_by_the_main_process_alone(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    metrics = Metrics(path, 0)
    for step in (1, 2, 3):
        metrics.write("train", step, {"loss": step / 2})
    Metrics(path, 1, main=False)
    assert [row["step"] for row in read_metrics(path)] == [1, 2, 3]
    Metrics(path, 2)
    assert read_metrics(path) == [
        {"kind": "train", "step": 1, "loss": 0.5},
        {"kind": "train", "step": 2, "loss": 1.0},
    ]


@pytest.mark.parametrize(
    "line",
    [
        [],
        "train",
        {"step": 1, "loss": 0.5},
        {"kind": 3, "step": 1},
        {"kind": "train", "loss": 0.5},
        {"kind": "train", "step": 1.0},
        {"kind": "train", "step": 1, "loss": "low"},
        {"kind": "train", "step": 1, "loss": None},
        {"kind": "train", "step": 1, "loss": True},
        {"kind": "train", "step": 1, "loss": 2**63},
    ],
)
def test_a_line_of_another_kind_is_named(tmp_path: Path, line: Any) -> None:
    good = {"kind": "train", "step": 2**63 - 1, "loss": 2**63 - 1}
    path = tmp_path / "metrics.jsonl"
    path.write_text(f"{json.dumps(good)}\n")
    assert read_metrics(path) == [good]
    path.write_text(f"{json.dumps(good)}\n{json.dumps(line)}\n")
    with pytest.raises(ConfigError, match=r"metrics.jsonl, line 2: no line of a training run"):
        read_metrics(path)
