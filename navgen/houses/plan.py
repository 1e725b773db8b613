"""Floor plans: a hallway, a row of rooms on either side of it, sometimes a wing at its end.

A plan is drawn in a frame of its own, the hallway along x between a row to the north (greater z)
and one to the south, then mirrored and turned. Metres; areas are to the walls' centre lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import atan2, ceil, pi

import numpy as np
import shapely
from shapely import Polygon, box

from navgen.houses.house import Point, Room, Stairs


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
MAX_RISE, RUNS = 0.18, (0.25, 0.27)
LANDING = 1.2
STAIR_WIDTH = 1.0
WALL = 0.1
ATTEMPTS = 20000
MOST_ROOMS = 12

Rect = tuple[float, float, float, float]
"""x0, z0, x1, z1."""


@dataclass(frozen=True)
class Link:
    """Two rooms (None: outside) that a door joins, or a wide opening where they are one space."""

    rooms: tuple[int, int | None]
    wide: bool = False


@dataclass(frozen=True)
class Plan:
    """Rooms, how they are joined, and the stairs between two storeys."""

    rooms: tuple[Room, ...]
    links: tuple[Link, ...]
    stairs: tuple[Stairs, ...]


@dataclass(frozen=True)
class Slot:
    """A room of one storey in the plan's own frame: rectangles that make it up."""

    kind: str
    rects: tuple[Rect, ...]

    @property
    def area(self) -> float:
        """Square metres."""
        return sum((x1 - x0) * (z1 - z0) for x0, z0, x1, z1 in self.rects)


@dataclass(frozen=True)
class Frame:
    """What all storeys share: length of the hallway, depths of hallway and rows, the flight's x."""

    length: float
    hall: float
    north: float
    south: float
    flight: tuple[float, float] | None


def draw_plan(rng: np.random.Generator, storeys: int, bedrooms: int, clear: float) -> Plan:
    """Return a plan with this many storeys (1 or 2) and bedrooms (1 to 4; 2 to 4).

    `clear` is the height of the rooms (m). Raises ValueError where no plan has these numbers.
    """
    if storeys not in (1, 2) or not storeys <= bedrooms <= 4:
        raise ValueError(
            f"storeys={storeys}, bedrooms={bedrooms}: choose 1 storey with 1 to 4 "
            "bedrooms, or 2 with 2 to 4"
        )
    pitch = clear + 0.2
    for _ in range(ATTEMPTS):
        frame = _frame(rng, storeys, bedrooms, pitch)
        wing = rng.random() < (0.6 if storeys == 1 else 0.25)
        floors = []
        for kinds in _programs(rng, storeys, bedrooms, frame, wing):
            slots = _storey(rng, kinds, frame, wing and not floors)
            if slots is None:
                break
            floors.append(slots)
        if len(floors) == storeys and sum(map(len, floors)) <= MOST_ROOMS:
            return _build(rng, floors, frame, pitch, clear)
    raise ValueError(f"storeys={storeys}, bedrooms={bedrooms}: no plan in {ATTEMPTS} attempts")


def _frame(rng: np.random.Generator, storeys: int, bedrooms: int, pitch: float) -> Frame:
    deep, shallow = _grid(rng.uniform(3.5, 4.4)), _grid(rng.uniform(2.7, 3.5))
    if storeys == 1:
        length = _grid(rng.uniform(3.4, 5.6) + 1.5 * bedrooms)
        return Frame(length, _grid(rng.uniform(1.3, 1.6)), deep, shallow, None)
    steps = ceil(pitch / MAX_RISE - 1e-9)
    run = steps * float(rng.uniform(*RUNS))
    length = _grid(max(run + 2 * LANDING + 0.1, rng.uniform(6.6, 9.5)))
    start = float(rng.uniform(LANDING, length - run - LANDING))
    hall = 1.25 + STAIR_WIDTH + WALL
    return Frame(length, hall, deep, shallow, (start, start + run))


def _programs(
    rng: np.random.Generator, storeys: int, bedrooms: int, frame: Frame, wing: bool
) -> list[list[str]]:
    """Draw what rooms each storey has, besides its hallway."""

    def maybe(kind: str, chance: float) -> list[str]:
        return [kind] if rng.random() < chance else []

    kids = int(rng.integers(0, min(bedrooms, 3)))
    private = ["bedroom"] * (bedrooms - kids) + ["kids room"] * kids + ["bathroom"]
    private += maybe("bathroom", 0.3 * (bedrooms - 1))
    public = ["living room", "kitchen", *maybe("dining room", 0.65)]
    if storeys == 1:
        public += maybe("entry", 0.4)
        extra = [*maybe("office", 0.5), *maybe("laundry room", 0.55), *maybe("gym", 0.2)]
        return [public + private + extra]
    room = frame.length * (frame.north + frame.south)
    counted = [kind for kind in public if not (wing and kind in PUBLIC)]
    below = _filling(rng, counted, room, ("office", "laundry room", "bathroom", "gym"))
    rest = [kind for kind in ("office", "bathroom", "gym", "laundry room") if kind not in below]
    return [public + below, private + _filling(rng, private, room, rest)]


def _filling(
    rng: np.random.Generator, kinds: Sequence[str], room: float, extras: Sequence[str]
) -> list[str]:
    """Draw the extra rooms that a storey needs so that its rooms are not too large."""
    added: list[str] = []
    for index in rng.permutation(len(extras)):
        most = sum(KINDS[kind].area[1] for kind in (*kinds, *added))
        if most > room * 1.08:
            break
        added.append(extras[int(index)])
    return added


def _storey(
    rng: np.random.Generator, kinds: list[str], frame: Frame, wing: bool
) -> list[Slot] | None:
    """Lay one storey out, or return None where these rooms don't fit the frame."""
    public = [kind for kind in PUBLIC if kind in kinds]
    others = [kind for kind in kinds if kind not in PUBLIC]
    hall = (0.0, 0.0, frame.length, frame.hall)
    slots: list[Slot] = []
    if public and wing:
        slots = _wing(rng, public, frame)
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
    width = _grid(rng.uniform(3.9, 5.2))
    x0, x1 = frame.length, frame.length + width
    low, high = -frame.south, frame.hall + frame.north
    north, south = frame.hall + frame.north * 0.95, -frame.south * 0.9
    if "dining room" not in public:
        if rng.random() < 0.6:
            cut_x, cut_z = _grid(x1 - rng.uniform(2.6, 3.2)), _grid(high - rng.uniform(3.0, 3.8))
            living = ((x0, low, x1, cut_z), (x0, cut_z, cut_x, high))
            return [Slot("living room", living), Slot("kitchen", ((cut_x, cut_z, x1, high),))]
        middle = _grid(rng.uniform(frame.hall, north - 2.0))
        return [
            Slot("living room", ((x0, low, x1, middle),)),
            Slot("kitchen", ((x0, middle, x1, high),)),
        ]
    first = _grid(rng.uniform(south + 2.2, 0.0))
    second = _grid(rng.uniform(frame.hall, north - 2.2))
    bands = [(low, first), (first, second), (second, high)]
    order = ["kitchen", "dining room", "living room"]
    if rng.random() < 0.5:
        order = order[::-1]
    return [Slot(kind, ((x0, a, x1, b),)) for kind, (a, b) in zip(order, bands, strict=True)]


def _fits(slot: Slot) -> bool:
    if slot.kind == "hallway":
        return True
    kind = KINDS[slot.kind]
    sides = [min(x1 - x0, z1 - z0) for x0, z0, x1, z1 in slot.rects]
    x0, z0, x1, z1 = Polygon(_outline(slot.rects)).bounds
    slender = max(x1 - x0, z1 - z0) / min(x1 - x0, z1 - z0)
    small = 1.4 if len(sides) > 1 else kind.side
    low, high = kind.area
    return low <= slot.area <= high and min(sides) >= small and slender <= 2.3


def _build(
    rng: np.random.Generator, floors: list[list[Slot]], frame: Frame, pitch: float, clear: float
) -> Plan:
    turn = _turn(rng)
    rooms: list[Room] = []
    links: list[Link] = []
    for storey, slots in enumerate(floors):
        first = len(rooms)
        floor = storey * pitch
        rooms += [
            Room(
                first + index,
                slot.kind,
                storey,
                _turned(_outline(slot.rects), turn),
                floor,
                floor + clear,
            )
            for index, slot in enumerate(slots)
        ]
        links += _links(rng, slots, first, outside=storey == 0)
    stairs = ()
    if frame.flight:
        upper = next(room.id for room in rooms if room.storey == 1)
        stairs = (_stairs(rng, frame, pitch, turn, (0, upper)),)
    return Plan(tuple(rooms), tuple(links), stairs)


def _links(rng: np.random.Generator, slots: list[Slot], first: int, outside: bool) -> list[Link]:
    """Join the rooms: each to the hallway that it touches, public ones to each other."""
    shapes = [Polygon(_outline(slot.rects)) for slot in slots]

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


def _outline(rects: Sequence[Rect]) -> tuple[Point, ...]:
    """Return the outline of rectangles that touch, without superfluous corners."""
    shape = shapely.union_all([box(*rect) for rect in rects]).simplify(0.0).normalize()
    return tuple((float(x), float(z)) for x, z in shape.exterior.coords[:-1])


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


def _grid(value: float) -> float:
    """Round to 5 cm."""
    return round(float(value) * 20) / 20
