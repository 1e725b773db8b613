"""Places doors and windows in the walls of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from longhaul.navgen.houses.house import Opening, Room, Stairs
from longhaul.navgen.houses.plan import WALL_THICKNESS_M, Plan, stairwell
from longhaul.navgen.houses.story import Rect

DOOR_HEIGHT_M = 2.05
"""The height (m) of a door."""

DOOR_CLEARANCE_M = 0.8
"""The depth (m) of the floor on both sides of a door on which nothing stands."""

JAMB_M = 0.2
"""The least distance (m) from the center line of the wall in a corner to the edge of a door."""


@dataclass(frozen=True)
class Segment:
    """A straight piece of wall along the x or z axis, from `low` to `high`; `const` is its
    coordinate on the other axis."""

    along: str
    const: float
    low: float
    high: float


def edges(room: Room) -> list[Segment]:
    """Return the walls of a room."""
    found = []
    points = room.polygon
    for (x0, z0), (x1, z1) in zip(points, points[1:] + points[:1], strict=True):
        if abs(z0 - z1) < 1e-9:
            found.append(Segment("x", z0, min(x0, x1), max(x0, x1)))
        else:
            found.append(Segment("z", x0, min(z0, z1), max(z0, z1)))
    return found


def shared(room: Room, other: Room) -> Iterator[Segment]:
    """Yield the pieces of wall between two rooms of one story."""
    for a in edges(room):
        for b in edges(other):
            if a.along == b.along and abs(a.const - b.const) < 1e-6:
                low, high = max(a.low, b.low), min(a.high, b.high)
                if high - low > 1e-6:
                    yield Segment(a.along, a.const, low, high)


def outer(room: Room, rooms: Sequence[Room]) -> list[Segment]:
    """Return the pieces of a room's walls that have no room of the same story behind them."""
    pieces = edges(room)
    for other in rooms:
        if other.id == room.id or other.story != room.story:
            continue
        for cut in shared(room, other):
            pieces = [rest for piece in pieces for rest in _without(piece, cut)]
    return pieces


def _without(piece: Segment, cut: Segment) -> Iterator[Segment]:
    if piece.along != cut.along or abs(piece.const - cut.const) > 1e-6:
        yield piece
        return
    for low, high in (
        (piece.low, min(piece.high, cut.low)),
        (max(piece.low, cut.high), piece.high),
    ):
        if high - low > 1e-6:
            yield Segment(piece.along, piece.const, low, high)


def clearance(opening: Opening, depth: float = DOOR_CLEARANCE_M) -> Rect:
    """Return the rectangle (x0, z0, x1, z1) that must stay free on both sides of an opening."""
    low, high = opening.center - opening.width / 2, opening.center + opening.width / 2
    near, far = (
        opening.const - depth - WALL_THICKNESS_M / 2,
        opening.const + depth + WALL_THICKNESS_M / 2,
    )
    return (low, near, high, far) if opening.along == "x" else (near, low, far, high)


def landings(stairs: Stairs, depth: float = 0.9) -> tuple[Rect, Rect]:
    """Return the rectangles that must stay free before the lowest and behind the highest step."""
    x0, z0, x1, z1 = stairwell(stairs)
    if round(np.sin(stairs.yaw)):
        ends = [(x0 - depth, z0, x0, z1), (x1, z0, x1 + depth, z1)]
        forward = np.sin(stairs.yaw) > 0
    else:
        ends = [(x0, z0 - depth, x1, z0), (x0, z1, x1, z1 + depth)]
        forward = np.cos(stairs.yaw) > 0
    return (ends[0], ends[1]) if forward else (ends[1], ends[0])


def overlap(a: Rect, b: Rect, slack: float = 1e-6) -> bool:
    """Tell whether two rectangles overlap by more than `slack` meters along both axes."""
    return min(a[2], b[2]) - max(a[0], b[0]) > slack and min(a[3], b[3]) - max(a[1], b[1]) > slack


def place_doors(plan: Plan, rng: np.random.Generator) -> tuple[Opening, ...] | None:
    """Return a door for each link of a plan, or None if there is no place for one of them."""
    width = float(rng.choice([0.85, 0.9, 0.95]))
    flights = [stairwell(stairs) for stairs in plan.stairs]
    doors: list[Opening] = []
    for link in plan.links:
        room = plan.rooms[link.rooms[0]]
        other = None if link.rooms[1] is None else plan.rooms[link.rooms[1]]
        walls = outer(room, plan.rooms) if other is None else list(shared(room, other))
        walls = sorted(walls, key=lambda wall: wall.low - wall.high)
        if other is None:  # at the end of the hallway, or of the entry that leads to it
            walls = [wall for wall in walls if 1.2 < wall.high - wall.low < 3.2] or walls
        options = [
            door
            for wall in walls
            for door in _places(rng, wall, link.wide, width, room.story, link.rooms)
        ]
        fits = (
            door
            for door in options
            if not any(overlap(clearance(door), flight) for flight in flights)
            and not any(_collide(door, placed) for placed in doors)
        )
        door = next(fits, None)
        if door is None:
            return None
        doors.append(door)
    return tuple(doors)


def _places(
    rng: np.random.Generator,
    wall: Segment,
    wide: bool,
    width: float,
    story: int,
    rooms: tuple[int, int | None],
) -> Iterator[Opening]:
    """Yield places of a door in a wall; those near an end come first, since they leave more of the
    wall for furniture."""
    room = wall.high - wall.low - 2 * JAMB_M
    if wide and room >= 1.3:
        span = min(room, float(rng.uniform(1.3, 2.2)))
        yield Opening(
            wall.along, wall.const, (wall.low + wall.high) / 2, span, 2.2, 0.0, story, rooms
        )
    if room < width:
        return
    low, high = wall.low + JAMB_M + width / 2, wall.high - JAMB_M - width / 2
    ends = [low, high] if rng.random() < 0.5 else [high, low]
    for center in (*ends, *np.linspace(low, high, 8)):
        yield Opening(
            wall.along, wall.const, float(center), width, DOOR_HEIGHT_M, 0.0, story, rooms
        )


def _collide(door: Opening, other: Opening) -> bool:
    """Tell whether two doors meet in a corner or in one wall; across a hallway they may face."""
    if door.story != other.story or not set(door.rooms) & set(other.rooms) - {None}:
        return False
    if door.along == other.along and abs(door.const - other.const) > 1e-6:
        return False
    return overlap(clearance(door), clearance(other))


WINDOW_SIZES_M = {
    "bathroom": (0.7, 0.6, 1.4),
    "laundry room": (0.7, 0.6, 1.4),
    "hallway": (0.8, 1.2, 0.9),
}
"""The width, height and sill height (m) of windows by kind of room; other rooms have wider ones."""


def place_windows(
    plan: Plan, doors: Sequence[Opening], rng: np.random.Generator
) -> tuple[Opening, ...]:
    """Return windows for the outer walls: one per wall, two in a long wall, none in some walls."""
    wide = float(rng.uniform(1.2, 1.7))
    windows = []
    for room in plan.rooms:
        width, height, sill = WINDOW_SIZES_M.get(room.kind, (wide, 1.2, 0.9))
        walls = sorted(outer(room, plan.rooms), key=lambda wall: wall.low - wall.high)
        for index, wall in enumerate(walls):
            length = wall.high - wall.low
            if length < width + 0.6 or (index and rng.random() < 0.45):
                continue
            count = 2 if length > 4.6 and width > 1 else 1
            for center in wall.low + length * (np.arange(count) + 0.5) / count:
                window = Opening(
                    wall.along, wall.const, float(center), width, height, sill,
                    room.story, (room.id, None),
                )  # fmt: skip
                box = clearance(window, 0.3)
                if not any(overlap(box, clearance(door, 0.3)) for door in doors):
                    windows.append(window)
    return tuple(windows)
