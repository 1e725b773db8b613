"""A small house for tests of tasks: rooms, things, and how far they are from each other."""

from __future__ import annotations

import math

from longhaul.navgen.tasks.places import House, house_of
from longhaul.navgen.tasks.task import Target

ROOMS = [
    (1, "kitchen"),
    (10, "bathroom"),
    (2, "bedroom"),
    (21, "bedroom"),
    (4, "unknown room"),
    (5, "pantry"),
]
THINGS = [
    (1, "fridge", 1),
    (2, "oven", 1),
    (3, "cup", 1),
    (4, "wall", 1),
    (5, "towel", 10),
    (6, "bathtub", 10),
    (7, "bed", 2),
    (8, "book", 2),
    (9, "bed", 21),
    (10, "basket", 21),
    (11, "lamp_post", 21),
    (12, "sofa", 4),
    (13, "bottle", 5),
    (14, "shelf", 5),
]
SEALED = 5
"""No way leads to this room."""


def made() -> House:
    return house_of("made", ROOMS, THINGS)


def leg(start: Target, end: Target) -> float:
    if SEALED in (start.room, end.room):
        return math.inf
    return 0.5 if start.room == end.room else 4.0
