"""What is visible from a point of a surface: corners at which paths turn, and other spots.

A line over a surface is straight if it is straight seen from above. The view is extended triangle
by triangle through a window in each edge (Bungiu et al., "Efficient Computation of Visibility
Polygons", 2014). The cost thus depends on what is visible only, and stories do not interfere.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

import numpy as np

from longhaul.envs.lhvln.navmesh.surface import NO_NEIGHBOR, Spot, Surface

GRAZE_M2 = 1e-7
"""Tolerance of the cross product up to which a point beside a window still counts as visible."""

REFLEX_RAD = math.pi + 1e-3
"""Paths turn at a boundary's corner if its angle inside the surface is larger than this."""

Window = tuple[int, int, float, float, float, float]
"""A triangle, its edge to look through, and x, z of the right and the left limit of the view."""


class Sight:
    """Visibility over a surface; `turns` are the corners at which paths may turn."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._corners = surface.triangles.tolist()
        self._neighbors = surface.neighbors.tolist()
        self._points = surface.vertices[:, [0, 2]].tolist()
        self.turns: frozenset[int] = frozenset(_turns(surface))
        self._around: dict[int, list[int]] = {}
        for triangle, corners in enumerate(self._corners):
            for corner in corners:
                if corner in self.turns:
                    self._around.setdefault(corner, []).append(triangle)

    def from_spot(self, spot: Spot, wanted: Collection[int] = ()) -> tuple[set[int], list[Window]]:
        """Return the corners visible from a spot, and windows into the `wanted` triangles."""
        corners = self._corners[spot.triangle]
        seen = {corner for corner in corners if corner in self.turns}
        windows = [
            (spot.triangle, edge, *self._points[corners[edge]], *self._points[corners[edge - 2]])
            for edge in range(3)
        ]
        return self._open(spot.x, spot.z, windows, seen, wanted)

    def from_turn(self, vertex: int) -> set[int]:
        """Return the other corners visible from one of `turns`."""
        seen: set[int] = set()
        windows: list[Window] = []
        for triangle in self._around[vertex]:
            corners = self._corners[triangle]
            at = corners.index(vertex)
            right, left = corners[at - 2], corners[at - 1]
            seen.update(corner for corner in (right, left) if corner in self.turns)
            windows.append((triangle, (at + 1) % 3, *self._points[right], *self._points[left]))
        x, z = self._points[vertex]
        found, _ = self._open(x, z, windows, seen, ())
        return found - {vertex}

    def _open(
        self,
        x: float,
        z: float,
        windows: Iterable[Window],
        seen: set[int],
        wanted: Collection[int],
    ) -> tuple[set[int], list[Window]]:
        """Extend the view through windows, and through those behind them."""
        corners_of, neighbors_of, points, turns = (
            self._corners,
            self._neighbors,
            self._points,
            self.turns,
        )
        into: list[Window] = []
        stack = list(windows)
        while stack:
            triangle, edge, rx, rz, lx, lz = stack.pop()
            behind = neighbors_of[triangle][edge]
            if behind == NO_NEIGHBOR:
                continue
            if behind in wanted:
                into.append((behind, edge, rx, rz, lx, lz))
            back = neighbors_of[behind].index(triangle)
            apex = corners_of[behind][back - 1]
            ax, az = points[apex]
            ax0, az0 = ax - x, az - z
            from_right = (rx - x) * az0 - (rz - z) * ax0
            from_left = ax0 * (lz - z) - az0 * (lx - x)
            if apex in turns and from_right > -GRAZE_M2 and from_left > -GRAZE_M2:
                seen.add(apex)
            if from_right > 0.0:
                limit = (ax, az) if from_left > 0.0 else (lx, lz)
                stack.append((behind, (back + 1) % 3, rx, rz, *limit))
            if from_left > 0.0:
                limit = (ax, az) if from_right > 0.0 else (rx, rz)
                stack.append((behind, (back + 2) % 3, *limit, lx, lz))
        return seen, into


def within(window: Window, x: float, z: float, spot: Spot) -> bool:
    """Say whether a spot lies in a window of the view from (x, z)."""
    _, _, rx, rz, lx, lz = window
    sx, sz = spot.x - x, spot.z - z
    right = (rx - x) * sz - (rz - z) * sx
    return right > -GRAZE_M2 and sx * (lz - z) - sz * (lx - x) > -GRAZE_M2


def _turns(surface: Surface) -> list[int]:
    """Return the vertices at which the surface's boundary turns inwards."""
    points = surface.vertices[surface.triangles][:, :, [0, 2]]
    total = np.zeros(len(surface.vertices))
    for corner in range(3):
        a = points[:, (corner + 1) % 3] - points[:, corner]
        b = points[:, (corner + 2) % 3] - points[:, corner]
        cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
        np.add.at(total, surface.triangles[:, corner], np.arctan2(cross, (a * b).sum(axis=1)))
    edge = np.zeros(len(surface.vertices), bool)
    triangle, side = np.nonzero(surface.neighbors == NO_NEIGHBOR)
    edge[surface.triangles[triangle, side]] = True
    edge[surface.triangles[triangle, (side + 1) % 3]] = True
    return np.flatnonzero(edge & (total > REFLEX_RAD)).tolist()
