"""Shortest paths over a surface, which are straight from corner to corner of its boundary."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from heapq import heappop, heappush

from longhaul.envs.lhvln.navmesh.sight import Sight, within
from longhaul.envs.lhvln.navmesh.surface import Spot, Surface

MAX_GOAL_SETS = 64
"""Number of sets of goals for which results are kept."""

Point = tuple[float, float, float]


class Field:
    """The shortest paths from corners to a set of goals: for every corner with a path its length
    (m) and the next point, which is a corner or -1 - k for goal k."""

    def __init__(self, goals: Sequence[Spot]) -> None:
        self.goals = goals
        self.distance: dict[int, float] = {}
        self.next: dict[int, int] = {}
        self.within: dict[int, list[int]] = {}
        for number, goal in enumerate(goals):
            self.within.setdefault(goal.triangle, []).append(number)


class Geodesics:
    """Distances and paths. What is visible from a corner is computed once, and so are goals."""

    def __init__(self, surface: Surface) -> None:
        self._sight = Sight(surface)
        self._points: list[Point] = [(x, y, z) for x, y, z in surface.vertices.tolist()]
        self._links: dict[int, list[tuple[int, float]]] = {}
        self._fields: OrderedDict[tuple[Spot, ...], Field] = OrderedDict()

    def distance(self, start: Spot, goals: Sequence[Spot]) -> float:
        """Return the distance (m) to the nearest goal, inf without a way."""
        return self._best(start, self._field(goals))[0]

    def path(self, start: Spot, goal: Spot) -> list[Point] | None:
        """Return the points of the shortest path, ends included; None without one."""
        field = self._field((goal,))
        far, at = self._best(start, field)
        if far == math.inf:
            return None
        points = [(start.x, start.y, start.z)]
        while at >= 0:
            points.append(self._points[at])
            at = field.next[at]
        return [*points, (goal.x, goal.y, goal.z)]

    def _best(self, start: Spot, field: Field) -> tuple[float, int]:
        """Return the distance from a spot, and the first point of the path."""
        corners, windows = self._sight.from_spot(start, field.within)
        here = (start.x, start.y, start.z)
        best, first = math.inf, 0
        direct = [(start.triangle, None), *((window[0], window) for window in windows)]
        for triangle, window in direct:
            for number in field.within.get(triangle, ()):
                goal = field.goals[number]
                if window is None or within(window, start.x, start.z, goal):
                    far = math.dist(here, (goal.x, goal.y, goal.z))
                    if far < best:
                        best, first = far, -1 - number
        for corner in corners:
            known = field.distance.get(corner)
            if known is not None:
                far = known + math.dist(here, self._points[corner])
                if far < best:
                    best, first = far, corner
        return best, first

    def _field(self, goals: Sequence[Spot]) -> Field:
        key = tuple(goals)
        field = self._fields.get(key)
        if field is None:
            field = self._fields[key] = self._spread(key)
            if len(self._fields) > MAX_GOAL_SETS:
                self._fields.popitem(last=False)
        else:
            self._fields.move_to_end(key)
        return field

    def _spread(self, goals: Sequence[Spot]) -> Field:
        """Return the distances from goals to all corners, by Dijkstra's algorithm."""
        field = Field(goals)
        heap: list[tuple[float, int, int]] = []
        for number, goal in enumerate(goals):
            for corner in self._sight.from_spot(goal)[0]:
                far = math.dist((goal.x, goal.y, goal.z), self._points[corner])
                heappush(heap, (far, corner, -1 - number))
        while heap:
            far, corner, toward = heappop(heap)
            if corner in field.distance:
                continue
            field.distance[corner], field.next[corner] = far, toward
            for other, length in self._seen(corner):
                if other not in field.distance:
                    heappush(heap, (far + length, other, corner))
        return field

    def _seen(self, corner: int) -> list[tuple[int, float]]:
        """Return the corners visible from a corner, and their distances (m)."""
        links = self._links.get(corner)
        if links is None:
            here = self._points[corner]
            seen = sorted(self._sight.from_turn(corner))
            links = [(other, math.dist(here, self._points[other])) for other in seen]
            self._links[corner] = links
        return links
