"""Shortest paths over the occupancy map: where the robot can stand, and how far it is there.

A node is a floor cell on which the robot can stand. An edge joins two neighbors whose floors differ
by what it can climb, so that a path leads over stairs as over anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
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

MIN_EDGE_M = 1e-3
"""The least length of an edge (m), since a graph holds no edges of length 0; ours."""

ISLAND_NODES = 30
"""With fewer nodes in reach than this the robot is on an island; ours."""

NEIGHBOR_STEPS = ((0, 1), (1, -1), (1, 0), (1, 1))
"""Steps (rows, columns) to the eight neighbors, each pair once, in the order of the cells."""

Layers = NDArray[np.int32]
"""Numbers of nodes by layer and cell of a window, (layers, rows + 1, columns + 2), -1 for none. A
margin of one cell below and at either side has no nodes, so that every step leads to a cell."""


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
        self.floors, layers, cost = _floor_cells(occupancy, window)
        cost = np.ones_like(cost) if plain else cost
        start = self._nearest(pose)
        self.points = occupancy.positions(*self.floors[:3])
        no_jumps = np.zeros((2, 0), np.int64)
        self.distance, before = _dijkstra(_graph(layers, self.floors, cost, no_jumps), start)
        if np.isfinite(self.distance).sum() < ISLAND_NODES:
            graph = _graph(layers, self.floors, cost, self._jumps(start))
            self.distance, before = _dijkstra(graph, start)
        self._before = before
        self._ahead: dict[int, tuple[int, int]] = {start: (0, start)}

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
        while (before := self._before.item(nodes[-1])) >= 0:
            nodes.append(before)
        return nodes[::-1]

    def bearing(self, node: int) -> float:
        """Return how far (rad, in -pi..pi) the robot must turn to the left to go to a node."""
        return float(self.bearings([node])[0])

    def bearings(self, nodes: Sequence[int]) -> Array:
        """Return how far (rad, in -pi..pi) the robot must turn to the left to go to each of some
        nodes (n,)."""
        ahead = np.array([self._lookahead(node) for node in nodes], np.int64)
        x, _, z = (self.points[ahead] - self.pose[:3]).T
        bearing = (np.arctan2(-x, -z) - self.pose[3] + np.pi) % (2 * np.pi) - np.pi
        return np.asarray(np.where(np.hypot(x, z) < 1e-3, 0, bearing), np.float32)

    def _lookahead(self, node: int) -> int:
        """Return the node LOOKAHEAD_CELLS ahead on the path to a node, or the node itself if it is
        nearer. What is known of a path holds for all paths that begin with it, so each node is
        passed once."""
        known, way, at = self._ahead, [], node
        while at not in known and (before := self._before.item(at)) >= 0:
            way.append(at)
            at = before
        steps, ahead = known.get(at, (0, at))
        for at in reversed(way):
            steps += 1
            ahead = at if steps <= LOOKAHEAD_CELLS else ahead
            known[at] = steps, ahead
        return ahead


def _dijkstra(graph: csr_array, start: int) -> tuple[NDArray[np.float64], Ints]:
    distance, before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
    return distance, before


def _floor_cells(
    occupancy: OccupancyMap, window: Window
) -> tuple[FloorCells, Layers, NDArray[np.float32]]:
    """Return the floor cells, their numbers by layer and grid cell, and the cost of a meter
    there."""
    solid = window.seen | window.assumed
    tops = solid & ~(solid >> np.uint64(1))
    blocked = _below_obstacles(window.seen)
    beside = _dilated(blocked)
    free = tops & ~blocked & (_walked_levels(occupancy) | ~beside)
    free[occupancy.collided(window)] = 0
    free |= _stood(occupancy, window)
    near, known = _dilated(beside).ravel(), _known_around(solid).ravel()
    (height, width), beside = free.shape, beside.ravel()
    where = np.flatnonzero(free)
    left = free.ravel()[where]
    layers = np.full((MAX_FLOORS, height + 1, width + 2), -1, np.int32)
    found, number, used = [], 0, 0
    while len(where) and used < MAX_FLOORS:
        low = left & (~left + np.uint64(1))
        bit = np.frexp(low.astype(np.float64))[1].astype(np.int64) - 1
        rows, columns = np.divmod(where, width)
        layers[used, rows, columns + 1] = number + np.arange(len(where))
        number, used = number + len(where), used + 1
        cost = 1.0 + (NEAR_OBSTACLE_COST - 1) * ((near[where] & low) > 0)
        cost += (AT_OBSTACLE_COST - NEAR_OBSTACLE_COST) * ((beside[where] & low) > 0)
        unknown = (known[where] & low) == 0
        found.append((rows + window.row, columns + window.column, bit, unknown, cost))
        left = left ^ low
        where, left = where[left > 0], left[left > 0]
    row, column, bit, unknown, cost = (np.concatenate(a) for a in zip(*found, strict=True))
    return FloorCells(row, column, bit, unknown), layers[:used], cost.astype(np.float32)


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
    first = CLIMB_BITS + 1
    return _or_of_shifts(seen >> np.uint64(first), BODY_BITS + 1 - first)


def _or_of_shifts(voxels: Voxels, count: int) -> Voxels:
    """Return the union of the voxels shifted down by 0, 1, ... `count` - 1 bits. Each union is
    shifted as a whole, so that it takes the logarithm of `count` shifts."""
    done = 1
    while done < count:
        shift = min(done, count - done)
        voxels, done = voxels | (voxels >> np.uint64(shift)), done + shift
    return voxels


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
    above = solid
    for _ in range(1, 2 * CLIMB_BITS):
        above = solid | (above << np.uint64(1))
    known = _or_of_shifts(solid, BODY_BITS) | above
    inner = known.copy()
    inner[1:] &= known[:-1]
    inner[:-1] &= known[1:]
    inner[:, 1:] &= known[:, :-1]
    inner[:, :-1] &= known[:, 1:]
    return inner


def _graph(layers: Layers, floors: FloorCells, cost: Array, jumps: Ints) -> csr_array:
    """Return the graph of neighbors, weighted in m, with edges for the pairs `jumps` (2, n) too.

    Each edge is stored once, in the row of the node from which a step of NEIGHBOR_STEPS leads to
    the other one. Rows are made in the order of their nodes, so that nothing needs sorting.
    """
    count, width = len(floors.bit), layers.shape[2]
    flat, ways = layers.reshape(len(layers), -1), len(NEIGHBOR_STEPS)
    here = np.concatenate([np.flatnonzero(layer >= 0) for layer in flat])
    ends = np.empty((count, len(flat) * ways), np.int32)
    for way, (down, right) in enumerate(NEIGHBOR_STEPS):
        there = here + (down * width + right)
        for number, layer in enumerate(flat):
            ends[:, number * ways + way] = layer[there]
    bits = floors.bit.astype(np.int8)
    linked = (ends >= 0) & (abs(bits[ends] - bits[:, None]) <= CLIMB_BITS)
    lengths = np.array([VOXEL_M * float(np.hypot(*step)) for step in NEIGHBOR_STEPS], np.float32)
    values = np.tile(lengths, len(flat)) * (cost[:, None] + cost[ends]) / 2
    values = np.maximum(values[linked].astype(np.float64), MIN_EDGE_M)
    columns = ends[linked]
    if jumps.size:
        far = 2 * VOXEL_M * np.hypot(*(np.diff(axis[jumps], axis=0)[0] for axis in floors[:2]))
        values = np.concatenate([np.maximum(far, MIN_EDGE_M), values])
        rows, columns = np.append(jumps[0], linked.nonzero()[0]), np.append(jumps[1], columns)
        # Two edges between the same nodes are added up: such an edge costs more, and is not taken.
        return coo_array((values, (rows, columns)), shape=(count, count)).tocsr()
    starts = np.zeros(count + 1, np.int32)
    np.cumsum(np.count_nonzero(linked, 1), out=starts[1:])
    return csr_array((values, columns, starts), shape=(count, count))
