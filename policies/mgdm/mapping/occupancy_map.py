"""The occupancy map: what stands where and what is unknown, from depths and the robot's pose.

The map is a grid of voxels, made for one episode and centered where it began. The voxels above each
other are the bits of one 64-bit number, so that stories lie above each other and stairs are floor
like any other. The grid's rows run along z, its columns along x; bit b is a height of
(b - GROUND_BIT) * VOXEL_HEIGHT_M above the floor on which the episode began.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from longhaul.policies.mgdm.perception.backprojection import (
    CAMERA_HEIGHTS_M,
    Backprojection,
    PointCloud,
    camera_height,
    count_floor_points,
    nearer,
    to_world_axes,
)

Array = NDArray[np.float32]
Voxels = NDArray[np.uint64]

VOXEL_M, VOXEL_HEIGHT_M = 0.125, 0.125
"""Side and height of a voxel (m): half of LH-VLN's step of 0.25 m."""

GRID_SIDE = 320
"""Voxels of the grid's side; ours. The map reaches 20 m from the start in every direction."""

GROUND_BIT = 26
"""The bit of the floor on which the episode began; ours. There are 3.25 m below it."""

DEPTH_RANGE_M = 5.0
"""Points at a greater horizontal distance (m) are left out, since floors are seen too sparsely
there; ours."""

FREE_SPACE_RANGE_M = 3.5
"""Floor within this distance (m) counts as seen if a free line of sight passes over it; ours."""

CLIMB_BITS = 2
"""Bits that the robot can step up or down: 0.25 m. LH-VLN's robots climb 0.2 m."""

BODY_BITS = 12
"""Bits above a floor that must be free for the robot to stand there: 1.5 m; ours."""

TOP_BIT = 63
"""The highest bit. It stands for all that is in the way on the highest floor on which the robot can
stand, which is CLIMB_BITS + 1 bits below it: 4.25 m above GROUND_BIT, more than a story."""

MAX_HEIGHT_M = (TOP_BIT - CLIMB_BITS - 1 - GROUND_BIT + BODY_BITS + 0.5) * VOXEL_HEIGHT_M
"""Points higher than this above the first floor (m) are in nobody's way, and left out."""

CALIBRATION_STEPS = 6
"""Steps in which the camera height is measured: as many as it takes to look all around."""

COLLISION_STEPS = 50
"""Steps for which a place where the robot collided is avoided; ours. If it were avoided for good, a
collision in a door could close it."""

VISITED_RANGE_M = 0.5
"""Half the side (m) of the square around the robot that counts as visited; ours."""

BEARING_BINS = 180
"""Bins of 2 degrees in which the free line of sight is measured; ours."""

DROP_BITS = 20
"""A floor that is seen at most so many bits below another one (2.5 m) means that the other is not
there: stairs lead down; ours."""

PIXEL_STRIDE = 2
"""Every second pixel of a picture is put into the map; ours."""


class Window(NamedTuple):
    """The part of the grid that holds all that was seen: its first `row` and `column`, the voxels
    in which something was `seen`, and the floors that are `assumed` under free lines of sight."""

    row: int
    column: int
    seen: Voxels
    assumed: Voxels


class OccupancyMap:
    """The map of one episode. Positions are x, y (up), z in m, yaw in rad about y, 0 along -z."""

    def __init__(self, size: int) -> None:
        """Take pictures of `size` pixels a side."""
        self._backprojection = Backprojection(size, PIXEL_STRIDE)
        self.clear()

    def clear(self) -> None:
        """Begin an episode."""
        shape = GRID_SIDE, GRID_SIDE
        self._seen = np.zeros(shape, np.uint64)
        self._assumed = np.zeros(shape, np.uint64)
        self.stood = np.zeros(shape, np.uint64)
        self.levels = np.uint64(0)
        self._collided_at = np.full(shape, -COLLISION_STEPS)
        self._step = 0
        self._visited = np.zeros(shape, np.uint64)
        self._origin: Array | None = None
        self._height = 0.0
        self._floor_points = np.zeros(1 + len(CAMERA_HEIGHTS_M), np.int64)
        self._last = np.zeros(4, np.float32)
        self._box = (GRID_SIDE, GRID_SIDE, 0, 0)

    @property
    def height(self) -> float:
        """How high the cameras are above the robot's feet (m)."""
        return self._height

    def update(self, pose: Array, depths: Sequence[Array]) -> None:
        """Add what three depth pictures (size, size), in m, show from a pose (4,): x, y, z, yaw."""
        points = self._backprojection.point_cloud(depths)
        if self._origin is None:
            self._origin = np.array(pose[:3], np.float32)
            self._last = np.array(pose, np.float32)
        self._measure_height(points)
        self._step += 1
        level = abs(pose[1] - self._last[1]) < VOXEL_HEIGHT_M / 2
        x, z = to_world_axes(points, float(pose[3]))
        near = points.valid & nearer(x, z, DEPTH_RANGE_M)
        # A point above a head on the highest floor would otherwise be in the way there.
        near &= pose[1] + self._height + points.up - self._origin[1] < MAX_HEIGHT_M
        where = self.cells(pose[0] + x[near], pose[2] + z[near])
        bits = self.bits(pose[1] + self._height + points.up[near])
        np.bitwise_or.at(self._seen, where, np.uint64(1) << bits)
        self._mark_standing(pose)
        if level:
            self.levels |= np.uint64(1 << int(self.bits(float(pose[1]))))
            self._mark_free_space(pose, points, x, z)
        self._last = np.array(pose, np.float32)

    def _measure_height(self, points: PointCloud) -> None:
        """Measure the camera height in the first steps. If it turns out to be another one, the map
        is begun anew, since all heights in it were wrong."""
        if self._step > CALIBRATION_STEPS:
            return
        self._floor_points += count_floor_points(points)
        height = camera_height(self._floor_points)
        if height != self._height:
            self._height = height
            self._seen[:], self._assumed[:] = 0, 0

    def mark_collision(self, pose: Array) -> None:
        """Note that the robot could not move ahead from a pose (4,)."""
        ahead, right = (grid.ravel() for grid in np.meshgrid((0.15, 0.25), (-0.1, 0.0, 0.1)))
        sine, cosine = np.sin(pose[3]), np.cos(pose[3])
        x = pose[0] + right * cosine - ahead * sine
        z = pose[2] - right * sine - ahead * cosine
        self._collided_at[self.cells(x, z)] = self._step

    def cells(self, x: Array | float, z: Array | float) -> tuple[NDArray[np.int64], ...]:
        """Return the rows and columns of points (m); points beyond the grid are at its edge."""
        assert self._origin is not None
        rows = np.floor((z - self._origin[2]) / VOXEL_M).astype(np.int64) + GRID_SIDE // 2
        columns = np.floor((x - self._origin[0]) / VOXEL_M).astype(np.int64) + GRID_SIDE // 2
        return rows.clip(0, GRID_SIDE - 1), columns.clip(0, GRID_SIDE - 1)

    def bits(self, y: Array | float) -> Voxels:
        """Return the bits of heights (m)."""
        assert self._origin is not None
        bits = np.floor((y - self._origin[1]) / VOXEL_HEIGHT_M + 0.5).astype(np.int64) + GROUND_BIT
        return np.asarray(bits.clip(0, TOP_BIT).astype(np.uint64))

    def positions(self, row: NDArray[Any], column: NDArray[Any], bit: NDArray[Any]) -> Array:
        """Return the positions (n, 3) of the middles of floor cells, in m."""
        assert self._origin is not None
        x = self._origin[0] + (column - GRID_SIDE // 2 + 0.5) * VOXEL_M
        z = self._origin[2] + (row - GRID_SIDE // 2 + 0.5) * VOXEL_M
        y = self._origin[1] + (bit - GROUND_BIT) * VOXEL_HEIGHT_M
        return np.stack([x, y, z], -1).astype(np.float32)

    def window(self) -> Window:
        """Return the part of the grid that holds all that was seen, with a margin of one cell."""
        low_row, low_column, high_row, high_column = self._box
        rows = slice(max(low_row - 1, 0), high_row + 2)
        columns = slice(max(low_column - 1, 0), high_column + 2)
        seen, assumed = self._seen[rows, columns], self._assumed[rows, columns]
        window = Window(rows.start, columns.start, seen, assumed)
        return window._replace(assumed=np.where(self.collided(window), 0, assumed))

    def collided(self, window: Window) -> NDArray[np.bool_]:
        """Return in which cells of a window the robot collided in the last COLLISION_STEPS."""
        rows, columns = window.seen.shape
        row, column = window.row, window.column
        when = self._collided_at[row : row + rows, column : column + columns]
        return np.asarray(self._step - when < COLLISION_STEPS)

    def visited(
        self, row: NDArray[np.int64], column: NDArray[np.int64], bit: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Return to which floor cells (n,) the robot was near, at about their height.

        What was not seen from there will not be seen by going there again. On stairs the next step
        is always near, but higher.
        """
        return np.asarray((self._visited[row, column] >> bit.astype(np.uint64)) & np.uint64(1) > 0)

    def _mark_standing(self, pose: Array) -> None:
        """Mark where the robot stands, and where it came from, as floor: on stairs the robot may
        not see the step on which it stands."""
        between = np.linspace(self._last[:3], pose[:3], 5)
        at = self.cells(between[:, 0], between[:, 2])
        np.bitwise_or.at(self.stood, at, np.uint64(1) << self.bits(between[:, 1]))
        row, column = (int(i[-1]) for i in at)
        self._grow_box(row, column)
        self._collided_at[row, column] = self._step - COLLISION_STEPS
        half = int(VISITED_RANGE_M / VOXEL_M)
        bit = int(self.bits(float(pose[1])))
        around = slice(row - half, row + half + 1), slice(column - half, column + half + 1)
        self._visited[around] |= _bits_between(bit - 1, bit + 2)

    def _mark_free_space(self, pose: Array, points: PointCloud, x: Array, z: Array) -> None:
        """Assume floor under free lines of sight, while the robot walks on a level floor. `x` and
        `z` are the points' relative to the robot, along the world's axes."""
        above = points.up + self._height
        obstacle = points.valid & (above > 0.25) & (above < BODY_BITS * VOXEL_HEIGHT_M)
        obstacle = obstacle[points.valid]
        x, z = x[points.valid], z[points.valid]
        bearing = _bearing_bin(x, z)
        sight = np.zeros(BEARING_BINS, np.float32)
        sight[bearing] = FREE_SPACE_RANGE_M
        free_to = np.hypot(x[obstacle], z[obstacle]) - VOXEL_M
        np.minimum.at(sight, bearing[obstacle], free_to)
        row, column = (int(i) for i in self.cells(float(pose[0]), float(pose[2])))
        bit, half = int(self.bits(float(pose[1]))), int(FREE_SPACE_RANGE_M / VOXEL_M)
        rows = np.arange(max(row - half, 0), min(row + half + 1, GRID_SIDE))
        columns = np.arange(max(column - half, 0), min(column + half + 1, GRID_SIDE))
        middle = self.positions(*np.broadcast_arrays(rows[:, None], columns[None, :], bit))
        x, z = middle[..., 0] - pose[0], middle[..., 2] - pose[2]
        free = np.hypot(x, z) < sight[_bearing_bin(x, z)]
        block = np.ix_(rows, columns)
        drop = self._seen[block] & _bits_between(bit - DROP_BITS, bit - CLIMB_BITS)
        self._assumed[block] |= np.where(free & (drop == 0), np.uint64(1 << bit), np.uint64(0))

    def _grow_box(self, row: int, column: int) -> None:
        """Extend the bounding box of all that was seen by the range around a cell."""
        half = int(DEPTH_RANGE_M / VOXEL_M) + 1
        low_row, low_column, high_row, high_column = self._box
        self._box = (
            max(min(low_row, row - half), 0),
            max(min(low_column, column - half), 0),
            min(max(high_row, row + half), GRID_SIDE - 1),
            min(max(high_column, column + half), GRID_SIDE - 1),
        )


def _bearing_bin(x: Array, z: Array) -> NDArray[np.int64]:
    return (np.arctan2(x, z) / (2 * np.pi) * BEARING_BINS).astype(np.int64) % BEARING_BINS


def _bits_between(low: int, high: int) -> np.uint64:
    """Return a number with the bits from `low` up to, but without, `high`, as far as there are
    such."""
    low, high = (min(max(bit, 0), TOP_BIT + 1) for bit in (low, high))
    return np.uint64((1 << high) - (1 << low))
