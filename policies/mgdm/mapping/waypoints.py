"""Where one could go next: things that may be the target, things in its room, and the unknown.

Of each place it is told where it is, how far over the agent's own map, which action leads there,
and what the agent saw around it. The network says which of them it is to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from longhaul.policies.mgdm.mapping.episode_map import Survey
from longhaul.policies.mgdm.mapping.semantic_map import SemanticMap
from longhaul.policies.mgdm.mapping.shortest_paths import Routes
from longhaul.policies.mgdm.perception.observations import FORWARD, LEFT, NEAR, RIGHT

Array = NDArray[np.float32]
Ints = NDArray[np.int64]

TARGETS, SUPPORTS, FRONTIERS = 12, 12, 16
"""Most waypoints of each kind."""

SEEN = 0.02
"""Evidence of the target below which a thing is none."""

APART = (0.75, 1.0)
"""Between targets, and between things of the room (m)."""

AROUND = 12
"""Cells of the side of a square in which what borders on the unknown is one place."""

AROUND_UP = 16
"""Bits of its height."""

LEAST = 3
"""Cells that must border on the unknown there."""

TURN = np.pi / 12
"""Half a turn: beyond this (rad) the robot turns to where it goes."""

HERE = 0.15
"""Nearer than this (m) there is nowhere to go: one looks around."""

SAME = 0.6
"""Waypoints that lie nearer to each other (m) are the same one at another step."""

STRUCTURE = ("wall", "floor", "ceiling", "door frame", "window", "stairs", "railing")
"""Names of what is no thing to go to."""

ELSEWHERE = 0.25
"""What evidence counts outside of the room that was named."""

NUMBERS = 20
"""Numbers of a waypoint, before what was seen around it."""

DISTANCE, TARGET, FRONTIER, MATCH, ROOM = 7, 11, 13, 14, 15
"""Which of them is how far it is, in units of 10 m, which are 1 for what may be the target and for
the border of the unknown, and which say how much it looks like the target, and like its room."""


@dataclass(frozen=True)
class Goal:
    """What is looked for: shares of things (things,) and of kinds of rooms (rooms,) that its words
    mean; a room that is not named is zeros, and then every room is as good."""

    things: Array
    rooms: Array


class Waypoints(NamedTuple):
    """Waypoints (n, ...), in no order: `numbers` (n, NUMBERS), evidence of things (n, things) and
    rooms (n, rooms), the action that leads there, `points` (n, 3) where one would stand, m, the
    `distance` there (m, more where it is narrow), and the cells (row, column, bit) of the occupancy
    map."""

    numbers: Array
    things: Array
    rooms: Array
    action: Ints
    points: Array
    distance: Array
    cells: Ints


def find_waypoints(survey: Survey, routes: Routes, goal: Goal, movable: Array) -> Waypoints:
    """Return the waypoints of a step. `movable` (things,) is 1 for what one can go to, else 0."""
    semantic = survey.semantic
    target, support = _things(semantic, goal, movable)
    found = np.concatenate([target, support])
    node, gap = _beside(routes, semantic, found)
    there = node >= 0
    frontier, size = _frontiers(survey, routes)
    nodes = np.concatenate([node[there], frontier])
    count, things = len(nodes), int(there.sum())
    points = np.concatenate([semantic.points[found[there]], routes.points[frontier]])
    seen = np.zeros((count, semantic.things.shape[1]), np.float32)
    rooms = np.zeros((count, semantic.kinds), np.float32)
    if things:
        seen[:things] = semantic.things[found[there]]
        rooms[:things] = semantic.rooms_near(points[:things], 0.75)
    if count > things:
        seen[things:] = semantic.things_near(points[things:], 1.5)
        rooms[things:] = semantic.rooms_near(points[things:], 1.0)
    bearing = np.array([routes.bearing(int(n)) for n in nodes], np.float32)
    action = np.where(bearing > TURN, LEFT, np.where(bearing < -TURN, RIGHT, FORWARD))
    action[routes.distance[nodes] < HERE] = LEFT
    kind = np.zeros((count, 3), np.float32)
    kind[np.arange(count), np.repeat([0, 1, 2], _counts(there, len(target), len(frontier)))] = 1
    extent = np.concatenate([np.zeros(things), size])
    apart = np.concatenate([gap[there], np.zeros(len(frontier))])
    visited = survey.occupancy.visited(*(part[nodes] for part in routes.floors[:3]))
    match = seen @ goal.things
    place = rooms @ goal.rooms if goal.rooms.any() else np.ones(count)
    offset = _offset(points, routes.pose)
    numbers = np.column_stack(
        [
            np.ones(count),
            action == LEFT,
            action == FORWARD,
            action == RIGHT,
            offset,
            np.minimum(routes.distance[nodes] / 10, 3),
            np.exp(-routes.distance[nodes]),
            np.sin(bearing),
            np.cos(bearing),
            kind,
            match,
            place,
            match * place,
            np.log1p(extent) / 3,
            np.minimum(apart, 2),
            visited,
        ]
    )
    cells = np.stack([part[nodes] for part in routes.floors[:3]], -1)
    there_at, distance = routes.points[nodes], routes.distance[nodes]
    return Waypoints(
        numbers.astype(np.float32), seen * movable, rooms, action, there_at, distance, cells
    )


def _counts(there: NDArray[np.bool_], targets: int, frontiers: int) -> list[int]:
    return [int(there[:targets].sum()), int(there[targets:].sum()), frontiers]


def _things(semantic: SemanticMap, goal: Goal, movable: Array) -> tuple[Ints, Ints]:
    """Return the rows of semantic that may be the target, and those of things in its room."""
    if not len(semantic.things):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    match = semantic.things @ goal.things
    rooms = semantic.room_shares @ goal.rooms if goal.rooms.any() else np.ones(len(match))
    target = np.where(match > SEEN, match * (0.3 + rooms), 0)
    first = semantic.peaks(target, TARGETS, APART[0], np.zeros(0, np.int64))
    solid = (semantic.things * movable).max(1)
    second = semantic.peaks(np.where(solid > 0.3, solid * rooms, 0), SUPPORTS, APART[1], first)
    return first, second


def _beside(routes: Routes, semantic: SemanticMap, rows: Ints) -> tuple[Ints, Array]:
    """Return the node nearest to each thing on its story, -1 for none, and how far off it is."""
    if not len(rows):
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    nodes = np.flatnonzero(np.isfinite(routes.distance))
    at, points = routes.points[nodes], semantic.points[rows]
    gap = np.hypot(at[None, :, 0] - points[:, None, 0], at[None, :, 2] - points[:, None, 2])
    other = semantic.story(at[:, 1])[None] != semantic.stories[rows][:, None]
    cost = np.where(other, np.inf, gap + 0.02 * routes.distance[nodes][None])
    best = cost.argmin(1)
    reached = np.isfinite(cost[np.arange(len(rows)), best])
    near = gap[np.arange(len(rows)), best].astype(np.float32)
    return np.where(reached, nodes[best], -1), near


def _frontiers(survey: Survey, routes: Routes) -> tuple[Ints, Array]:
    """Return the nearest nodes that border on what is unknown, one of a square, and how many
    others do there."""
    floors = routes.floors
    border = np.flatnonzero(floors.unknown & np.isfinite(routes.distance))
    border = border[~survey.occupancy.visited(*(part[border] for part in floors[:3]))]
    if not len(border):
        return border, np.zeros(0, np.float32)
    border = border[np.argsort(routes.distance[border], kind="stable")]
    squares = np.stack(
        [
            floors.row[border] // AROUND,
            floors.column[border] // AROUND,
            floors.bit[border] // AROUND_UP,
        ],
        1,
    )
    _, first, inverse, count = np.unique(
        squares, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    chosen = np.array([_middle(border[inverse == i], routes) for i in range(len(first))])
    order = np.argsort(routes.distance[chosen], kind="stable")
    order = order[count[order] >= LEAST][:FRONTIERS]
    return chosen[order], count[order].astype(np.float32)


def _middle(nodes: Ints, routes: Routes) -> int:
    """Return the node that is nearest to the mean of some."""
    points = routes.points[nodes]
    return int(nodes[((points - points.mean(0)) ** 2).sum(1).argmin()])


def _offset(points: Array, pose: Array) -> Array:
    """Return where points (n, 3) lie, to the right, up and ahead, shortened to below 1."""
    gap = points - pose[:3]
    sine, cosine = np.sin(pose[3]), np.cos(pose[3])
    right = gap[:, 0] * cosine - gap[:, 2] * sine
    ahead = -gap[:, 0] * sine - gap[:, 2] * cosine
    offset = np.stack([right, gap[:, 1], ahead], -1)
    return np.asarray(offset / (NEAR + np.linalg.norm(offset, axis=-1, keepdims=True)))


def near(waypoints: Waypoints, point: Array | None) -> NDArray[np.bool_]:
    """Return which waypoints are the one at a point (3,) of another step; none of them for None."""
    if point is None:
        return np.zeros(len(waypoints.points), bool)
    return np.asarray(np.linalg.norm(waypoints.points - point, axis=1) < SAME)


def evidence(waypoints: Waypoints) -> Array:
    """Return how much each waypoint (n,) looks like the target where it is, 0 to 1."""
    numbers = waypoints.numbers
    shown = numbers[:, MATCH] * (ELSEWHERE + (1 - ELSEWHERE) * numbers[:, ROOM])
    return np.asarray(np.where(numbers[:, TARGET] > 0.5, shown, 0), np.float32)


def cell_key(cells: Ints) -> Ints:
    """Return a number for each cell (n, 3): row, column, bit."""
    return (cells[..., 0] * 4096 + cells[..., 1]) * 64 + cells[..., 2]
