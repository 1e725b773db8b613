"""What a task may speak of: the rooms of a scene and the things in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STRUCTURE = frozenset(
    re.findall(
        r"\w+",
        "wall frame floor sheet unknown unknowns stairs ceiling window curtain pillow beam "
        "decoration wood cleaner knob mirror switch device door rug railing",
    )
)
"""Words of names that are no targets: LH-VLN's two stop lists, and what a house is built of."""

PORTABLE = frozenset(
    re.findall(
        r"\w+",
        "book bottle bowl box cup bag basket cushion hat jar kettle laptop mug newspaper pan "
        "plate pot shoe shoes teddy towel toy umbrella vase backpack blanket clothes remote "
        "plant",
    )
)
"""Last words of names that an arm can take, where a scene does not say so itself."""


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
    """A scene as a generator sees it: rooms with a name, and what in them may be a target."""

    scene: str
    rooms: tuple[Room, ...]

    def room(self, number: int) -> Room | None:
        return next((room for room in self.rooms if room.id == number), None)

    def alike(self, category: str, room: Room) -> list[Thing]:
        """Return all that "the CATEGORY in the ROOM" may mean: in every room of this name."""
        return [t for other in self.rooms if other.name == room.name for t in other.find(category)]


def is_target(category: str) -> bool:
    """Say whether a name may be a task's target: nothing of the building itself."""
    words = re.findall(r"[a-z]+", category.lower())
    return bool(words) and STRUCTURE.isdisjoint(words)


def is_portable(category: str) -> bool:
    """Say whether an arm can take what goes by a name, where nothing but the name is known."""
    words = re.findall(r"[a-z]+", category.lower())
    return bool(words) and words[-1] in PORTABLE


def house_of(
    scene: str,
    rooms: Iterable[tuple[int, str]],
    things: Iterable[tuple[int, str, int]],
    portable: Sequence[int] | None = None,
) -> House:
    """Return the house of rooms (id, name) and things (id, category, room id).

    Rooms without a name, or called unknown, and what lies in them are left out, and so are things
    of no room. `portable` are the ids an arm can take; None: by their names.
    """
    found: dict[int, list[Thing]] = {}
    for number, category, room in things:
        if is_target(category):
            taken = is_portable(category) if portable is None else number in portable
            found.setdefault(room, []).append(Thing(number, category, taken))
    named = [(number, name) for number, name in rooms if name and "unknown" not in name.lower()]
    return House(scene, tuple(Room(n, name, tuple(found.get(n, ()))) for n, name in named))
