"""From a symbolic start state to the numbers that reset the simulator.

Robot, block places and draws are those of calvin_agent/evaluation/utils.py in mees/calvin. Its
places are scene D's. In A-C they would put blocks into wood, so the same symbolic state gets places
in that scene's own spawn boxes, and `InitialState.source` says which were used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi
from typing import Any, Literal, NamedTuple

import numpy as np

from longhaul.envs.calvin.state import BLOCK_COLORS

State = Mapping[str, Any]

START_ROBOT_OBS = (
    *(0.02586889, -0.2313129, 0.5712808),
    *(3.09045411, -0.02908596, 1.50013585),
    0.07999963,
    *(-1.21779124, 1.03987629, 2.11978254, -2.34205014, -0.87015899, 1.64119093, 0.55344928),
    1.0,
)
"""robot_obs (15,) of every official start state."""

DRAWER_OPEN_M = 0.22
"""Position of the drawer's joint when the symbolic state says open."""

SWITCH_ON_M = 0.088
"""Position of the switch's joint when the symbolic state has the lightbulb on."""

Position = tuple[float, float, float]


class BlockSpawns(NamedTuple):
    """Where blocks start in one scene, in world meters.

    `order` is the order of the blocks in scene_obs (the scene's own), `door_left` the position of
    the door's joint at its left stop, and `source` says whose places these are.
    """

    order: tuple[str, str, str]
    door_left: float
    slider_left: Position
    slider_right: Position
    table: tuple[Position, Position]
    source: Literal["official", "spawn_boxes"]


D_TABLE: tuple[Position, Position] = (
    (0.0500000896, -0.120000177, 0.459990009),
    (0.229995412, -0.11999514, 0.45999001),
)
D_SLIDER_LEFT: Position = (-0.240851662, 0.0924044687, 0.460990009)
D_SLIDER_RIGHT: Position = (0.070341633, 0.0924044687, 0.460990009)

# The places for A-C are ours. All lie in that scene's spawn boxes, and half a block and a finger
# away from button and door. Places on the table leave the 10 cm of a push free toward the button.
# In A and C they also keep away from the drawer's right wall (x = 0.28), so that a block pushed
# into the drawer can be taken out again. The two halves of the cabinet meet where the closed door
# begins, in B at x = 0.09 and in C at x = 0.06.
BLOCK_SPAWNS: dict[str, BlockSpawns] = {
    "A": BlockSpawns(
        ("pink", "blue", "red"),
        0.28,
        D_SLIDER_LEFT,
        D_SLIDER_RIGHT,
        ((0.02, -0.12, 0.46), (0.20, -0.12, 0.46)),
        "spawn_boxes",
    ),
    "B": BlockSpawns(
        ("red", "blue", "pink"),
        0.304,
        (-0.05, 0.0924, 0.461),
        (0.21, 0.0924, 0.461),
        ((-0.06, -0.12, 0.46), (0.09, -0.12, 0.46)),
        "spawn_boxes",
    ),
    "C": BlockSpawns(
        ("blue", "red", "pink"),
        0.24,
        (-0.06, 0.0924, 0.461),
        (0.22, 0.0924, 0.461),
        ((0.05, -0.12, 0.46), (0.215, -0.12, 0.46)),
        "spawn_boxes",
    ),
    "D": BlockSpawns(
        ("red", "blue", "pink"), 0.28, D_SLIDER_LEFT, D_SLIDER_RIGHT, D_TABLE, "official"
    ),
}


@dataclass(frozen=True)
class InitialState:
    """Vectors to reset to: `robot_obs` (15) and `scene_obs` (24), in CALVIN's layout.

    scene_obs lists the blocks in the scene's own order. `source` says where their poses come from:
    "official" (published for D), "spawn_boxes" (ours) or "scattered" (longhaul.envs.calvin.play).
    """

    robot_obs: tuple[float, ...]
    scene_obs: tuple[float, ...]
    source: Literal["official", "spawn_boxes", "scattered"]


def initial_state(state: State, scene: str = "D") -> InitialState:
    """Return the numeric form of one of the 192 symbolic start states, the same at every call.

    Raises ValueError naming the valid scenes for an unknown one.
    """
    if scene not in BLOCK_SPAWNS:
        raise ValueError(f"unknown CALVIN scene {scene!r}; valid are {', '.join(BLOCK_SPAWNS)}")
    spawns = BLOCK_SPAWNS[scene]
    random = np.random.RandomState(state_seed(state))
    table = list(spawns.table)
    random.shuffle(table)
    yaws = {color: random.uniform(pi / 2 - pi / 8, pi / 2 + pi / 8) for color in BLOCK_COLORS}
    poses = {
        color: (*_position(state, color, spawns, table), 0.0, 0.0, yaws[color])
        for color in BLOCK_COLORS
    }
    scene_obs = (
        spawns.door_left if state["slider"] == "left" else 0.0,
        DRAWER_OPEN_M if state["drawer"] == "open" else 0.0,
        0.0,
        SWITCH_ON_M if state["lightbulb"] else 0.0,
        float(state["lightbulb"]),
        float(state["led"]),
        *(number for color in spawns.order for number in poses[color]),
    )
    return InitialState(START_ROBOT_OBS, scene_obs, spawns.source)


def state_seed(state: State) -> int:
    """Return the seed of a start state: the benchmark's hash of the text of its values."""
    return fnv1_32(str(dict(state).values()))


def fnv1_32(text: str) -> int:
    """Return FNV-1 as pyhash computes it for str: from 0, not the offset basis, over UTF-16-LE."""
    value = 0
    for byte in text.encode("utf-16-le"):
        value = (value * 0x01000193) % 2**32 ^ byte
    return value


def _position(state: State, color: str, spawns: BlockSpawns, table: list[Position]) -> Position:
    place = state[f"{color}_block"]
    if place == "slider_left":
        return spawns.slider_left
    if place == "slider_right":
        return spawns.slider_right
    # Red takes the table's first place, pink the second, and blue the first only if red is not on
    # the table.
    first = color == "red" or (color == "blue" and state["red_block"] != "table")
    return table[0 if first else 1]
