"""Floor plans of the agent's own map: one for each story."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from longhaul.policies.mgdm.mapping.episode_map import EpisodeMap
from longhaul.policies.mgdm.mapping.occupancy_map import (
    CLIMB_BITS,
    GRID_SIDE,
    GROUND_BIT,
    TOP_BIT,
    VOXEL_HEIGHT_M,
    VOXEL_M,
    Voxels,
)
from longhaul.policies.mgdm.mapping.semantic_map import SEMANTIC_CELL_M, STORIES, STORY_HEIGHT_M
from longhaul.policies.mgdm.mapping.shortest_paths import ShortestPaths

Array = NDArray[np.float32]

UNKNOWN, FLOOR, STAIRS, THING, WALL = range(5)
"""What a cell of a plan shows."""

THING_BIT, WALL_BIT, LINTEL_BIT = 3, 15, 19
"""Heights above a floor in bits of VOXEL_HEIGHT_M; ours. What is seen from THING_BIT on stands on
the floor. What is seen from WALL_BIT to LINTEL_BIT, above most furniture, is a wall."""

MIN_STORY_CELLS = 60
"""Floor cells that a story must have to be drawn, about 1 m2; ours."""

MIN_ROOM_CELLS = 40
"""Cells of the semantic map that a room must have to be named, 2.5 m2; ours."""


class Plan(NamedTuple):
    """A `story`, by its number: `cells` (rows along z, columns along x) of UNKNOWN to WALL, and the
    `edges` in m: x of the left and right one, z of the upper and lower one."""

    story: int
    cells: NDArray[np.uint8]
    edges: tuple[float, float, float, float]


class Name(NamedTuple):
    """A text to be written on a plan, at x, z (m) of a story."""

    text: str
    story: int
    x: float
    z: float


def plans(episode_map: EpisodeMap, pose: Array) -> list[Plan]:
    """Return the plans of the stories to which a path from a pose (4,) is known, the lowest first,
    all with the same edges. A story of which hardly any floor was seen is left out, and a ceiling
    is no story."""
    window = episode_map.occupancy.window()
    paths = ShortestPaths(episode_map.occupancy, pose)
    row, column, bit = (axis[np.isfinite(paths.distance)] for axis in paths.floors[:3])
    row, column = row - window.row, column - window.column
    drawn = []
    for story in range(STORIES):
        base = GROUND_BIT + round((story - 1) * STORY_HEIGHT_M / VOXEL_HEIGHT_M)
        above = bit - base
        level = abs(above) <= CLIMB_BITS
        if level.sum() < MIN_STORY_CELLS:
            continue
        cells = np.full(window.seen.shape, UNKNOWN, np.uint8)
        cells[_any(window.seen | window.assumed, base - CLIMB_BITS, base + CLIMB_BITS)] = FLOOR
        cells[_any(window.seen, base + THING_BIT, base + WALL_BIT)] = THING
        cells[_any(window.seen, base + WALL_BIT, base + LINTEL_BIT)] = WALL
        cells[row[level], column[level]] = FLOOR
        steps = (above > CLIMB_BITS) & (above < STORY_HEIGHT_M / VOXEL_HEIGHT_M - CLIMB_BITS)
        cells[row[steps], column[steps]] = STAIRS
        drawn.append((story, cells))
    if not drawn:
        return []
    known = np.any([cells != UNKNOWN for _, cells in drawn], axis=0)
    rows, columns = (_span(known.any(axis)) for axis in (1, 0))
    corner = episode_map.semantic.origin[[0, 2]] - GRID_SIDE // 2 * VOXEL_M
    first = np.array([window.column + columns.start, window.row + rows.start])
    left, far = corner + VOXEL_M * first
    width, height = VOXEL_M * (columns.stop - columns.start), VOXEL_M * (rows.stop - rows.start)
    edges = (float(left), float(left + width), float(far), float(far + height))
    return [Plan(story, cells[rows, columns], edges) for story, cells in drawn]


def things(
    episode_map: EpisodeMap, names: tuple[str, ...], evidence: float, separation: float
) -> list[Name]:
    """Return the things with more than `evidence`, those with the most first, and none nearer than
    `separation` (m) to one before it."""
    semantic = episode_map.semantic
    score, best = semantic.things.max(1), semantic.things.argmax(1)
    named = np.array([bool(name) for name in names])
    score = np.where(named[best] & (score > evidence), score, 0)
    found = semantic.peaks(score, len(score), separation, np.zeros(0, np.int64))
    points, stories = semantic.points[found], semantic.stories[found]
    return [
        Name(names[best[row]], int(story), float(x), float(z))
        for row, story, (x, _, z) in zip(found, stories, points, strict=True)
    ]


def rooms(episode_map: EpisodeMap, names: tuple[str, ...]) -> list[Name]:
    """Return the names of the rooms that the map has, the largest first."""
    semantic = episode_map.semantic
    best, found = semantic.room_shares.argmax(1), []
    points = semantic.points
    corner = points[:, [0, 2]].min(0)
    cell = ((points[:, [0, 2]] - corner) / SEMANTIC_CELL_M).round().astype(int)
    shape = (*(cell.max(0) + 1),)
    for story in range(STORIES):
        for kind in range(len(names)):
            here = (semantic.stories == story) & (best == kind)
            grid = np.zeros(shape, bool)
            grid[tuple(cell[here].T)] = True
            regions, count = ndimage.label(ndimage.binary_opening(grid))
            for region in range(1, count + 1):
                where = np.argwhere(regions == region)
                inner = where[np.abs(where - where.mean(0)).sum(1).argmin()]
                x, z = (corner + inner * SEMANTIC_CELL_M).tolist()
                found.append((len(where), Name(names[kind], story, x, z)))
    return [name for size, name in sorted(found, key=lambda f: -f[0]) if size >= MIN_ROOM_CELLS]


def _any(columns: Voxels, low: int, high: int) -> NDArray[np.bool_]:
    """Return at which cells there is a bit from `low` to `high`, both included."""
    low, high = (min(max(bit, 0), TOP_BIT) for bit in (low, high))
    return np.asarray((columns & np.uint64((1 << (high + 1)) - (1 << low))) > 0)


def _span(known: NDArray[np.bool_]) -> slice:
    """Return the span of what is known, with a margin of three cells."""
    found = np.flatnonzero(known)
    return slice(max(int(found[0]) - 3, 0), int(found[-1]) + 4)
