"""Portal culling: which meshes of a house may be visible from a point, so that only they are drawn.

In a plan of rooms and the doors between them a line of sight from room to room passes a door. So
the visible share of a room lies in the windows that doors leave in the view. From story to story a
line of sight passes the well of a flight of stairs. Heights are ignored: too much may be called
visible, but never too little. The plan is that of house.json: rooms end at the center lines of
walls, every gap between two rooms is one of its `doors`, and doors that lead outside and have
`rooms` are shut, as NavGen builds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import atan2, cos, inf, pi, sin, tau
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

WALL_MARGIN_M = 0.12
"""Things at this distance or less from a room's outline count as in it: half a wall and a bit."""

SIDE_DISTANCE_M = 0.2
"""Distance from a door's middle, to both sides, at which its two rooms are looked up."""

DOORWAY_M = 0.15
"""At a distance below this from a door, all of the room behind it counts as visible."""

WINDOW_MARGIN_RAD = 1e-3
"""Angle (and distance, m, for boxes) that is added on both sides against rounding."""

WELL_MARGIN_M = 0.4
"""How far the well may reach beyond its flight of stairs on every side."""

Gap = tuple[shapely.Geometry, int]
"""The figure that a line of sight passes (door or well, seen from above), and the room behind."""

Array = NDArray[np.floating[Any]]

Window = tuple[float, float]
"""Range of directions from the lesser to the greater angle (rad); -inf to inf is all of them."""

ALL_DIRECTIONS: Window = (-inf, inf)


class Portals:
    """The plan of a house.json. Raises KeyError, TypeError or ValueError if it is malformed."""

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
        """Return the windows through which rooms are seen from a point, by the rooms' index in the
        plan. Returns None if the plan does not tell: for points outside or above, and if a room in
        view is open to the sky or to the outside."""
        here = shapely.Point(x, z)
        inside = (self._low - 0.3 <= y) & (y <= self._high + 0.1)
        found: dict[int, list[Window]] = {}
        for room in np.flatnonzero(inside).tolist():
            if self._outlines[room].distance(here) < WALL_MARGIN_M:
                self._extend(room, (x, z), ALL_DIRECTIONS, (room,), found)
        return None if not found or any(self._open[room] for room in found) else found

    def members(self, low: Array, high: Array) -> NDArray[np.bool_]:
        """Return which rooms (N, R) each box, given by its corners (N, 3), may overlap."""
        boxes = shapely.box(low[:, 0], low[:, 2], high[:, 0], high[:, 2])
        found = np.zeros((len(boxes), len(self._outlines)), bool)
        for room, outline in enumerate(self._outlines):
            level = (high[:, 1] > self._low[room] - 0.5) & (low[:, 1] < self._high[room] + 0.5)
            found[:, room] = level & shapely.intersects(outline.buffer(WALL_MARGIN_M), boxes)
        return found

    def _extend(
        self,
        room: int,
        eye: tuple[float, float],
        window: Window,
        way: tuple[int, ...],
        found: dict[int, list[Window]],
    ) -> None:
        """Add a window of a room to `found`, and those of the rooms behind its doors."""
        found.setdefault(room, []).append(window)
        for gap, other in self._gaps[room]:
            if other not in way:
                through = _narrowed(window, _span(eye, gap))
                if through is not None:
                    self._extend(other, eye, through, (*way, other), found)

    def _add_door(self, door: Mapping[str, Any]) -> None:
        along, across = (0, 1) if door["along"] == "x" else (1, 0)
        ends, sides = np.zeros((2, 2)), np.zeros((2, 2))
        ends[:, across], sides[:, along] = door["const"], door["center"]
        ends[:, along] = np.array([-0.5, 0.5]) * door["width"] + door["center"]
        sides[:, across] = np.array([-SIDE_DISTANCE_M, SIDE_DISTANCE_M]) + door["const"]
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
        well = middle.buffer(flight["width"] / 2 + WELL_MARGIN_M, cap_style="square")
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
    """Return the range of directions in which a gap is seen."""
    if gap.distance(shapely.Point(eye)) < DOORWAY_M:
        return ALL_DIRECTIONS
    corners = shapely.get_coordinates(gap) - eye
    first = atan2(corners[0, 1], corners[0, 0])
    # A convex figure is seen within half a turn, so no difference of angles wraps around.
    turns = (np.arctan2(corners[:, 1], corners[:, 0]) - first + pi) % tau - pi
    return first + float(turns.min()) - WINDOW_MARGIN_RAD, first + float(
        turns.max()
    ) + WINDOW_MARGIN_RAD


def _narrowed(window: Window, span: Window) -> Window | None:
    """Return the directions that a span and a window share; None if there are none."""
    if window == ALL_DIRECTIONS or span == ALL_DIRECTIONS:
        return span if window == ALL_DIRECTIONS else window
    low, high = window
    middle = (low + high) / 2
    shift = tau * round((middle - (span[0] + span[1]) / 2) / tau)
    first, last = max(low, span[0] + shift), min(high, span[1] + shift)
    return (first, last) if first < last else None


class Sighted:
    """Fixed boxes in a house, given by their corners (N, 3), and which of them may be visible."""

    def __init__(self, portals: Portals, low: Array, high: Array) -> None:
        self._portals = portals
        self._low, self._high = (
            low[:, [0, 2]] - WINDOW_MARGIN_RAD,
            high[:, [0, 2]] + WINDOW_MARGIN_RAD,
        )
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
        """Return which boxes (N,) may be seen from a point; None if the plan does not tell."""
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
        """Return the first and last direction (N,) in which each box is seen; from inside a box
        these are all directions."""
        ways = self._corners - (x, z)
        angles = np.arctan2(ways[:, :, 1], ways[:, :, 0])
        turns = (angles - angles[:, :1] + pi) % tau - pi
        first, last = angles[:, 0] + turns.min(axis=1), angles[:, 0] + turns.max(axis=1)
        within = ((self._low <= (x, z)) & ((x, z) <= self._high)).all(axis=1)
        return np.where(within, -tau, first), np.where(within, tau, last)
