"""What words for places mean on the table: sentences, goals and captions all use this module.

Words follow the front camera's picture, in which x, away from the arm's base, points down and y to
the right. Functions take points (..., 2) of x and y (m) and return one verdict for each.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longhaul.envs.lohoravens.things import WORKSPACE_BOUNDS_M, Pose, Quaternion, Thing, Vector

Points = NDArray[np.float64]

DIRECTIONS: Mapping[str, tuple[int, int]] = {
    "left": (0, -1),
    "right": (0, 1),
    "top": (-1, 0),
    "bottom": (1, 0),
}
"""Unit vector (x, y) of each word."""

WORKSPACE_MIDDLE = tuple((low + high) / 2 for low, high in WORKSPACE_BOUNDS_M[:2])
"""Point (x, y) where the four quadrants meet: (0.5, 0) m."""

CENTER_SIDE_M = 0.08
"""Edge of the square in the middle of the table that is called its center."""

BESIDE_MIN_M = 0.05
"""A thing is beside another if their centers are farther apart than this along the word's
direction."""

BESIDE_DISTANCE_M = 0.16
"""Distance at which a thing is put beside another if there is room: that of the benchmark."""

QUADRANTS = ("top left", "top right", "bottom left", "bottom right")
PEGS = ("left", "middle", "right")
AREAS = ("center", *QUADRANTS)
"""The areas of the table. A place that lies in two of them has the name of the first."""


def in_area(points: ArrayLike, area: str, margin: float = 0.0) -> NDArray[np.bool_]:
    """Say which points lie in an area of the table, `margin` (m) or more inside its borders.

    Every point of the table is in exactly one quadrant: the line between two quadrants belongs to
    the right or bottom one.
    """
    away = np.asarray(points, float) - WORKSPACE_MIDDLE
    if area == "center":
        return np.asarray(np.abs(away).max(-1) <= CENTER_SIDE_M / 2 - margin)
    sides = [
        ahead >= margin if word in ("right", "bottom") else ahead > margin
        for word, ahead in ((word, away @ DIRECTIONS[word]) for word in area.split())
    ]
    return np.asarray(np.logical_and.reduce(sides) & in_bounds(points, margin))


def in_bounds(points: ArrayLike, margin: float = 0.0) -> NDArray[np.bool_]:
    """Say which points lie on the workspace, `margin` (m) or more inside its borders."""
    (left, right), (front, back) = WORKSPACE_BOUNDS_M[:2]
    low, high = np.array([left, front]) + margin, np.array([right, back]) - margin
    points = np.asarray(points, float)
    return np.asarray(((points >= low) & (points <= high)).all(-1))


def is_beside(points: ArrayLike, direction: str, anchor: ArrayLike) -> NDArray[np.bool_]:
    """Say which points lie on the left, right, top or bottom of an anchor (x, y)."""
    return along(points, direction, anchor) > BESIDE_MIN_M


def along(points: ArrayLike, direction: str, anchor: ArrayLike) -> Points:
    """Return how far points lie from an anchor (x, y) in the direction of a word (m, signed)."""
    away = np.asarray(points, float) - np.asarray(anchor, float)
    return np.asarray(away @ np.array(DIRECTIONS[direction], float))


def turned(yaw: float) -> Quaternion:
    """Return the quaternion xyzw of a rotation about z (rad)."""
    return 0.0, 0.0, float(np.sin(yaw / 2)), float(np.cos(yaw / 2))


def rotation(quaternion: Quaternion) -> NDArray[np.float64]:
    """Return the matrix (3, 3) of a quaternion xyzw."""
    x, y, z, w = quaternion
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def half_extents(size: Vector, quaternion: Quaternion) -> NDArray[np.float64]:
    """Return half the extents (3,) along the world's axes of a turned box of a size (m)."""
    return np.asarray(np.abs(rotation(quaternion)) @ np.array(size) / 2)


def footprint(size: Vector, quaternion: Quaternion) -> tuple[float, float, float]:
    """Return yaw (rad) and the two extents (m) of a box seen from above, whichever side is up."""
    turn = rotation(quaternion)
    upright = int(np.abs(turn[2]).argmax())
    wide, deep = (axis for axis in range(3) if axis != upright)
    return float(np.arctan2(turn[1, wide], turn[0, wide])), size[wide], size[deep]


def pegs(stand: Thing, pose: Pose) -> dict[str, tuple[float, float]]:
    """Return where (x, y) the left, middle and right peg of a stand are.

    They stand a third of its length apart along its own x, which layouts turn toward world y.
    """
    axis = rotation(pose.quaternion)[:2, 0] * stand.size[0] / 3
    x, y = pose.position[:2]
    return {
        word: (x + side * float(axis[0]), y + side * float(axis[1]))
        for side, word in zip((-1, 0, 1), PEGS, strict=True)
    }
