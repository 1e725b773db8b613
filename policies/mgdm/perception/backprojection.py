"""From pictures of depth to points: where each pixel of the three views lies in the world."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

YAWS = (np.pi / 3, 0.0, -np.pi / 3)
"""How far the cameras (left, front, right) are turned against the robot: LH-VLN's."""

HFOV = 90.0
"""The cameras' field of view in degrees, square pictures: LH-VLN's."""

CAMERA_HEIGHTS = (1.0, 0.5)
"""How high the cameras of LH-VLN's robots are (m): which one it is shows by the floor."""

FLOOR, SHARE, REACH = 0.04, 0.01, 3.0
"""There is floor where this share of the points within REACH (m) is as far below, up to FLOOR (m).
Of both heights the greater counts: below half a meter there may be a bed too, below a whole one
there is but the floor."""


class Points(NamedTuple):
    """Pixels of views: `right`, `up`, `ahead` (V, n, n) of the robot's camera in m, and which of
    them are of something (V, n, n) bool."""

    right: Array
    up: Array
    ahead: Array
    known: NDArray[np.bool_]


class Rays:
    """Directions of every `stride`-th of `size` pixels, through the pixels' middles."""

    def __init__(self, size: int, stride: int) -> None:
        middle = np.arange(size // stride) * stride + stride // 2 + 0.5
        across = ((2 * middle / size - 1) * np.tan(np.radians(HFOV) / 2)).astype(np.float32)
        self._across, self._up = across[None, :], -across[:, None]
        turns = np.array(YAWS, np.float32)[:, None, None]
        self._sine, self._cosine = np.sin(turns), np.cos(turns)
        self._stride = stride

    def points(self, depths: Sequence[Array]) -> Points:
        """Return the points of the three views' depths (size, size), m along the optical axis."""
        half = self._stride // 2
        depth = np.stack([rows[half :: self._stride, half :: self._stride] for rows in depths])
        depth = depth.astype(np.float32)
        side = depth * self._across
        right = side * self._cosine - depth * self._sine
        ahead = side * self._sine + depth * self._cosine
        return Points(right, depth * self._up, ahead, depth > 0)


def at_floors(points: Points) -> NDArray[np.int64]:
    """Return how many points within REACH lie as far below as each of CAMERA_HEIGHTS, and how many
    there are in all."""
    near = points.known & (np.hypot(points.right, points.ahead) < REACH)
    below = -points.up[near]
    found = [int((np.abs(below - height) < FLOOR).sum()) for height in CAMERA_HEIGHTS]
    return np.array([*found, len(below)])


def camera_height(counts: NDArray[np.int64]) -> float:
    """Return how high the cameras are above the floor (m), by counts of at_floors."""
    *found, total = counts.tolist()
    for height, count in zip(CAMERA_HEIGHTS, found, strict=True):
        if count > SHARE * total:
            return height
    return CAMERA_HEIGHTS[-1]
