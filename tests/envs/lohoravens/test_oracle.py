"""The oracle, on a table without physics: it solves every task, from any state, at least cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from longhaul.envs.episode import Episode
from longhaul.envs.lohoravens.episodes import make_episode
from longhaul.envs.lohoravens.hanoi import next_move, solution
from longhaul.envs.lohoravens.oracle import Action, next_action
from longhaul.envs.lohoravens.progress import Progress
from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.tasks import TASKS
from longhaul.envs.lohoravens.things import WORKSPACE_BOUNDS_M, Layout, Pose
from tests.envs.lohoravens.kinematics import Kinematics

LIFTED = sorted(set(TASKS) - {"separating-piles"})
"""Tasks that need no pushing, which the table without physics does not know."""

SEEDS = 10


def sampled(name: str, count: int = SEEDS, budget: int | None = None) -> Iterator[Episode]:
    for seed in range(count):
        episode = make_episode(TASKS[name], seed, ("train", "test")[seed % 2])
        yield (
            episode
            if budget is None
            else replace(episode, start={**episode.start, "budget": budget})
        )


def begin(episode: Episode) -> tuple[Kinematics, Progress, np.random.Generator]:
    world = Kinematics(Layout.from_json(episode.start))
    return world, Progress(episode, world.state), np.random.default_rng(episode.seed)


@pytest.mark.parametrize("name", LIFTED)
def test_it_solves_every_episode_in_the_reference_number_of_actions(name: str) -> None:
    for episode in sampled(name):
        world, progress, generator = begin(episode)
        while not progress.over:
            action = next_action(episode, world.state, generator, progress.subtask)
            assert action is not None, episode.id
            world.act(*action)
            progress.update(world.state)
        assert progress.completed, episode.id
        assert progress.steps == sum(subtask.gt_steps for subtask in episode.subtasks)
        if not progress.goal.sequential:
            assert next_action(episode, world.state, generator) is None


@pytest.mark.parametrize("name", LIFTED)
def test_it_does_the_steps_that_the_subtasks_say(name: str) -> None:
    for episode in sampled(name, 4):
        world, progress, generator = begin(episode)
        placed = []
        while not progress.over:
            action = next_action(episode, world.state, generator, progress.subtask)
            before = progress.score
            mover = world.act(*action) if action else None
            progress.update(world.state)
            placed += [mover] if progress.score > before else []
        assert placed == [subtask.goal["movers"][0] for subtask in episode.subtasks]


def disturb(world: Kinematics, generator: np.random.Generator) -> None:
    """Take something that lies free anywhere, half of the time onto or into something else."""
    scene = Scene(world.state)
    free = [
        name
        for name, thing in world.state.things.items()
        if not (thing.fixed or scene.resting_on(name))
    ]
    name = free[generator.integers(len(free))]
    others = [other for other in world.state.things if other != name]
    xy = generator.uniform((0.3, -0.45), (0.7, 0.45))
    if generator.random() < 0.5:
        xy = scene.xy(others[generator.integers(len(others))])
    world.put(name, (float(xy[0]), float(xy[1])), float(generator.uniform(0, 3)))


@pytest.mark.parametrize("name", LIFTED)
def test_it_recovers_from_whatever_is_done_to_the_table(name: str) -> None:
    for episode in sampled(name, 5, budget=60):
        world, progress, generator = begin(episode)
        while not progress.over:
            action = next_action(episode, world.state, generator, progress.subtask)
            assert action is not None, episode.id
            world.act(*action)
            if progress.steps < 12 and generator.random() < 0.3:
                disturb(world, generator)
            progress.update(world.state)
        assert progress.completed, episode.id


def test_it_clears_away_what_is_forbidden() -> None:
    for episode in sampled("stack-blocks-by-color", 5, budget=20):
        world, progress, generator = begin(episode)
        (forbidden,) = episode.start["forbidden"]
        (zone,) = forbidden["targets"]
        world.put(forbidden["movers"][0], world.state.poses[zone].position[:2], 0.0)
        while not progress.over:
            action = next_action(episode, world.state, generator)
            assert action is not None
            world.act(*action)
            progress.update(world.state)
        assert progress.completed


def random_action(generator: np.random.Generator) -> Action:
    low, high = np.array(WORKSPACE_BOUNDS_M).T
    first, second = generator.uniform(low, high, (2, 3)).tolist()
    return Pose(tuple(first)), Pose(tuple(second))


def random_move(world: Kinematics, generator: np.random.Generator) -> Action:
    """Take a random thing to a random thing."""
    places = list(world.state.poses.values())
    first, second = (places[index] for index in generator.integers(len(places), size=2))
    return Pose(first.position), Pose(second.position)


@pytest.mark.parametrize("knows_things", [False, True])
def test_random_actions_solve_next_to_nothing(knows_things: bool) -> None:
    solved, total = 0, 0
    for name in LIFTED:
        for episode in sampled(name, 6):
            world, progress, generator = begin(episode)
            while not progress.over:
                known = random_move(world, generator) if knows_things else None
                world.act(*(known or random_action(generator)))
                progress.update(world.state)
            solved, total = solved + progress.completed, total + 1
    assert solved < 0.05 * total


def test_its_randomness_is_the_generators() -> None:
    episode = make_episode(TASKS["move-blocks-between-absolute-positions"], 3)
    state = Kinematics(Layout.from_json(episode.start)).state
    once, again, other = (
        next_action(episode, state, np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    assert once == again and once != other


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_hanoi_is_solved_in_the_fewest_legal_moves(count: int) -> None:
    rings = [f"ring_{size}" for size in range(count)]
    stacks: dict[str, list[str]] = {"a": list(rings), "b": [], "c": []}
    moves = solution(rings, "abc", "a", "c")
    assert len(moves) == 2**count - 1
    for ring, peg in moves:
        (source,) = (name for name, stack in stacks.items() if stack and stack[-1] == ring)
        assert not stacks[peg] or rings.index(stacks[peg][-1]) < rings.index(ring)
        stacks[source].remove(ring)
        stacks[peg].append(ring)
    assert stacks == {"a": [], "b": [], "c": rings}


def test_hanoi_goes_on_from_a_ring_that_fell_off_and_from_a_wrong_order() -> None:
    rings = ["large", "middle", "small"]
    fallen = {"a": ["large", "middle"], "b": [], "c": []}
    assert next_move(fallen, rings, "small", "c") == ("small", "c")
    upside_down = {"a": ["small", "large"], "b": [], "c": []}
    assert next_move(upside_down, rings, "small", "b") == ("large", "c")
