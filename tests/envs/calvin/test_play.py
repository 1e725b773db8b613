"""Play episodes: possible chains from scattered starts, that share nothing with the benchmark."""

from __future__ import annotations

from collections import Counter
from math import hypot, pi

import numpy as np
import pytest

from longhaul.envs.calvin.env import CalvinEnv
from longhaul.envs.calvin.episodes import episodes
from longhaul.envs.calvin.initial_states import BLOCK_SPAWNS
from longhaul.envs.calvin.play import advance, chains, play_episodes
from longhaul.envs.calvin.sequences import apply
from longhaul.envs.calvin.state import BLOCK_COLORS
from longhaul.envs.calvin.tasks.official import TASKS
from longhaul.errors import ConfigError


def test_each_task_of_a_chain_is_possible_when_its_turn_comes() -> None:
    for chain in chains(40, 0):
        state = chain.state
        assert len(chain.tasks) == 20
        for task in chain.tasks:
            assert apply(state, task) is not None, (state, task)
            state = advance(state, task)


def test_a_block_comes_to_the_half_of_the_cabinet_that_the_door_leaves_open() -> None:
    start = {"slider": "left", "red_block": "grasped", "grasped": 1}
    others = {"blue_block": "table", "pink_block": "table", "led": 0, "lightbulb": 0}
    placed = advance({**start, **others, "drawer": "closed"}, "place_in_slider")
    assert placed["red_block"] == "slider_right" and placed["grasped"] == 0
    assert apply(placed, "lift_red_block_slider") is not None
    moved = advance(placed, "move_slider_right")
    assert apply(moved, "lift_red_block_slider") is None
    with pytest.raises(ValueError, match="not possible"):
        advance(moved, "lift_red_block_slider")


def test_every_task_comes_up_often_and_none_crowds_out_the_others() -> None:
    counts = Counter(task for chain in chains(200, 0) for task in chain.tasks)
    assert set(counts) == {task.name for task in TASKS}
    assert min(counts.values()) >= 0.25 * 200 * 20 / len(TASKS)
    assert max(counts.values()) <= 4 * 200 * 20 / len(TASKS)


@pytest.mark.parametrize("scene", "ABCD")
def test_blocks_start_apart_and_turned_more_widely_than_in_the_benchmark(scene: str) -> None:
    turns = []
    for episode in play_episodes(60, 1, scene):
        poses = np.reshape(episode.start["scene_obs"][6:], (3, 6))
        on_table = [
            pose
            for color, pose in zip(BLOCK_SPAWNS[scene].order, poses, strict=True)
            if episode.start["symbolic"][f"{color}_block"] == "table"
        ]
        turns += [pose[5] - pi / 2 for pose in on_table]
        for i, one in enumerate(on_table):
            assert all(hypot(*(one[:2] - other[:2])) >= 0.1 for other in on_table[:i])
    assert len(on_table) <= len(BLOCK_COLORS)
    assert min(turns) < -pi / 4 and max(turns) > pi / 4


def test_more_episodes_begin_with_the_same_ones_and_seeds_never_meet_the_benchmarks() -> None:
    few, many = play_episodes(5, 3, "D"), play_episodes(20, 3, "D")
    assert many[:5] == few
    assert len({episode.id for episode in many}) == 20
    official = episodes("D", 30, 3, "D")
    assert {e.seed for e in many}.isdisjoint(e.seed for e in official)
    # Not by luck: official seeds are 32-bit numbers.
    assert min(e.seed for e in many) >= 2**32 > max(e.seed for e in official)
    assert not {str(e.start["scene_obs"]) for e in many} & {
        str(e.start["scene_obs"]) for e in official
    }


def test_what_play_cannot_do_is_said() -> None:
    with pytest.raises(ConfigError, match="say how many"):
        CalvinEnv().episodes("play", None, 0)
    with pytest.raises(ConfigError, match=r"env\.chain"):
        CalvinEnv(chain=["open_drawer"]).episodes("play", 2, 0)
    with pytest.raises(ConfigError, match=r"env\.play_length=0"):
        CalvinEnv(play_length=0)
    assert len(CalvinEnv(play_length=3).episodes("play", 1, 0)[0].subtasks) == 3
