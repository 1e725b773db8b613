"""Play: long chains of tasks from random starts, for demonstrations.

Starts and chains follow the benchmark's symbolic rules, but blocks lie anywhere on the free table
and turned far more than in its 1000 sequences, and no start is one of theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from math import hypot, pi
from typing import Any

import numpy as np

from longhaul.envs.calvin.assets.layouts import LAYOUTS
from longhaul.envs.calvin.episodes import as_subtask
from longhaul.envs.calvin.initial_states import BLOCK_SPAWNS, InitialState, initial_state
from longhaul.envs.calvin.scenes import ASSET_SCALE, BUTTON_Y_M, scene_named
from longhaul.envs.calvin.sequences import apply, initial_symbolic_states, possible_tasks
from longhaul.envs.calvin.state import BLOCK_COLORS
from longhaul.envs.episode import Episode
from longhaul.errors import ConfigError

PLAY_SPLIT = "play"
PLAY_LENGTH = 20

FIRST_PLAY_SEED = 2**32
"""Seeds of play episodes begin here; those of the official sequences are 32-bit numbers."""

TABLE_Y_M = (-0.15, -0.06)
"""Range of y for a block's center in front of the cabinet: as far back as fingers fit."""

EDGE_MARGINS_M = (0.03, 0.08)
"""How far blocks start inside the left and right end of the table top's spawn box, which leaves
room for a push."""

MIN_DISTANCE_M = 0.1
"""Least distance between the centers of two blocks, and of a block and the button."""

TABLE_YAW_RAD = pi / 2
"""Blocks on the table are turned by up to this to either side of pi / 2, the middle of the
benchmark's range."""

CABINET_SHIFT_M, CABINET_YAW_RAD = 0.02, pi / 6
"""How far blocks in the cabinet lie from the benchmark's places along x, and are turned from
pi / 2, at most."""

MAX_NET_PUSHES = 1
"""By how much a block's pushes to one side may outnumber those to the other since it was placed."""

State = Mapping[str, Any]


@dataclass(frozen=True)
class Chain:
    """A symbolic start and the tasks to do from there."""

    state: State
    tasks: tuple[str, ...]


def play_episodes(n: int | None, seed: int, scene: str, length: int = PLAY_LENGTH) -> list[Episode]:
    """Return the first `n` play episodes of a scene; their number has no limit.

    `start` has the same keys as that of the official episodes. Raises ConfigError if `n` is None.
    """
    if n is None:
        raise ConfigError(f"split={PLAY_SPLIT} has no end: say how many episodes")
    scene_named(scene)
    made = []
    for index, chain in enumerate(chains(n, seed, length)):
        random = np.random.default_rng([seed, index, FIRST_PLAY_SEED])
        state = scattered_start(chain.state, scene, random)
        subtasks = tuple(as_subtask(name, scene) for name in chain.tasks)
        made.append(
            Episode(
                id=f"calvin-{scene}-play-{seed}-{index:06d}",
                seed=FIRST_PLAY_SEED + int(random.integers(2**32)),
                instruction=", then ".join(subtask.instruction for subtask in subtasks),
                subtasks=subtasks,
                start={
                    "scene": scene,
                    "robot_obs": list(state.robot_obs),
                    "scene_obs": list(state.scene_obs),
                    "symbolic": dict(chain.state),
                    "slots": state.source,
                },
            )
        )
    return made


@cache
def chains(n: int, seed: int, length: int = PLAY_LENGTH) -> tuple[Chain, ...]:
    """Return the first `n` chains. Each task is possible when its turn comes.

    The next task is drawn with the inverse square of how often it was drawn so far, in this chain
    and those before, so that rare ones (a stack taken apart, a block out of the drawer) come up
    about as often as the rules let them.
    """
    random = np.random.default_rng([seed, FIRST_PLAY_SEED])
    starts = initial_symbolic_states()
    drawn: Counter[str] = Counter()
    made = []
    for _ in range(n):
        start = starts[random.integers(len(starts))]
        tasks, state, shifts = [], start, dict.fromkeys(BLOCK_COLORS, 0)
        for _ in range(length):
            options = _roomy_tasks(state, shifts) or list(possible_tasks(state))
            weights = np.array([1.0 / (1 + drawn[name]) ** 2 for name in options])
            name = options[random.choice(len(options), p=weights / weights.sum())]
            state = advance(state, name)
            _note_shift(name, shifts)
            drawn[name] += 1
            tasks.append(name)
        made.append(Chain(start, tuple(tasks)))
    return tuple(made)


def advance(state: State, task: str) -> State:
    """Return the symbolic state after a task that is possible.

    The official rules put a block into the half that the door covers: with the door at the left
    the block comes to slider_left. Within five tasks this never matters. Here the block comes to
    the open half, where it can be placed and taken out again.
    """
    after = apply(state, task)
    if after is None:
        raise ValueError(f"{task} is not possible in {dict(state)}")
    if task != "place_in_slider":
        return after
    held = next(color for color in BLOCK_COLORS if state[f"{color}_block"] == "grasped")
    return {**after, f"{held}_block": _open_half(state)}


def _open_half(state: State) -> str:
    return "slider_right" if state["slider"] == "left" else "slider_left"


def scattered_start(state: State, scene: str, random: np.random.Generator) -> InitialState:
    """Return numbers for a symbolic start, blocks scattered over the free table."""
    fixed = initial_state(state, scene)
    values = list(fixed.scene_obs)
    order = BLOCK_SPAWNS[scene].order
    on_table = [color for color in BLOCK_COLORS if state[f"{color}_block"] == "table"]
    places = dict(zip(on_table, _places(scene, len(on_table), random), strict=True))
    for color in BLOCK_COLORS:
        first = 6 + 6 * order.index(color)
        if color in places:
            values[first : first + 2] = places[color]
            turn = random.uniform(-TABLE_YAW_RAD, TABLE_YAW_RAD)
        else:
            values[first] += random.uniform(-CABINET_SHIFT_M, CABINET_SHIFT_M)
            turn = random.uniform(-CABINET_YAW_RAD, CABINET_YAW_RAD)
        values[first + 5] = pi / 2 + turn
    return replace(fixed, scene_obs=tuple(float(value) for value in values), source="scattered")


def _places(scene: str, count: int, random: np.random.Generator) -> list[tuple[float, float]]:
    """Return places (x, y) apart from each other and the button; if not, all are drawn again."""
    low, high = scene_named(scene).table_x
    button = (ASSET_SCALE * LAYOUTS[scene].button_x, BUTTON_Y_M)
    while True:
        xs = random.uniform(low + EDGE_MARGINS_M[0], high - EDGE_MARGINS_M[1], count)
        ys = random.uniform(*TABLE_Y_M, count)
        places = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
        if _all_apart([*places, button]):
            return places


def _all_apart(points: Sequence[tuple[float, float]]) -> bool:
    pairs = ((a, b) for i, a in enumerate(points) for b in islice(points, i))
    return all(hypot(a[0] - b[0], a[1] - b[1]) >= MIN_DISTANCE_M for a, b in pairs)


def _roomy_tasks(state: State, shifts: Mapping[str, int]) -> list[str]:
    """Return the possible tasks after which every block can still be reached.

    The rules alone would push a block further and further, or put two blocks into the drawer or
    into one half of the cabinet. A block is lifted only if there is a place to put it.
    """
    options = [task for task in possible_tasks(state) if _has_room(task, state, shifts)]
    after = {task: advance(state, task) for task in options}
    if state["grasped"]:
        return options
    return [t for t in options if not after[t]["grasped"] or _roomy_tasks(after[t], shifts)]


def _has_room(task: str, state: State, shifts: Mapping[str, int]) -> bool:
    if task == "place_in_slider":
        return _open_half(state) not in state.values()
    if task == "place_in_drawer":
        return "drawer" not in [state[f"{color}_block"] for color in BLOCK_COLORS]
    color, shift = _push(task)
    return not shift or abs(shifts[color] + shift) <= MAX_NET_PUSHES


def _note_shift(task: str, shifts: dict[str, int]) -> None:
    color, shift = _push(task)
    if shift:
        shifts[color] += shift
    elif color:
        shifts[color] = 0  # the block is lifted, and put somewhere else


def _push(task: str) -> tuple[str, int]:
    """Return the block that a task pushes (1 right, -1 left) or lifts (0); "" for neither."""
    for color in BLOCK_COLORS:
        if task.startswith(f"push_{color}"):
            return color, 1 if task.endswith("right") else -1
        if task.startswith(f"lift_{color}"):
            return color, 0
    return "", 0
