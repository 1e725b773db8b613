"""Every task's scenes: what is guaranteed over 200 seeds, and that a seed says everything."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from longhaul.envs.episode import Episode
from longhaul.envs.lohoravens.bodies import STAND_BASE_M, THING_KINDS
from longhaul.envs.lohoravens.episodes import (
    MAX_ATTEMPTS,
    SPLITS,
    TRAINING_SPLIT,
    SamplingError,
    episode_at,
    episodes,
    make_episode,
    size,
    task_names,
)
from longhaul.envs.lohoravens.goals import Goal
from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.rest import at_rest
from longhaul.envs.lohoravens.tasks import TASKS
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import ASPECTS, Problem, Task
from longhaul.envs.lohoravens.tasks.towers_of_hanoi_seq import BASE
from longhaul.envs.lohoravens.things import WORKSPACE_BOUNDS_M, Layout
from longhaul.envs.lohoravens.vocabulary import COLOR_CATEGORIES, COLOR_RGB, PALETTES
from longhaul.errors import ConfigError

SEEDS = 200
SINGLE_STEPS = [*task_names("primitives"), "put-block-in-bowl", "packing-boxes-pairs"]


def sampled(name: str, count: int = SEEDS) -> list[Episode]:
    """Return episodes of a task, of both palettes in turn."""
    return [make_episode(TASKS[name], seed, ("train", "test")[seed % 2]) for seed in range(count)]


@pytest.mark.parametrize("name", sorted(TASKS))
def test_scenes_keep_their_promises(name: str) -> None:
    for episode in sampled(name):
        layout = Layout.from_json(episode.start)
        scene, goal = Scene(at_rest(layout)), Goal.of(episode)
        assert goal.atoms and not goal.violations(scene)
        assert not any(goal.fulfilled(scene)) or goal.sequential
        assert not goal.atoms[0].facts(scene)
        actions = sum(subtask.gt_steps for subtask in episode.subtasks)
        assert actions >= (1 if name in SINGLE_STEPS else 2)
        assert episode.start["budget"] > actions
        _assert_apart_and_within_reach(layout, scene)
        height = sum(scene.things[atom.movers[0]].size[2] for atom in goal.atoms if atom.under)
        assert height < WORKSPACE_BOUNDS_M[2][1] or len({atom.targets for atom in goal.atoms}) > 1
        for atom in (*goal.atoms, *goal.forbidden):
            assert set(atom.movers) <= scene.things.keys()
            assert not any(scene.things[mover].fixed for mover in atom.movers)


def _assert_apart_and_within_reach(layout: Layout, scene: Scene) -> None:
    corners = {}
    for thing in layout.things:
        pose = layout.poses[thing.name]
        (x, y, _), (*_, sin, cos) = pose.position, pose.quaternion
        turn = np.array([[cos**2 - sin**2, -2 * sin * cos], [2 * sin * cos, cos**2 - sin**2]])
        half = np.array(thing.size[:2]) / 2
        signs = np.array([(-1, -1), (-1, 1), (1, 1), (1, -1)])
        corners[thing.name] = (signs * half) @ turn.T + (x, y)
        for axis in (0, 1):
            low, high = WORKSPACE_BOUNDS_M[axis]
            assert (corners[thing.name][:, axis] >= low).all()
            assert (corners[thing.name][:, axis] <= high).all()
    for one, other in combinations(layout.things, 2):
        reach = (np.hypot(*one.size[:2]) + np.hypot(*other.size[:2])) / 2
        if np.hypot(*np.subtract(scene.xy(one.name), scene.xy(other.name))) > reach:
            continue
        stacked = abs(layout.poses[one.name].position[2] - layout.poses[other.name].position[2])
        kinds = one.kind, other.kind
        if "stand" in kinds or (stacked > 0.01 and "zone" not in kinds):
            continue  # on a peg, or one on the other
        assert _separable(corners[one.name], corners[other.name]), (one, other)


def _separable(one: np.ndarray, other: np.ndarray) -> bool:
    """Say whether a side of one of two rectangles (4, 2) parts them (touching is apart)."""
    for shape in (one, other):
        for side in (shape[1] - shape[0], shape[2] - shape[1]):
            normal = np.array([-side[1], side[0]]) / np.linalg.norm(side)
            a, b = one @ normal, other @ normal
            if a.max() <= b.min() + 1e-9 or b.max() <= a.min() + 1e-9:
                return True
    return False


@pytest.mark.parametrize("name", sorted(TASKS))
def test_an_episode_is_plain_json(name: str) -> None:
    for episode in sampled(name, 3):
        assert Episode.from_json(json.loads(json.dumps(episode.to_json()))) == episode
        assert episode.id == f"lohoravens/{name}/{episode.seed}"
        assert episode.start["task"] == name and {o.name for o in episode.subtasks} == {name}


DIGEST = """
import hashlib, json
from longhaul.envs.lohoravens.episodes import SPLITS, episodes
made = [e.to_json() for split in ("all", "all-train") for e in episodes(split, 80, 7)]
print(hashlib.sha256(json.dumps(made).encode()).hexdigest())
"""


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_a_seed_says_everything_in_any_process(hash_seed: str) -> None:
    made = [e.to_json() for split in ("all", "all-train") for e in episodes(split, 80, 7)]
    here = hashlib.sha256(json.dumps(made).encode()).hexdigest()
    root = str(Path(__file__).parents[3])
    found = subprocess.run(
        [sys.executable, "-c", DIGEST],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == here


def test_global_random_numbers_change_nothing() -> None:
    first = episodes("all", 40, 3)
    np.random.seed(99)
    assert episodes("all", 40, 3) == first and episodes("all", 40, 4) != first


def test_the_first_n_are_the_first_n_and_cover_the_tasks() -> None:
    names = task_names("all")
    many = episodes("all", 3 * len(names), 0)
    assert episodes("all", 10, 0) == many[:10]
    assert [e.start["task"] for e in many] == names * 3
    assert len({e.id for e in many}) == len(many)


def test_one_is_the_one_of_the_list() -> None:
    tasks = ["pick-and-place-primitive", "put-block-into-matching-bowl"]
    assert episode_at(5, "seen", 1, tasks) == episodes("seen", 6, 1, tasks)[5]
    assert size("seen", tasks) == len(episodes("seen", None, 0, tasks)) == 400


def test_an_episode_does_not_depend_on_the_other_tasks() -> None:
    both = episodes("seen", 4, 0, ["put-block-into-matching-bowl", "stack-block-in-absolute-area"])
    alone = episodes("all", 2, 0, ["stack-block-in-absolute-area"])
    assert both[1::2] == alone


def test_splits_are_those_of_the_benchmark() -> None:
    v1 = [*task_names("seen"), *task_names("unseen")]
    assert len(task_names("seen")) == 5 and len(task_names("unseen")) == 6 and len(set(v1)) == 11
    assert len(task_names("primitives")) == 4 and len(task_names("cliport")) == 5
    assert not set(task_names("v2-seen")) & set(task_names("v2-unseen"))
    assert task_names("all-train") == sorted(TASKS) and TRAINING_SPLIT in SPLITS
    assert len(episodes("primitives-val", None, 0)) == 4 * 200


@pytest.mark.parametrize("ending", ["", "-val", "-train"])
def test_palettes_are_those_of_the_split(ending: str) -> None:
    valid = PALETTES[ending.removeprefix("-") or "test"]
    for episode in episodes(f"unseen{ending}", 60, 0):
        assert {thing["colour"] for thing in episode.start["things"]} <= set(valid)


def test_val_and_test_differ_by_their_seeds() -> None:
    assert PALETTES["val"] == PALETTES["test"]
    pair = [{e.seed for e in episodes(split, 60, 0)} for split in ("seen", "seen-val")]
    assert not pair[0] & pair[1]


def test_an_unknown_name_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(
        ConfigError, match=r"split=sean is unknown; did you mean seen\? valid: seen, unseen, all"
    ):
        episodes("sean", 1, 0)
    with pytest.raises(ConfigError, match=r"env\.tasks: put-block-in-bowl is not in seen; valid: "):
        episodes("seen", 1, 0, ["put-block-in-bowl"])


def test_a_scene_that_cannot_be_ends_with_a_clear_error() -> None:
    tried = []

    def too_much(table: Table) -> Problem:
        tried.append(table.attempt)
        for _ in range(60):
            table.zone("red", 0.15)
        raise AssertionError("sixty zones had room")

    with pytest.raises(SamplingError, match="crowd, seed 5: no scene in 50 attempts: no room for"):
        make_episode(Task("crowd", too_much, (), ()), 5)
    assert tried == list(range(MAX_ATTEMPTS))


def test_a_goal_that_holds_or_asks_nothing_is_refused() -> None:
    nothing = Task("nothing", lambda table: Problem("do nothing", ()), (), ())
    with pytest.raises(SamplingError, match="nothing is required"):
        make_episode(nothing, 0)


def test_tasks_declare_what_is_known() -> None:
    groups = {split for split in SPLITS if not split.endswith(("-train", "-val"))}
    for task in TASKS.values():
        assert task.aspects and set(task.aspects) <= set(ASPECTS) and set(task.groups) <= groups
    used = {thing["kind"] for e in episodes("all", len(TASKS), 0) for thing in e.start["things"]}
    assert used <= THING_KINDS.keys() and BASE == STAND_BASE_M


def test_categories_are_of_colors_that_exist() -> None:
    named = {color for colors in COLOR_CATEGORIES.values() for color in colors}
    assert named <= COLOR_RGB.keys() and "white" not in named
    assert not set(COLOR_CATEGORIES["cool"]) & set(COLOR_CATEGORIES["warm"])
