"""The agent's own map as an architect would draw it: one plan for each story."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from longhaul.policies.mgdm.mapping.episode_map import Survey
from longhaul.policies.mgdm.mapping.occupancy_map import CELL, CLIMB, GROUND, RISE, SIDE, Columns
from longhaul.policies.mgdm.mapping.semantic_map import CELL as PATCH
from longhaul.policies.mgdm.mapping.semantic_map import STORIES, STORY
from longhaul.policies.mgdm.mapping.shortest_paths import Routes

Array = NDArray[np.float32]

UNKNOWN, FLOOR, STAIRS, THING, WALL = range(5)
"""What a cell of a plan may be."""

LOW, HIGH, TOP = 3, 15, 19
"""Bits above a floor (0.1 m each): from LOW on something stands on it; between HIGH and TOP, above
most furniture and below lintels, it is a wall."""

LEAST = 60
"""Cells of floor that a story must have to be drawn: 1 m2."""

ROOM = 40
"""Cells (0.25 m) that a room must have to be named: 2.5 m2."""


class Plan(NamedTuple):
    """A story: its number, `cells` (rows along z, columns along x) of UNKNOWN to WALL, and x and z
    (m) of its edges: left, right, far, near."""

    story: int
    cells: NDArray[np.uint8]
    edges: tuple[float, float, float, float]


class Name(NamedTuple):
    """Something to be written on a plan: a text at x, z (m) of a story, the surest first."""

    text: str
    story: int
    x: float
    z: float


def plans(survey: Survey, pose: Array) -> list[Plan]:
    """Return the stories that the robot can get to from a pose (4,), as far as it knows, from
    below, all cut to the same edges; none where hardly a floor was seen yet. A ceiling that was
    seen is no story."""
    window = survey.occupancy.window()
    routes = Routes(survey.occupancy, pose)
    row, column, bit = (part[np.isfinite(routes.distance)] for part in routes.floors[:3])
    row, column = row - window.row, column - window.column
    drawn = []
    for story in range(STORIES):
        base = GROUND + round((story - 1) * STORY / RISE)
        above = bit - base
        level = abs(above) <= CLIMB
        if level.sum() < LEAST:
            continue
        cells = np.full(window.seen.shape, UNKNOWN, np.uint8)
        cells[_any(window.seen | window.assumed, base - CLIMB, base + CLIMB)] = FLOOR
        cells[_any(window.seen, base + LOW, base + HIGH)] = THING
        cells[_any(window.seen, base + HIGH, base + TOP)] = WALL
        cells[row[level], column[level]] = FLOOR
        steps = (above > CLIMB) & (above < STORY / RISE - CLIMB)
        cells[row[steps], column[steps]] = STAIRS
        drawn.append((story, cells))
    if not drawn:
        return []
    known = np.any([cells != UNKNOWN for _, cells in drawn], axis=0)
    rows, columns = (_span(known.any(axis)) for axis in (1, 0))
    corner = survey.semantic.origin[[0, 2]] - SIDE // 2 * CELL
    left, far = corner + CELL * np.array([window.column + columns.start, window.row + rows.start])
    width, height = CELL * (columns.stop - columns.start), CELL * (rows.stop - rows.start)
    edges = (float(left), float(left + width), float(far), float(far + height))
    return [Plan(story, cells[rows, columns], edges) for story, cells in drawn]


def things(survey: Survey, names: tuple[str, ...], sure: float, apart: float) -> list[Name]:
    """Return the things that were recognized, none nearer than `apart` (m) to a surer one."""
    semantic = survey.semantic
    score, best = semantic.things.max(1), semantic.things.argmax(1)
    movable = np.array([bool(name) for name in names])
    score = np.where(movable[best] & (score > sure), score, 0)
    found = semantic.peaks(score, len(score), apart, np.zeros(0, np.int64))
    points, stories = semantic.points[found], semantic.stories[found]
    return [
        Name(names[best[row]], int(story), float(x), float(z))
        for row, story, (x, _, z) in zip(found, stories, points, strict=True)
    ]


def rooms(survey: Survey, names: tuple[str, ...]) -> list[Name]:
    """Return the kinds of rooms where the agent believes them to be, the largest first."""
    semantic = survey.semantic
    best, found = semantic.room_shares.argmax(1), []
    points = semantic.points
    corner = points[:, [0, 2]].min(0)
    cell = ((points[:, [0, 2]] - corner) / PATCH).round().astype(int)
    shape = (*(cell.max(0) + 1),)
    for story in range(STORIES):
        for kind in range(len(names)):
            here = (semantic.stories == story) & (best == kind)
            grid = np.zeros(shape, bool)
            grid[tuple(cell[here].T)] = True
            parts, count = ndimage.label(ndimage.binary_opening(grid))
            for part in range(1, count + 1):
                where = np.argwhere(parts == part)
                inner = where[np.abs(where - where.mean(0)).sum(1).argmin()]
                x, z = (corner + inner * PATCH).tolist()
                found.append((len(where), Name(names[kind], story, x, z)))
    return [name for size, name in sorted(found, key=lambda f: -f[0]) if size >= ROOM]


def _any(columns: Columns, low: int, high: int) -> NDArray[np.bool_]:
    """Say which columns have a bit from `low` to `high`; the map ends at 63."""
    low, high = (min(max(bit, 0), 63) for bit in (low, high))
    return np.asarray((columns & np.uint64((1 << (high + 1)) - (1 << low))) > 0)


def _span(known: NDArray[np.bool_]) -> slice:
    """Return what is known, and a margin of three cells."""
    found = np.flatnonzero(known)
    return slice(max(int(found[0]) - 3, 0), int(found[-1]) + 4)
