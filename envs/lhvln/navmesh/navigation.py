"""The Navigation of a surface: see longhaul.envs.lhvln.simulator."""

from __future__ import annotations

import math
from collections import OrderedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longhaul.envs.lhvln.navmesh.geodesic import MAX_GOAL_SETS, Geodesics
from longhaul.envs.lhvln.navmesh.surface import Array, Spot, Surface
from longhaul.envs.lhvln.navmesh.walk import ray, slide

ON_SURFACE_M = 1e-2
"""Horizontal distance up to which a point counts as on the surface: habitat-sim's is_navigable."""


class SurfaceNavigation:
    """Fulfills longhaul.envs.lhvln.simulator.Navigation."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self._ways = Geodesics(surface)
        self._goals: OrderedDict[bytes, list[Spot]] = OrderedDict()
        main = np.flatnonzero(surface.islands == 0)
        self._main, self._shares = main, surface.areas[main] / surface.areas[main].sum()

    def snap(self, point: ArrayLike) -> Array | None:
        spot = self.surface.nearest(point)
        return None if spot is None else spot.array

    def is_navigable(self, point: ArrayLike, max_y_delta: float = 0.5) -> bool:
        x, y, z = np.asarray(point, float)
        spot = self.surface.nearest((x, y, z))
        return (
            spot is not None
            and abs(spot.y - y) <= max_y_delta
            and math.hypot(spot.x - x, spot.z - z) <= ON_SURFACE_M
        )

    def island(self, point: ArrayLike) -> int:
        """Return the number of the connected component a point is on, 0 for the largest; -1 for a
        point far from all."""
        spot = self.surface.nearest(point)
        return -1 if spot is None else int(self.surface.islands[spot.triangle])

    def move(self, start: ArrayLike, end: ArrayLike, sliding: bool = True) -> Array:
        spot, aim = self.surface.nearest(start), self.surface.nearest(end)
        islands = self.surface.islands
        # As in habitat-sim, a walk toward another island does not move at all.
        if spot is None or aim is None or islands[spot.triangle] != islands[aim.triangle]:
            return np.array(start, float)
        x, _, z = (float(value) for value in np.asarray(end, float))
        return (slide if sliding else ray)(self.surface, spot, x, z).array

    def distance(self, start: ArrayLike, goals: ArrayLike) -> float:
        spot = self.surface.nearest(start)
        found = self._snapped(np.asarray(goals, float).reshape(-1, 3))
        return math.inf if spot is None or not found else self._ways.distance(spot, found)

    def path(self, start: ArrayLike, goal: ArrayLike) -> Array | None:
        spot, end = self.surface.nearest(start), self.surface.nearest(goal)
        if spot is None or end is None:
            return None
        found = self._ways.path(spot, end)
        return None if found is None else np.array(found)

    def clearance(self, point: ArrayLike, reach: float = 2.0) -> float:
        spot = self.surface.nearest(point)
        return 0.0 if spot is None else self.surface.clearance(spot, reach)

    def random_point(self, rng: np.random.Generator) -> Array:
        triangle = int(rng.choice(self._main, p=self._shares))
        a, b, c = self.surface.vertices[self.surface.triangles[triangle]]
        u, v = rng.random(2)
        if u + v > 1:
            u, v = 1 - u, 1 - v
        x, _, z = a + u * (b - a) + v * (c - a)
        return np.array([x, self.surface.height(triangle, x, z), z])

    def top_down(self, height: float, cell: float = 0.05) -> tuple[NDArray[np.bool_], Array]:
        low, high = self.surface.vertices.min(axis=0), self.surface.vertices.max(axis=0)
        columns, rows = (int((high - low)[axis] / cell) for axis in (0, 2))
        found = np.zeros((rows, columns), bool)
        for triangle in self.surface.triangles:
            corners = self.surface.vertices[triangle]
            if abs(corners[:, 1] - height).min() <= 0.5:
                _fill(found, (corners - low)[:, [0, 2]] / cell)
        return found, low

    def _snapped(self, goals: Array) -> list[Spot]:
        """Return the surface spots of goals, without those far from the surface."""
        key = goals.tobytes()
        found = self._goals.get(key)
        if found is None:
            spots = (self.surface.nearest(goal) for goal in goals)
            found = self._goals[key] = [spot for spot in spots if spot is not None]
            if len(self._goals) > MAX_GOAL_SETS:
                self._goals.popitem(last=False)
        return found


def _fill(grid: NDArray[np.bool_], corners: Array) -> None:
    """Mark the cells [j, i] whose points (i, j) lie in a triangle (3, 2), in cells."""
    low = np.maximum(np.ceil(corners.min(axis=0) - 1e-6).astype(int), 0)
    high = np.minimum(
        np.floor(corners.max(axis=0) + 1e-6).astype(int), np.array(grid.shape)[::-1] - 1
    )
    if (high < low).any():
        return
    i, j = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
    inside = np.ones(i.shape, bool)
    for k in range(3):
        (ax, az), (bx, bz) = corners[k], corners[(k + 1) % 3]
        inside &= (bx - ax) * (j - az) - (bz - az) * (i - ax) >= -1e-6
    grid[low[1] : high[1] + 1, low[0] : high[0] + 1] |= inside
