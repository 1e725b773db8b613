"""Lays out one story in its own frame: which rooms it has, and how they lie along the hallway.

The hallway lies along x, with z from 0 to its breadth, between a row of rooms to the north
(greater z) and one to the south; living room and kitchen may form a wing at its end. Lengths are
in meters; areas reach to the walls' center lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely import box

from longhaul.navgen.houses.house import Point

Rect = tuple[float, float, float, float]
"""A rectangle (x0, z0, x1, z1), in meters."""


@dataclass(frozen=True)
class RoomSize:
    """The sizes that a kind of room may have: least and greatest area (m2), least side (m)."""

    area: tuple[float, float]
    side: float


ROOM_SIZES = {
    "living room": RoomSize((16, 30), 3.3),
    "kitchen": RoomSize((8, 15), 2.5),
    "dining room": RoomSize((9, 15), 2.8),
    "bedroom": RoomSize((9, 16.5), 2.7),
    "kids room": RoomSize((9, 15), 2.7),
    "bathroom": RoomSize((4.2, 7.5), 1.8),
    "office": RoomSize((7, 12.5), 2.3),
    "laundry room": RoomSize((4.2, 7.5), 1.8),
    "gym": RoomSize((8, 14), 2.6),
    "entry": RoomSize((3.5, 8), 1.6),
}
"""The sizes of rooms by kind, as is usual in homes. An entry widens the hallway behind the front
door."""

PUBLIC_ROOMS = ("kitchen", "dining room", "living room")
"""The rooms that are joined to each other."""


@dataclass(frozen=True)
class PlannedRoom:
    """A room of one story in the plan's own frame: the rectangles that it consists of."""

    kind: str
    rects: tuple[Rect, ...]

    @property
    def area(self) -> float:
        """Return the room's area (m2)."""
        return sum((x1 - x0) * (z1 - z0) for x0, z0, x1, z1 in self.rects)


@dataclass(frozen=True)
class Frame:
    """The measures (m) that all stories share: the hallway's length, the depths of the hallway and
    of both rows, and from which x to which the flight lies (None: a single story)."""

    length: float
    hall: float
    north: float
    south: float
    flight: tuple[float, float] | None


@dataclass(frozen=True)
class Program:
    """The kinds of rooms that a house shall have, and whether the public ones form a wing."""

    public: list[str]
    private: list[str]
    extra: list[str]
    wing: bool


def draw_program(rng: np.random.Generator, stories: int, bedrooms: int) -> Program:
    """Draw the kinds of rooms that a house has besides its hallways."""

    def maybe(kind: str, chance: float) -> list[str]:
        return [kind] if rng.random() < chance else []

    kids = int(rng.integers(0, min(bedrooms, 3)))
    private = ["bedroom"] * (bedrooms - kids) + ["kids room"] * kids + ["bathroom"]
    private += maybe("bathroom", 0.3 * (bedrooms - 1) if stories == 1 else 0.3)
    public = ["living room", "kitchen", *maybe("dining room", 0.6)]
    extra = [*maybe("office", 0.45), *maybe("laundry room", 0.5), *maybe("gym", 0.2)]
    extra += maybe("entry", 0.4) if stories == 1 else []
    return Program(public, private, extra, bool(rng.random() < (0.6 if stories == 1 else 0.25)))


def row_area(program: Program) -> float:
    """Return the usual area (m2) of the rooms that lie along the hallway of a single story."""
    public = [] if program.wing else program.public
    kinds = (*public, *program.private, *program.extra)
    return sum(sum(ROOM_SIZES[kind].area) / 2 for kind in kinds)


def rooms_of_stories(rng: np.random.Generator, program: Program, frame: Frame) -> list[list[str]]:
    """Return the kinds of rooms of each story; two stories get extra rooms to fill them."""
    if frame.flight is None:
        return [program.public + program.private + program.extra]
    room = frame.length * (frame.north + frame.south)
    counted = [] if program.wing else program.public
    below = _filling(rng, counted, room, ("office", "laundry room", "bathroom", "gym"))
    rest = [kind for kind in ("office", "bathroom", "gym", "laundry room") if kind not in below]
    return [program.public + below, program.private + _filling(rng, program.private, room, rest)]


def _filling(
    rng: np.random.Generator, kinds: Sequence[str], room: float, extras: Sequence[str]
) -> list[str]:
    """Draw the extra rooms that a story of `room` m2 needs, so that no room is too large."""
    added: list[str] = []
    for index in rng.permutation(len(extras)):
        most = sum(ROOM_SIZES[kind].area[1] for kind in (*kinds, *added))
        if most > room * 1.08:
            break
        added.append(extras[int(index)])
    return added


def lay_out(
    rng: np.random.Generator, kinds: list[str], frame: Frame, wing: bool
) -> list[PlannedRoom] | None:
    """Lay out one story, or return None if these rooms do not fit the frame."""
    public = [kind for kind in PUBLIC_ROOMS if kind in kinds]
    others = [kind for kind in kinds if kind not in PUBLIC_ROOMS]
    hall = (0.0, 0.0, frame.length, frame.hall)
    planned_rooms: list[PlannedRoom] = []
    if public and wing:
        planned_rooms = _wing(rng, public, frame)
        if not planned_rooms:
            return None
        public = []
    rows = _rows(rng, public, others, frame)
    for row, (z0, z1) in zip(
        rows, ((frame.hall, frame.hall + frame.north), (-frame.south, 0.0)), strict=True
    ):
        placed = _row(rng, row, frame.length, z0, z1)
        if placed is None:
            return None
        planned_rooms += placed
    entry = [planned.rects[0] for planned in planned_rooms if planned.kind == "entry"]
    planned_rooms = [planned for planned in planned_rooms if planned.kind != "entry"]
    if not all(_fits(planned) for planned in planned_rooms):
        return None
    return [PlannedRoom("hallway", (hall, *entry)), *planned_rooms]


def _rows(
    rng: np.random.Generator, public: list[str], others: list[str], frame: Frame
) -> tuple[list[str], list[str]]:
    """Divide the rooms between the north and the south row by what fits; public rooms stay side
    by side."""
    rows: tuple[list[str], list[str]] = ([], [])
    depths = (frame.north, frame.south)

    def rest(side: int, kind: str) -> float:
        widths = [
            max(sum(ROOM_SIZES[k].area) / 2 / depths[side], ROOM_SIZES[k].side) for k in rows[side]
        ]
        high = ROOM_SIZES[kind].area[1]
        return (
            -np.inf if high / depths[side] < ROOM_SIZES[kind].side else frame.length - sum(widths)
        )

    if public:
        ordered = public if rng.random() < 0.5 else public[::-1]
        rows[int(rng.random() < 0.5)].extend(ordered)
    for index in rng.permutation(len(others)):
        kind = others[int(index)]
        better = int(rest(1, kind) > rest(0, kind))
        row = rows[better if rng.random() < 0.85 else 1 - better]
        row.insert(0 if rng.random() < 0.5 else len(row), kind)
    return rows


def _row(
    rng: np.random.Generator, kinds: list[str], length: float, z0: float, z1: float
) -> list[PlannedRoom] | None:
    """Place rooms side by side over a row's length, with drawn areas; return None if they do not
    fit."""
    limits = [
        (ROOM_SIZES[kind].area[0] / (z1 - z0), ROOM_SIZES[kind].area[1] / (z1 - z0))
        for kind in kinds
    ]
    lows = np.array(
        [max(low, ROOM_SIZES[kind].side) for (low, _), kind in zip(limits, kinds, strict=True)]
    )
    highs = np.array([high for _, high in limits])
    if not kinds or lows.sum() > length or highs.sum() < length or (lows > highs).any():
        return None
    share = (length - lows.sum()) / max(float((highs - lows).sum()), 1e-9)
    spread = rng.uniform(0.7, 1.3, len(kinds))
    widths = np.minimum(lows + (highs - lows) * share * spread, highs)
    edges = np.round(np.concatenate([[0], np.cumsum(widths)]) * length / widths.sum(), 2)
    return [
        PlannedRoom(kind, ((float(a), z0, float(b), z1),))
        for kind, a, b in zip(kinds, edges, edges[1:], strict=False)
    ]


def _wing(rng: np.random.Generator, public: list[str], frame: Frame) -> list[PlannedRoom]:
    """Lay out the public rooms as a wing over the whole depth at the hallway's end; return no room
    at all if they do not fit."""
    width = grid(rng.uniform(4.0, 5.4))
    x0, x1 = frame.length, frame.length + width
    low, high = -frame.south, frame.hall + frame.north
    if "dining room" in public:
        kitchen, dining = (rng.uniform(*ROOM_SIZES[kind].area) / width for kind in PUBLIC_ROOMS[:2])
        depths = [kitchen, dining, high - low - kitchen - dining]
        order = list(PUBLIC_ROOMS)
    elif rng.random() < 0.6:
        cut_x, cut_z = grid(x1 - rng.uniform(2.6, 3.2)), grid(high - rng.uniform(3.0, 3.8))
        living = ((x0, low, x1, cut_z), (x0, cut_z, cut_x, high))
        return [
            PlannedRoom("living room", living),
            PlannedRoom("kitchen", ((cut_x, cut_z, x1, high),)),
        ]
    else:
        kitchen = rng.uniform(*ROOM_SIZES["kitchen"].area) / width
        depths, order = [kitchen, high - low - kitchen], ["kitchen", "living room"]
    if rng.random() < 0.5:
        depths, order = depths[::-1], order[::-1]
    edges = [low, *(grid(low + depth) for depth in np.cumsum(depths[:-1])), high]
    if not any(a <= 0 and b >= frame.hall for a, b in pairwise(edges)):
        return []
    return [
        PlannedRoom(k, ((x0, a, x1, b),)) for k, (a, b) in zip(order, pairwise(edges), strict=True)
    ]


def _fits(planned: PlannedRoom) -> bool:
    if planned.kind == "hallway":
        return True
    kind = ROOM_SIZES[planned.kind]
    sides = [min(x1 - x0, z1 - z0) for x0, z0, x1, z1 in planned.rects]
    west, south, east, north = zip(*planned.rects, strict=True)
    extent = sorted((max(east) - min(west), max(north) - min(south)))
    slender = extent[1] / extent[0]
    small = 1.4 if len(sides) > 1 else kind.side
    low, high = kind.area
    return low <= planned.area <= high and min(sides) >= small and slender <= 2.3


def outline(rects: Sequence[Rect]) -> tuple[Point, ...]:
    """Return the outline of the union of rectangles that touch, with no superfluous corners."""
    shape = shapely.union_all([box(*rect) for rect in rects]).simplify(0.0).normalize()
    return tuple((float(x), float(z)) for x, z in shape.exterior.coords[:-1])


def grid(value: float) -> float:
    """Return a length rounded to 5 cm."""
    return round(float(value) * 20) / 20
