"""The map's computations written plainly, from the beginning: what the quick ones equal."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from longhaul.policies.mgdm.mapping import occupancy_map as voxels
from longhaul.policies.mgdm.mapping import shortest_paths as paths
from longhaul.policies.mgdm.mapping import waypoints
from longhaul.policies.mgdm.mapping.semantic_map import (
    EVIDENCE_DECAY,
    EVIDENCE_GAIN,
    SEMANTIC_CELL_M,
)


def shifted(numbers, bit):
    """Every voxel `bit` higher, lower where it is negative."""
    return numbers << np.uint64(bit) if bit > 0 else numbers >> np.uint64(-bit)


def union(numbers, shifts):
    found = np.zeros_like(numbers)
    for bit in shifts:
        found |= shifted(numbers, bit)
    return found


def around(numbers):
    """The union of every cell with its eight neighbors."""
    padded = np.pad(numbers, 1)
    height, width = numbers.shape
    found = np.zeros_like(numbers)
    for down in range(3):
        for right in range(3):
            found |= padded[down : down + height, right : right + width]
    return found


def floor_cells(occupancy):
    """A list of (row, column, bit, unknown, cost) of floor cells, layer by layer."""
    window = occupancy.window()
    solid = window.seen | window.assumed
    blocked = union(window.seen, range(-voxels.BODY_BITS, -voxels.CLIMB_BITS))
    beside = around(blocked)
    near = around(beside)
    levels = union(np.array([occupancy.levels]), (-1, 0, 1))
    free = solid & ~shifted(solid, -1) & ~blocked & (levels | ~beside)
    free[occupancy.collided(window)] = 0
    rows, columns = (slice(i, i + n) for i, n in zip(window[:2], solid.shape, strict=True))
    free |= occupancy.stood[rows, columns]
    known = union(solid, range(1 - voxels.BODY_BITS, 2 * voxels.CLIMB_BITS))
    cells = [[] for _ in range(paths.MAX_FLOORS)]
    height, width = solid.shape
    for row, column in np.argwhere(free):
        bits = [bit for bit in range(64) if int(free[row, column]) >> bit & 1]
        for layer, bit in zip(cells, bits, strict=False):
            inside = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
            inside = [(r, c) for r, c in inside if 0 <= r < height and 0 <= c < width]
            seen = all(int(known[cell]) >> bit & 1 for cell in [(row, column), *inside])
            cost = 1.0 + (paths.NEAR_OBSTACLE_COST - 1) * (int(near[row, column]) >> bit & 1)
            extra = paths.AT_OBSTACLE_COST - paths.NEAR_OBSTACLE_COST
            cost += extra * (int(beside[row, column]) >> bit & 1)
            at = int(row) + window.row, int(column) + window.column
            layer.append((*at, bit, not seen, np.float32(cost)))
    return [cell for layer in cells for cell in layer]


def shortest_paths(cells, start, jumps=()):
    """Distances and predecessors over floor cells, from edges in any order."""
    number = {}
    for node, (row, column, *_) in enumerate(cells):
        number.setdefault((row, column), []).append(node)
    edges = [(start, end, _length(cells, start, end)) for end in jumps]
    for node, (row, column, bit, _, cost) in enumerate(cells):
        for down, right in ((1, 1), (1, -1), (1, 0), (0, 1)):
            length = np.float32(voxels.VOXEL_M * float(np.hypot(down, right)))
            for other in number.get((row + down, column + right), ()):
                if abs(cells[other][2] - bit) <= voxels.CLIMB_BITS:
                    edges.append((node, other, max(length * (cost + cells[other][4]) / 2, 1e-3)))
    a, b, lengths = zip(*edges, strict=True) if edges else ((), (), ())
    shape = len(cells), len(cells)
    graph = coo_array((np.array(lengths, float), (a, b)), shape=shape).tocsr()
    return dijkstra(graph, directed=False, indices=start, return_predecessors=True)


def _length(cells, start, end):
    return max(2 * voxels.VOXEL_M * np.hypot(*np.subtract(cells[end][:2], cells[start][:2])), 1e-3)


def lookahead(before, node):
    path = [node]
    while before[path[-1]] >= 0:
        path.append(before[path[-1]])
    return path[::-1][: paths.LOOKAHEAD_CELLS + 1][-1]


def peaks(semantic, score, count, separation, taken):
    """Non-maximum suppression over all cells, one after the other."""
    left, found = score.copy(), []
    points, stories = semantic._cell[: len(score), 1:], semantic.stories
    for row in [*taken, *[None] * count]:
        if row is None:
            if not len(left) or left.max() <= 0:
                break
            row = int(left.argmax())
            found.append(row)
        gap = ((points - points[row]) ** 2).sum(1) * SEMANTIC_CELL_M**2
        left[(gap < separation**2) & (stories == stories[row])] = 0
    return found


def things_near(semantic, points, distance):
    rows = semantic._neighborhood(points, distance)
    return np.where(rows[..., None] >= 0, semantic._things[rows], 0).max(1)


def standing_nodes(found, semantic, rows):
    """The node of each thing, and how far the thing is from there, over all nodes."""
    nodes = np.flatnonzero(np.isfinite(found.distance))
    at, points = found.points[nodes], semantic.points[rows]
    gap = np.hypot(at[None, :, 0] - points[:, None, 0], at[None, :, 2] - points[:, None, 2])
    elsewhere = semantic.story(at[:, 1])[None] != semantic.stories[rows][:, None]
    cost = np.where(elsewhere, np.inf, gap + 0.02 * found.distance[nodes][None])
    best = cost.argmin(1)
    every = np.arange(len(rows))
    return [
        (int(nodes[b]), gap[i, b]) if np.isfinite(cost[i, b]) else None
        for i, b in zip(every, best, strict=True)
    ]


def frontiers(episode_map, found):
    """The node of each frontier with its cells, the nearest ones first."""
    blocks = {}
    for node in np.argsort(found.distance, kind="stable"):
        at = [int(axis[node]) for axis in found.floors[:3]]
        seen = episode_map.occupancy.visited(*np.array(at)[:, None])[0]
        if found.floors.unknown[node] and np.isfinite(found.distance[node]) and not seen:
            side, high = waypoints.FRONTIER_BLOCK_CELLS, waypoints.FRONTIER_BLOCK_BITS
            blocks.setdefault((at[0] // side, at[1] // side, at[2] // high), []).append(int(node))
    large = [
        nodes for _, nodes in sorted(blocks.items()) if len(nodes) >= waypoints.MIN_FRONTIER_CELLS
    ]
    middles = []
    for nodes in large:
        points = found.points[nodes]
        nearest = ((points - points.mean(0)) ** 2).sum(1).argmin()
        middles.append((nodes[nearest], len(nodes)))
    return sorted(middles, key=lambda m: found.distance[m[0]])[: waypoints.MAX_FRONTIERS]


def add_patches(evidence, semantic, points, things):
    """Add patches to `evidence`, a dict of a cell's evidence, one cell after the other."""
    seen = {}
    for cell, shares in zip(semantic._cells(points), things, strict=True):
        before = seen.get(tuple(cell), shares)
        seen[tuple(cell)] = np.maximum(before, shares)
    for cell, shares in seen.items():
        known = evidence.get(cell, np.zeros_like(shares))
        rate = np.where(shares > known, EVIDENCE_GAIN, EVIDENCE_DECAY)
        evidence[cell] = (known + rate * (shares - known)).astype(np.float32)
