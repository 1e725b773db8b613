"""The journal: a run stops after so many errors in a row, and says the first of them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from longhaul.envs.episode import EpisodeRecord, Status, SubtaskOutcome
from longhaul.evaluation.loop.progress import Progress
from longhaul.evaluation.records.failures import told_of_errors
from longhaul.evaluation.records.journal import RunJournal, TooManyErrorsError
from longhaul.evaluation.records.logger import NoLogger
from longhaul.evaluation.records.run_folder import RunFolder
from longhaul.evaluation.settings import Videos
from tests.toy import toy_episode

EPISODES = [toy_episode("test", index) for index in range(12)]
MADE = {"commit": None, "dirty": False, "code": "1", "packages": "2"}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[RunJournal]:
    """A journal that stops after three errors in a row."""
    console = Console(file=io.StringIO())
    with (
        RunFolder(tmp_path / "run", "", {"config": {}}, {}) as folder,
        Progress(console, len(EPISODES), 0) as progress,
    ):
        videos = Videos(first=0, failures=0, every=None)
        yield RunJournal(folder, EPISODES, videos, False, {}, MADE, progress, NoLogger(), 3)


def record(index: int, status: Status) -> EpisodeRecord:
    error = f"Traceback\nValueError: number {index}" if status == "error" else None
    outcomes = tuple(SubtaskOutcome(s.name, s.gt_steps) for s in EPISODES[index].subtasks)
    return EpisodeRecord(EPISODES[index], outcomes, status, 1, error=error)


def finish(journal: RunJournal, *statuses: Status) -> None:
    for index, status in enumerate(statuses):
        journal.finish(record(index, status))


@pytest.mark.parametrize("between", ["success", "failure", "timeout"])
def test_an_episode_without_an_error_ends_the_row(journal: RunJournal, between: Status) -> None:
    finish(journal, *("error", "error", between) * 4)
    assert journal.timing()["episodes"] == 12


def test_three_in_a_row_stop_the_run_and_the_first_is_said(
    journal: RunJournal, tmp_path: Path
) -> None:
    with pytest.raises(TooManyErrorsError) as told:
        finish(journal, "error", "success", "error", "error", "error", "success")
    message = str(told.value)
    assert message.startswith("the last 3 episodes ended in an error")
    assert message.endswith("Traceback\nValueError: number 2")
    assert "The first of them is test-0002" in message and "retry_errors=true" in message
    assert str(tmp_path / "run/episodes.jsonl") in message
    assert len((tmp_path / "run/episodes.jsonl").read_text().splitlines()) == 5


def test_each_record_says_what_made_it(journal: RunJournal, tmp_path: Path) -> None:
    finish(journal, "success")
    (line,) = (tmp_path / "run/episodes.jsonl").read_bytes().splitlines()
    assert b'"made": {"commit": null, "dirty": false, "code": "1", "packages": "2"}' in line


def test_what_is_said_of_errors() -> None:
    path = Path("runs/a/episodes.jsonl")
    assert told_of_errors([record(0, "success")], path) == told_of_errors([], path) == []
    some = [record(0, "success"), record(1, "error"), record(2, "error")]
    assert told_of_errors(some, path) == [
        "test-0001 ended in an error: ValueError: number 1",
        "retry_errors=true attempts the 2 errors again",
    ]
    assert told_of_errors(some[1:], path) == [
        "test-0001 ended in an error: ValueError: number 1",
        "no episode is without an error, and the others are in runs/a/episodes.jsonl; "
        "the first one:",
        "Traceback\nValueError: number 1",
        "retry_errors=true attempts the 2 errors again",
    ]
    assert told_of_errors(some[1:2], path)[-1] == "retry_errors=true attempts the 1 error again"


def test_a_policys_time_is_told_per_call_and_per_row(journal: RunJournal) -> None:
    assert journal.timing() == {}
    journal.acted(rows=4, seconds=0.5)
    journal.acted(rows=1, seconds=0.3)
    finish(journal, "success", "timeout")
    timing = journal.timing()
    assert timing["policy_ms"] == pytest.approx(400)
    assert timing["policy_ms_per_row"] == pytest.approx(160)
    assert timing["mean_batch"] == 2.5 and timing["episodes"] == 2
