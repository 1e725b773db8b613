"""What is printed of a run's progress where there is no terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from longhaul.evaluation.loop import progress
from longhaul.evaluation.loop.progress import Progress
from tests.evaluation.made import make_record


class Clock:
    """Stands in for the module `time`; `now` is in s."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


def test_a_line_from_time_to_time_says_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, said = Clock(), io.StringIO()
    monkeypatch.setattr(progress, "time", clock)
    record, failed = make_record([1], steps=[120]), make_record([0], steps=[60])
    with Progress(Console(file=said, width=200), total=10, done=2) as shown:
        for seconds, done in ((40.0, record), (20.0, record), (20.0, failed)):
            clock.now += seconds
            shown.advance(done)
    assert said.getvalue().splitlines() == [
        "3 of 10 episodes, solved 1 of 1, 1.5/min, 3 steps/s, about 5 min left",
        "5 of 10 episodes, solved 2 of 3, 2.2/min, 4 steps/s, about 2 min left",
    ]


def test_a_note_stands_beside_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, said = Clock(), io.StringIO()
    monkeypatch.setattr(progress, "time", clock)
    with Progress(Console(file=said, width=200), 1, 0, lambda: "2 kept") as shown:
        clock.now += 60
        shown.advance(make_record([1], steps=[120]))
    assert "1 of 1 episodes, solved 1 of 1, 1.0/min, 2 steps/s, 2 kept, about 0" in said.getvalue()


def test_a_terminal_gets_a_bar_and_no_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, said = Clock(), io.StringIO()
    monkeypatch.setattr(progress, "time", clock)
    with Progress(Console(file=said, width=200, force_terminal=True), 2, 0) as shown:
        clock.now += 60
        shown.advance(make_record([1], steps=[120]))
    assert "1/2" in said.getvalue() and "min left" not in said.getvalue()
