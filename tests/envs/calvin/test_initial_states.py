"""Numeric start states, against those the official code makes."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pytest

from longhaul.envs.calvin.initial_states import BLOCK_SPAWNS, fnv1_32, initial_state, state_seed
from longhaul.envs.calvin.sequences import initial_symbolic_states
from tests.shared import golden

SPAWN = {  # x ranges of table, slider_left and slider_right in conf/scene of mees/calvin_env
    "A": {"table": (-0.20, 0.35), "slider_left": (-0.32, -0.16), "slider_right": (-0.05, 0.13)},
    "B": {"table": (-0.35, 0.15), "slider_left": (-0.12, 0.06), "slider_right": (0.15, 0.33)},
    "C": {"table": (0.0, 0.35), "slider_left": (-0.12, 0.06), "slider_right": (0.15, 0.30)},
    "D": {"table": (0.0, 0.35), "slider_left": (-0.32, -0.16), "slider_right": (-0.05, 0.13)},
}


@pytest.mark.golden
def test_the_official_states_of_d_to_the_bit() -> None:
    states = json.loads(golden("calvin_initial_states.json").read_text())["states"]
    assert states
    for official in states:
        ours = initial_state(official["state"], "D")
        assert state_seed(official["state"]) == official["seed"]
        assert list(ours.robot_obs) == official["robot_obs"]
        assert list(ours.scene_obs) == official["scene_obs"]
        assert ours.source == "official"
        assert initial_symbolic_states()[official["index"]] == official["state"]


def test_the_hash_of_pyhashs_own_test_text() -> None:
    assert fnv1_32("test") == 3910690890  # pyhash, fnv1_32 of the str (not of bytes)


@pytest.mark.parametrize("scene", "ABCD")
def test_blocks_stand_apart_in_the_scenes_own_spawn_boxes(scene: str) -> None:
    for state in initial_symbolic_states():
        blocks = np.reshape(initial_state(state, scene).scene_obs[6:], (3, 6))
        for color, block in zip(BLOCK_SPAWNS[scene].order, blocks, strict=True):
            place = state[f"{color}_block"]
            low, high = SPAWN[scene][place]
            assert low <= block[0] <= high
            assert (-0.15 <= block[1] <= -0.03) if place == "table" else (0.05 <= block[1] <= 0.12)
        # Twice the half diagonal of the longest block, 0.08 x 0.04 m.
        assert all(np.linalg.norm(a[:2] - b[:2]) > 0.0895 for a, b in combinations(blocks, 2))


@pytest.mark.parametrize("scene", "ABCD")
def test_doors_and_lights_follow_the_symbols(scene: str) -> None:
    left = {"A": 0.28, "B": 0.304, "C": 0.24, "D": 0.28}[scene]
    for state in initial_symbolic_states():
        doors = initial_state(state, scene).scene_obs[:6]
        bulb = state["lightbulb"]
        slider = left if state["slider"] == "left" else 0.0
        drawer = 0.22 if state["drawer"] == "open" else 0.0
        assert doors == (slider, drawer, 0.0, 0.088 * bulb, bulb, state["led"])


def test_an_unknown_scene_is_named() -> None:
    with pytest.raises(ValueError, match=r"'E'.*A, B, C, D"):
        initial_state(initial_symbolic_states()[0], "E")
