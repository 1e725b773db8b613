"""Ways over an OccupancyMap: where the robot can stand, how far it is and how to begin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from longhaul.policies.mgdm.mapping.occupancy_map import (
    BODY,
    CELL,
    CLIMB,
    Columns,
    OccupancyMap,
    Window,
)

Array = NDArray[np.float32]
Ints = NDArray[np.int64]

FLOORS = 3
"""Floors above each other in one column that are looked at."""

TIGHT, TIGHTER = 1.2, 3.0
"""What a step costs, in times of its length, two cells from what stands in the way, and one."""

LOOK_AHEAD = 4
"""How many cells along a way lies the point that the robot turns to."""

STRIDE = 2
"""Cells around the robot to which it can go, whatever is seen between, where it stands on an
island of fewer than ISLAND floors: on stairs it may not see its own step."""

ISLAND = 30

HALF = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Steps to neighbors, each pair once."""


class Floors(NamedTuple):
    """Cells in which the robot can stand: `row`, `column` of the whole map, `bit`, and `unknown`:
    whether what lies beside it has not been seen."""

    row: Ints
    column: Ints
    bit: Ints
    unknown: NDArray[np.bool_]


class Routes:
    """Shortest ways from the robot's place over what the occupancy map knows at this step.

    Where it is narrow a step costs more than its length, unless lengths are to be `plain`.
    """

    def __init__(self, occupancy: OccupancyMap, pose: Array, plain: bool = False) -> None:
        self._occupancy, self.pose = occupancy, pose
        window = occupancy.window()
        self.floors, ids, cost = _floors(occupancy, window)
        cost = np.ones_like(cost) if plain else cost
        start = self._nearest(pose)
        self.points = occupancy.point(*self.floors[:3])
        nothing = np.zeros((2, 0), np.int64)
        self.distance, before = _shortest(_graph(ids, self.floors, cost, nothing), start)
        if np.isfinite(self.distance).sum() < ISLAND:
            graph = _graph(ids, self.floors, cost, self._stride(start))
            self.distance, before = _shortest(graph, start)
        self._before: list[int] = before.tolist()

    def _nearest(self, pose: Array) -> int:
        row, column = (int(i) for i in self._occupancy.cells(float(pose[0]), float(pose[2])))
        bit = int(self._occupancy.bits(float(pose[1])))
        floors = self.floors
        gap = (floors.row - row) ** 2 + (floors.column - column) ** 2
        off = abs(floors.bit - bit)
        return int(np.argmin(gap + 4 * np.maximum(off - CLIMB, 0) ** 2 + 0.01 * off))

    def _stride(self, start: int) -> Ints:
        """Return pairs (2, n) of the start and what is near."""
        floors = self.floors
        gap = np.maximum(
            abs(floors.row - floors.row[start]), abs(floors.column - floors.column[start])
        )
        near = np.flatnonzero((gap <= STRIDE) & (abs(floors.bit - floors.bit[start]) <= STRIDE + 1))
        near = near[near != start]
        return np.stack([np.full(len(near), start), near])

    def way(self, node: int) -> list[int]:
        """Return the nodes from the robot's place to a node, ends included."""
        nodes = [node]
        while self._before[nodes[-1]] >= 0:
            nodes.append(self._before[nodes[-1]])
        return nodes[::-1]

    def bearing(self, node: int) -> float:
        """Return how far to the left (rad, in -pi..pi) the robot must turn to go to a node."""
        way = self.way(node)[: LOOK_AHEAD + 1]
        x, z = (self.points[way[-1]] - self.pose[:3])[[0, 2]]
        if np.hypot(x, z) < 1e-3:
            return 0.0
        return float((np.arctan2(-x, -z) - self.pose[3] + np.pi) % (2 * np.pi) - np.pi)


def _shortest(graph: coo_array, start: int) -> tuple[NDArray[np.float64], Ints]:
    distance, before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
    return distance, before


def _floors(occupancy: OccupancyMap, window: Window) -> tuple[Floors, list[Ints], Array]:
    """Return the floors, their numbers by layer and cell (-1: none), and a step's cost there."""
    solid = window.seen | window.assumed
    tops = solid & ~(solid >> np.uint64(1))
    over = _over(window.seen)
    wide = _spread(over)
    free = tops & ~over & (_levels(occupancy) | ~wide)
    free[occupancy.bumped(window)] = 0
    free |= _own(occupancy, window)
    wider = _spread(wide)
    about = _near(solid)
    ids, parts, number = [], [], 0
    for _ in range(FLOORS):
        rows, columns = np.nonzero(free)
        if not len(rows):
            break
        low = free[rows, columns] & (~free[rows, columns] + np.uint64(1))
        bit = np.log2(low.astype(np.float64)).astype(np.int64)
        layer = np.full(free.shape, -1)
        layer[rows, columns] = number + np.arange(len(rows))
        number += len(rows)
        ids.append(layer)
        cost = 1.0 + (TIGHT - 1) * ((wider[rows, columns] & low) > 0)
        cost += (TIGHTER - TIGHT) * ((wide[rows, columns] & low) > 0)
        unknown = (about[rows, columns] & low) == 0
        parts.append((rows + window.row, columns + window.column, bit, unknown, cost))
        free[rows, columns] &= ~low
    row, column, bit, unknown, cost = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Floors(row, column, bit, unknown), ids, cost.astype(np.float32)


def _own(occupancy: OccupancyMap, window: Window) -> Columns:
    """Return the columns of where the robot has stood: that it can, no picture says otherwise."""
    return occupancy.stood[
        window.row : window.row + window.seen.shape[0],
        window.column : window.column + window.seen.shape[1],
    ]


def _levels(occupancy: OccupancyMap) -> np.uint64:
    """Return the bits of the levels on which the robot has walked, one more on each side.

    Elsewhere floor must be clear all around: of a bed that is seen in part the sides look like
    stairs.
    """
    walked = occupancy.levels
    return np.uint64(walked | (walked << np.uint64(1)) | (walked >> np.uint64(1)))


def _over(seen: Columns) -> Columns:
    """Return the bits of floors above which something is in the way of the robot's body."""
    found = np.zeros_like(seen)
    for bit in range(CLIMB + 1, BODY + 1):
        found |= seen >> np.uint64(bit)
    return found


def _spread(columns: Columns) -> Columns:
    """Return columns with the bits of all neighbors."""
    wide = columns.copy()
    wide[1:] |= columns[:-1]
    wide[:-1] |= columns[1:]
    all_around = wide.copy()
    all_around[:, 1:] |= wide[:, :-1]
    all_around[:, :-1] |= wide[:, 1:]
    return all_around


def _near(solid: Columns) -> Columns:
    """Return the bits of floors all of whose four neighbors were seen, at about that height."""
    known = np.zeros_like(solid)
    for bit in range(BODY):
        known |= solid >> np.uint64(bit)
    for bit in range(1, 2 * CLIMB):
        known |= solid << np.uint64(bit)
    inner = known.copy()
    inner[1:] &= known[:-1]
    inner[:-1] &= known[1:]
    inner[:, 1:] &= known[:, :-1]
    inner[:, :-1] &= known[:, 1:]
    return inner


def _graph(ids: list[Ints], floors: Floors, cost: Array, more: Ints) -> coo_array:
    """Return what a step from floor to floor costs; `more` are pairs (2, n) beside neighbors."""
    bits, count = floors.bit, len(floors.bit)
    starts, ends = [more[0]], [more[1]]
    lengths = [2 * CELL * np.hypot(*(np.diff(part[more], axis=0)[0] for part in floors[:2]))]
    for step in HALF:
        length = CELL * float(np.hypot(*step))
        for first in ids:
            for second in ids:
                a, b = _shifted(first, second, step)
                linked = (a >= 0) & (b >= 0)
                a, b = a[linked], b[linked]
                near = abs(bits[a] - bits[b]) <= CLIMB
                starts.append(a[near])
                ends.append(b[near])
                lengths.append(length * (cost[a[near]] + cost[b[near]]) / 2)
    rows, columns, values = (np.concatenate(part) for part in (starts, ends, lengths))
    values = np.maximum(values, 1e-3)
    # Of two ways between the same floors the second is added up: it costs more, and is not taken.
    return coo_array((values, (rows, columns)), shape=(count, count)).tocsr()


def _shifted(first: Ints, second: Ints, step: tuple[int, int]) -> tuple[Ints, Ints]:
    """Return the numbers of cells, and of those a step away from each."""
    down, right = step
    height, width = first.shape
    here = first[: height - down, max(0, -right) : width - max(0, right)]
    there = second[down:, max(0, right) : width + min(0, right)]
    return here, there
