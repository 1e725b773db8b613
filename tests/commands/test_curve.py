"""`longhaul curve`: what is drawn of a training run, read back from Matplotlib's own axes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from longhaul.__main__ import main
from longhaul.policies.training.metrics import write_terms

ROWS = [
    {"kind": "train", "step": 50, "loss": 3.0, "pick": 2.0, "lr": 1e-3},
    {"kind": "validation", "step": 50, "loss": 4.0, "pick": 2.5, "pick_cm": 9.0},
    {"kind": "train", "step": 100, "loss": 0.1, "pick": 0.05, "lr": 1e-3},
    {"kind": "validation", "step": 100, "loss": 0.2, "pick": 0.1, "pick_cm": 4.0},
    {"kind": "evaluation", "step": 100, "score": 0.4, "avg_len": 0.4},
]
TERMS = {"loss": "sum of the losses", "pick": "pick: cross-entropy", "pick_cm": "distance (cm)"}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Return the figures that are saved from now on."""
    figures: list[Figure] = []
    monkeypatch.setattr(pyplot, "close", lambda figure: figures.append(figure))
    return figures


def run(path: Path, rows: list[dict[str, Any]], terms: dict[str, str] | None) -> Path:
    path.mkdir()
    (path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if terms:
        write_terms(path, terms)
    return path


def titles(figure: Figure) -> list[str]:
    return [axis.get_title() for axis in figure.axes if axis.axison]


def test_each_term_of_the_learner_and_the_score_has_a_plot(
    tmp_path: Path, drawn: list[Figure]
) -> None:
    out = tmp_path / "curve.png"
    assert main(["curve", str(run(tmp_path / "a", ROWS, TERMS)), "--out", str(out)]) == 0
    (figure,) = drawn
    assert titles(figure) == [*TERMS.values(), "evaluation by rollout: average length"]
    loss, _, distance, score = [axis for axis in figure.axes if axis.axison]
    assert [line.get_label() for line in loss.lines] == ["a, train", "a, validation"]
    assert list(loss.lines[0].get_ydata()) == [3.0, 0.1] and loss.get_yscale() == "log"
    assert list(distance.lines[0].get_ydata()) == [9.0, 4.0] and distance.get_yscale() == "linear"
    assert list(score.lines[0].get_xdata()) == [100]
    assert out.stat().st_size > 10_000


def test_a_run_without_named_terms_shows_what_was_validated(
    tmp_path: Path, drawn: list[Figure]
) -> None:
    words = ["curve", str(run(tmp_path / "a", ROWS[:4], None)), "--out", str(tmp_path / "x.png")]
    assert main(words) == 0
    assert titles(drawn[0]) == ["loss", "pick", "pick_cm"]


def test_a_folder_of_no_training_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["curve", str(tmp_path)]) == 2
    assert "holds no metrics.jsonl of a training run" in capsys.readouterr().err
