"""What can be seen from where in a house, so that nothing else is drawn.

In a plan of rooms and the doors between them a line of sight from room to room passes a door, so
what is seen of a room lies in the windows of the view through doors; from story to story it
passes the well of a flight of stairs. Heights are left out of it, so more may be called visible
than is, never less. The plan
is house.json's: rooms end at the center lines of walls, every gap between two rooms is a door of
it, and `doors` that lead outside with `rooms` given are shut, as NavGen builds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import atan2, cos, inf, pi, sin, tau
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

WALL = 0.12
"""Things this near to a room's outline (m) count as in it: half a wall and something."""

BESIDE = 0.2
"""How far on both sides of a wall its rooms are looked for, m."""

INSIDE_DOOR = 0.15
"""Nearer to a door than this (m) one sees all of the room behind it."""

SLACK = 1e-3
"""Added to a window on both sides, rad."""

ROUND_STAIRS = 0.4
"""A well may be larger than its flight by this much on every side, m."""

Gap = tuple[shapely.Geometry, int]
"""What a line of sight passes, seen from above, and the room behind: a door, or a well."""

Array = NDArray[np.floating[Any]]

Window = tuple[float, float]
"""Directions from the lesser to the greater angle, rad; all of them: -inf to inf."""

ALL: Window = (-inf, inf)


class Portals:
    """The plan of a house.json. Raises KeyError, TypeError or ValueError for one that is none."""

    def __init__(self, house: Mapping[str, Any]) -> None:
        rooms = house["rooms"]
        self._outlines = [shapely.Polygon(room["polygon_xz"]) for room in rooms]
        self._low = np.array([room["aabb_min"][1] for room in rooms], float)
        self._high = np.array([room["aabb_max"][1] for room in rooms], float)
        self._stories = [int(room.get("storey", 0)) for room in rooms]
        self._number = {int(room["id"]): index for index, room in enumerate(rooms)}
        self._open = [not room.get("ceiling", True) for room in rooms]
        self._gaps: list[list[Gap]] = [[] for _ in rooms]
        for door in house.get("doors", ()):
            self._add_door(door)
        for flight in house.get("stairs", ()):
            self._add_flight(flight)

    def windows(self, x: float, y: float, z: float) -> dict[int, list[Window]] | None:
        """Return the windows in which rooms are seen from a point, those of the rooms by their
        place in the list; None where the plan does not tell: outside, above, and where a room is
        open to the sky or to the outside."""
        here = shapely.Point(x, z)
        inside = (self._low - 0.3 <= y) & (y <= self._high + 0.1)
        found: dict[int, list[Window]] = {}
        for room in np.flatnonzero(inside).tolist():
            if self._outlines[room].distance(here) < WALL:
                self._look(room, (x, z), ALL, (room,), found)
        return None if not found or any(self._open[room] for room in found) else found

    def members(self, low: Array, high: Array) -> NDArray[np.bool_]:
        """Say of boxes, corners (N, 3), in which rooms (N, R) some of them may be."""
        boxes = shapely.box(low[:, 0], low[:, 2], high[:, 0], high[:, 2])
        found = np.zeros((len(boxes), len(self._outlines)), bool)
        for room, outline in enumerate(self._outlines):
            level = (high[:, 1] > self._low[room] - 0.5) & (low[:, 1] < self._high[room] + 0.5)
            found[:, room] = level & shapely.intersects(outline.buffer(WALL), boxes)
        return found

    def _look(
        self,
        room: int,
        eye: tuple[float, float],
        window: Window,
        way: tuple[int, ...],
        found: dict[int, list[Window]],
    ) -> None:
        """Note a window of a room, and those of the rooms behind its doors."""
        found.setdefault(room, []).append(window)
        for gap, other in self._gaps[room]:
            if other not in way:
                through = _narrowed(window, _span(eye, gap))
                if through is not None:
                    self._look(other, eye, through, (*way, other), found)

    def _add_door(self, door: Mapping[str, Any]) -> None:
        along, across = (0, 1) if door["along"] == "x" else (1, 0)
        ends, sides = np.zeros((2, 2)), np.zeros((2, 2))
        ends[:, across], sides[:, along] = door["const"], door["center"]
        ends[:, along] = np.array([-0.5, 0.5]) * door["width"] + door["center"]
        sides[:, across] = np.array([-BESIDE, BESIDE]) + door["const"]
        if "rooms" in door:
            rooms = [None if room is None else self._number[int(room)] for room in door["rooms"]]
        else:
            rooms = [self._at(side, int(door.get("storey", 0))) for side in sides]
        for room, other in (rooms, rooms[::-1]):
            if room is None:
                continue
            if other is not None:
                self._gaps[room].append((shapely.LineString(ends), other))
            elif "rooms" not in door:
                self._open[room] = True

    def _add_flight(self, flight: Mapping[str, Any]) -> None:
        x, _, z = flight["foot"]
        length = flight["run"] * flight["steps"]
        head = x + length * sin(flight["yaw"]), z + length * cos(flight["yaw"])
        middle = shapely.LineString([(x, z), head])
        well = middle.buffer(flight["width"] / 2 + ROUND_STAIRS, cap_style="square")
        a, b = (self._number[int(room)] for room in flight["rooms"])
        self._gaps[a].append((well, b))
        self._gaps[b].append((well, a))

    def _at(self, point: NDArray[np.float64], story: int) -> int | None:
        """Return the room at a point (x, z) of a story."""
        for room, outline in enumerate(self._outlines):
            if self._stories[room] == story and outline.contains(shapely.Point(point)):
                return room
        return None


def _span(eye: tuple[float, float], gap: shapely.Geometry) -> Window:
    """Return the directions in which a gap is seen."""
    if gap.distance(shapely.Point(eye)) < INSIDE_DOOR:
        return ALL
    corners = shapely.get_coordinates(gap) - eye
    first = atan2(corners[0, 1], corners[0, 0])
    # All of a convex figure is seen within half a turn, so no difference wraps round.
    turns = (np.arctan2(corners[:, 1], corners[:, 0]) - first + pi) % tau - pi
    return first + float(turns.min()) - SLACK, first + float(turns.max()) + SLACK


def _narrowed(window: Window, span: Window) -> Window | None:
    """Return what of a span of directions lies in a window, None for nothing."""
    if window == ALL or span == ALL:
        return span if window == ALL else window
    low, high = window
    middle = (low + high) / 2
    shift = tau * round((middle - (span[0] + span[1]) / 2) / tau)
    first, last = max(low, span[0] + shift), min(high, span[1] + shift)
    return (first, last) if first < last else None


class Sighted:
    """Boxes, corners (N, 3), that stand still in a house, and which of them may be in sight."""

    def __init__(self, portals: Portals, low: Array, high: Array) -> None:
        self._portals = portals
        self._low, self._high = low[:, [0, 2]] - SLACK, high[:, [0, 2]] + SLACK
        self._corners = np.stack(
            [
                np.column_stack([x[:, 0], z[:, 1]])
                for x in (self._low, self._high)
                for z in (self._low, self._high)
            ],
            axis=1,
        )
        self._members = portals.members(low, high)
        self._elsewhere: NDArray[np.bool_] = np.logical_not(self._members.any(axis=1))

    def shown(self, x: float, y: float, z: float) -> NDArray[np.bool_] | None:
        """Return which boxes (N,) may be seen from a point; None where the plan does not tell."""
        windows = self._portals.windows(x, y, z)
        if windows is None:
            return None
        first, last = self._spans(x, z)
        middle = (first + last) / 2
        found = self._elsewhere.copy()
        for room, through in windows.items():
            members = self._members[:, room]
            for low, high in through:
                if low == -inf:
                    found = found | members
                    break
                shift = tau * np.round(((low + high) / 2 - middle) / tau)
                found = found | members & (last + shift > low) & (first + shift < high)
        return found

    def _spans(self, x: float, z: float) -> tuple[Array, Array]:
        """Return the directions (N,), from and to, in which boxes are seen: all round from one's
        inside."""
        ways = self._corners - (x, z)
        angles = np.arctan2(ways[:, :, 1], ways[:, :, 0])
        turns = (angles - angles[:, :1] + pi) % tau - pi
        first, last = angles[:, 0] + turns.min(axis=1), angles[:, 0] + turns.max(axis=1)
        within = ((self._low <= (x, z)) & ((x, z) <= self._high)).all(axis=1)
        return np.where(within, -tau, first), np.where(within, tau, last)
