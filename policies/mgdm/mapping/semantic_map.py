"""The semantic map: how much evidence there is of things and of kinds of rooms, and where.

The map is a grid of cells on each of three stories. A cell has a row in the arrays from the moment
in which something was first seen in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[np.float32]
Ints = NDArray[np.int64]

SEMANTIC_CELL_M = 0.25
"""Side of a cell (m): LH-VLN's step."""

SEMANTIC_SIDE = 160
"""Cells of the grid's side; ours. The map reaches 20 m from the start in every direction."""

STORIES = 3
"""Stories of the map: the one on which the episode begins is number 1, 0 is below and 2 above."""

STORY_HEIGHT_M = 2.8
"""Height of a story with its ceiling (m): rooms of NavGen's houses are 2.5 to 2.7 m high."""

STORY_MARGIN_M = 0.2
"""A point belongs to a story if it is at most so far (m) below its floor; ours."""

EVIDENCE_GAIN, EVIDENCE_DECAY = 0.7, 0.1
"""Share of the difference by which a cell's evidence moves to the probability that is seen now: the
gain if that is higher, the decay if it is lower. Evidence falls slowly, since a thing that is too
far away to be recognized again is not gone; ours."""

START_ROWS = 256
"""Rows for which there is room at first; the arrays double where that is too few."""


class SemanticMap:
    """Evidence by cell: `things` (cells, things) in 0..1, `room_shares` (cells, rooms), and
    `points` (cells, 3), the cells' middles on their story's floor in m. Cells are in the order in
    which they were first seen."""

    def __init__(self, things: int, rooms: int) -> None:
        self._widths = things, rooms
        self.clear()

    def clear(self) -> None:
        """Begin an episode."""
        things, rooms = self._widths
        self._row_of = np.full((STORIES, SEMANTIC_SIDE, SEMANTIC_SIDE), -1)
        self._things = np.zeros((START_ROWS, things), np.float32)
        self._rooms = np.zeros((START_ROWS, rooms), np.float32)
        self._surest = np.zeros(START_ROWS, np.float32)
        self._selectable: Array | None = None
        self._cell = np.zeros((START_ROWS, 3), np.int64)
        self._count = 0
        self.origin = np.zeros(3, np.float32)

    @property
    def things(self) -> Array:
        """Evidence of things, (cells, things)."""
        return self._things[: self._count]

    @property
    def room_shares(self) -> Array:
        """Shares of the kinds of rooms, (cells, rooms); rows add up to 1."""
        rooms = self._rooms[: self._count]
        return np.asarray(rooms / np.maximum(rooms.sum(-1, keepdims=True), 1e-6))

    @property
    def room_kinds(self) -> int:
        """How many kinds of rooms there are."""
        return self._widths[1]

    @property
    def stories(self) -> Ints:
        """The cells' stories, (cells,)."""
        return self._cell[: self._count, 0]

    @property
    def points(self) -> Array:
        """The cells' middles on their story's floor, (cells, 3) in m."""
        return self.points_of(slice(self._count))

    def points_of(self, rows: Ints | slice) -> Array:
        """Return the middles of some rows' cells on their story's floor, (n, 3) in m."""
        story, row, column = self._cell[rows].T
        x = (column - SEMANTIC_SIDE // 2 + 0.5) * SEMANTIC_CELL_M
        z = (row - SEMANTIC_SIDE // 2 + 0.5) * SEMANTIC_CELL_M
        y = (story - 1) * STORY_HEIGHT_M
        return (self.origin + np.stack([x, y, z], -1)).astype(np.float32)

    def story(self, y: Array) -> Ints:
        """Return the stories of heights (m)."""
        story = np.floor((y - self.origin[1] + STORY_MARGIN_M) / STORY_HEIGHT_M).astype(np.int64)
        return np.asarray((story + 1).clip(0, STORIES - 1))

    def update(self, points: Array, things: Array, rooms: Array) -> None:
        """Add n patches: their points (n, 3) in the world, m, and their probabilities of things
        (n, things) and of rooms (n, rooms). Of a cell's patches the greatest probability counts."""
        if not len(points):
            return
        flat = np.ravel_multi_index(tuple(self._cells(points).T), self._row_of.shape)
        order = np.argsort(flat, kind="stable")
        found, starts, number = _runs(flat[order])
        cells = np.stack(np.unravel_index(found, self._row_of.shape), -1)
        cell_of = np.empty(len(flat), np.int64)
        cell_of[order] = number
        seen = _greatest(things, cell_of, len(found))
        rows = self._rows_of(cells)
        known = self._things[rows]
        rate = np.where(seen > known, EVIDENCE_GAIN, EVIDENCE_DECAY)
        self._things[rows] = evidence = known + rate * (seen - known)
        self._rooms[rows] += np.add.reduceat(rooms[order], starts)
        if self._selectable is not None:
            self._surest[rows] = (evidence.astype(np.float32) * self._selectable).max(1)

    def surest(self, selectable: Array) -> Array:
        """Return the greatest evidence of the `selectable` (things,) by cell, (cells,); it is 0 or
        1 for each. Between two calls with the same ones only cells that were seen change."""
        if self._selectable is None or not np.array_equal(self._selectable, selectable):
            self._selectable = selectable.copy()
            self._surest[: self._count] = (self.things * selectable).max(1)
        return self._surest[: self._count]

    def rooms_near(self, points: Array, distance: float) -> Array:
        """Return shares of the kinds of rooms within a distance (m) of points (n, 3): (n, rooms).
        Rows add up to 1, or to 0 where nothing was seen."""
        rows = self._neighborhood(points, distance)
        sums = np.where(rows[..., None] >= 0, self._rooms[rows], 0).sum(1)
        return np.asarray(sums / np.maximum(sums.sum(-1, keepdims=True), 1e-6))

    def things_near(self, points: Array, distance: float) -> Array:
        """Return the greatest evidence of things within a distance (m) of points (n, 3):
        (n, things)."""
        around = self._neighborhood(points, distance)
        found = np.zeros((len(points), self._things.shape[1]), np.float32)
        for evidence, rows in zip(found, around, strict=True):
            self._things[rows[rows >= 0]].max(0, initial=0, out=evidence)
        return found

    def peaks(self, score: Array, count: int, separation: float, taken: Ints) -> Ints:
        """Return the rows of the highest scores (cells,), at most `count`, as non-maximum
        suppression does: scores are above 0, and no peak lies nearer than `separation` (m) to
        another one, or to a row that is `taken`, on the same story."""
        some = np.flatnonzero(score > 0)
        left, cell = score[some], self._cell[some].T
        found: list[int] = []
        for row in taken:
            left[self._beside(cell, int(row), separation)] = 0
        while len(found) < count and len(left) and left.max() > 0:
            found.append(int(some[left.argmax()]))
            left[self._beside(cell, found[-1], separation)] = 0
        return np.array(found, np.int64)

    def _beside(self, cell: Ints, row: int, separation: float) -> NDArray[np.bool_]:
        """Return which cells (3, n), story, row and column, lie nearer than `separation` (m) to
        the cell of a row, on its story."""
        story, z, x = self._cell[row]
        near = ((cell[1] - z) ** 2 + (cell[2] - x) ** 2) * SEMANTIC_CELL_M**2 < separation**2
        return np.asarray(near & (cell[0] == story))

    def _cells(self, points: Array) -> Ints:
        """Return story, row and column of points, (n, 3); points beyond the grid are at its
        edge."""
        x, y, z = np.moveaxis(points - self.origin, -1, 0)
        row = np.floor(z / SEMANTIC_CELL_M).astype(np.int64) + SEMANTIC_SIDE // 2
        column = np.floor(x / SEMANTIC_CELL_M).astype(np.int64) + SEMANTIC_SIDE // 2
        story, last = self.story(y + self.origin[1]), SEMANTIC_SIDE - 1
        return np.stack([story, row.clip(0, last), column.clip(0, last)], -1)

    def _rows_of(self, cells: Ints) -> Ints:
        """Return the rows of cells (n, 3), all of them different; new cells get a row."""
        rows = self._row_of[tuple(cells.T)]
        new = np.flatnonzero(rows < 0)
        rows[new] = self._count + np.arange(len(new))
        self._row_of[tuple(cells[new].T)] = rows[new]
        self._count += len(new)
        while self._count > len(self._cell):
            self._things, self._rooms = _doubled(self._things), _doubled(self._rooms)
            self._cell, self._surest = _doubled(self._cell), _doubled(self._surest)
        self._cell[rows[new]] = cells[new]
        return rows

    def _neighborhood(self, points: Array, distance: float) -> Ints:
        """Return the rows of the cells in a square around points, (n, cells); -1 for no row."""
        cells = self._cells(points)
        half = round(distance / SEMANTIC_CELL_M)
        step, last = np.arange(-half, half + 1), SEMANTIC_SIDE - 1
        rows = (cells[:, 1, None] + step).clip(0, last)[:, :, None]
        columns = (cells[:, 2, None] + step).clip(0, last)[:, None, :]
        found = self._row_of[cells[:, 0, None, None], rows, columns]
        return found.reshape(len(points), len(step) ** 2)


def _runs(values: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the different ones of sorted values (n,), where each of them begins, and the number
    (n,) of the one that each value is."""
    begins = np.append(True, values[1:] != values[:-1])
    starts = np.flatnonzero(begins)
    return values[starts], starts, np.cumsum(begins) - 1


def _greatest(values: Array, groups: Ints, count: int) -> Array:
    """Return the greatest values (count, width) of groups of rows, to which values (n, width)
    belong. torch takes a third of the time of numpy's reduceat."""
    rows, width = torch.from_numpy(values), values.shape[1]
    index = torch.from_numpy(groups)[:, None].expand(-1, width)
    greatest = torch.zeros(count, width, dtype=rows.dtype)
    return greatest.scatter_reduce_(0, index, rows, "amax", include_self=False).numpy()


def _doubled(rows: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([rows, np.zeros_like(rows)])
