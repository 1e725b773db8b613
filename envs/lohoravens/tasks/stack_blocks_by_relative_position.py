"""The blocks that lie on one side of another block onto a zone, all of them or those of a size."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.lohoravens.geometry import (
    BESIDE_MIN_M,
    DIRECTIONS,
    WORKSPACE_MIDDLE,
    Points,
    along,
)
from longhaul.envs.lohoravens.tasks.build import MAX_CHOSEN, bigger_first, kept_off, tower
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps
from longhaul.envs.lohoravens.vocabulary import BLOCK_EDGES_M, SIZE_WORDS, SMALL_EDGE_M

CLEARLY = 0.01
"""Blocks lie this far or more from the line beyond which the word holds (m)."""

CENTRAL = (0.06, 0.2)
"""How far along x and y the anchor may be from the middle: both sides have room (m)."""


def of_any_size(table: Table) -> Problem:
    return _beside(table, "", (SMALL_EDGE_M,), (SMALL_EDGE_M,))


def of_a_size(table: Table) -> Problem:
    edge = table.one_of(BLOCK_EDGES_M)
    return _beside(table, f"{SIZE_WORDS[edge]} ", (edge,), BLOCK_EDGES_M)


def _beside(table: Table, word: str, wanted: Sequence[float], edges: Sequence[float]) -> Problem:
    direction = table.one_of(tuple(DIRECTIONS))
    color, *colors = table.colors
    anchor = table.block(color, table.one_of(edges), where=_central)
    x, y = table.poses[anchor].position[:2]

    def beside(points: Points) -> NDArray[np.bool_]:
        return along(points, direction, (x, y)) >= BESIDE_MIN_M + CLEARLY

    def not_beside(points: Points) -> NDArray[np.bool_]:
        return along(points, direction, (x, y)) <= BESIDE_MIN_M - CLEARLY

    zone = table.zone(table.one_of(table.colors))
    kinds = table.shuffled([(color, edge) for color in colors for edge in edges])
    fit = [kind for kind in kinds if kind[1] in wanted]
    unfit = [kind for kind in kinds if kind[1] not in wanted]
    count = table.number(2, MAX_CHOSEN)
    chosen = [table.block(*kind, where=beside) for kind in fit[:count]]
    others = [table.block(*kind, where=beside) for kind in unfit[: table.number(1, 2)]]
    elsewhere = fit[count : count + table.number(1, 2)]
    others += [table.block(*kind, where=not_beside) for kind in elsewhere]
    return Problem(
        f"stack all the {word}blocks to the {direction} of the {color} block "
        f"on the {table.color(zone)} zone",
        steps(*tower(zone, bigger_first(table, chosen))),
        kept_off([anchor, *others], zone),
    )


def _central(points: Points) -> NDArray[np.bool_]:
    return np.asarray((np.abs(points - WORKSPACE_MIDDLE) <= CENTRAL).all(-1))


TASKS = (
    Task(
        "stack-blocks-by-relative-position-and-color",
        of_any_size,
        groups=("v2-seen",),
        aspects=("color", "space"),
    ),
    Task(
        "stack-blocks-by-relative-position-and-color-and-size",
        of_a_size,
        groups=("v2-unseen",),
        aspects=("color", "space", "size"),
    ),
)
