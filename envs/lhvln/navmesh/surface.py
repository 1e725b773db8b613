"""Triangles that one can walk on, which of them touch, and where a point lies on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Array = NDArray[np.float64]

WELD = 1e-4
"""Vertices nearer than this, m, are one."""

REACH = (2.0, 4.0, 2.0)
"""How far from a point a surface is still found (x, y, z), m: habitat-sim's search box."""

CLIMB = 0.2
"""Above or below a surface by up to this, m, one is on it: habitat-sim's agent_max_climb."""

INSIDE = -1e-9
"""A point this far outside of an edge, in m times the edge's length, still lies in a triangle."""

CELL = 0.5
"""Side of the cells that know which triangles overlap them, m."""

WALL = -1
"""In the place of a neighbor: there is none."""


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
    """The height (m) of the floor in cells, for surfaces whose triangles are flatter than it.

    `grid` (X, Z) are heights of cells of `cell` m from the corner (x, z) on; NaN: not known.
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

    Triangles without an extent seen from above are left out. `chart` (T,) says which of `heights`
    knows the floor under a triangle; without, a triangle is as high as its plane. Raises
    ValueError where nothing is left.
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
        kept = np.abs(area) > WELD**2
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
        triangle, edge = np.nonzero(self.neighbors == WALL)
        a = self.vertices[self.triangles[triangle, edge]]
        b = self.vertices[self.triangles[triangle, (edge + 1) % 3]]
        return a, b, triangle

    def largest(self) -> Surface:
        """Return the largest connected part alone."""
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
        """Return the triangles that a point seen from above lies in."""
        found = []
        for triangle in self._bins.get((int(x // CELL), int(z // CELL)), ()):
            for ax, az, bx, bz, _ in self.edges[triangle]:
                if (bx - ax) * (z - az) - (bz - az) * (x - ax) < INSIDE:
                    break
            else:
                found.append(triangle)
        return found

    def nearest(self, point: ArrayLike) -> Spot | None:
        """Return the nearest spot within REACH, None where there is none.

        Near as in Detour: one over or under a triangle is as far from it as |dy| - CLIMB, at
        least 0; elsewhere it is the distance to the triangles' edges that counts.
        """
        x, y, z = (float(value) for value in np.asarray(point, float))
        best, least = None, math.inf
        for triangle in self.over(x, z):
            height = self.height(triangle, x, z)
            off = abs(height - y)
            far = max(off - CLIMB, 0.0)
            if off <= REACH[1] and (far < least or best is None):
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
        far[np.any((low - point > REACH) | (point - high > REACH), axis=1)[triangle]] = math.inf
        index = int(far.argmin())
        if far[index] == math.inf:
            return None, math.inf
        x, _, z = foot[index].tolist()
        found = int(triangle[index])
        return Spot(found, x, self.height(found, x, z), z), float(far[index])

    def clearance(self, spot: Spot, reach: float) -> float:
        """Return how far, seen from above, the nearest wall of this story is, at most `reach`."""
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
        np.round(vertices / WELD).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    return vertices[first], number.reshape(-1)[faces]


def _cross(points: Array) -> Array:
    """Return twice the signed areas (T,) of triangles (T, 3, 2)."""
    a, b = points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]
    area: Array = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return area


def _neighbors(triangles: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the triangle (T, 3) on the other side of the edges i to i + 1, WALL for none."""
    sides: dict[tuple[int, int], tuple[int, int]] = {}
    found = np.full(triangles.shape, WALL)
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
    """Return the number (T,) of the connected part each triangle belongs to, the largest first."""
    count = len(neighbors)
    triangle, edge = np.nonzero(neighbors != WALL)
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
    low = np.floor((points.min(axis=1) - WELD) / CELL).astype(int).tolist()
    high = np.floor((points.max(axis=1) + WELD) / CELL).astype(int).tolist()
    bins: dict[tuple[int, int], list[int]] = {}
    for triangle, ((a, b), (c, d)) in enumerate(zip(low, high, strict=True)):
        for i in range(a, c + 1):
            for j in range(b, d + 1):
                bins.setdefault((i, j), []).append(triangle)
    return bins
