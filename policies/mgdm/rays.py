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

LEVELS = 0.05
"""Bins (m) in which the camera's height above the floor is looked for."""

CAMERA_HEIGHT = 0.5
"""What is taken for it where the first pictures show no floor (m): the lower of LH-VLN's robots."""


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


def camera_height(points: Points) -> float:
    """Return how high the cameras are above the floor (m): where most of what is low lies."""
    rows = points.up.shape[1] // 2
    below = -points.up[:, rows:][points.known[:, rows:]]
    below = below[(below > 0.2) & (below < 2.0)]
    if not len(below):
        return CAMERA_HEIGHT
    bins = np.bincount((below / LEVELS).astype(int))
    most = int(bins.argmax())
    near = below[np.abs(below - (most + 0.5) * LEVELS) < LEVELS]
    return float(np.median(near))
