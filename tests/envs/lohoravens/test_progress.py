"""What counts as done: subtasks, score, failure and time-out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from longhaul.envs.episode import Episode, Subtask
from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.progress import Progress
from longhaul.envs.lohoravens.tasks.build import into, kept_off, tower
from longhaul.envs.lohoravens.things import Pose, TableState
from tests.envs.lohoravens.hand import put, state
from tests.envs.lohoravens.test_goals import ZONE, stack

BLOCKS = ["block_1", "block_2", "block_3"]
AWAY = {name: put(name, 0.3, 0.1 * n) for n, name in enumerate(BLOCKS)}


def episode(*atoms: Atom, budget: int = 5, sequential: bool = False, forbidden=()) -> Episode:
    subtasks = tuple(Subtask("t", f"step {n}", 1, atom.to_json()) for n, atom in enumerate(atoms))
    start = {
        "budget": budget,
        "sequential": sequential,
        "forbidden": [atom.to_json() for atom in forbidden],
    }
    return Episode("e", 0, "the goal", subtasks, start)


def at(*towered: str) -> TableState:
    """Return a state with these blocks in a tower on the zone and the others away."""
    rest = [AWAY[name] for name in BLOCKS if name not in towered]
    return state(ZONE, *stack(*towered), *rest)


def done(progress: Progress) -> list[bool]:
    return [outcome.success for outcome in progress.outcomes]


def test_the_kth_subtask_is_done_while_k_atoms_hold() -> None:
    progress = Progress(episode(*tower("zone_0", BLOCKS)), at())
    assert (progress.score, progress.subtask, done(progress)) == (0.0, 0, [False] * 3)
    progress.update(at("block_3"))
    progress.update(at("block_3", "block_1"))
    assert progress.subtask == 2 and done(progress) == [True, True, False]
    assert progress.score == pytest.approx(200 / 3) and not progress.completed
    progress.update(at("block_3", "block_1", "block_2"))
    assert progress.completed and progress.over and done(progress) == [True] * 3
    assert [(o.start_step, o.end_step) for o in progress.outcomes] == [(0, 1), (1, 2), (2, 3)]


def test_the_order_is_free_and_holds_tells_which() -> None:
    bowls = [put("bowl_1", 0.4, 0.3), put("bowl_2", 0.6, 0.3)]
    atoms = into("block_1", "bowl_1"), into("block_2", "bowl_2")
    start = state(*bowls, AWAY["block_1"], AWAY["block_2"])
    progress = Progress(episode(*atoms), start)
    progress.update(state(*bowls, AWAY["block_1"], put("block_2", 0.6, 0.3, 0.024)))
    assert done(progress) == [True, False]
    assert [outcome.measures["holds"] for outcome in progress.outcomes] == [0.0, 1.0]
    assert progress.outcomes[0].measures["score"] == 50.0


def test_what_falls_down_is_undone_but_was_done_once() -> None:
    progress = Progress(episode(*tower("zone_0", BLOCKS)), at())
    progress.update(at("block_1", "block_2"))
    progress.update(at("block_1"))
    first, second, third = progress.outcomes
    assert done(progress) == [True, False, False] and progress.subtask == 1
    assert second.oracle_success and not third.oracle_success
    assert first.started and second.started and third.started and second.end_step is None


def test_what_is_forbidden_keeps_the_last_subtask_open() -> None:
    ban = kept_off(["block_9"], "zone_0")
    progress = Progress(episode(*tower("zone_0", BLOCKS[:1]), forbidden=ban), at())
    stranger = put("block_9", 0.5, 0.045)
    progress.update(state(ZONE, *stack("block_1"), stranger))
    assert progress.score == 100.0 and not progress.completed and done(progress) == [False]
    progress.update(state(ZONE, *stack("block_1"), put("block_9", 0.3, 0.3)))
    assert progress.completed


def test_the_budget_ends_the_episode_and_the_current_subtask() -> None:
    progress = Progress(episode(*tower("zone_0", BLOCKS), budget=2), at())
    progress.update(at("block_1"))
    assert not progress.timed_out
    progress.update(at("block_1"))
    assert progress.timed_out and progress.over and not progress.completed and not progress.failed
    assert [(o.started, o.end_step) for o in progress.outcomes] == [
        (True, 1),
        (True, 2),
        (False, None),
    ]


def test_done_with_the_last_action_is_no_time_out() -> None:
    progress = Progress(episode(*tower("zone_0", BLOCKS[:1]), budget=1), at())
    progress.update(at("block_1"))
    assert progress.completed and not progress.timed_out


def test_sequential_subtasks_stay_done_and_have_their_own_sentences() -> None:
    atoms = [Atom("zone", ("block_1",), ("zone_0",)), Atom("zone", ("block_2",), ("zone_0",))]
    progress = Progress(episode(*atoms, sequential=True), at())
    assert progress.instruction == "step 0"
    progress.update(at("block_2"))  # not its turn
    assert done(progress) == [False, False] and progress.score == 0.0
    progress.update(at("block_1"))
    assert progress.instruction == "step 1" and progress.score == 50.0
    progress.update(at("block_2"))
    assert progress.completed and done(progress) == [True, True]


def test_a_goal_in_any_order_has_one_sentence() -> None:
    progress = Progress(episode(*tower("zone_0", BLOCKS)), at("block_1"))
    assert progress.instruction == "the goal"


@pytest.mark.parametrize("position", [(0.5, 0.2, -0.5), (0.8, 0.0, 0.02), (0.5, 0.51, 0.02)])
def test_what_is_lost_for_ever_fails_the_episode(position: tuple[float, float, float]) -> None:
    progress = Progress(episode(*tower("zone_0", BLOCKS)), at())
    lost = at()
    poses = {**lost.poses, "block_2": Pose(position)}
    progress.update(replace(lost, poses=poses))
    assert progress.failed and progress.over and not progress.timed_out


def test_a_stranger_may_get_lost() -> None:
    progress = Progress(episode(*tower("zone_0", BLOCKS[:2])), at())
    lost = at()
    progress.update(replace(lost, poses={**lost.poses, "block_3": Pose((0.9, 0.0, 0.02))}))
    assert not progress.failed
