"""What the agent saw where: evidence of things and of kinds of rooms, in cells of a story."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Ints = NDArray[np.int64]

CELL = 0.25
"""Side of a cell (m)."""

SIDE = 160
"""Cells of the map's side: 20 m in every direction."""

STORIES = 3
"""The one where the episode begins, one below and one above."""

STORY, FOOT = 2.8, 0.2
"""Height of a story with its floor (m), about; what is more than FOOT under one is below it."""

GAIN, FADE = 0.7, 0.1
"""By how much evidence of a thing moves to what is seen, where that is more, and less: what was
seen once is not gone for being too far away to be seen again."""


class SemanticMap:
    """Evidence of things (cells, things) and rooms (cells, rooms), in the order in which cells
    were first seen; `points` (cells, 3) are their middles on their story's floor, in m."""

    def __init__(self, things: int, rooms: int) -> None:
        self._widths = things, rooms
        self.clear()

    def clear(self) -> None:
        """Begin an episode."""
        things, rooms = self._widths
        self._number = np.full((STORIES, SIDE, SIDE), -1)
        self._things = np.zeros((256, things), np.float32)
        self._rooms = np.zeros((256, rooms), np.float32)
        self._cell = np.zeros((256, 3), np.int64)
        self._count = 0
        self.origin = np.zeros(3, np.float32)

    @property
    def things(self) -> Array:
        return self._things[: self._count]

    @property
    def room_shares(self) -> Array:
        """Return the kinds of rooms in cells, (cells, rooms); rows add up to 1."""
        rooms = self._rooms[: self._count]
        return np.asarray(rooms / np.maximum(rooms.sum(-1, keepdims=True), 1e-6))

    @property
    def kinds(self) -> int:
        """How many kinds of rooms there are."""
        return self._widths[1]

    @property
    def stories(self) -> Ints:
        return self._cell[: self._count, 0]

    @property
    def points(self) -> Array:
        story, row, column = self._cell[: self._count].T
        steps = [(column - SIDE // 2 + 0.5) * CELL, (story - 1) * STORY]
        steps.append((row - SIDE // 2 + 0.5) * CELL)
        return (self.origin + np.stack(steps, -1)).astype(np.float32)

    def story(self, y: Array) -> Ints:
        """Return the stories of heights (m)."""
        story = np.floor((y - self.origin[1] + FOOT) / STORY).astype(np.int64) + 1
        return np.asarray(story.clip(0, STORIES - 1))

    def update(self, points: Array, things: Array, rooms: Array) -> None:
        """Add what patches show: their points (n, 3) in the world, probabilities (n, things) and
        (n, rooms)."""
        if not len(points):
            return
        flat = np.ravel_multi_index(tuple(self._cells(points).T), self._number.shape)
        order = np.argsort(flat, kind="stable")
        found, starts = np.unique(flat[order], return_index=True)
        cells = np.stack(np.unravel_index(found, self._number.shape), -1)
        seen = np.maximum.reduceat(things[order], starts)
        rows = self._rows_of(cells)
        known = self._things[rows]
        self._things[rows] = known + np.where(seen > known, GAIN, FADE) * (seen - known)
        self._rooms[rows] += np.add.reduceat(rooms[order], starts)

    def rooms_near(self, points: Array, reach: float) -> Array:
        """Return the kinds of rooms around points (n, 3), (n, rooms); rows add up to 1, or 0."""
        rows = self._around(points, reach)
        sums = np.where(rows[..., None] >= 0, self._rooms[rows], 0).sum(1)
        return np.asarray(sums / np.maximum(sums.sum(-1, keepdims=True), 1e-6))

    def things_near(self, points: Array, reach: float) -> Array:
        """Return the greatest evidence of things around points (n, 3), (n, things)."""
        rows = self._around(points, reach)
        return np.asarray(np.where(rows[..., None] >= 0, self._things[rows], 0).max(1))

    def peaks(self, score: Array, count: int, apart: float, taken: Ints) -> Ints:
        """Return the rows of the `count` highest scores (cells,) above 0, no two of a story nearer
        than `apart` (m), nor nearer to one that is `taken`."""
        left, cell = score.copy(), self._cell[: self._count]
        found: list[int] = []
        for row in taken:
            left[self._beside(cell, int(row), apart)] = 0
        while len(found) < count and len(left) and left.max() > 0:
            found.append(int(left.argmax()))
            left[self._beside(cell, found[-1], apart)] = 0
        return np.array(found, np.int64)

    def _beside(self, cell: Ints, row: int, apart: float) -> NDArray[np.bool_]:
        gap = ((cell[:, 1:] - cell[row, 1:]) ** 2).sum(1)
        return np.asarray((gap * CELL**2 < apart**2) & (cell[:, 0] == cell[row, 0]))

    def _cells(self, points: Array) -> Ints:
        x, y, z = np.moveaxis(points - self.origin, -1, 0)
        row = np.floor(z / CELL).astype(np.int64) + SIDE // 2
        column = np.floor(x / CELL).astype(np.int64) + SIDE // 2
        story = self.story(y + self.origin[1])
        return np.stack([story, row.clip(0, SIDE - 1), column.clip(0, SIDE - 1)], -1)

    def _rows_of(self, cells: Ints) -> Ints:
        """Return the rows of cells (n, 3), none of them twice; new ones are added."""
        rows = self._number[tuple(cells.T)]
        new = np.flatnonzero(rows < 0)
        rows[new] = self._count + np.arange(len(new))
        self._number[tuple(cells[new].T)] = rows[new]
        self._count += len(new)
        while self._count > len(self._cell):
            self._things, self._rooms = _doubled(self._things), _doubled(self._rooms)
            self._cell = _doubled(self._cell)
        self._cell[rows[new]] = cells[new]
        return rows

    def _around(self, points: Array, reach: float) -> Ints:
        """Return the rows of the cells around points, (n, cells); -1 for none."""
        cells = self._cells(points)
        half = round(reach / CELL)
        step = np.arange(-half, half + 1)
        rows = (cells[:, 1, None] + step).clip(0, SIDE - 1)[:, :, None]
        columns = (cells[:, 2, None] + step).clip(0, SIDE - 1)[:, None, :]
        found = self._number[cells[:, 0, None, None], rows, columns]
        return found.reshape(len(points), len(step) ** 2)


def _doubled(rows: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([rows, np.zeros_like(rows)])
