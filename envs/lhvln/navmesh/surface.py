"""A walkable surface of triangles: which of them touch, and where a point lies on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Array = NDArray[np.float64]

WELD_M = 1e-4
"""Vertices at a distance below this are merged."""

SEARCH_EXTENTS_M = (2.0, 4.0, 2.0)
"""Half extents along x, y, z of the box around a point that is searched: habitat-sim's."""

ON_SURFACE_HEIGHT_M = 0.2
"""A point above or below a surface by up to this counts as on it: habitat-sim's agent_max_climb."""

INSIDE_TOLERANCE = -1e-9
"""A point lies in a triangle if its signed distance from each edge, times the edge's length, is at
least this (m²)."""

BIN_SIDE_M = 0.5
"""Side of the square cells that list the triangles that overlap them."""

NO_NEIGHBOR = -1
"""Index of a neighbor that stands for none: the edge is a wall."""


@dataclass(frozen=True)
class Spot:
    """A point of a surface: the triangle, and x, y, z in m."""

    triangle: int
    x: float
    y: float
    z: float

    @property
    def array(self) -> Array:
        return np.array([self.x, self.y, self.z])


@dataclass(frozen=True, eq=False)
class Heights:
    """The height (m) of the floor in cells, which is more exact than that of the triangles.

    `grid` (X, Z) holds the heights of cells with side `cell` (m); the first lies at `corner` (x,
    z). NaN: not known.
    """

    corner: tuple[float, float]
    cell: float
    grid: Array

    def at(self, x: float, z: float) -> float:
        """Return the height of the cell of a point, NaN where it is not known."""
        i = int((x - self.corner[0]) // self.cell)
        j = int((z - self.corner[1]) // self.cell)
        rows, columns = self.grid.shape
        return float(self.grid[i, j]) if 0 <= i < rows and 0 <= j < columns else math.nan


class Surface:
    """Triangles (T, 3) over vertices (V, 3), joined where they share an edge.

    Triangles that have no area seen from above are left out. `chart` (T,) says which of `heights`
    holds the floor under a triangle; without it the height is that of the triangle's plane. Raises
    ValueError if no triangle is left.
    """

    def __init__(
        self,
        vertices: ArrayLike,
        triangles: ArrayLike,
        chart: ArrayLike | None = None,
        heights: tuple[Heights, ...] = (),
    ) -> None:
        corners = np.asarray(vertices, float).reshape(-1, 3)
        faces = np.asarray(triangles, np.int64).reshape(-1, 3)
        corners, faces = _welded(corners, faces)
        area = _cross(corners[faces][:, :, [0, 2]])
        faces[area < 0] = faces[area < 0][:, ::-1]
        kept = np.abs(area) > WELD_M**2
        if not kept.any():
            raise ValueError("no area to walk on")
        self.vertices, self.triangles = corners, faces[kept]
        self.areas = np.abs(area[kept]) / 2
        self.neighbors = _neighbors(self.triangles)
        self.islands = _islands(self.neighbors, self.areas)
        self.chart = None if chart is None else np.asarray(chart, int)[kept]
        self.heights = heights
        self._bins = _bins(corners[self.triangles][:, :, [0, 2]])

    @cached_property
    def edges(self) -> list[list[tuple[float, float, float, float, int]]]:
        """For each triangle its edges: x, z of both ends, counter-clockwise, and the neighbor."""
        points = self.vertices[self.triangles][:, :, [0, 2]]
        ends = np.concatenate([points, np.roll(points, -1, axis=1)], axis=2).tolist()
        return [
            [(*edge, number) for edge, number in zip(three, others, strict=True)]
            for three, others in zip(ends, self.neighbors.tolist(), strict=True)
        ]

    @cached_property
    def walls(self) -> tuple[Array, Array, NDArray[np.int64]]:
        """Both ends (W, 3) of every edge without a neighbor, and its triangle (W,)."""
        triangle, edge = np.nonzero(self.neighbors == NO_NEIGHBOR)
        a = self.vertices[self.triangles[triangle, edge]]
        b = self.vertices[self.triangles[triangle, (edge + 1) % 3]]
        return a, b, triangle

    def largest(self) -> Surface:
        """Return the surface of the largest connected component."""
        kept = self.islands == 0
        used, triangles = np.unique(self.triangles[kept], return_inverse=True)
        chart = None if self.chart is None else self.chart[kept]
        return Surface(self.vertices[used], triangles.reshape(-1, 3), chart, self.heights)

    def height(self, triangle: int, x: float, z: float) -> float:
        """Return the height of the floor under a point (x, z) of a triangle, m."""
        if self.chart is not None:
            known = self.heights[self.chart[triangle]].at(x, z)
            if not math.isnan(known):
                return known
        nx, ny, nz, offset = self._planes[triangle]
        return (offset - nx * x - nz * z) / ny

    @cached_property
    def _boxes(self) -> tuple[Array, Array]:
        points = self.vertices[self.triangles]
        return points.min(axis=1), points.max(axis=1)

    @cached_property
    def _planes(self) -> list[list[float]]:
        a, b, c = (self.vertices[self.triangles[:, i]] for i in range(3))
        normals = np.cross(b - a, c - a)
        return np.column_stack([normals, np.einsum("ti,ti->t", normals, a)]).tolist()

    def over(self, x: float, z: float) -> list[int]:
        """Return the triangles that a point (x, z) lies in, seen from above."""
        found = []
        for triangle in self._bins.get((int(x // BIN_SIDE_M), int(z // BIN_SIDE_M)), ()):
            for ax, az, bx, bz, _ in self.edges[triangle]:
                if (bx - ax) * (z - az) - (bz - az) * (x - ax) < INSIDE_TOLERANCE:
                    break
            else:
                found.append(triangle)
        return found

    def nearest(self, point: ArrayLike) -> Spot | None:
        """Return the nearest spot within SEARCH_EXTENTS_M; None if there is none.

        Distances are Detour's. A point above or below a triangle has the distance |dy| -
        ON_SURFACE_HEIGHT_M, at least 0; for others the distance to the triangles' edges counts.
        """
        x, y, z = (float(value) for value in np.asarray(point, float))
        best, least = None, math.inf
        for triangle in self.over(x, z):
            height = self.height(triangle, x, z)
            off = abs(height - y)
            far = max(off - ON_SURFACE_HEIGHT_M, 0.0)
            if off <= SEARCH_EXTENTS_M[1] and (far < least or best is None):
                best, least = Spot(triangle, x, height, z), far
        if least > 0.0:
            beside, far = self._beside(np.array([x, y, z]))
            if beside is not None and far < least:
                best = beside
        return best

    def _beside(self, point: Array) -> tuple[Spot | None, float]:
        """Return the nearest spot of a wall and its distance."""
        a, b, triangle = self.walls
        foot = _feet(a, b, point)
        low, high = self._boxes
        far = np.linalg.norm(foot - point, axis=1)
        far[
            np.any((low - point > SEARCH_EXTENTS_M) | (point - high > SEARCH_EXTENTS_M), axis=1)[
                triangle
            ]
        ] = math.inf
        index = int(far.argmin())
        if far[index] == math.inf:
            return None, math.inf
        x, _, z = foot[index].tolist()
        found = int(triangle[index])
        return Spot(found, x, self.height(found, x, z), z), float(far[index])

    def clearance(self, spot: Spot, reach: float) -> float:
        """Return the horizontal distance (m) to the nearest wall of this story, at most `reach`."""
        a, b, _ = self.walls
        foot = _feet(a, b, spot.array)
        far = np.hypot(foot[:, 0] - spot.x, foot[:, 2] - spot.z)
        near = np.abs(foot[:, 1] - spot.y) < 1.0
        return float(min(far[near].min(initial=math.inf), reach))


def _feet(a: Array, b: Array, point: Array) -> Array:
    """Return the points (W, 3) of segments a to b that are nearest to a point seen from above."""
    along = (b - a)[:, [0, 2]]
    square = np.maximum(np.einsum("wi,wi->w", along, along), 1e-12)
    share = np.einsum("wi,wi->w", (point - a)[:, [0, 2]], along) / square
    feet: Array = a + np.clip(share, 0.0, 1.0)[:, None] * (b - a)
    return feet


def _welded(vertices: Array, faces: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
    _, first, number = np.unique(
        np.round(vertices / WELD_M).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    return vertices[first], number.reshape(-1)[faces]


def _cross(points: Array) -> Array:
    """Return twice the signed areas (T,) of triangles (T, 3, 2)."""
    a, b = points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]
    area: Array = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return area


def _neighbors(triangles: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the triangle (T, 3) behind each edge, i to i + 1, NO_NEIGHBOR for none."""
    sides: dict[tuple[int, int], tuple[int, int]] = {}
    found = np.full(triangles.shape, NO_NEIGHBOR)
    for triangle, corners in enumerate(triangles.tolist()):
        for edge in range(3):
            a, b = corners[edge], corners[(edge + 1) % 3]
            other = sides.pop((b, a), None)
            if other is None:
                sides[a, b] = (triangle, edge)
            else:
                found[triangle, edge], found[other] = other[0], triangle
    return found


def _islands(neighbors: NDArray[np.int64], areas: Array) -> NDArray[np.int64]:
    """Return the number (T,) of each triangle's connected component, the largest first."""
    count = len(neighbors)
    triangle, edge = np.nonzero(neighbors != NO_NEIGHBOR)
    links = coo_array(
        (np.ones(len(triangle)), (triangle, neighbors[triangle, edge])), (count, count)
    )
    _, label = connected_components(links, directed=False)
    order = np.argsort(-np.bincount(label, areas), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    numbers: NDArray[np.int64] = rank[label]
    return numbers


def _bins(points: Array) -> dict[tuple[int, int], list[int]]:
    """Return for each cell of the plane the triangles (T, 3, 2) whose boxes overlap it."""
    low = np.floor((points.min(axis=1) - WELD_M) / BIN_SIDE_M).astype(int).tolist()
    high = np.floor((points.max(axis=1) + WELD_M) / BIN_SIDE_M).astype(int).tolist()
    bins: dict[tuple[int, int], list[int]] = {}
    for triangle, ((a, b), (c, d)) in enumerate(zip(low, high, strict=True)):
        for i in range(a, c + 1):
            for j in range(b, d + 1):
                bins.setdefault((i, j), []).append(triangle)
    return bins
