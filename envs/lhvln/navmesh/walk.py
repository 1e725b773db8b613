"""Straight walks on a surface, along its walls or up to them."""

from __future__ import annotations

import math
from collections import deque

from longhaul.envs.lhvln.navmesh.surface import INSIDE_TOLERANCE, NO_NEIGHBOR, Spot, Surface

SEARCH_MARGIN_M = 0.001
"""Length added to the radius of the search circle around a walk: Detour's."""


def slide(surface: Surface, start: Spot, x: float, z: float) -> Spot:
    """Return the end of a walk toward (x, z) that slides along walls.

    The method is that of Detour's moveAlongSurface: triangles are searched from the start within
    the circle around the way. If none of them contains (x, z), the walk ends at the nearest point
    of their walls.
    """
    middle_x, middle_z = (start.x + x) / 2, (start.z + z) / 2
    radius = (math.hypot(x - start.x, z - start.z) / 2 + SEARCH_MARGIN_M) ** 2
    best, least = (start.triangle, start.x, start.z), math.inf
    seen, queue = {start.triangle}, deque([start.triangle])
    edges = surface.edges
    while queue:
        triangle = queue.popleft()
        sides = edges[triangle]
        if all(
            (bx - ax) * (z - az) - (bz - az) * (x - ax) >= INSIDE_TOLERANCE
            for ax, az, bx, bz, _ in sides
        ):
            best = (triangle, x, z)
            break
        for ax, az, bx, bz, other in sides:
            if other == NO_NEIGHBOR:
                px, pz = _foot(ax, az, bx, bz, x, z)
                far = (px - x) ** 2 + (pz - z) ** 2
                if far < least:
                    best, least = (triangle, px, pz), far
            elif other not in seen:
                px, pz = _foot(ax, az, bx, bz, middle_x, middle_z)
                if (px - middle_x) ** 2 + (pz - middle_z) ** 2 <= radius:
                    seen.add(other)
                    queue.append(other)
    triangle, x, z = best
    return Spot(triangle, x, surface.height(triangle, x, z), z)


def ray(surface: Surface, start: Spot, x: float, z: float) -> Spot:
    """Return the end of a walk toward (x, z) that stops at the first wall."""
    dx, dz = x - start.x, z - start.z
    triangle, behind = start.triangle, None
    share = 0.0
    while True:
        share, through = 1.0, None
        for ax, az, bx, bz, other in surface.edges[triangle]:
            if other == behind and other is not None and other != NO_NEIGHBOR:
                continue
            ex, ez = bx - ax, bz - az
            out = dx * ez - dz * ex
            if out <= 0.0:
                continue
            t = ((ax - start.x) * ez - (az - start.z) * ex) / out
            if t < share:
                share, through = max(t, 0.0), other
        if through is None or through == NO_NEIGHBOR:
            px, pz = start.x + share * dx, start.z + share * dz
            return Spot(triangle, px, surface.height(triangle, px, pz), pz)
        behind, triangle = triangle, through


def _foot(ax: float, az: float, bx: float, bz: float, x: float, z: float) -> tuple[float, float]:
    """Return the point of the segment a to b that is nearest to (x, z)."""
    ex, ez = bx - ax, bz - az
    square = ex * ex + ez * ez
    if square == 0.0:
        return ax, az
    share = min(max(((x - ax) * ex + (z - az) * ez) / square, 0.0), 1.0)
    return ax + share * ex, az + share * ez
