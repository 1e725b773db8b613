"""Voxels of a scene's triangles: which are solid, and where their walkable tops are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.lhvln.navmesh.settings import Settings

Array = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]
Index = NDArray[np.int64]

PIECES_PER_CHUNK = 200_000
"""About how many pieces of triangles are cut at once, which limits the memory."""


@dataclass(frozen=True)
class Voxels:
    """`solid` (X, Z, K): something is in this cell at this level. `walkable` (X, Z, K): the top of
    a face that is not too steep lies in it, at height `tops` (X, Z, K), m.

    Cell (0, 0, 0) begins at `corner` (m).
    """

    corner: Array
    solid: Mask
    walkable: Mask
    tops: Array


def voxelize(vertices: Array, triangles: Index, settings: Settings) -> Voxels:
    """Return the voxels that triangles touch, as Recast's rasterization has them."""
    # Single precision, as in Recast: it decides into which cell a wall on a border falls.
    points = vertices[triangles].astype(np.float32)
    low, high = points.min(axis=(0, 1)), points.max(axis=(0, 1))
    size, height = settings.cell_size, settings.cell_height
    # Recast rounds the number of cells, and what lies beyond goes into the last one.
    shape = np.maximum(((high - low)[[0, 2]] / size + 0.5).astype(int), 1)
    levels = int(np.ceil((high - low)[1] / height)) + 2
    counts = np.zeros((*shape, levels + 1), np.int32)
    walkable = np.zeros((*shape, levels), bool)
    tops = np.full((*shape, levels), -np.inf)
    flat = _flat(points, settings.agent_max_slope)
    points -= low
    for chunk in _chunks(points, size):
        owner, i, j, least, most = _pieces(points[chunk], size, shape)
        bottom = np.clip(np.floor(_level(least, height)).astype(int), 0, levels - 1)
        top = np.clip(np.ceil(_level(most, height)).astype(int), bottom + 1, levels)
        np.add.at(counts, (i, j, bottom), 1)
        np.add.at(counts, (i, j, top), -1)
        up = flat[chunk][owner]
        walkable[i[up], j[up], top[up] - 1] = True
        np.maximum.at(tops, (i[up], j[up], top[up] - 1), most[up] + low[1])
    return Voxels(low.astype(float), counts.cumsum(axis=2)[:, :, :-1] > 0, walkable, tops)


def _level(height: Array, cell: float) -> Array:
    """Return heights in levels, rounded so that a numerical error does not make another level."""
    return np.round(height / cell, 4)


def _flat(points: Array, slope: float) -> Mask:
    """Say which triangles face up and are not steeper than `slope` degrees."""
    normals = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    length = np.maximum(np.linalg.norm(normals, axis=1), 1e-12)
    flat: Mask = normals[:, 1] / length > np.cos(np.radians(slope))
    return flat


def _chunks(points: Array, size: float) -> list[slice]:
    """Return slices of the triangles that make about PIECES_PER_CHUNK pieces each."""
    spans = np.ptp(points, axis=1)[:, [0, 2]] / size + 2
    total = np.cumsum(spans.prod(axis=1))
    ends = (
        np.searchsorted(
            total, np.arange(PIECES_PER_CHUNK, total[-1] + PIECES_PER_CHUNK, PIECES_PER_CHUNK)
        )
        + 1
    )
    bounds = np.unique(np.clip([0, *ends, len(points)], 0, len(points)))
    return [slice(a, b) for a, b in pairwise(bounds)]


def _pieces(
    points: Array, size: float, shape: NDArray[np.int64]
) -> tuple[Index, Index, Index, Array, Array]:
    """Cut triangles (T, 3, 3) into the cells they touch.

    Returns for every piece its triangle, its cell's i and j, and its least and greatest height.
    """
    count = np.full(len(points), 3)
    owner = np.arange(len(points))
    cells: list[Index] = []
    for axis, most in ((2, shape[1]), (0, shape[0])):
        points, count, source, cell = _strips(points, count, axis, size, int(most))
        owner = owner[source]
        cells = [found[source] for found in cells] + [cell]
    valid = np.arange(points.shape[1]) < count[:, None]
    heights = points[:, :, 1]
    least = np.where(valid, heights, np.inf).min(axis=1)
    greatest = np.where(valid, heights, -np.inf).max(axis=1)
    return owner, cells[1], cells[0], least, greatest


def _strips(
    points: Array, count: Index, axis: int, size: float, most: int
) -> tuple[Array, Index, Index, Index]:
    """Cut convex polygons (N, P, 3) into strips of a size along an axis.

    Returns the pieces, their numbers of corners, the polygon each was cut from, and its strip.
    """
    valid = np.arange(points.shape[1]) < count[:, None]
    along = points[:, :, axis]
    per = np.float32(1) / np.float32(size)
    first = np.floor(np.where(valid, along, np.inf).min(axis=1) * per).astype(int)
    last = np.floor(np.where(valid, along, -np.inf).max(axis=1) * per).astype(int)
    first, last = np.clip(first, 0, most - 1), np.clip(last, 0, most - 1)
    number = last - first + 1
    source = np.repeat(np.arange(len(points)), number)
    start = np.repeat(np.cumsum(number) - number, number)
    strip = first[source] + np.arange(len(source)) - start
    pieces, corners = points[source], count[source]
    inner = number[source] > 1
    for bound, sign in ((strip * size, 1), ((strip + 1) * size, -1)):
        # The first and the last strip also take what lies beyond the grid.
        cut = inner & (strip != (0 if sign > 0 else most - 1))
        if cut.any():
            pieces, corners = _clipped(pieces, corners, axis, bound, sign, cut)
    kept = corners >= 3
    return pieces[kept], corners[kept], source[kept], strip[kept]


def _clipped(
    points: Array, count: Index, axis: int, bound: Array, sign: int, cut: Mask
) -> tuple[Array, Index]:
    """Clip convex polygons (N, P, 3), those of `cut`, to sign * (coordinate - bound) >= 0."""
    total, width, _ = points.shape
    result = np.zeros((total, width + 1, 3), points.dtype)
    result[:, :width] = points
    found = count.copy()
    rows = np.flatnonzero(cut)
    polygons, corners = points[rows], count[rows]
    side = sign * (polygons[:, :, axis] - bound[rows, None].astype(points.dtype))
    out, made = np.zeros((len(rows), width + 1, 3), points.dtype), np.zeros(len(rows), int)
    for corner in range(width):
        here = corner < corners
        after = np.where(corner + 1 < corners, corner + 1, 0)
        each = np.arange(len(rows))
        a, b = side[:, corner], side[each, after]
        inside = here & (a >= 0)
        out[each[inside], made[inside]] = polygons[inside, corner]
        made += inside
        crossing = here & ((a >= 0) != (b >= 0)) & (a != 0) & (b != 0)
        share = (a[crossing] / (a[crossing] - b[crossing]))[:, None]
        start, end = polygons[crossing, corner], polygons[each[crossing], after[crossing]]
        out[each[crossing], made[crossing]] = start + share * (end - start)
        made += crossing
    result[rows], found[rows] = out, made
    return result, found
