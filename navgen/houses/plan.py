"""Floor plans: a hallway, a row of rooms on either side of it, sometimes a wing at its end.

A plan is drawn in a frame of its own, the hallway along x between a row to the north (greater z)
and one to the south, then mirrored and turned. Meters; areas are to the walls' center lines.
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
    PUBLIC,
    Frame,
    Program,
    Rect,
    Slot,
    draw_program,
    grid,
    lay_out,
    outline,
    rooms_of_stories,
    row_area,
)

MAX_RISE, RUNS = 0.18, (0.25, 0.27)
LANDING = 1.2
STAIR_WIDTH = 1.0
WALL = 0.1
ATTEMPTS = 20000
PATIENCE = 400
"""Attempts to fit a house's rooms together, and those after which others are drawn."""

MOST_ROOMS = 12
UPSTAIRS = 40
"""Attempts for an upper story over each lower one, which are rarer."""


@dataclass(frozen=True)
class Link:
    """Two rooms (None: outside) that a door joins, or a wide opening where they are one space."""

    rooms: tuple[int, int | None]
    wide: bool = False


@dataclass(frozen=True)
class Plan:
    """Rooms, how they are joined, and the stairs between two stories."""

    rooms: tuple[Room, ...]
    links: tuple[Link, ...]
    stairs: tuple[Stairs, ...]


def draw_plan(rng: np.random.Generator, stories: int, bedrooms: int, clear: float) -> Plan:
    """Return a plan with this many stories (1 or 2) and bedrooms (1 to 4; 2 to 4).

    `clear` is the height of the rooms (m). Raises ValueError where no plan has these numbers.
    """
    if stories not in (1, 2) or not stories <= bedrooms <= 4:
        raise ValueError(
            f"stories={stories}, bedrooms={bedrooms}: choose 1 story with 1 to 4 "
            "bedrooms, or 2 with 2 to 4"
        )
    pitch = clear + 0.2
    for attempt in range(ATTEMPTS):
        if attempt % PATIENCE == 0:
            program = draw_program(rng, stories, bedrooms)
        frame = _frame(rng, stories, bedrooms, row_area(program), pitch)
        floors = _floors(rng, program, frame)
        if floors and sum(map(len, floors)) <= MOST_ROOMS:
            return _build(rng, floors, frame, pitch, clear)
    raise ValueError(f"stories={stories}, bedrooms={bedrooms}: no plan in {ATTEMPTS} attempts")


def _floors(rng: np.random.Generator, program: Program, frame: Frame) -> list[list[Slot]]:
    """Lay out all stories of a frame; none where one doesn't fit it."""
    floors: list[list[Slot]] = []
    for story in range(2 if frame.flight else 1):
        for _ in range(UPSTAIRS if story else 1):
            kinds = rooms_of_stories(rng, program, frame)[story]
            slots = lay_out(rng, kinds, frame, program.wing and not story)
            if slots is not None:
                floors.append(slots)
                break
        else:
            return []
    return floors


def _frame(
    rng: np.random.Generator, stories: int, bedrooms: int, area: float, pitch: float
) -> Frame:
    """Draw the measures that all stories share, for rooms of an area along the hallway."""
    deep, shallow = grid(rng.uniform(3.5, 4.4)), grid(rng.uniform(2.7, 3.5))
    if stories == 1:
        length = grid(area / (deep + shallow) * rng.uniform(0.85, 1.15))
        return Frame(length, grid(rng.uniform(1.3, 1.6)), deep, shallow, None)
    steps = ceil(pitch / MAX_RISE - 1e-9)
    run = steps * float(rng.uniform(*RUNS))
    length = grid(max(run + 2 * LANDING + 0.1, rng.uniform(6.6, 6.0 + 0.85 * bedrooms)))
    start = float(rng.uniform(LANDING, length - run - LANDING))
    hall = 1.25 + STAIR_WIDTH + WALL
    return Frame(length, hall, deep, shallow, (start, start + run))


def _build(
    rng: np.random.Generator, floors: list[list[Slot]], frame: Frame, pitch: float, clear: float
) -> Plan:
    turn = _turn(rng)
    rooms: list[Room] = []
    links: list[Link] = []
    for story, slots in enumerate(floors):
        first = len(rooms)
        floor = story * pitch
        rooms += [
            Room(
                first + index,
                slot.kind,
                story,
                _turned(outline(slot.rects), turn),
                floor,
                floor + clear,
            )
            for index, slot in enumerate(slots)
        ]
        links += _links(rng, slots, first, outside=story == 0)
    stairs: tuple[Stairs, ...] = ()
    if frame.flight:
        upper = next(room.id for room in rooms if room.story == 1)
        stairs = (_stairs(rng, frame, pitch, turn, (0, upper)),)
    return Plan(tuple(rooms), tuple(links), stairs)


def _links(rng: np.random.Generator, slots: list[Slot], first: int, outside: bool) -> list[Link]:
    """Join the rooms: each to the hallway that it touches, public ones to each other."""
    shapes = [Polygon(outline(slot.rects)) for slot in slots]

    def touch(a: int, b: int) -> bool:
        return bool(shapely.intersection(shapes[a], shapes[b]).length > 1.2)

    links = [Link((first, None))] if outside else []
    public = [index for index, slot in enumerate(slots) if slot.kind in PUBLIC]
    joined = [(a, b) for a in public for b in public if a < b and touch(a, b)]
    links += [Link((first + a, first + b), rng.random() < 0.6) for a, b in joined]
    ensuite = _ensuite(rng, slots, touch)
    for index in range(1, len(slots)):
        if index == ensuite:
            bedroom = next(
                i for i, slot in enumerate(slots) if slot.kind == "bedroom" and touch(i, index)
            )
            links.append(Link((first + bedroom, first + index)))
        elif touch(0, index):
            links.append(Link((first, first + index), slots[index].kind == "living room"))
    return links


def _ensuite(
    rng: np.random.Generator, slots: list[Slot], touch: Callable[[int, int], bool]
) -> int | None:
    """Choose the bathroom, of two or more, that opens to a bedroom beside it."""
    baths = [index for index, slot in enumerate(slots) if slot.kind == "bathroom"]
    bedrooms = [index for index, slot in enumerate(slots) if slot.kind == "bedroom"]
    beside = [bath for bath in baths if any(touch(bath, bed) for bed in bedrooms)]
    return beside[0] if len(baths) > 1 and beside and rng.random() < 0.7 else None


def _stairs(
    rng: np.random.Generator,
    frame: Frame,
    pitch: float,
    turn: tuple[bool, bool, bool],
    rooms: tuple[int, int],
) -> Stairs:
    """Lead a flight up along the hallway's north wall."""
    assert frame.flight is not None
    foot, head = frame.flight if rng.random() < 0.5 else frame.flight[::-1]
    z = frame.hall - WALL / 2 - STAIR_WIDTH / 2
    (fx, fz), (hx, hz) = (_turned_point((x, z), turn) for x in (foot, head))
    steps = ceil(pitch / MAX_RISE - 1e-9)
    yaw = round(atan2(hx - fx, hz - fz) / (pi / 2)) * (pi / 2)
    run = abs(head - foot) / steps
    return Stairs((fx, 0.0, fz), yaw, STAIR_WIDTH, pitch / steps, run, steps, rooms)


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
