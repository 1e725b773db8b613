"""A room while it is being furnished: its walls, its obstacles, and its free floor.

Boxes stand upright in the house's frame (meters); heights are above the room's floor. A robot of
radius `ROBOT_RADIUS_M` must be able to drive from every door to every thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, sin

import numpy as np
import shapely
from shapely import Polygon, box

from longhaul.navgen.houses.house import Opening, Room, Stairs
from longhaul.navgen.houses.model import Furniture, Model
from longhaul.navgen.houses.openings import clearance, landings, overlap
from longhaul.navgen.houses.plan import WALL_THICKNESS_M, stairwell
from longhaul.navgen.houses.story import Rect

ROBOT_RADIUS_M = 0.26
"""The radius (m) of the robot: 0.25 m, and 0.01 m since its circle is approximated by a polygon."""

WALKWAY_RADIUS_M = 0.35
"""Half the width (m) of the ways between a room's doors."""

REACH_M = 0.78
"""The greatest distance (m) from the robot's nearest place to a thing. It is less than 1 m, the
distance at which LH-VLN's tasks count a thing as reached."""

SLIVER_M2 = 0.001
"""Pieces of floor smaller than this (m2) are rounding errors."""

DOOR_TOP_M, OVERHEAD_M = 2.05, 1.5
"""Heights (m): above the first a thing may hang before a door, above the second over the floor that
the robot drives on."""

SILL_CLEARANCE_M = 0.35
"""The height (m) that a thing before a window, such as a tap, may rise above the sill."""

QUARTER_TURN_RAD = np.pi / 2
"""A quarter turn, in radians."""


@dataclass(frozen=True)
class Box:
    """An upright box: its rectangle on the floor and the heights of its bottom and top."""

    rect: Rect
    low: float
    high: float

    def meets(self, other: Box, slack: float = 2e-3) -> bool:
        """Tell whether two boxes overlap by more than `slack` meters along every axis."""
        if min(self.high, other.high) - max(self.low, other.low) <= slack:
            return False
        return overlap(self.rect, other.rect, slack)


@dataclass(frozen=True)
class Wall:
    """The inner face of a wall: from `start`, `length` meters along the unit vector `along`.

    `yaw` (radians) is the direction of its normal, which points into the room.
    """

    start: tuple[float, float]
    along: tuple[float, float]
    length: float
    yaw: float

    def point(self, distance: float) -> tuple[float, float]:
        """Return the point (x, z) at a distance from the start."""
        return self.start[0] + self.along[0] * distance, self.start[1] + self.along[1] * distance


@dataclass(eq=False)
class Thing:
    """A model at a place: `low` and `high` are the corners (3,) of its bounding box in its own
    frame, `on` is the thing that carries it."""

    furniture: Furniture
    model: Model
    low: np.ndarray
    high: np.ndarray
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    yaw: float = 0.0
    on: Thing | None = None

    def world(self, x: float, z: float) -> tuple[float, float]:
        """Return the (x, z) in the house's frame of a point (x, z) in the model's frame."""
        c, s = _cos_sin(self.yaw)
        return self.x + x * c + z * s, self.z - x * s + z * c

    def footprint(self) -> list[tuple[float, float]]:
        """Return the four corners (x, z) of the turned bounding box."""
        (x0, _, z0), (x1, _, z1) = self.low, self.high
        return [self.world(x, z) for x, z in ((x0, z0), (x1, z0), (x1, z1), (x0, z1))]

    def box(self) -> Box:
        """Return the upright box around the turned model."""
        xs, zs = zip(*self.footprint(), strict=True)
        rect = (min(xs), min(zs), max(xs), max(zs))
        return Box(rect, self.y + float(self.low[1]), self.y + float(self.high[1]))


def _cos_sin(yaw: float) -> tuple[float, float]:
    """Return cosine and sine; they are exact for quarter turns, so that things touch walls."""
    quarters = yaw / QUARTER_TURN_RAD
    if abs(quarters - round(quarters)) < 1e-9:
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[round(quarters) % 4]
    return cos(yaw), sin(yaw)


State = tuple[list[Thing], list[Rect], Polygon, Polygon]


class Space:
    """The space of a room: `walls`, the `things` placed so far, and whether another one `fits`.

    `free` and `wide` are where the centers of the robot and of a walkway may be; `keep` and
    `ahead` are the rectangles that must stay free at doors and stairs and before things.
    """

    def __init__(
        self,
        room: Room,
        doors: Sequence[Opening],
        windows: Sequence[Opening],
        stairs: Sequence[Stairs],
    ) -> None:
        self.room = room
        self.things: list[Thing] = []
        self.doors = [door for door in doors if room.id in door.rooms]
        self.windows = [window for window in windows if room.id in window.rooms]
        self.inner: Polygon = Polygon(room.polygon).buffer(
            -WALL_THICKNESS_M / 2, join_style="mitre"
        )
        shapely.prepare(self.inner)
        self.walls = _walls(room)
        self.solid = [Box(rect, 0.0, 9.0) for rect in _notches(self.inner)]
        self.keep = [clearance(door) for door in self.doors]
        self.ahead: list[Rect] = []
        self.panes = [
            Box(clearance(window, 0.3), window.sill + SILL_CLEARANCE_M, window.sill + window.height)
            for window in self.windows
        ]
        for flight in stairs:
            if room.id in flight.rooms:
                self.solid.append(Box(stairwell(flight), 0.0, 9.0))
                self.keep.append(landings(flight)[flight.rooms.index(room.id)])
        self._ground(stairs)

    def _ground(self, stairs: Sequence[Stairs]) -> None:
        """Set `free` and `wide`, the room's floor and the doorways shrunk by the two radii."""
        through = [box(*clearance(door)) for door in self.doors if None not in door.rooms]
        floor = shapely.union_all([self.inner, *through])
        flights = [box(*stairwell(item)) for item in stairs if self.room.id in item.rooms]
        floor = shapely.difference(floor, shapely.union_all(flights)) if flights else floor
        whole = Polygon(self.room.polygon)
        self.free = floor.buffer(-ROBOT_RADIUS_M, quad_segs=6).intersection(whole)
        self.wide = floor.buffer(-WALKWAY_RADIUS_M, quad_segs=3).intersection(whole)

    def fits(
        self, body: Box, against: Sequence[Thing] = (), zones: Sequence[Rect] | None = None
    ) -> bool:
        """Tell whether a box lies in the room and touches no things but those in `against`.

        It must also leave the rectangles `zones` free, by default those at doors and stairs and
        before things.
        """
        zones = [*self.keep, *self.ahead] if zones is None else zones
        x0, z0, x1, z1 = self.inner.bounds
        a0, b0, a1, b1 = body.rect
        if a0 < x0 - 1e-6 or b0 < z0 - 1e-6 or a1 > x1 + 1e-6 or b1 > z1 + 1e-6:
            return False
        if any(body.meets(other) for other in (*self.solid, *self.panes)):
            return False
        if body.low < DOOR_TOP_M and any(overlap(body.rect, zone) for zone in zones):
            return False
        return not any(
            body.meets(thing.box())
            for thing in self.things
            if thing not in against and thing.furniture.mount != "flat"
        )

    def add(self, thing: Thing) -> bool:
        """Place a thing and return True, unless the robot could then no longer reach a piece of
        floor, a door or another thing."""
        body = thing.box()
        blocks = thing.on is None and thing.furniture.mount != "flat" and body.low < OVERHEAD_M
        if blocks:
            shape = Polygon(thing.footprint())
            free = self.free.difference(shape.buffer(ROBOT_RADIUS_M, quad_segs=4))
            wide = self.wide.difference(shape.buffer(WALKWAY_RADIUS_M, quad_segs=2))
            if not (one_piece(free) and self._joins_doors(wide)):
                return False
            stand = [Polygon(item.footprint()) for item in (*self.things, thing) if _stands(item)]
            if stand and (shapely.distance(largest(free), stand) > REACH_M).any():
                return False
            self.free, self.wide = largest(free), wide
        self.things.append(thing)
        return True

    def save(self) -> State:
        """Return a state to which `restore` can go back."""
        return list(self.things), list(self.ahead), self.free, self.wide

    def restore(self, state: State) -> None:
        """Go back to a saved state."""
        self.things, self.ahead, self.free, self.wide = (
            list(state[0]), list(state[1]), state[2], state[3],
        )  # fmt: skip

    def _joins_doors(self, wide: Polygon) -> bool:
        """Tell whether one piece of the walkways leads to all doors."""
        ways = [box(*clearance(door)) for door in self.doors]
        pieces = shapely.get_parts(wide)
        return len(ways) < 2 or any(
            bool((shapely.distance(piece, ways) < 1e-6).all()) for piece in pieces
        )

    def drop_unreachable(self) -> None:
        """Remove the small things that the robot cannot come near enough to."""
        self.things = [
            thing
            for thing in self.things
            if thing.on is None
            or shapely.distance(self.free, shapely.Point(*_middle(thing))) <= REACH_M
        ]


def _middle(thing: Thing) -> tuple[float, float]:
    x0, z0, x1, z1 = thing.box().rect
    return (x0 + x1) / 2, (z0 + z1) / 2


def _stands(thing: Thing) -> bool:
    return thing.on is None and thing.furniture.mount == "floor"


def largest(area: Polygon) -> Polygon:
    """Return the largest polygon of an area."""
    polygons = shapely.get_parts(area)
    return polygons[int(np.argmax(shapely.area(polygons)))]


def one_piece(area: Polygon) -> bool:
    """Tell whether an area is exactly one polygon, if slivers are ignored."""
    polygons = shapely.get_parts(area)
    return int((shapely.area(polygons) > SLIVER_M2).sum()) == 1


def _walls(room: Room) -> list[Wall]:
    """Return the inner faces of a room's walls; each starts on the left, seen from inside."""
    inner = Polygon(room.polygon).buffer(-WALL_THICKNESS_M / 2, join_style="mitre").simplify(0.0)
    points = list(shapely.geometry.polygon.orient(inner, 1.0).exterior.coords)
    walls = []
    for (x0, z0), (x1, z1) in pairwise(points):
        length = float(np.hypot(x1 - x0, z1 - z0))
        along = (round((x1 - x0) / length), round((z1 - z0) / length))
        normal = (-along[1], along[0])  # the room is on the left of its outline in (x, z)
        yaw = round(np.arctan2(normal[0], normal[1]) / QUARTER_TURN_RAD) * QUARTER_TURN_RAD
        walls.append(Wall((x0, z0), along, length, yaw))
    return walls


def _notches(inner: Polygon) -> list[Rect]:
    """Return the rectangles of a polygon's bounding box that lie outside of it."""
    columns = zip(*inner.exterior.coords, strict=True)
    xs, zs = (sorted({round(c, 6) for c in column}) for column in columns)
    cells = [
        (a, b, c, d)
        for a, c in pairwise(xs)
        for b, d in pairwise(zs)
        if c - a > 1e-3 and d - b > 1e-3
    ]
    return [
        cell
        for cell in cells
        if not inner.contains(shapely.Point((cell[0] + cell[2]) / 2, (cell[1] + cell[3]) / 2))
    ]
