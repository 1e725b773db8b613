"""Draws floor plans: a hallway, a row of rooms on either side of it, sometimes a wing at its end.

A plan is drawn in its own frame, with the hallway along x between a row of rooms to the north
(greater z) and one to the south, and is then mirrored and turned. Lengths are in meters; areas
reach to the walls' center lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import atan2, ceil, pi

import numpy as np
import shapely
from shapely import Polygon

from longhaul.navgen.houses.house import Point, Room, Stairs
from longhaul.navgen.houses.story import (
    PUBLIC_ROOMS,
    Frame,
    PlannedRoom,
    Program,
    Rect,
    draw_program,
    grid,
    lay_out,
    outline,
    rooms_of_stories,
    row_area,
)

MAX_RISE_M, STEP_RUN_M = 0.18, (0.25, 0.27)
"""The greatest height (m) of a step, and the range (m) of its depth."""

LANDING_M = 1.2
"""The free length (m) of the hallway before and behind a flight."""

STAIR_WIDTH_M = 1.0
"""The width (m) of a flight."""

WALL_THICKNESS_M = 0.1
"""The thickness (m) of a wall."""

MAX_ATTEMPTS = 20000
"""How often it is tried to fit a house's rooms together."""

ATTEMPTS_PER_PROGRAM = 400
"""After this many attempts other rooms are drawn."""

MAX_ROOMS = 12
"""A plan with more rooms is dropped."""

UPSTAIRS_ATTEMPTS = 40
"""How often an upper story is tried over each lower one, since few upper stories fit."""


@dataclass(frozen=True)
class Link:
    """Two rooms (None: outside) that a door joins, or a wide opening if `wide` is set."""

    rooms: tuple[int, int | None]
    wide: bool = False


@dataclass(frozen=True)
class Plan:
    """Rooms, how they are joined, and the stairs between two stories."""

    rooms: tuple[Room, ...]
    links: tuple[Link, ...]
    stairs: tuple[Stairs, ...]


def draw_plan(rng: np.random.Generator, stories: int, bedrooms: int, clear: float) -> Plan:
    """Return a plan with this many stories (1 or 2) and bedrooms (1 to 4; 2 to 4 on two stories).

    `clear` is the height of the rooms (m). Raises ValueError if no plan with these numbers exists
    or is found.
    """
    if stories not in (1, 2) or not stories <= bedrooms <= 4:
        raise ValueError(
            f"stories={stories}, bedrooms={bedrooms}: choose 1 story with 1 to 4 "
            "bedrooms, or 2 with 2 to 4"
        )
    pitch = clear + 0.2
    for attempt in range(MAX_ATTEMPTS):
        if attempt % ATTEMPTS_PER_PROGRAM == 0:
            program = draw_program(rng, stories, bedrooms)
        frame = _frame(rng, stories, bedrooms, row_area(program), pitch)
        floors = _floors(rng, program, frame)
        if floors and sum(map(len, floors)) <= MAX_ROOMS:
            return _build(rng, floors, frame, pitch, clear)
    raise ValueError(f"stories={stories}, bedrooms={bedrooms}: no plan in {MAX_ATTEMPTS} attempts")


def _floors(rng: np.random.Generator, program: Program, frame: Frame) -> list[list[PlannedRoom]]:
    """Lay out all stories of a frame; return no story at all if one does not fit the frame."""
    floors: list[list[PlannedRoom]] = []
    for story in range(2 if frame.flight else 1):
        for _ in range(UPSTAIRS_ATTEMPTS if story else 1):
            kinds = rooms_of_stories(rng, program, frame)[story]
            planned_rooms = lay_out(rng, kinds, frame, program.wing and not story)
            if planned_rooms is not None:
                floors.append(planned_rooms)
                break
        else:
            return []
    return floors


def _frame(
    rng: np.random.Generator, stories: int, bedrooms: int, area: float, pitch: float
) -> Frame:
    """Draw the measures that all stories share; `area` (m2) is that of the rooms along the
    hallway, `pitch` (m) the height from one floor to the next."""
    deep, shallow = grid(rng.uniform(3.5, 4.4)), grid(rng.uniform(2.7, 3.5))
    if stories == 1:
        length = grid(area / (deep + shallow) * rng.uniform(0.85, 1.15))
        return Frame(length, grid(rng.uniform(1.3, 1.6)), deep, shallow, None)
    steps = ceil(pitch / MAX_RISE_M - 1e-9)
    run = steps * float(rng.uniform(*STEP_RUN_M))
    length = grid(max(run + 2 * LANDING_M + 0.1, rng.uniform(6.6, 6.0 + 0.85 * bedrooms)))
    start = float(rng.uniform(LANDING_M, length - run - LANDING_M))
    hall = 1.25 + STAIR_WIDTH_M + WALL_THICKNESS_M
    return Frame(length, hall, deep, shallow, (start, start + run))


def _build(
    rng: np.random.Generator,
    floors: list[list[PlannedRoom]],
    frame: Frame,
    pitch: float,
    clear: float,
) -> Plan:
    turn = _turn(rng)
    rooms: list[Room] = []
    links: list[Link] = []
    for story, planned_rooms in enumerate(floors):
        first = len(rooms)
        floor = story * pitch
        rooms += [
            Room(
                first + index,
                planned.kind,
                story,
                _turned(outline(planned.rects), turn),
                floor,
                floor + clear,
            )
            for index, planned in enumerate(planned_rooms)
        ]
        links += _links(rng, planned_rooms, first, outside=story == 0)
    stairs: tuple[Stairs, ...] = ()
    if frame.flight:
        upper = next(room.id for room in rooms if room.story == 1)
        stairs = (_stairs(rng, frame, pitch, turn, (0, upper)),)
    return Plan(tuple(rooms), tuple(links), stairs)


def _links(
    rng: np.random.Generator, planned_rooms: list[PlannedRoom], first: int, outside: bool
) -> list[Link]:
    """Join the rooms: each one to the hallway if it touches it, and public rooms to each other."""
    shapes = [Polygon(outline(planned.rects)) for planned in planned_rooms]

    def touch(a: int, b: int) -> bool:
        return bool(shapely.intersection(shapes[a], shapes[b]).length > 1.2)

    links = [Link((first, None))] if outside else []
    public = [index for index, planned in enumerate(planned_rooms) if planned.kind in PUBLIC_ROOMS]
    joined = [(a, b) for a in public for b in public if a < b and touch(a, b)]
    links += [Link((first + a, first + b), rng.random() < 0.6) for a, b in joined]
    ensuite = _ensuite(rng, planned_rooms, touch)
    for index in range(1, len(planned_rooms)):
        if index == ensuite:
            bedroom = next(
                i
                for i, planned in enumerate(planned_rooms)
                if planned.kind == "bedroom" and touch(i, index)
            )
            links.append(Link((first + bedroom, first + index)))
        elif touch(0, index):
            links.append(Link((first, first + index), planned_rooms[index].kind == "living room"))
    return links


def _ensuite(
    rng: np.random.Generator, planned_rooms: list[PlannedRoom], touch: Callable[[int, int], bool]
) -> int | None:
    """Choose the bathroom that opens to a bedroom beside it; None if there is none."""
    baths = [index for index, planned in enumerate(planned_rooms) if planned.kind == "bathroom"]
    bedrooms = [index for index, planned in enumerate(planned_rooms) if planned.kind == "bedroom"]
    beside = [bath for bath in baths if any(touch(bath, bed) for bed in bedrooms)]
    return beside[0] if len(baths) > 1 and beside and rng.random() < 0.7 else None


def _stairs(
    rng: np.random.Generator,
    frame: Frame,
    pitch: float,
    turn: tuple[bool, bool, bool],
    rooms: tuple[int, int],
) -> Stairs:
    """Return the flight, which lies along the hallway's north wall."""
    assert frame.flight is not None
    foot, head = frame.flight if rng.random() < 0.5 else frame.flight[::-1]
    z = frame.hall - WALL_THICKNESS_M / 2 - STAIR_WIDTH_M / 2
    (fx, fz), (hx, hz) = (_turned_point((x, z), turn) for x in (foot, head))
    steps = ceil(pitch / MAX_RISE_M - 1e-9)
    yaw = round(atan2(hx - fx, hz - fz) / (pi / 2)) * (pi / 2)
    run = abs(head - foot) / steps
    return Stairs((fx, 0.0, fz), yaw, STAIR_WIDTH_M, pitch / steps, run, steps, rooms)


def stairwell(stairs: Stairs) -> Rect:
    """Return the rectangle (x0, z0, x1, z1; m) of a flight, which is also the hole above it."""
    x, _, z = stairs.foot
    ahead = (round(np.sin(stairs.yaw)), round(np.cos(stairs.yaw)))
    length, half = stairs.run * stairs.steps, stairs.width / 2
    xs = sorted((x - abs(ahead[1]) * half, x + ahead[0] * length + abs(ahead[1]) * half))
    zs = sorted((z - abs(ahead[0]) * half, z + ahead[1] * length + abs(ahead[0]) * half))
    return xs[0], zs[0], xs[1], zs[1]


def _turn(rng: np.random.Generator) -> tuple[bool, bool, bool]:
    mirror_x, mirror_z, swap = (bool(flag) for flag in rng.integers(0, 2, 3))
    return mirror_x, mirror_z, swap


def _turned_point(point: Point, turn: tuple[bool, bool, bool]) -> Point:
    x, z = (-value if flip else value for value, flip in zip(point, turn[:2], strict=True))
    return (z, x) if turn[2] else (x, z)


def _turned(outline: Sequence[Point], turn: tuple[bool, bool, bool]) -> tuple[Point, ...]:
    """Turn an outline; counter-clockwise from above is clockwise in (x, z), since z points down."""
    points = [_turned_point(point, turn) for point in outline]
    area = sum(
        a[0] * b[1] - a[1] * b[0] for a, b in zip(points, points[1:] + points[:1], strict=True)
    )
    return tuple(points if area < 0 else points[::-1])
