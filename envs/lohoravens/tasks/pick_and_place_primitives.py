"""A of the first benchmark and the other single steps: what an actor is trained on."""

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.lohoravens.geometry import (
    AREAS,
    BESIDE_DISTANCE_M,
    BESIDE_MIN_M,
    CENTER_SIDE_M,
    DIRECTIONS,
    QUADRANTS,
    WORKSPACE_MIDDLE,
    Points,
    along,
    in_bounds,
)
from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.language import step
from longhaul.envs.lohoravens.tasks.table import Table, Where, Within
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps
from longhaul.envs.lohoravens.vocabulary import BIG_EDGE_M, BOWL_EXTENTS_M

CLEARLY = 0.02
"""Blocks start this far or more from the line beyond which they would be beside (m)."""

RELATION_OF = {"block": "on", "bowl": "in", "zone": "zone"}


def plain(table: Table) -> Problem:
    zones = [table.zone(color) for color in _some(table, 1, 2)]
    bowls = [table.bowl(color) for color in _some(table, 2, 3)]
    mover, *blocks = [table.block(color) for color in _some(table, 2, 3)]
    target = table.one_of(table.one_of((blocks, bowls, zones)))
    return _one(table, Atom(RELATION_OF[table.things[target].kind], (mover,), (target,)))


def with_size(table: Table) -> Problem:
    for color in _some(table, 2, 3):
        table.bowl(color)
    colors = _some(table, 2, 3)
    smaller = [table.block(color) for color in colors]
    bigger = [table.block(color, BIG_EDGE_M) for color in colors[: table.number(2, len(colors))]]
    mover, target, *_ = table.shuffled(smaller + bigger)
    return _one(table, Atom("on", (mover,), (target,)))


def with_absolute_position(table: Table) -> Problem:
    """The color of the block that is meant is there twice: only the area tells which."""
    start, end, *_ = table.shuffled(AREAS)
    elsewhere = [area for area in QUADRANTS if area != start]
    color, other = table.colors[:2]
    mover = table.block(color, where=_clearly_in(start))
    table.block(color, where=_clearly_in(table.one_of(elsewhere)))
    if table.number(0, 1):
        table.block(other, where=_off_the_middle)
    for name in _some(table, 2, 3):
        table.bowl(name, where=_off_the_middle)
    return _one(table, Atom("area", (mover,), (end,)))


def with_relative_position(table: Table) -> Problem:
    direction = table.one_of(tuple(DIRECTIONS))
    aim = BESIDE_DISTANCE_M * np.array(DIRECTIONS[direction])
    color, *colors = _some(table, 2, 3)
    anchor = table.block(color, where=lambda points: in_bounds(points + aim, margin=0.03))
    position = table.poses[anchor].position[:2]

    def not_beside(points: Points) -> NDArray[np.bool_]:
        return along(points, direction, position) <= BESIDE_MIN_M - CLEARLY

    mover, *_ = [table.block(color, where=not_beside) for color in colors]
    for color in _some(table, 2, 3):
        table.bowl(color)
    return _one(table, Atom(direction, (mover,), (anchor,)))


def _one(table: Table, atom: Atom) -> Problem:
    return Problem(step(atom, table.state()), steps(atom))


def _some(table: Table, low: int, high: int) -> list[str]:
    return table.shuffled(table.colors)[: table.number(low, high)]


def _clearly_in(area: str) -> Where:
    """Say which points are in an area and, but for the center, off the middle of the table."""
    if area == "center":
        return Within(area, margin=0.01)
    return lambda points: Within(area)(points) & _off_the_middle(points)


def _off_the_middle(points: Points) -> NDArray[np.bool_]:
    """Say about which points a bowl leaves the center free."""
    return np.asarray(
        np.abs(points - WORKSPACE_MIDDLE).max(-1)
        >= CENTER_SIDE_M / 2 + BOWL_EXTENTS_M[0] / 2 + 0.01
    )


NAME = "pick-and-place-primitive"

TASKS = (
    Task(NAME, plain, ("seen", "primitives"), aspects=("color",), palette="full"),
    Task(f"{NAME}-with-size", with_size, ("primitives",), ("color", "size"), palette="full"),
    Task(
        f"{NAME}-with-absolute-position",
        with_absolute_position,
        ("primitives",),
        ("color", "space"),
        palette="full",
    ),
    Task(
        f"{NAME}-with-relative-position",
        with_relative_position,
        ("primitives",),
        ("color", "space"),
        palette="full",
    ),
)
