"""Shortest paths over the occupancy map: where the robot can stand, and how far it is there.

A node is a floor cell on which the robot can stand. An edge joins two neighbors whose floors differ
by what it can climb, so that a path leads over stairs as over anything else.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from longhaul.policies.mgdm.mapping.occupancy_map import (
    BODY_BITS,
    CLIMB_BITS,
    VOXEL_M,
    OccupancyMap,
    Voxels,
    Window,
)

Array = NDArray[np.float32]
Ints = NDArray[np.int64]

MAX_FLOORS = 3
"""Floors above each other at one place that become nodes; ours."""

NEAR_OBSTACLE_COST, AT_OBSTACLE_COST = 1.2, 3.0
"""Cost of a meter two cells from an obstacle, and of one beside it, where it is 1 elsewhere; ours.
So a path keeps away from obstacles where there is room."""

LOOKAHEAD_CELLS = 4
"""The robot turns to the point of a path that is so many cells ahead (0.5 m); ours."""

JUMP_CELLS = 2
"""From an island the robot may go to any node within so many cells, whatever was seen between; on
stairs it may not see the step on which it stands; ours."""

ISLAND_NODES = 30
"""With fewer nodes in reach than this the robot is on an island; ours."""

NEIGHBOR_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Steps (rows, columns) to the eight neighbors, each pair once."""


class FloorCells(NamedTuple):
    """Cells on which the robot can stand, (n,) each: `row` and `column` of the grid, `bit`, and
    whether a neighbor is `unknown`, which makes the cell a frontier."""

    row: Ints
    column: Ints
    bit: Ints
    unknown: NDArray[np.bool_]


class ShortestPaths:
    """Shortest paths from the robot's pose over what the occupancy map knows at this step.

    Node n is floor cell n of `floors`; `points` (n, 3) is where it is, in m, and `distance` (n,)
    how far, in m, inf where no path is known. Distances are weighted by the costs near obstacles,
    unless `plain` asks for lengths.
    """

    def __init__(self, occupancy: OccupancyMap, pose: Array, plain: bool = False) -> None:
        self._occupancy, self.pose = occupancy, pose
        window = occupancy.window()
        self.floors, ids, cost = _floor_cells(occupancy, window)
        cost = np.ones_like(cost) if plain else cost
        start = self._nearest(pose)
        self.points = occupancy.positions(*self.floors[:3])
        no_jumps = np.zeros((2, 0), np.int64)
        self.distance, before = _dijkstra(_graph(ids, self.floors, cost, no_jumps), start)
        if np.isfinite(self.distance).sum() < ISLAND_NODES:
            graph = _graph(ids, self.floors, cost, self._jumps(start))
            self.distance, before = _dijkstra(graph, start)
        self._before: list[int] = before.tolist()

    def _nearest(self, pose: Array) -> int:
        """Return the node nearest to a pose, rather on its floor than on another one."""
        row, column = (int(i) for i in self._occupancy.cells(float(pose[0]), float(pose[2])))
        bit = int(self._occupancy.bits(float(pose[1])))
        floors = self.floors
        gap = (floors.row - row) ** 2 + (floors.column - column) ** 2
        off = abs(floors.bit - bit)
        return int(np.argmin(gap + 4 * np.maximum(off - CLIMB_BITS, 0) ** 2 + 0.01 * off))

    def _jumps(self, start: int) -> Ints:
        """Return pairs (2, n) of the start and the nodes within JUMP_CELLS."""
        floors = self.floors
        gap = np.maximum(
            abs(floors.row - floors.row[start]), abs(floors.column - floors.column[start])
        )
        rise = abs(floors.bit - floors.bit[start])
        near = np.flatnonzero((gap <= JUMP_CELLS) & (rise <= JUMP_CELLS + 1))
        near = near[near != start]
        return np.stack([np.full(len(near), start), near])

    def path(self, node: int) -> list[int]:
        """Return the nodes from the robot to a node, ends included."""
        nodes = [node]
        while self._before[nodes[-1]] >= 0:
            nodes.append(self._before[nodes[-1]])
        return nodes[::-1]

    def bearing(self, node: int) -> float:
        """Return how far (rad, in -pi..pi) the robot must turn to the left to go to a node."""
        ahead = self.path(node)[: LOOKAHEAD_CELLS + 1]
        x, z = (self.points[ahead[-1]] - self.pose[:3])[[0, 2]]
        if np.hypot(x, z) < 1e-3:
            return 0.0
        return float((np.arctan2(-x, -z) - self.pose[3] + np.pi) % (2 * np.pi) - np.pi)


def _dijkstra(graph: coo_array, start: int) -> tuple[NDArray[np.float64], Ints]:
    distance, before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
    return distance, before


def _floor_cells(
    occupancy: OccupancyMap, window: Window
) -> tuple[FloorCells, list[Ints], NDArray[np.float32]]:
    """Return the floor cells, their numbers by layer and grid cell (-1 for none), and the cost of a
    meter there."""
    solid = window.seen | window.assumed
    tops = solid & ~(solid >> np.uint64(1))
    blocked = _below_obstacles(window.seen)
    beside = _dilated(blocked)
    free = tops & ~blocked & (_walked_levels(occupancy) | ~beside)
    free[occupancy.collided(window)] = 0
    free |= _stood(occupancy, window)
    near = _dilated(beside)
    known = _known_around(solid)
    ids, layers, number = [], [], 0
    for _ in range(MAX_FLOORS):
        rows, columns = np.nonzero(free)
        if not len(rows):
            break
        low = free[rows, columns] & (~free[rows, columns] + np.uint64(1))
        bit = np.log2(low.astype(np.float64)).astype(np.int64)
        layer = np.full(free.shape, -1)
        layer[rows, columns] = number + np.arange(len(rows))
        number += len(rows)
        ids.append(layer)
        cost = 1.0 + (NEAR_OBSTACLE_COST - 1) * ((near[rows, columns] & low) > 0)
        cost += (AT_OBSTACLE_COST - NEAR_OBSTACLE_COST) * ((beside[rows, columns] & low) > 0)
        unknown = (known[rows, columns] & low) == 0
        layers.append((rows + window.row, columns + window.column, bit, unknown, cost))
        free[rows, columns] &= ~low
    row, column, bit, unknown, cost = (np.concatenate(a) for a in zip(*layers, strict=True))
    return FloorCells(row, column, bit, unknown), ids, cost.astype(np.float32)


def _stood(occupancy: OccupancyMap, window: Window) -> Voxels:
    """Return a window's floors on which the robot has stood. It can stand there, whatever the
    pictures show."""
    rows, columns = window.seen.shape
    row, column = window.row, window.column
    return occupancy.stood[row : row + rows, column : column + columns]


def _walked_levels(occupancy: OccupancyMap) -> np.uint64:
    """Return the bits of the levels on which the robot has walked, and one bit more on each side.

    At other heights a floor must be clear all around, since the sides of a bed that is seen in part
    look like stairs.
    """
    walked = occupancy.levels
    return np.uint64(walked | (walked << np.uint64(1)) | (walked >> np.uint64(1)))


def _below_obstacles(seen: Voxels) -> Voxels:
    """Return the bits of floors above which something is in the way of the robot's body."""
    found = np.zeros_like(seen)
    for bit in range(CLIMB_BITS + 1, BODY_BITS + 1):
        found |= seen >> np.uint64(bit)
    return found


def _dilated(voxels: Voxels) -> Voxels:
    """Return voxels and their eight neighbors at the same height."""
    wide = voxels.copy()
    wide[1:] |= voxels[:-1]
    wide[:-1] |= voxels[1:]
    all_around = wide.copy()
    all_around[:, 1:] |= wide[:, :-1]
    all_around[:, :-1] |= wide[:, 1:]
    return all_around


def _known_around(solid: Voxels) -> Voxels:
    """Return the bits of floors of which all four neighbors were seen, at about that height."""
    known = np.zeros_like(solid)
    for bit in range(BODY_BITS):
        known |= solid >> np.uint64(bit)
    for bit in range(1, 2 * CLIMB_BITS):
        known |= solid << np.uint64(bit)
    inner = known.copy()
    inner[1:] &= known[:-1]
    inner[:-1] &= known[1:]
    inner[:, 1:] &= known[:, :-1]
    inner[:, :-1] &= known[:, 1:]
    return inner


def _graph(ids: list[Ints], floors: FloorCells, cost: Array, jumps: Ints) -> coo_array:
    """Return the graph of neighbors, weighted in m, with edges for the pairs `jumps` (2, n) too."""
    bits, count = floors.bit, len(floors.bit)
    starts, ends = [jumps[0]], [jumps[1]]
    lengths = [2 * VOXEL_M * np.hypot(*(np.diff(axis[jumps], axis=0)[0] for axis in floors[:2]))]
    for step in NEIGHBOR_STEPS:
        length = VOXEL_M * float(np.hypot(*step))
        for first in ids:
            for second in ids:
                a, b = _neighbors(first, second, step)
                linked = (a >= 0) & (b >= 0)
                a, b = a[linked], b[linked]
                climbable = abs(bits[a] - bits[b]) <= CLIMB_BITS
                starts.append(a[climbable])
                ends.append(b[climbable])
                lengths.append(length * (cost[a[climbable]] + cost[b[climbable]]) / 2)
    rows, columns, values = (np.concatenate(a) for a in (starts, ends, lengths))
    values = np.maximum(values, 1e-3)
    # Two edges between the same nodes are added up: such an edge costs more, and is not taken.
    return coo_array((values, (rows, columns)), shape=(count, count)).tocsr()


def _neighbors(first: Ints, second: Ints, step: tuple[int, int]) -> tuple[Ints, Ints]:
    """Return the nodes of one layer, and beside each the node of another one that lies a step away;
    -1 for none."""
    down, right = step
    height, width = first.shape
    here = first[: height - down, max(0, -right) : width - max(0, right)]
    there = second[down:, max(0, right) : width + min(0, right)]
    return here, there
