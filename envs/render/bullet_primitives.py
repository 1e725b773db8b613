"""Bullet's round primitives, with the facets that TinyRenderer gives them.

It draws the convex hull of a shape's support points in 42 fixed directions (btShapeHull), which is
coarse: a sphere has 80 triangles and lies up to 6 % of its radius inside the true one. The same
facets here make depth and ids agree; where a rounder picture matters, use a mesh file.
"""

from __future__ import annotations

import numpy as np
import trimesh
from numpy.typing import NDArray

from longhaul.envs.render.mesh import Mesh, from_trimesh

MARGIN = 0.001
"""Meters that TinyRenderer's converter adds around cylinders and capsules."""
SEGMENTS = 32


def sphere(radius: float) -> Mesh:
    """Return a sphere about the origin."""
    return from_trimesh(trimesh.convex.convex_hull(radius * _directions()))


def cylinder(radius: float, length: float) -> Mesh:
    """Return a cylinder along z about the origin."""
    return _hull(_rings(radius, length))


def capsule(radius: float, length: float) -> Mesh:
    """Return a capsule along z about the origin: cones on a cylinder of the given length."""
    pole = [0.0, 0.0, length / 2 + radius]
    return _hull(np.vstack([_rings(radius, length), pole, np.negative(pole)]))


def _rings(radius: float, length: float) -> NDArray[np.float64]:
    angle = np.arange(SEGMENTS) * 2 * np.pi / SEGMENTS
    circle = np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])
    height = np.full((SEGMENTS, 1), length / 2)
    return np.vstack([np.hstack([circle, height]), np.hstack([circle, -height])])


def _hull(points: NDArray[np.float64]) -> Mesh:
    """Return the hull of the points (N, 3) farthest along each direction, plus the margin."""
    directions = _directions()
    farthest = np.argmax(np.round(points @ directions.T, 12), axis=0)
    hull = trimesh.convex.convex_hull(points[farthest] + MARGIN * directions)
    return from_trimesh(hull, creased=True)


def _directions() -> NDArray[np.float64]:
    """Return Bullet's 42 directions: an icosahedron with poles on z, and its edges' middles."""
    angles = np.radians([-36.0, -108.0, 180.0, 108.0, 36.0])
    ring = np.column_stack([2 * np.cos(angles), 2 * np.sin(angles), -np.ones(5)]) / np.sqrt(5)
    corners = np.vstack([ring, -ring, [[0, 0, 1], [0, 0, -1]]])
    points = trimesh.convex.convex_hull(corners).subdivide().vertices
    directions: NDArray[np.float64] = points / np.linalg.norm(points, axis=1, keepdims=True)
    return np.round(directions, 6)
