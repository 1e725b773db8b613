"""The benchmark's protocol: five subtasks, each with its own steps, judged from where it began."""

from __future__ import annotations

from dataclasses import replace

from longhaul.envs.calvin.progress import Progress
from longhaul.envs.calvin.state import SceneState
from longhaul.envs.episode import Subtask, SubtaskOutcome

NOTHING: frozenset[tuple[int, int]] = frozenset()
CLOSED = SceneState(
    robot=0,
    robot_contacts=NOTHING,
    blocks={},
    table=5,
    links={"base_link": -1},
    doors={"base__slide": 0.0, "base__drawer": 0.0},
    lights={"lightbulb": 0, "led": 0},
)
LIT = replace(CLOSED, lights={"lightbulb": 0, "led": 1})
OPEN = replace(LIT, doors={"base__slide": 0.0, "base__drawer": 0.2})
TASKS = tuple(Subtask(name, name, 10) for name in ("turn_on_led", "open_drawer", "close_drawer"))


def test_a_chain_that_is_done() -> None:
    progress = Progress(TASKS, 4, CLOSED)
    seen = []
    for state in (CLOSED, LIT, LIT, LIT, OPEN, LIT):
        assert not progress.over
        progress.update(state)
        seen.append(progress.subtask)
    assert seen == [0, 1, 1, 1, 2, 2]
    assert progress.completed and progress.over and not progress.timed_out
    assert progress.outcomes == (
        SubtaskOutcome("turn_on_led", 10, True, True, 0, 2, True),
        SubtaskOutcome("open_drawer", 10, True, True, 2, 5, True),
        SubtaskOutcome("close_drawer", 10, True, True, 5, 6, True),
    )


def test_what_was_done_before_does_not_count() -> None:
    """The drawer was open when the subtask began, so it takes closing and opening again."""
    progress = Progress(TASKS[1:], 10, OPEN)
    for state in (OPEN, LIT, OPEN):
        progress.update(state)
    assert progress.subtask == 0 and not progress.over


def test_a_subtask_succeeds_at_its_last_step_and_fails_after_it() -> None:
    last = Progress(TASKS[:1], 3, CLOSED)
    for state in (CLOSED, CLOSED, LIT):
        last.update(state)
    assert last.completed and not last.timed_out
    late = Progress(TASKS, 3, CLOSED)
    for state in (LIT, CLOSED, CLOSED, CLOSED):
        assert not late.over
        late.update(state)
    assert late.timed_out and late.over and not late.completed
    assert late.outcomes == (
        SubtaskOutcome("turn_on_led", 10, True, True, 0, 1, True),
        SubtaskOutcome("open_drawer", 10, True, False, 1, 4, False),
        SubtaskOutcome("close_drawer", 10),
    )
