"""Candidate waypoints: where the robot could go next.

There are three kinds: things that may be the target, things in the room that was named, which
support the search for it, and frontiers, floor that borders on what is unknown (frontier-based
exploration, Yamauchi 1997). The network chooses one of them; decision/waypoint_features.py makes
its input of them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from longhaul.policies.mgdm.mapping.episode_map import EpisodeMap
from longhaul.policies.mgdm.mapping.semantic_map import SemanticMap
from longhaul.policies.mgdm.mapping.shortest_paths import ShortestPaths
from longhaul.policies.mgdm.perception.observations import MOVE_FORWARD, TURN_LEFT, TURN_RIGHT
from longhaul.policies.mgdm.perception.relative_pose import OFFSET_SCALE_M

Array = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

TARGET, SUPPORT, FRONTIER = range(3)
"""Kinds of waypoints."""

MAX_TARGETS, MAX_SUPPORTS, MAX_FRONTIERS = 12, 12, 16
"""Waypoints of each kind at most; ours. Together they are the shipped network's 40."""

MIN_TARGET_MATCH = 0.02
"""A cell whose evidence of the target is not above this is no target; ours."""

MIN_SUPPORT_EVIDENCE = 0.3
"""A cell whose evidence of every thing is not above this is no support; ours."""

TARGET_SEPARATION_M, SUPPORT_SEPARATION_M = 0.75, 1.0
"""Distance (m) between two targets, and between two supports, at least; ours."""

FRONTIER_BLOCK_CELLS, FRONTIER_BLOCK_BITS = 12, 16
"""Frontier cells in one block of so many voxels a side (1.5 m) and so many high (2 m) make one
waypoint; ours."""

MIN_FRONTIER_CELLS = 3
"""Frontier cells that a block must have to be a waypoint; ours."""

TURN_THRESHOLD_RAD = np.pi / 12
"""The robot turns to a waypoint whose bearing is greater than this (rad): half of its turn of 30
degrees."""

ARRIVED_M = 0.15
"""At a waypoint nearer than this (m) the robot turns to look around; ours."""

SAME_WAYPOINT_M = 0.6
"""Waypoints of two steps are taken for the same one if they lie nearer to each other (m); ours."""

ROUGH_M = 1e-3
"""Distances (m) that are computed quickly are exact to less than this; ours. Which one is the
least is decided exactly."""

STRUCTURE = ("wall", "floor", "ceiling", "door frame", "window", "stairs", "railing")
"""Names of the building's own elements, which are never a target."""

OTHER_ROOM_WEIGHT = 0.25
"""How much evidence of the target counts in a room that is surely not the one that was named, where
it counts 1 in that room; ours."""


@dataclass(frozen=True)
class Goal:
    """What is looked for: how much each name of `things` (things,) and of `rooms` (rooms,) means
    the subgoal's target and room. Each adds up to 1; `rooms` is zeros where no room was named, and
    then every room is as good."""

    things: Array
    rooms: Array


@dataclass(frozen=True)
class Waypoints:
    """The candidate waypoints of one step: a record of arrays with a row for each, in no order.

    `kind` (n,) is TARGET, SUPPORT or FRONTIER. `action` (n,) is the action that begins the path to
    it. `position` (n, 3) is where the robot would stand, in m, and `cell` (n, 3) its row, column
    and bit in the occupancy map. `path_length` (n,) is the distance there in m, weighted near
    obstacles, and `bearing` (n,) how far the robot turns to the left to go there, in rad. `offset`
    (n, 3) is where the thing, or the frontier, lies to the right, up and ahead, bounded to a length
    below 1. `things` (n, things) and `rooms` (n, rooms) are the evidence around it; `target_match`
    and `room_match` (n,), both in 0..1, say how well they fit the goal. `frontier_cells` (n,) is
    how many frontier cells a frontier stands for, `thing_gap` (n,) how far in m a thing is from
    where one would stand; both are 0 for the other kinds. `visited` (n,) says whether the robot was
    near.
    """

    kind: Ints
    action: Ints
    position: Array
    cell: Ints
    path_length: NDArray[np.float64]
    bearing: Array
    offset: Array
    things: Array
    rooms: Array
    target_match: Array
    room_match: Array
    frontier_cells: Ints
    thing_gap: Array
    visited: Bools

    def __len__(self) -> int:
        return len(self.kind)

    def __getitem__(self, rows: slice | Ints | Bools) -> Self:
        """Return some of the waypoints."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))

    def near(self, position: Array | None) -> Bools:
        """Return which waypoints (n,) are the one at a position (3,) of another step; none of them
        for None."""
        if position is None:
            return np.zeros(len(self), bool)
        gap = np.linalg.norm(self.position - position, axis=1)
        return np.asarray(gap < SAME_WAYPOINT_M)

    def target_evidence(self) -> Array:
        """Return how much each waypoint (n,) looks like the target, 0 to 1; 0 for other kinds."""
        weight = OTHER_ROOM_WEIGHT + (1 - OTHER_ROOM_WEIGHT) * self.room_match
        evidence = np.where(self.kind == TARGET, self.target_match * weight, 0)
        return np.asarray(evidence, np.float32)


def find_waypoints(
    episode_map: EpisodeMap, paths: ShortestPaths, goal: Goal, selectable: Array
) -> Waypoints:
    """Return the waypoints of a step. `selectable` (things,) is 0 for names in STRUCTURE, else 1.

    A thing to which no path is known is left out.
    """
    semantic = episode_map.semantic
    targets, supports = _things(semantic, goal, selectable)
    cells = np.concatenate([targets, supports])
    thing_node, gap = _standing_nodes(paths, semantic, cells)
    reached = thing_node >= 0
    frontier_node, size = _frontiers(episode_map, paths)
    nodes = np.concatenate([thing_node[reached], frontier_node])
    frontiers, things = len(frontier_node), int(reached.sum())
    points = np.concatenate([semantic.points_of(cells[reached]), paths.points[frontier_node]])
    evidence, rooms = _evidence(semantic, cells[reached], points)
    bearing = paths.bearings(nodes.tolist())
    target_count = int(reached[: len(targets)].sum())
    counts = target_count, things - target_count, frontiers
    everywhere = np.ones(len(nodes), np.float32)
    return Waypoints(
        kind=np.repeat([TARGET, SUPPORT, FRONTIER], counts),
        action=_actions(bearing, paths.distance[nodes]),
        position=paths.points[nodes],
        cell=np.stack([axis[nodes] for axis in paths.floors[:3]], -1),
        path_length=paths.distance[nodes],
        bearing=bearing,
        offset=_offset(points, paths.pose),
        things=evidence * selectable,
        rooms=rooms,
        target_match=evidence @ goal.things,
        room_match=rooms @ goal.rooms if goal.rooms.any() else everywhere,
        frontier_cells=np.concatenate([np.zeros(things, np.int64), size]),
        thing_gap=np.concatenate([gap[reached], np.zeros(frontiers, np.float32)]),
        visited=episode_map.occupancy.visited(*(axis[nodes] for axis in paths.floors[:3])),
    )


def cell_key(cells: Ints) -> Ints:
    """Return a number for each cell (n, 3): row, column, bit."""
    return (cells[..., 0] * 4096 + cells[..., 1]) * 64 + cells[..., 2]


def _evidence(semantic: SemanticMap, cells: Ints, points: Array) -> tuple[Array, Array]:
    """Return evidence of things (n, things) and of rooms (n, rooms) at waypoints: those of the
    thing's own `cells`, which come first, then what lies around frontiers. `points` (n, 3) are of
    both."""
    things = len(cells)
    evidence = np.zeros((len(points), semantic.things.shape[1]), np.float32)
    rooms = np.zeros((len(points), semantic.room_kinds), np.float32)
    if things:
        evidence[:things] = semantic.things[cells]
        rooms[:things] = semantic.rooms_near(points[:things], 0.75)
    if len(points) > things:
        evidence[things:] = semantic.things_near(points[things:], 1.5)
        rooms[things:] = semantic.rooms_near(points[things:], 1.0)
    return evidence, rooms


def _actions(bearing: Array, path_length: NDArray[np.float64]) -> Ints:
    """Return the action (n,) that begins each path: a turn, or a move ahead."""
    turn_or_move = np.where(bearing < -TURN_THRESHOLD_RAD, TURN_RIGHT, MOVE_FORWARD)
    action = np.where(bearing > TURN_THRESHOLD_RAD, TURN_LEFT, turn_or_move)
    action[path_length < ARRIVED_M] = TURN_LEFT
    return np.asarray(action)


def _things(semantic: SemanticMap, goal: Goal, selectable: Array) -> tuple[Ints, Ints]:
    """Return the semantic map's rows that may be the target, and those of things in its room."""
    if not len(semantic.things):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    match = semantic.things @ goal.things
    rooms = semantic.room_shares @ goal.rooms if goal.rooms.any() else np.ones(len(match))
    score = np.where(match > MIN_TARGET_MATCH, match * (0.3 + rooms), 0)
    no_rows = np.zeros(0, np.int64)
    targets = semantic.peaks(score, MAX_TARGETS, TARGET_SEPARATION_M, no_rows)
    surest = semantic.surest(selectable)
    score = np.where(surest > MIN_SUPPORT_EVIDENCE, surest * rooms, 0)
    return targets, semantic.peaks(score, MAX_SUPPORTS, SUPPORT_SEPARATION_M, targets)


def _standing_nodes(paths: ShortestPaths, semantic: SemanticMap, rows: Ints) -> tuple[Ints, Array]:
    """Return for each thing the node on its story from which it is nearest, -1 for none, and how
    far it is from there (m)."""
    if not len(rows):
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    nodes = np.flatnonzero(np.isfinite(paths.distance))
    at, points = paths.points[nodes], semantic.points_of(rows)
    stories, far = semantic.story(at[:, 1]), 0.02 * paths.distance[nodes]
    best, nearest = np.full(len(rows), -1), np.full(len(rows), np.inf, np.float32)
    for story in np.unique(stories):
        there = np.flatnonzero(stories == story)
        (x, _, z), cost = at[there].T.copy(), far[there]
        rough_cost = cost.astype(np.float32)
        for thing in np.flatnonzero(semantic.stories[rows] == story):
            across, along = x - points[thing, 0], z - points[thing, 2]
            rough = np.sqrt(across * across + along * along) + rough_cost
            near = np.flatnonzero(rough <= rough.min() + ROUGH_M)
            gap = np.hypot(across[near], along[near])
            chosen = (gap + cost[near]).argmin()
            best[thing], nearest[thing] = nodes[there[near[chosen]]], gap[chosen]
    return best, nearest


def _frontiers(episode_map: EpisodeMap, paths: ShortestPaths) -> tuple[Ints, Ints]:
    """Return a node of each frontier, the nearest ones first, and how many cells each stands
    for."""
    floors = paths.floors
    border = np.flatnonzero(floors.unknown & np.isfinite(paths.distance))
    border = border[~episode_map.occupancy.visited(*(axis[border] for axis in floors[:3]))]
    if not len(border):
        return border, np.zeros(0, np.int64)
    border = border[np.argsort(paths.distance[border], kind="stable")]
    blocks = (
        floors.row[border] // FRONTIER_BLOCK_CELLS,
        floors.column[border] // FRONTIER_BLOCK_CELLS,
        floors.bit[border] // FRONTIER_BLOCK_BITS,
    )
    _, inverse, count = np.unique(
        cell_key(np.stack(blocks, -1)), return_inverse=True, return_counts=True
    )
    large = np.flatnonzero(count >= MIN_FRONTIER_CELLS)
    chosen = np.array([_middle(border[inverse == i], paths) for i in large], np.int64)
    order = np.argsort(paths.distance[chosen], kind="stable")[:MAX_FRONTIERS]
    return chosen[order], count[large[order]]


def _middle(nodes: Ints, paths: ShortestPaths) -> int:
    """Return the one of some nodes that is nearest to their mean."""
    points = paths.points[nodes]
    return int(nodes[((points - points.mean(0)) ** 2).sum(1).argmin()])


def _offset(points: Array, pose: Array) -> Array:
    """Return where points (n, 3) lie to the right, up and ahead of a pose (4,), bounded as
    perception/relative_pose.py does it."""
    gap = points - pose[:3]
    sine, cosine = np.sin(pose[3]), np.cos(pose[3])
    right = gap[:, 0] * cosine - gap[:, 2] * sine
    ahead = -gap[:, 0] * sine - gap[:, 2] * cosine
    offset = np.stack([right, gap[:, 1], ahead], -1)
    length = np.linalg.norm(offset, axis=-1, keepdims=True)
    return np.asarray(offset / (OFFSET_SCALE_M + length))
