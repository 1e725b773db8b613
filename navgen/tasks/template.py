"""Drafts tasks without a language model: two to four subtasks, in one of several phrasings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from longhaul.navgen.tasks.places import House, Room, Thing
from longhaul.navgen.tasks.task import ROBOTS, Draft, Primitive, Reject

SUBTASK_SHARES: Mapping[int, float] = {2: 0.390, 3: 0.524, 4: 0.086}
"""The shares of tasks by their number of subtasks, as in LHPR-VLN (arXiv 2412.09082)."""

ROBOT_SHARES = (0.505, 0.495)
"""The shares of tasks for spot and for stretch, as in LHPR-VLN."""

BRING_SENTENCES = (
    "Take the {a} in the {A} to the {b} in the {B}",
    "Bring the {a} from the {A} to the {b} in the {B}",
    "Please carry the {a} from the {A} over to the {b} in the {B}",
    "Find the {a} in the {A} and put {it} by the {b} in the {B}",
    "We need the {a} in the {A} by the {b} in the {B}, so take {it} there",
)
FETCH_CLAUSES = (
    ", then get the {c} from the {C}",
    " and afterwards fetch the {c} from the {C}",
    ", and when that is done pick up the {c} in the {C}",
)
VISIT_CLAUSES = (
    ", then go to the {c} in the {C}",
    " and afterwards have a look at the {c} in the {C}",
    ", and when that is done wait by the {c} in the {C}",
)
SECOND_BRING_CLAUSES = (
    ", then take the {c} in the {C} to the {d} in the {D}",
    ", and after that bring the {c} from the {C} to the {d} in the {D}",
)


PLURAL_PATTERN = re.compile(r"[^su]s$")
"""Matches names in the plural, such as keys and shoes, but not glass or cactus."""


class Goal(NamedTuple):
    """A thing, and the room in whose name the instruction refers to it."""

    thing: Thing
    room: Room


def draft(
    house: House,
    generator: np.random.Generator,
    most_rooms: int = 2,
    ambiguous: bool = False,
    mix: Mapping[int, float] = SUBTASK_SHARES,
) -> Draft:
    """Draw a draft of a task: its number of subtasks, robot, rooms, things and phrasing.

    Names that mean several objects are drawn only if `ambiguous` is set. Raises Reject if the
    drawn rooms have too few things.
    """
    count = int(generator.choice(list(mix), p=np.array(list(mix.values())) / sum(mix.values())))
    robot = str(generator.choice(ROBOTS, p=ROBOT_SHARES))
    goals = _goals(house, generator, most_rooms, ambiguous)
    takes = (True, False, *((bool(generator.random() < 0.5),) if count == 3 else (True, False)))
    chosen = _choose(goals, takes[:count], generator)
    sentences: list[tuple[str, ...]] = [BRING_SENTENCES]
    if count == 3:
        sentences.append(FETCH_CLAUSES if takes[2] else VISIT_CLAUSES)
    elif count == 4:
        sentences.append(SECOND_BRING_CLAUSES)
    text = "".join(str(generator.choice(words)) for words in sentences)
    return Draft(text.format(**_words(chosen)), _primitives(chosen, takes), robot)


def _goals(
    house: House, generator: np.random.Generator, most_rooms: int, ambiguous: bool
) -> list[Goal]:
    """Return the possible goals in `most_rooms` rooms drawn at random, in random order."""
    rooms = [room for room in house.rooms if room.things]
    order = generator.permutation(len(rooms))[:most_rooms]
    goals = [
        Goal(room.find(category)[0], room)
        for room in (rooms[i] for i in order)
        for category in room.categories
        if ambiguous or len(house.alike(category, room)) == 1
    ]
    return [goals[i] for i in generator.permutation(len(goals))]


def _choose(
    goals: Sequence[Goal], takes: Sequence[bool], generator: np.random.Generator
) -> list[Goal]:
    """Return a goal for each move.

    Things that are taken are portable and the others are not; no category comes twice; consecutive
    goals are in different rooms if possible.
    """
    chosen: list[Goal] = []
    for take in takes:
        used = {goal.thing.category for goal in chosen}
        fit = [g for g in goals if g.thing.category not in used and g.thing.portable == take]
        if not fit:
            kind = "that can be carried" if take else "to carry it to"
            raise Reject("unknown_object", f"these rooms have nothing more {kind}")
        away = [g for g in fit if not chosen or g.room.id != chosen[-1].room.id]
        options = away or fit
        chosen.append(options[int(generator.integers(len(options)))])
    return chosen


def _words(chosen: Sequence[Goal]) -> dict[str, str]:
    words = {"it": "them" if PLURAL_PATTERN.search(chosen[0].thing.category) else "it"}
    for letter, goal in zip("abcd", chosen, strict=False):
        words[letter], words[letter.upper()] = goal.thing.category, goal.room.name
    return words


def _primitives(chosen: Sequence[Goal], takes: Sequence[bool]) -> tuple[Primitive, ...]:
    """Return the moves, with a Grab after each one that takes a thing and a Release after the next
    one."""
    found: list[Primitive] = []
    held: str | None = None
    for goal, take in zip(chosen, takes, strict=False):
        found.append(Primitive("Move_to", goal.thing.category, goal.room.id))
        if held is not None:
            found.append(Primitive("Release", held))
            held = None
        elif take:
            held = goal.thing.category
            found.append(Primitive("Grab", held))
    return tuple(found)
