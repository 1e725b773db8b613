"""A map that the agent makes of depths and its own poses: what stands where, and what it does not
know yet.

Space is columns of cells, each a 64-bit number whose bits say at which heights something was
seen, so that stories lie above each other and stairs are floor like any other. Columns are counted
from the place where the episode began.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from longhaul.policies.mgdm.perception.backprojection import (
    CAMERA_HEIGHTS,
    Points,
    Rays,
    at_floors,
    camera_height,
)

Array = NDArray[np.float32]
Columns = NDArray[np.uint64]

CELL, RISE = 0.125, 0.125
"""Size of a cell, and height of a bit (m)."""

SIDE = 320
"""Cells of the map's side: 20 m in every direction."""

GROUND = 26
"""The bit of the floor on which the episode began."""

REACH = 5.0
"""Depths beyond this (m) are left out: floors are seen too sparsely there."""

CARVED = 3.5
"""Within this distance (m) floor that a free line of sight passes over counts as seen."""

CLIMB = 2
"""Bits that a step may be high: 0.25 m, where LH-VLN's is 0.2 m."""

BODY = 12
"""Bits above a floor in which nothing may be for the robot to stand there: 1.5 m."""

TOP = 63
"""The highest bit. It stands for all that is in the way on the highest floor on which the robot can
stand, which is CLIMB and one bit below it: 4.25 m above GROUND, more than a story."""

HIGHEST = (TOP - CLIMB - 1 - GROUND + BODY + 0.5) * RISE
"""What is higher than this above the first floor (m) is in nobody's way."""

MEASURED = 6
"""Steps in which the agent finds out how high its cameras are: it looks all around in them."""

BUMPED = 50
"""Steps for which one goes round what one bumped into: a door could be closed by it for good."""

VISITED = 0.5
"""Half the side of the square around the robot (m) that counts as visited."""

BEARINGS = 180
"""Directions in which free sight is measured, 2 degrees each."""

HOLE = 20
"""What is seen so many bits below a floor, or less, is a hole in it: stairs that lead down."""

STRIDE = 2


class Window(NamedTuple):
    """The part of the map that holds all that was seen: first row and column, and its columns
    (rows along z, columns along x)."""

    row: int
    column: int
    seen: Columns
    assumed: Columns


class OccupancyMap:
    """The map of one episode. Positions are x, y (up), z in m, yaw in rad about y, 0 along -z."""

    def __init__(self, size: int) -> None:
        """Take pictures of `size` pixels a side."""
        self._rays = Rays(size, STRIDE)
        self.clear()

    def clear(self) -> None:
        """Begin an episode."""
        self._seen = np.zeros((SIDE, SIDE), np.uint64)
        self._assumed = np.zeros((SIDE, SIDE), np.uint64)
        self.stood = np.zeros((SIDE, SIDE), np.uint64)
        self.levels = np.uint64(0)
        self._bumped = np.full((SIDE, SIDE), -BUMPED)
        self._step = 0
        self._visited = np.zeros((SIDE, SIDE), np.uint64)
        self._origin: Array | None = None
        self._height, self._floors = 0.0, np.zeros(1 + len(CAMERA_HEIGHTS), np.int64)
        self._last = np.zeros(4, np.float32)
        self._box = (SIDE, SIDE, 0, 0)

    @property
    def height(self) -> float:
        """How high the cameras are above the robot's feet (m)."""
        return self._height

    def update(self, pose: Array, depths: Sequence[Array]) -> None:
        """Add what three views (size, size) show from a pose (4,): x, y, z, yaw."""
        points = self._rays.points(depths)
        if self._origin is None:
            self._origin = np.array(pose[:3], np.float32)
            self._last = np.array(pose, np.float32)
        self._measure(points)
        self._step += 1
        level = abs(pose[1] - self._last[1]) < RISE / 2
        x, z = turned(points, float(pose[3]))
        near = points.known & (np.hypot(x, z) < REACH)
        # What is above a head on the highest floor would else be in the way there.
        near &= pose[1] + self._height + points.up - self._origin[1] < HIGHEST
        where = self.cells(pose[0] + x[near], pose[2] + z[near])
        bits = self.bits(pose[1] + self._height + points.up[near])
        np.bitwise_or.at(self._seen, where, np.uint64(1) << bits)
        self._stand(pose)
        if level:
            self.levels |= np.uint64(1 << int(self.bits(float(pose[1]))))
            self._carve(pose, points)
        self._last = np.array(pose, np.float32)

    def _measure(self, points: Points) -> None:
        """Find out how high the cameras are, in the first steps: a map that was made with another
        height is begun anew."""
        if self._step > MEASURED:
            return
        self._floors += at_floors(points)
        height = camera_height(self._floors)
        if height != self._height:
            self._height = height
            self._seen[:], self._assumed[:] = 0, 0

    def bump(self, pose: Array) -> None:
        """Take note that something is in the way of a step ahead from a pose."""
        ahead, right = (grid.ravel() for grid in np.meshgrid((0.15, 0.25), (-0.1, 0.0, 0.1)))
        sine, cosine = np.sin(pose[3]), np.cos(pose[3])
        x = pose[0] + right * cosine - ahead * sine
        z = pose[2] - right * sine - ahead * cosine
        self._bumped[self.cells(x, z)] = self._step

    def cells(self, x: Array | float, z: Array | float) -> tuple[NDArray[np.int64], ...]:
        """Return the rows and columns of points; those beyond the map are at its edge."""
        assert self._origin is not None
        rows = np.floor((z - self._origin[2]) / CELL).astype(np.int64) + SIDE // 2
        columns = np.floor((x - self._origin[0]) / CELL).astype(np.int64) + SIDE // 2
        return rows.clip(0, SIDE - 1), columns.clip(0, SIDE - 1)

    def bits(self, y: Array | float) -> Columns:
        """Return the bits of heights (m)."""
        assert self._origin is not None
        bits = np.floor((y - self._origin[1]) / RISE + 0.5).astype(np.int64) + GROUND
        return np.asarray(bits.clip(0, TOP).astype(np.uint64))

    def point(self, row: NDArray[Any], column: NDArray[Any], bit: NDArray[Any]) -> Array:
        """Return the middles (n, 3) of cells on the floors at bits."""
        assert self._origin is not None
        x = self._origin[0] + (column - SIDE // 2 + 0.5) * CELL
        z = self._origin[2] + (row - SIDE // 2 + 0.5) * CELL
        return np.stack([x, self._origin[1] + (bit - GROUND) * RISE, z], -1).astype(np.float32)

    def window(self) -> Window:
        """Return the part that holds all that was seen, a cell more on every side."""
        low_row, low_column, high_row, high_column = self._box
        rows = slice(max(low_row - 1, 0), high_row + 2)
        columns = slice(max(low_column - 1, 0), high_column + 2)
        seen, assumed = self._seen[rows, columns], self._assumed[rows, columns]
        part = Window(rows.start, columns.start, seen, assumed)
        return part._replace(assumed=np.where(self.bumped(part), 0, assumed))

    def bumped(self, window: Window) -> NDArray[np.bool_]:
        """Return which columns of a window were bumped into lately."""
        rows, columns = window.seen.shape
        when = self._bumped[window.row : window.row + rows, window.column : window.column + columns]
        return np.asarray(self._step - when < BUMPED)

    def visited(
        self, row: NDArray[np.int64], column: NDArray[np.int64], bit: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Return which floors the robot was near to, about at their height: what it did not see
        there it will not see. On stairs the next step is always near, and higher."""
        return np.asarray((self._visited[row, column] >> bit.astype(np.uint64)) & np.uint64(1) > 0)

    def _stand(self, pose: Array) -> None:
        """The robot stands on floor, and came over floor: on stairs it may not see its own step."""
        came = np.linspace(self._last[:3], pose[:3], 5)
        at = self.cells(came[:, 0], came[:, 2])
        np.bitwise_or.at(self.stood, at, np.uint64(1) << self.bits(came[:, 1]))
        row, column = (int(i[-1]) for i in at)
        self._grow(row, column)
        self._bumped[row, column] = self._step - BUMPED
        half = int(VISITED / CELL)
        bit = int(self.bits(float(pose[1])))
        around = slice(row - half, row + half + 1), slice(column - half, column + half + 1)
        self._visited[around] |= _between(bit - 1, bit + 2)

    def _carve(self, pose: Array, points: Points) -> None:
        """Take the floor under free lines of sight for seen, on a level floor."""
        x, z = turned(points, float(pose[3]))
        above = points.up + self._height
        stands = points.known & (above > 0.25) & (above < BODY * RISE)
        sight = np.zeros(BEARINGS, np.float32)
        sight[_bearing(x, z)[points.known]] = CARVED
        np.minimum.at(sight, _bearing(x, z)[stands], np.hypot(x, z)[stands] - CELL)
        row, column = (int(i) for i in self.cells(float(pose[0]), float(pose[2])))
        bit, half = int(self.bits(float(pose[1]))), int(CARVED / CELL)
        rows = np.arange(max(row - half, 0), min(row + half + 1, SIDE))
        columns = np.arange(max(column - half, 0), min(column + half + 1, SIDE))
        middle = self.point(*np.broadcast_arrays(rows[:, None], columns[None, :], bit))
        x, z = middle[..., 0] - pose[0], middle[..., 2] - pose[2]
        free = np.hypot(x, z) < sight[_bearing(x, z)]
        block = np.ix_(rows, columns)
        hole = self._seen[block] & _between(bit - HOLE, bit - CLIMB)
        self._assumed[block] |= np.where(free & (hole == 0), np.uint64(1 << bit), np.uint64(0))

    def _grow(self, row: int, column: int) -> None:
        half = int(REACH / CELL) + 1
        low_row, low_column, high_row, high_column = self._box
        self._box = (
            max(min(low_row, row - half), 0),
            max(min(low_column, column - half), 0),
            min(max(high_row, row + half), SIDE - 1),
            min(max(high_column, column + half), SIDE - 1),
        )


def _bearing(x: Array, z: Array) -> NDArray[np.int64]:
    return (np.arctan2(x, z) / (2 * np.pi) * BEARINGS).astype(np.int64) % BEARINGS


def _between(low: int, high: int) -> np.uint64:
    """Return a column with the bits from `low` up to but not with `high`."""
    return np.uint64((1 << max(high, 0)) - (1 << max(low, 0)))


def turned(points: Points, yaw: float) -> tuple[Array, Array]:
    """Return x and z (m) of points from the robot, as the world has them."""
    sine, cosine = np.sin(yaw, dtype=np.float32), np.cos(yaw, dtype=np.float32)
    x = points.right * cosine - points.ahead * sine
    z = -points.right * sine - points.ahead * cosine
    return x, z
