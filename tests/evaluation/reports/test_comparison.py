"""What a comparison prints, writes and draws, of runs whose differences are known."""

from __future__ import annotations

import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from rich.table import Table

from longhaul.evaluation.comparison.compare import Difference, Run
from longhaul.evaluation.comparison.several import Comparison, Comparisons
from longhaul.evaluation.reports.comparison import (
    draw_differences,
    show_comparison,
    write_report,
)
from longhaul.evaluation.reports.table import label
from tests.evaluation.made import make_record

SUMMARY = {"trained": None, "parts": {}, "provenance": {}}
EPISODES = [f"{number:03}" for number in range(40)]
RECORDS = {name: make_record([1], name=name) for name in EPISODES}


def compared(others: int = 1, gained: int = 1, lost: int = 0) -> Comparisons:
    """Return the comparison of a run with others; each gains some episodes and loses the next."""
    found = []
    for number in range(others):
        gaps = {
            "sr": Difference(0.5, 0.4 - 0.1 * number, -0.35, 0.2, 0.3),
            "avg_len": Difference(2.5, 3.0 + number, -0.25, 1.5 + number, 0.04),
            "success@1": Difference(0.5, 0.75, 0.05, 0.4, 0.01),
        }
        run = Run(Path(f"run{number}"), RECORDS, SUMMARY)
        won, fell = EPISODES[:gained], EPISODES[gained : gained + lost]
        found.append(Comparison(run, gaps, dict.fromkeys(gaps, 0.5), won, fell))
    return Comparisons(Run(Path("base"), RECORDS, SUMMARY), EPISODES, found, [])


@pytest.mark.parametrize("others", [1, 2, 3])
def test_the_picture_has_each_difference_at_its_metric(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    """Read from the figure: the panels, and in each the points and the ends of the intervals."""
    drawn: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    found = compared(others)
    draw_differences(found, tmp_path / "x.png")
    shares, lengths = drawn[0].axes
    assert shares.get_xlabel() == "difference, percentage points"
    assert lengths.get_xlabel() == "difference, average length"
    metrics = list(found.others[0].differences)
    for axis, names, scale in (
        (shares, [name for name in metrics if name != "avg_len"], 100),
        (lengths, ["avg_len"], 1),
    ):
        assert [text.get_text() for text in axis.get_yticklabels()] == [label(n) for n in names]
        assert sorted(axis.get_ylim()) == [-0.5, len(names) - 0.5]
        points = [line for line in axis.lines if line.get_marker() == "o"]
        bars = [line for line in axis.lines if len(line.get_xdata()) == 2][:-1]
        gaps = [
            (row, other.differences[n]) for other in found.others for row, n in enumerate(names)
        ]
        assert len(points) == len(bars) == len(gaps)
        heights = []
        for (row, gap), point, bar in zip(gaps, points, bars, strict=True):
            assert point.get_xdata()[0] == pytest.approx(scale * gap.value)
            assert gap.low is not None and gap.high is not None
            assert list(bar.get_xdata()) == pytest.approx([scale * gap.low, scale * gap.high])
            assert len({*bar.get_ydata(), *point.get_ydata()}) == 1
            heights.append(float(point.get_ydata()[0]) - row)
        # Those of one metric lie around its line, one below the other.
        apart = heights[:: len(names)]
        assert sum(apart) == pytest.approx(0) and max(map(abs, apart)) < 0.4
        assert apart == sorted(apart) and len(set(apart)) == others


def test_a_difference_without_an_interval_is_a_point_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    found = compared()
    (other,) = found.others
    gap = replace(other.differences["avg_len"], low=None, high=None)
    alone = replace(other, differences={"avg_len": gap})
    draw_differences(replace(found, others=[alone]), tmp_path / "x.png")
    (axis,) = drawn[0].axes
    assert [len(line.get_xdata()) for line in axis.lines] == [1, 2]  # the point, and the zero line


def test_changed_episodes_are_listed_up_to_twenty(tmp_path: Path) -> None:
    found = compared(gained=23, lost=2)
    lines = write_report(found, tmp_path / "report").read_text().splitlines()
    gained = ", ".join(f"`{number:03}`" for number in range(20))
    assert f"- gained: {gained} and 3 more" in lines and "- lost: `023`, `024`" in lines
    assert "23 episodes that only b finished, 2 that only a finished." in lines


def test_runs_have_letters_and_then_numbers(tmp_path: Path) -> None:
    found = compared()
    many = replace(found, others=list(found.others) * 27)
    told: list[Any] = list(show_comparison(many))
    tables = [part for part in told if isinstance(part, Table)]
    names = [str(table.columns[2].header) for table in tables]
    assert names == [*string.ascii_lowercase[1:], "run27", "run28"]
    assert {str(table.title) for table in tables} == {"40 episodes in all"}
