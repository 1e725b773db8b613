"""Checks a house before its meshes are built: some faults, such as a door outside of every wall,
would otherwise go unseen."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from longhaul.navgen.houses.house import House, Opening, Room, Stairs
from longhaul.navgen.houses.outline import room_outline

SAME_PLACE_M = 1e-3
"""Places that are less than this far apart (m) count as the same place."""


def check_house(house: House) -> None:
    """Raise a one-line ValueError for the first thing of a house that can't be built."""
    rooms = {room.id: room for room in house.rooms}
    if len(rooms) < len(house.rooms):
        raise ValueError(f"house {house.name}: two rooms have the same id: number them apart")
    for opening in (*house.doors, *house.windows):
        for number in opening.rooms:
            if number is not None:
                _check_opening(opening, rooms[number])
    for first, second in combinations((*house.doors, *house.windows), 2):
        if _overlap(first, second):
            raise ValueError(f"house {house.name}: {_name(first)} and {_name(second)} overlap")
    for stairs in house.stairs:
        _check_stairs(stairs, *(rooms[number] for number in stairs.rooms))
    for index, placed in enumerate(house.objects):
        carried = placed.on is None or placed.on in set(range(len(house.objects))) - {index}
        if placed.room not in rooms or not carried:
            raise ValueError(
                f"house {house.name}: object {index} ({placed.furniture.category}) is in room "
                f"{placed.room}, on {placed.on}: it needs a room, and another object below"
            )


def _name(opening: Opening) -> str:
    kind = "window" if opening.sill else "door"
    return f"{kind} along {opening.along} at {opening.const:g}, {opening.center:g}"


def _check_opening(opening: Opening, room: Room) -> None:
    """Raise ValueError unless the whole opening lies in one of the room's walls."""
    axis, other = (0, 1) if opening.along == "x" else (1, 0)
    outline = room_outline(room)
    low, high = opening.center - opening.width / 2, opening.center + opening.width / 2
    for start, end in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        level = max(abs(point[other] - opening.const) for point in (start, end)) < SAME_PLACE_M
        first, last = sorted((start[axis], end[axis]))
        if level and first - SAME_PLACE_M < low and high < last + SAME_PLACE_M:
            break
    else:
        raise ValueError(
            f"{_name(opening)}: no wall of room {room.id} ({room.kind}) holds {low:.2f} to "
            f"{high:.2f} m: move it, or make it narrower"
        )
    if opening.sill + opening.height > room.ceiling - room.floor + SAME_PLACE_M:
        raise ValueError(f"{_name(opening)}: higher than room {room.id}: lower it")


def _overlap(first: Opening, second: Opening) -> bool:
    same = (first.along, first.story) == (second.along, second.story)
    near = abs(first.center - second.center) < (first.width + second.width) / 2 - SAME_PLACE_M
    return same and near and abs(first.const - second.const) < SAME_PLACE_M


def _check_stairs(stairs: Stairs, lower: Room, upper: Room) -> None:
    height = stairs.steps * stairs.rise
    if abs(lower.floor + height - upper.floor) > SAME_PLACE_M:
        raise ValueError(
            f"stairs from room {lower.id} to {upper.id}: {stairs.steps} steps of {stairs.rise:g} m "
            f"end at {lower.floor + height:g} m, the upper floor is at {upper.floor:g} m"
        )
