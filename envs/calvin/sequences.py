"""The 1000 instruction sequences of CALVIN's long-horizon evaluation, in pure Python.

A sequence is a symbolic start state and five tasks, each possible when its turn comes. The draw
is that of calvin_agent/evaluation/multistep_sequences.py in mees/calvin, bit for bit, with
generators of its own: NumPy's global one is not touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from longhaul.envs.calvin.state import BLOCK_COLORS
from longhaul.envs.calvin.tasks.official import TASKS
from longhaul.errors import ConfigError

State = Mapping[str, Any]
TASKS_PER_SEQUENCE = 5
SEQUENCE_COUNT = 1000


class TaskSequence(NamedTuple):
    """A symbolic start state, and the names of the tasks to do from there in order."""

    state: State
    tasks: tuple[str, ...]


class Rule(NamedTuple):
    """What must hold in a symbolic state for a task to be possible, and what it changes."""

    condition: State
    effect: State


def sequences(n: int | None = None) -> tuple[TaskSequence, ...]:
    """Return the first `n` of the 1000 official sequences (all of them if None).

    Sequences are drawn only for the start states that occur in the first `n`, so that a few cost
    little time. Raises ConfigError if `n` is negative or above 1000.
    """
    n = SEQUENCE_COUNT if n is None else n
    if not 0 <= n <= SEQUENCE_COUNT:
        raise ConfigError(f"episodes={n}: there are {SEQUENCE_COUNT} CALVIN sequences")
    places = _places()[:n]
    needed: dict[int, int] = {}
    for i, j in places:
        needed[i] = max(needed.get(i, 0), j + 1)
    return tuple(_drawn(i, needed[i])[j] for i, j in places)


def sequence(index: int) -> TaskSequence:
    """Return one of the 1000 official sequences; it costs less than all up to it."""
    i, j = _places()[index]
    return _drawn(i, j + 1)[j]


@cache
def _places() -> tuple[tuple[int, int], ...]:
    """Return, for each of the 1000 sequences in the official order, the number of its start state
    and which of the sequences drawn for that state it is."""
    shares = np.array_split(np.arange(SEQUENCE_COUNT), len(initial_symbolic_states()))
    places = [(i, j) for i, share in enumerate(shares) for j in range(len(share))]
    np.random.RandomState(0).shuffle(places)
    return tuple(places)


@cache
def initial_symbolic_states() -> tuple[State, ...]:
    """Return the 192 start states: one or two blocks on the table, one at most in a slider half."""
    values: dict[str, tuple[Any, ...]] = {
        "led": (0, 1),
        "lightbulb": (0, 1),
        "slider": ("right", "left"),
        "drawer": ("closed", "open"),
        **{f"{color}_block": ("table", "slider_right", "slider_left") for color in BLOCK_COLORS},
        "grasped": (0,),
    }
    states = (dict(zip(values, choice, strict=True)) for choice in product(*values.values()))
    return tuple(MappingProxyType(state) for state in states if _is_admissible(state))


def start_state(index: int) -> State:
    """Return the start state of one of the 1000 official sequences, without drawing its tasks."""
    return initial_symbolic_states()[_places()[index][0]]


def rules_of(task: str) -> tuple[Rule, ...] | None:
    """Return the rules of a task of the benchmark; None for any other task."""
    return _rules().get(task)


def apply(state: State, task: str) -> State | None:
    """Return the symbolic state after `task`, or None unless exactly one rule allows it."""
    applicable = [
        rule
        for rule in _rules()[task]
        if all(state[key] == value for key, value in rule.condition.items())
    ]
    return {**state, **applicable[0].effect} if len(applicable) == 1 else None


def possible_tasks(state: State) -> tuple[str, ...]:
    """Return the tasks that exactly one rule allows in a symbolic state, in official order."""
    return tuple(name for name in _rules() if apply(state, name) is not None)


def _is_admissible(state: State) -> bool:
    blocks = [state[f"{color}_block"] for color in BLOCK_COLORS]
    alone = all(blocks.count(half) <= 1 for half in ("slider_right", "slider_left"))
    return blocks.count("table") in (1, 2) and alone


@cache
def _drawn(number: int, count: int) -> tuple[TaskSequence, ...]:
    """Return the first `count` sequences drawn for a start state, with its number as the seed.

    About one draw in 5500 is valid. Most are rejected because their first task is not possible,
    which is checked first.
    """
    state = initial_symbolic_states()[number]
    names = list(_rules())
    possible = [apply(state, name) is not None for name in names]
    random, ordered = np.random.RandomState(number), list(range(len(names)))
    found: list[TaskSequence] = []
    while len(found) < count:
        # The same numbers as in choice(names, 5, replace=False), in a sixth of the time.
        order = ordered.copy()
        random.shuffle(order)
        if possible[order[0]]:
            tasks = tuple(names[i] for i in order[:TASKS_PER_SEQUENCE])
            if _is_valid(state, tasks):
                found.append(TaskSequence(state, tasks))
    return tuple(found)


def _is_valid(state: State, tasks: tuple[str, ...]) -> bool:
    if len({_category(task) for task in tasks}) < TASKS_PER_SEQUENCE:
        return False
    current: State | None = state
    for task in tasks:
        current = apply(current, task) if current is not None else None
    return current is not None


@cache
def _category(task: str) -> str:
    """Return the kind of a task; a sequence has no two of one kind."""
    kind = task.split("_")[0]
    if kind == "lift":
        return task.replace(task.split("_")[1], "")
    if task == "push_into_drawer" or kind in ("stack", "unstack"):
        return task
    return {"rotate": "push", "move": "slider", "open": "drawer", "close": "drawer"}.get(kind, kind)


@cache
def _rules() -> Mapping[str, tuple[Rule, ...]]:
    rules: dict[str, tuple[Rule, ...]] = {
        **_door_rules("slider", {"move_slider_left": "left", "move_slider_right": "right"}),
        **_door_rules("drawer", {"open_drawer": "open", "close_drawer": "closed"}),
    }
    for light in ("lightbulb", "led"):
        rules[f"turn_on_{light}"] = (_free({light: 0}, {light: 1}),)
        rules[f"turn_off_{light}"] = (_free({light: 1}, {light: 0}),)
    for color in BLOCK_COLORS:
        rules |= _block_rules(color)
    sides = ("right", "left")
    rules["place_in_slider"] = tuple(
        _holding(color, {"slider": side}, f"slider_{side}")
        for color in BLOCK_COLORS
        for side in sides
    )
    rules["place_in_drawer"] = tuple(
        _holding(color, {"drawer": "open"}, "drawer") for color in BLOCK_COLORS
    )
    pairs = [(top, bottom) for top in BLOCK_COLORS for bottom in BLOCK_COLORS if top != bottom]
    rules["stack_block"] = tuple(
        _holding(
            top, {f"{bottom}_block": "table"}, "stacked_top", {f"{bottom}_block": "stacked_bottom"}
        )
        for top, bottom in pairs
    )
    rules["unstack_block"] = tuple(
        _free(
            {f"{top}_block": "stacked_top", f"{bottom}_block": "stacked_bottom"},
            {f"{top}_block": "table", f"{bottom}_block": "table"},
        )
        for top, bottom in pairs
    )
    rules["push_into_drawer"] = tuple(_drawer_push_rules())
    # In the order of the official task list, in which the draws are made.
    return {task.name: rules[task.name] for task in TASKS if task.name in rules}


def _block_rules(color: str) -> dict[str, tuple[Rule, ...]]:
    block = f"{color}_block"
    stays = (_free({block: "table"}, {}),)
    grasped = {block: "grasped", "grasped": 1}
    beside_door = (
        {block: "slider_left", "slider": "right"},
        {block: "slider_right", "slider": "left"},
    )
    return {
        **{
            f"{verb}_{block}_{way}": stays
            for verb in ("rotate", "push")
            for way in ("right", "left")
        },
        f"lift_{block}_table": (_free({block: "table"}, grasped),),
        f"lift_{block}_slider": tuple(_free(place, grasped) for place in beside_door),
        f"lift_{block}_drawer": (_free({block: "drawer", "drawer": "open"}, grasped),),
    }


def _drawer_push_rules() -> Iterator[Rule]:
    """Yield the rules of push_into_drawer: one block on the table, the others behind the door."""
    halves = ("slider_right", "slider_left")
    for color in BLOCK_COLORS:
        others = [f"{other}_block" for other in BLOCK_COLORS if other != color]
        for places in product(halves, repeat=2):
            condition = {f"{color}_block": "table", "drawer": "open"}
            condition |= dict(zip(others, places, strict=True))
            yield _free(condition, {f"{color}_block": "drawer"})


def _door_rules(door: str, tasks: Mapping[str, str]) -> dict[str, tuple[Rule, ...]]:
    one, other = tasks.values()
    moves = {one: other, other: one}
    return {task: (_free({door: moves[end]}, {door: end}),) for task, end in tasks.items()}


def _free(condition: State, effect: State) -> Rule:
    return Rule({**condition, "grasped": 0}, effect)


def _holding(color: str, condition: State, place: str, also: State | None = None) -> Rule:
    held = {f"{color}_block": "grasped", "grasped": 1}
    return Rule({**held, **condition}, {f"{color}_block": place, "grasped": 0, **(also or {})})
