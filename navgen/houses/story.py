"""One story in its own frame: which rooms it has, and how they lie along the hallway.

The hallway lies along x, z from 0 to its breadth, between a row of rooms to the north (greater z)
and one to the south; living room and kitchen may make up a wing at its end. Meters; areas are to
the walls' center lines.
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
"""x0, z0, x1, z1."""


@dataclass(frozen=True)
class Kind:
    """What a kind of room may measure: area (m2) and its shortest side (m)."""

    area: tuple[float, float]
    side: float


KINDS = {
    "living room": Kind((16, 30), 3.3),
    "kitchen": Kind((8, 15), 2.5),
    "dining room": Kind((9, 15), 2.8),
    "bedroom": Kind((9, 16.5), 2.7),
    "kids room": Kind((9, 15), 2.7),
    "bathroom": Kind((4.2, 7.5), 1.8),
    "office": Kind((7, 12.5), 2.3),
    "laundry room": Kind((4.2, 7.5), 1.8),
    "gym": Kind((8, 14), 2.6),
    "entry": Kind((3.5, 8), 1.6),
}
"""The usual sizes of homes. An entry is the part of the hallway behind the front door."""

PUBLIC = ("kitchen", "dining room", "living room")


@dataclass(frozen=True)
class Slot:
    """A room of one story in the plan's own frame: rectangles that make it up."""

    kind: str
    rects: tuple[Rect, ...]

    @property
    def area(self) -> float:
        """Square meters."""
        return sum((x1 - x0) * (z1 - z0) for x0, z0, x1, z1 in self.rects)


@dataclass(frozen=True)
class Frame:
    """What all stories share: length of the hallway, depths of hallway and rows, the flight's x."""

    length: float
    hall: float
    north: float
    south: float
    flight: tuple[float, float] | None


@dataclass(frozen=True)
class Program:
    """The rooms that a house shall have: public ones, private ones, and others."""

    public: list[str]
    private: list[str]
    extra: list[str]
    wing: bool


def draw_program(rng: np.random.Generator, stories: int, bedrooms: int) -> Program:
    """Draw which rooms a house has, besides its hallways."""

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
    return sum(sum(KINDS[kind].area) / 2 for kind in kinds)


def rooms_of_stories(rng: np.random.Generator, program: Program, frame: Frame) -> list[list[str]]:
    """Return the rooms of each story; where there are two, more of them so that they fill it."""
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
    """Draw the extra rooms that a story needs so that its rooms are not too large."""
    added: list[str] = []
    for index in rng.permutation(len(extras)):
        most = sum(KINDS[kind].area[1] for kind in (*kinds, *added))
        if most > room * 1.08:
            break
        added.append(extras[int(index)])
    return added


def lay_out(
    rng: np.random.Generator, kinds: list[str], frame: Frame, wing: bool
) -> list[Slot] | None:
    """Lay one story out, or return None where these rooms don't fit the frame."""
    public = [kind for kind in PUBLIC if kind in kinds]
    others = [kind for kind in kinds if kind not in PUBLIC]
    hall = (0.0, 0.0, frame.length, frame.hall)
    slots: list[Slot] = []
    if public and wing:
        slots = _wing(rng, public, frame)
        if not slots:
            return None
        public = []
    rows = _rows(rng, public, others, frame)
    for row, (z0, z1) in zip(
        rows, ((frame.hall, frame.hall + frame.north), (-frame.south, 0.0)), strict=True
    ):
        placed = _row(rng, row, frame.length, z0, z1)
        if placed is None:
            return None
        slots += placed
    entry = [slot.rects[0] for slot in slots if slot.kind == "entry"]
    slots = [slot for slot in slots if slot.kind != "entry"]
    if not all(_fits(slot) for slot in slots):
        return None
    return [Slot("hallway", (hall, *entry)), *slots]


def _rows(
    rng: np.random.Generator, public: list[str], others: list[str], frame: Frame
) -> tuple[list[str], list[str]]:
    """Share the rooms out between north and south by what fits; public ones stay side by side."""
    rows: tuple[list[str], list[str]] = ([], [])
    depths = (frame.north, frame.south)

    def rest(side: int, kind: str) -> float:
        widths = [max(sum(KINDS[k].area) / 2 / depths[side], KINDS[k].side) for k in rows[side]]
        high = KINDS[kind].area[1]
        return -np.inf if high / depths[side] < KINDS[kind].side else frame.length - sum(widths)

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
) -> list[Slot] | None:
    """Place rooms side by side over a row's length, by areas drawn for each; None: they can't."""
    limits = [(KINDS[kind].area[0] / (z1 - z0), KINDS[kind].area[1] / (z1 - z0)) for kind in kinds]
    lows = np.array(
        [max(low, KINDS[kind].side) for (low, _), kind in zip(limits, kinds, strict=True)]
    )
    highs = np.array([high for _, high in limits])
    if not kinds or lows.sum() > length or highs.sum() < length or (lows > highs).any():
        return None
    share = (length - lows.sum()) / max(float((highs - lows).sum()), 1e-9)
    spread = rng.uniform(0.7, 1.3, len(kinds))
    widths = np.minimum(lows + (highs - lows) * share * spread, highs)
    edges = np.round(np.concatenate([[0], np.cumsum(widths)]) * length / widths.sum(), 2)
    return [
        Slot(kind, ((float(a), z0, float(b), z1),))
        for kind, a, b in zip(kinds, edges, edges[1:], strict=False)
    ]


def _wing(rng: np.random.Generator, public: list[str], frame: Frame) -> list[Slot]:
    """Put living room and kitchen (and dining room) over the whole depth at the hallway's end."""
    width = grid(rng.uniform(4.0, 5.4))
    x0, x1 = frame.length, frame.length + width
    low, high = -frame.south, frame.hall + frame.north
    if "dining room" in public:
        kitchen, dining = (rng.uniform(*KINDS[kind].area) / width for kind in PUBLIC[:2])
        depths = [kitchen, dining, high - low - kitchen - dining]
        order = list(PUBLIC)
    elif rng.random() < 0.6:
        cut_x, cut_z = grid(x1 - rng.uniform(2.6, 3.2)), grid(high - rng.uniform(3.0, 3.8))
        living = ((x0, low, x1, cut_z), (x0, cut_z, cut_x, high))
        return [Slot("living room", living), Slot("kitchen", ((cut_x, cut_z, x1, high),))]
    else:
        kitchen = rng.uniform(*KINDS["kitchen"].area) / width
        depths, order = [kitchen, high - low - kitchen], ["kitchen", "living room"]
    if rng.random() < 0.5:
        depths, order = depths[::-1], order[::-1]
    edges = [low, *(grid(low + depth) for depth in np.cumsum(depths[:-1])), high]
    if not any(a <= 0 and b >= frame.hall for a, b in pairwise(edges)):
        return []
    return [Slot(k, ((x0, a, x1, b),)) for k, (a, b) in zip(order, pairwise(edges), strict=True)]


def _fits(slot: Slot) -> bool:
    if slot.kind == "hallway":
        return True
    kind = KINDS[slot.kind]
    sides = [min(x1 - x0, z1 - z0) for x0, z0, x1, z1 in slot.rects]
    west, south, east, north = zip(*slot.rects, strict=True)
    extent = sorted((max(east) - min(west), max(north) - min(south)))
    slender = extent[1] / extent[0]
    small = 1.4 if len(sides) > 1 else kind.side
    low, high = kind.area
    return low <= slot.area <= high and min(sides) >= small and slender <= 2.3


def outline(rects: Sequence[Rect]) -> tuple[Point, ...]:
    """Return the outline of rectangles that touch, without superfluous corners."""
    shape = shapely.union_all([box(*rect) for rect in rects]).simplify(0.0).normalize()
    return tuple((float(x), float(z)) for x, z in shape.exterior.coords[:-1])


def grid(value: float) -> float:
    """Round to 5 cm."""
    return round(float(value) * 20) / 20
