"""CPU time by part: nothing is counted twice, and nothing is measured unless it is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from longhaul import profiling
from longhaul.evaluation.reports.profile import per_step
from longhaul.profiling import part


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """A clock of CPU time that the test sets."""
    now = [0.0]
    monkeypatch.setattr(time, "process_time", lambda: now[0])
    yield now
    profiling.stop()


def test_an_inner_part_is_taken_from_the_outer_one(clock: list[float]) -> None:
    profiling.start()
    clock[0] = 1.0
    with part("env"):
        clock[0] = 3.0
        with part("pictures"):
            clock[0] = 7.0
        with pytest.raises(KeyError), part("state"):
            clock[0] = 7.5
            raise KeyError
        clock[0] = 8.0
    assert profiling.take() == {"other": 1.0, "env": 2.5, "pictures": 4.0, "state": 0.5}
    clock[0] = 9.0
    assert profiling.take() == {"other": 1.0}


def test_what_was_not_started_measures_nothing(clock: list[float]) -> None:
    with part("env"):
        clock[0] = 1.0
    assert profiling.take() == {}


def test_milliseconds_of_a_step_begin_with_the_largest() -> None:
    parts = {"worker": {"state": 0.5, "pictures": 2.0}, "main": {"wait": 0.1}}
    found = per_step(parts, 1000)
    assert found == {"worker": {"pictures": 2.0, "state": 0.5}, "main": {"wait": 0.1}}
    assert list(found["worker"]) == ["pictures", "state"]
