"""Small worlds of boxes, as triangles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray

from longhaul.envs.lhvln.navmesh.contours import build_surface
from longhaul.envs.lhvln.navmesh.navigation import SurfaceNavigation
from longhaul.envs.lhvln.navmesh.settings import Settings

Box = tuple[Sequence[float], Sequence[float]]
"""The low and the high corner, m."""

Mesh = tuple[NDArray[np.float64], NDArray[np.int64]]


def boxes(*corners: Box) -> Mesh:
    """Return boxes as vertices and triangles."""
    shapes = []
    for low, high in corners:
        shape = trimesh.creation.box(np.subtract(high, low))
        shape.apply_translation(np.add(low, high) / 2)
        shapes.append(shape)
    joined = trimesh.util.concatenate(shapes)
    return np.asarray(joined.vertices), np.asarray(joined.faces, np.int64)


def navigation(*corners: Box, **settings: Any) -> SurfaceNavigation:
    """Return the navigation of a world of boxes."""
    return SurfaceNavigation(build_surface(*boxes(*corners), Settings(**settings)))


def floor(x: float, z: float, y: float = 0.0) -> Box:
    """Return a slab from the origin to (x, z) whose top is at y."""
    return (0.0, y - 0.2, 0.0), (x, y, z)


def flight(foot: float, top: float, low: float, high: float, steps: int) -> list[Box]:
    """Return solid steps that rise from x = foot on, 0.3 m each, between z = low and high."""
    rise = top / steps
    return [
        ((foot + 0.3 * k, 0.0, low), (foot + 0.3 * (k + 1), rise * (k + 1), high))
        for k in range(steps)
    ]


def two_stories(steps: int = 14, top: float = 2.6) -> list[Box]:
    """Return a ground floor of 8 x 6 m, a flight along its wall z = 0..1.2, and a gallery at its
    head over the ground floor that it stands on."""
    head = 1.5 + 0.3 * steps
    gallery = (head, top - 0.2, 0.0), (8.0, top, 6.0)
    above = (1.5, top - 0.2, 1.4), (head, top, 6.0)
    return [floor(8.0, 6.0), *flight(1.5, top, 0.0, 1.2, steps), gallery, above]
