"""Subtasks count from when their fact first held, in whatever order that was."""

from __future__ import annotations

from typing import Any

from longhaul.envs.episode import Episode, Subtask
from longhaul.envs.videowebarena.progress import Progress


def fact(sku: str) -> dict[str, Any]:
    return {"site": "shop", "among": "cart", "has": {"sku": sku}}


EPISODE = Episode(
    "e", 0, "buy", (Subtask("a", "a", 2, fact("A")), Subtask("b", "b", 2, fact("B")),
                    Subtask("end", "end", 1)),
)  # fmt: skip


def look(progress: Progress, *skus: str) -> None:
    progress.steps += 1
    progress.update(lambda _: {"cart": [{"sku": sku} for sku in skus]})


def test_in_order() -> None:
    progress = Progress(EPISODE, limit=10)
    look(progress)
    assert progress.subtask == 0
    look(progress, "A")
    assert progress.subtask == 1 and progress.outcomes[0].end_step == 2
    look(progress, "A", "B")
    progress.finish(solved=True, measures={"program_html": 1.0})
    assert [outcome.success for outcome in progress.outcomes] == [True, True, True]


def test_a_fact_that_came_early_counts_when_its_turn_comes() -> None:
    progress = Progress(EPISODE, limit=10)
    look(progress, "B")
    assert progress.subtask == 0
    look(progress, "A")
    assert progress.subtask == 2, "B held once, though it is no longer in the cart"


def test_a_solved_task_has_no_failed_subtask() -> None:
    progress = Progress(EPISODE, limit=10)
    look(progress)
    progress.finish(solved=True, measures={})
    assert all(outcome.success for outcome in progress.outcomes)


def test_an_unsolved_one_leaves_the_rest_unstarted() -> None:
    progress = Progress(EPISODE, limit=10)
    look(progress, "A")
    progress.finish(solved=False, measures={})
    started = [outcome.started for outcome in progress.outcomes]
    assert started == [True, True, False]
    assert [outcome.success for outcome in progress.outcomes] == [True, False, False]
