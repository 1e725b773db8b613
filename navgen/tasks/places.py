"""The rooms of a scene and the things in them that a task may name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STRUCTURE_WORDS = frozenset(
    re.findall(
        r"\w+",
        "wall frame floor sheet unknown unknowns stairs ceiling window curtain pillow beam "
        "decoration wood cleaner knob mirror switch device door rug railing",
    )
)
"""A thing with one of these words in its name is not a target. They are LH-VLN's two stop lists and
the words for what belongs to the building."""

PORTABLE_WORDS = frozenset(
    re.findall(
        r"\w+",
        "book bottle bowl box cup bag basket cushion hat jar kettle laptop mug newspaper pan "
        "plate pot shoe shoes teddy towel toy umbrella vase backpack blanket clothes remote "
        "plant",
    )
)
"""A thing whose name ends with one of these words is portable, if the scene does not say which
things are."""


@dataclass(frozen=True)
class Thing:
    """An object of a scene: its semantic id, its category, and whether an arm can take it."""

    id: int
    category: str
    portable: bool


@dataclass(frozen=True)
class Room:
    """A region of a scene; `name` is what people call it ("kitchen"), and may not be unique."""

    id: int
    name: str
    things: tuple[Thing, ...]

    def find(self, category: str) -> list[Thing]:
        return [thing for thing in self.things if thing.category == category]

    @property
    def categories(self) -> list[str]:
        """Every category once, in the order of the scene."""
        return list(dict.fromkeys(thing.category for thing in self.things))


@dataclass(frozen=True)
class House:
    """A scene as the generator uses it: the rooms that have names, with their possible targets."""

    scene: str
    rooms: tuple[Room, ...]

    def room(self, number: int) -> Room | None:
        return next((room for room in self.rooms if room.id == number), None)

    def alike(self, category: str, room: Room) -> list[Thing]:
        """Return all things that "the CATEGORY in the ROOM" may mean, in all rooms of this name."""
        return [t for other in self.rooms if other.name == room.name for t in other.find(category)]


def is_target(category: str) -> bool:
    """Tell whether things of a category may be targets; what belongs to the building may not."""
    words = re.findall(r"[a-z]+", category.lower())
    return bool(words) and STRUCTURE_WORDS.isdisjoint(words)


def is_portable(category: str) -> bool:
    """Tell by its name whether an arm can take things of a category."""
    words = re.findall(r"[a-z]+", category.lower())
    return bool(words) and words[-1] in PORTABLE_WORDS


def house_of(
    scene: str,
    rooms: Iterable[tuple[int, str]],
    things: Iterable[tuple[int, str, int]],
    portable: Sequence[int] | None = None,
) -> House:
    """Return the house of rooms (id, name) and things (id, category, room id).

    Rooms without a name or with "unknown" in it are left out with their things, and so are things
    outside of all rooms. `portable` are the ids of things that an arm can take; with None the names
    decide it.
    """
    found: dict[int, list[Thing]] = {}
    for number, category, room in things:
        if is_target(category):
            taken = is_portable(category) if portable is None else number in portable
            found.setdefault(room, []).append(Thing(number, category, taken))
    named = [(number, name) for number, name in rooms if name and "unknown" not in name.lower()]
    return House(scene, tuple(Room(n, name, tuple(found.get(n, ()))) for n, name in named))
