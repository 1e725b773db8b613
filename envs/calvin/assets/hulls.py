"""Convex hulls with few corners, which Bullet reads quickly: the world is built at every reset."""

from __future__ import annotations

import numpy as np

from longhaul.envs.calvin.assets.shapes import Array

DIRECTION_COUNT = 3000
"""How many directions over the sphere the distance between two hulls is measured along."""


def simplified(points: Array, tolerance: float) -> Array:
    """Return some of the points (K, 3), whose hull lies in the full hull by at most `tolerance`.

    The distance (meters) is between supporting planes, along directions spread over the sphere.
    It starts from the extreme points along the axes and adds, one by one, the point that lies
    furthest outside.
    """
    directions = _sphere(DIRECTION_COUNT)
    reach = directions @ points.T
    furthest = reach.argmax(axis=1)
    full = reach.max(axis=1)
    kept = sorted({int(i) for i in (*points.argmin(axis=0), *points.argmax(axis=0))})
    while True:
        missing = full - reach[:, kept].max(axis=1)
        worst = int(missing.argmax())
        if missing[worst] <= tolerance:
            return points[kept]
        kept.append(int(furthest[worst]))


def _sphere(count: int) -> Array:
    """Return unit vectors (count, 3) on a Fibonacci spiral."""
    turns = np.arange(count) + 0.5
    height = 1 - 2 * turns / count
    angle = np.pi * (1 + 5**0.5) * turns
    radius = np.sqrt(1 - height**2)
    return np.stack([np.cos(angle) * radius, np.sin(angle) * radius, height], axis=1)
