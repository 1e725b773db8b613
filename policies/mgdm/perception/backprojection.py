"""Backprojection: from the depths of the three views to a point cloud in the robot's frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

CAMERA_YAWS_RAD = (np.pi / 3, 0.0, -np.pi / 3)
"""How far the cameras (left, front, right) are turned to the left of the robot's heading, in rad:
LH-VLN's."""

HFOV_DEG = 90.0
"""Horizontal field of view of the cameras, whose pictures are square: LH-VLN's."""

CAMERA_HEIGHTS_M = (1.0, 0.5)
"""Heights of the cameras above the floor: LH-VLN's Stretch, then its Spot. The policy is not told
which robot it is, and reads it off the floor that it sees."""

FLOOR_TOLERANCE_M = 0.04
"""A point belongs to the floor if its depth below the camera differs from a camera height by less
than this; ours."""

FLOOR_SHARE = 0.01
"""A camera height is taken for the robot's if more than this share of the points within
FLOOR_RANGE_M lies that far below the camera; ours. The greater height is tried first: half a meter
below a camera there may be a bed, one meter below it there is nothing but the floor."""

FLOOR_RANGE_M = 3.0
"""Horizontal distance within which points count for the camera height; ours."""


ROUNDING = 1e-5
"""A sum of two squares is exact to less than this share of it, in single precision; ours."""


class PointCloud(NamedTuple):
    """Points of the three views in the frame of the robot's cameras: `right`, `up`, `ahead` in m,
    and `valid` bool, which is false where the depth is 0. All are (3, rows, columns)."""

    right: Array
    up: Array
    ahead: Array
    valid: NDArray[np.bool_]


class Backprojection:
    """Turns depths into points, for every `stride`-th pixel of pictures of `size` pixels a side."""

    def __init__(self, size: int, stride: int) -> None:
        pixel = np.arange(size // stride) * stride + stride // 2 + 0.5
        across = ((2 * pixel / size - 1) * np.tan(np.radians(HFOV_DEG) / 2)).astype(np.float32)
        self._across, self._up = across[None, :], -across[:, None]
        turns = np.array(CAMERA_YAWS_RAD, np.float32)[:, None, None]
        self._sine, self._cosine = np.sin(turns), np.cos(turns)
        self._stride = stride

    def point_cloud(self, depths: Sequence[Array]) -> PointCloud:
        """Return the points of three depth pictures (size, size), in m along the optical axis."""
        half = self._stride // 2
        depth = np.stack([rows[half :: self._stride, half :: self._stride] for rows in depths])
        depth = depth.astype(np.float32)
        side = depth * self._across
        right = side * self._cosine - depth * self._sine
        ahead = side * self._sine + depth * self._cosine
        return PointCloud(right, depth * self._up, ahead, depth > 0)


def to_world_axes(points: PointCloud, yaw: float) -> tuple[Array, Array]:
    """Return x and z (m) of points relative to the robot, along the world's axes.

    `yaw` (rad) is the robot's, about the y axis, 0 along -z.
    """
    sine, cosine = np.sin(yaw, dtype=np.float32), np.cos(yaw, dtype=np.float32)
    x = points.right * cosine - points.ahead * sine
    z = -points.right * sine - points.ahead * cosine
    return x, z


def nearer(x: Array, z: Array, distance: float) -> NDArray[np.bool_]:
    """Return which offsets (m) are shorter than a distance (m), as np.hypot tells; it is only asked
    where the squares do not tell surely."""
    square = x * x + z * z
    found: NDArray[np.bool_] = square < distance**2 * (1 - ROUNDING)
    unsure = ~found & ~(square > distance**2 * (1 + ROUNDING))
    if unsure.any():
        found[unsure] = np.hypot(x[unsure], z[unsure]) < distance
    return found


def count_floor_points(points: PointCloud) -> NDArray[np.int64]:
    """Return how many points within FLOOR_RANGE_M lie as far below the camera as each of
    CAMERA_HEIGHTS_M, and then how many points there are: (heights + 1,)."""
    near = points.valid & nearer(points.right, points.ahead, FLOOR_RANGE_M)
    below = -points.up[near]
    found = [int((np.abs(below - height) < FLOOR_TOLERANCE_M).sum()) for height in CAMERA_HEIGHTS_M]
    return np.array([*found, len(below)])


def camera_height(counts: NDArray[np.int64]) -> float:
    """Return the height of the cameras above the floor (m), by the counts of
    `count_floor_points`."""
    *found, total = counts.tolist()
    for height, count in zip(CAMERA_HEIGHTS_M, found, strict=True):
        if count > FLOOR_SHARE * total:
            return height
    return CAMERA_HEIGHTS_M[-1]
