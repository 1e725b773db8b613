"""From a symbolic start state to the numbers that reset the simulator.

Robot, slots and draws are those of calvin_agent/evaluation/utils.py in mees/calvin. Its poses are
scene D's; for A-C, where they would put blocks into wood, the same symbolic state gets slots in
that scene's own spawn boxes, and `InitialState.slots` says which were used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi
from typing import Any, Literal, NamedTuple

import numpy as np

from longhaul.envs.calvin.state import BLOCKS

State = Mapping[str, Any]

ROBOT_OBS = (
    *(0.02586889, -0.2313129, 0.5712808),
    *(3.09045411, -0.02908596, 1.50013585),
    0.07999963,
    *(-1.21779124, 1.03987629, 2.11978254, -2.34205014, -0.87015899, 1.64119093, 0.55344928),
    1.0,
)
DRAWER_OPEN = 0.22
SWITCH_ON = 0.088

Position = tuple[float, float, float]


class Slots(NamedTuple):
    """Where blocks start in one scene, in world meters.

    `door_left` is the door's joint at its left stop, `order` that of the blocks in scene_obs (the
    scene's own), and `source` whose poses these are.
    """

    order: tuple[str, str, str]
    door_left: float
    slider_left: Position
    slider_right: Position
    table: tuple[Position, Position]
    source: Literal["official", "spawn_boxes"]


_D_TABLE: tuple[Position, Position] = (
    (0.0500000896, -0.120000177, 0.459990009),
    (0.229995412, -0.11999514, 0.45999001),
)
_D_SLIDER_LEFT: Position = (-0.240851662, 0.0924044687, 0.460990009)
_D_SLIDER_RIGHT: Position = (0.070341633, 0.0924044687, 0.460990009)

# Ours, for A-C: all lie in that scene's spawn boxes and clear of button and door by half a block
# and a finger. Table slots leave the 10 cm of a push free toward the button, and in A and C lie
# clear of the drawer's right wall (x = 0.28), so that a block pushed in can be taken out again.
# The halves of B and C are parted where their closed door begins, x = 0.09 and 0.06.
SLOTS: dict[str, Slots] = {
    "A": Slots(
        ("pink", "blue", "red"),
        0.28,
        _D_SLIDER_LEFT,
        _D_SLIDER_RIGHT,
        ((0.02, -0.12, 0.46), (0.20, -0.12, 0.46)),
        "spawn_boxes",
    ),
    "B": Slots(
        ("red", "blue", "pink"),
        0.304,
        (-0.05, 0.0924, 0.461),
        (0.21, 0.0924, 0.461),
        ((-0.06, -0.12, 0.46), (0.09, -0.12, 0.46)),
        "spawn_boxes",
    ),
    "C": Slots(
        ("blue", "red", "pink"),
        0.24,
        (-0.06, 0.0924, 0.461),
        (0.22, 0.0924, 0.461),
        ((0.05, -0.12, 0.46), (0.215, -0.12, 0.46)),
        "spawn_boxes",
    ),
    "D": Slots(
        ("red", "blue", "pink"), 0.28, _D_SLIDER_LEFT, _D_SLIDER_RIGHT, _D_TABLE, "official"
    ),
}


@dataclass(frozen=True)
class InitialState:
    """Vectors to reset to: `robot_obs` (15) and `scene_obs` (24), in CALVIN's layout.

    Blocks stand in scene_obs in the scene's own order. `slots` is "official" for D's published
    poses, "spawn_boxes" for ours, "scattered" for play (longhaul.envs.calvin.play).
    """

    robot_obs: tuple[float, ...]
    scene_obs: tuple[float, ...]
    slots: Literal["official", "spawn_boxes", "scattered"]


def initial_state(state: State, scene: str = "D") -> InitialState:
    """Return the numeric form of one of the 192 symbolic start states, the same at every call.

    Raises ValueError naming the valid scenes for an unknown one.
    """
    if scene not in SLOTS:
        raise ValueError(f"unknown CALVIN scene {scene!r}; valid are {', '.join(SLOTS)}")
    slots = SLOTS[scene]
    random = np.random.RandomState(state_seed(state))
    table = list(slots.table)
    random.shuffle(table)
    yaws = {color: random.uniform(pi / 2 - pi / 8, pi / 2 + pi / 8) for color in BLOCKS}
    poses = {
        color: (*_position(state, color, slots, table), 0.0, 0.0, yaws[color]) for color in BLOCKS
    }
    scene_obs = (
        slots.door_left if state["slider"] == "left" else 0.0,
        DRAWER_OPEN if state["drawer"] == "open" else 0.0,
        0.0,
        SWITCH_ON if state["lightbulb"] else 0.0,
        float(state["lightbulb"]),
        float(state["led"]),
        *(number for color in slots.order for number in poses[color]),
    )
    return InitialState(ROBOT_OBS, scene_obs, slots.source)


def state_seed(state: State) -> int:
    """Return the seed of a start state: the benchmark's hash of the text of its values."""
    return fnv1_32(str(dict(state).values()))


def fnv1_32(text: str) -> int:
    """Return FNV-1 as pyhash computes it for str: from 0, not the offset basis, over UTF-16-LE."""
    value = 0
    for byte in text.encode("utf-16-le"):
        value = (value * 0x01000193) % 2**32 ^ byte
    return value


def _position(state: State, color: str, slots: Slots, table: list[Position]) -> Position:
    place = state[f"{color}_block"]
    if place == "slider_left":
        return slots.slider_left
    if place == "slider_right":
        return slots.slider_right
    # The second slot is pink's, and blue's unless red left the first one empty.
    first = color == "red" or (color == "blue" and state["red_block"] != "table")
    return table[0 if first else 1]
