"""The validator: turns a draft of a template or a language model into a task, or rejects it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from longhaul.navgen.tasks.places import House, Room
from longhaul.navgen.tasks.task import ROBOTS, Draft, Primitive, Reject, Target, Task, moves

Leg = Callable[[Target, Target], float]
"""Returns the geodesic distance (m) from one target to the nearest object of another; inf if there
is no path."""

SUBTASK_RANGE = (2, 4)
"""The fewest and the most moves of a task, as in LH-VLN."""

FORBIDDEN_WORDS = ("region", "grab", "release", "move_to")
"""Words that an instruction may not contain, since they are a simulator's terms."""


@dataclass(frozen=True)
class Rules:
    """What else a task must be.

    Attributes:
        shortest: The least geodesic distance between targets in a row, in m: a target counts as
            reached within 1 m, and LH-VLN makes step tasks of more than five moves.
        most_rooms: How many rooms a task may name; LH-VLN's prompt allows 2.
        ambiguous: True lets "the chair" mean several objects, of which any counts.
        hidden: True has no target be in view where its leg begins.
    """

    shortest: float = 1.5
    most_rooms: int = 2
    ambiguous: bool = False
    hidden: bool = False


def validate(draft: Draft, house: House, leg: Leg, rules: Rules | None = None) -> Task:
    """Return a draft as a task. Raises Reject with the first rule that the draft breaks."""
    rules = rules or Rules()
    sentence = " ".join(draft.instruction.split()).rstrip(".?!")
    if draft.robot not in ROBOTS:
        raise Reject("malformed", f"robot {draft.robot!r}; valid: {', '.join(ROBOTS)}")
    _check_words(sentence)
    targets = moves(draft.primitives)
    fewest, most = SUBTASK_RANGE
    if not fewest <= len(targets) <= most:
        raise Reject("length", f"{len(targets)} moves; {fewest} to {most} are a task")
    rooms = [_room_of(target, house) for target in targets]
    if len({room.id for room in rooms}) > rules.most_rooms:
        raise Reject("length", f"more than {rules.most_rooms} rooms")
    if len(set(targets)) < len(targets):
        raise Reject("repeated", "a target is named twice")
    _check_arm(draft.primitives, house)
    ambiguous = tuple(
        len(house.alike(target.category, room)) > 1
        for target, room in zip(targets, rooms, strict=True)
    )
    if any(ambiguous) and not rules.ambiguous:
        name = targets[ambiguous.index(True)]
        raise Reject("ambiguous", f"{name} means several objects")
    _check_legs(targets, leg, rules.shortest)
    return Task(house.scene, sentence, draft.primitives, draft.robot, ambiguous)


def _check_words(sentence: str) -> None:
    if not sentence:
        raise Reject("words", "there is no sentence")
    found = [w for w in FORBIDDEN_WORDS if re.search(rf"\b{w}\b", sentence, re.IGNORECASE)]
    if found:
        raise Reject("words", f"the sentence says {found[0]!r}")


def _room_of(target: Target, house: House) -> Room:
    room = house.room(target.room)
    if room is None:
        raise Reject("unknown_room", f"there is no room {target.room}")
    if not room.find(target.category):
        raise Reject("unknown_object", f"{room.name} {room.id} has no {target.category!r}")
    return room


def _check_arm(primitives: Sequence[Primitive], house: House) -> None:
    """Raise Reject unless the robot grabs only portable things, at its place and with an empty arm,
    and releases only what the arm holds, at another place."""
    held: str | None = None
    at: Target | None = None
    for primitive in primitives:
        if primitive.room is not None:
            at = Target(primitive.category, primitive.room)
        elif primitive.verb == "Grab":
            if held is not None:
                raise Reject("arm", f"{primitive} while the arm holds {held!r}")
            if at is None or at.category != primitive.category:
                raise Reject("arm", f"{primitive} away from it")
            if not any(thing.portable for thing in _room_of(at, house).find(at.category)):
                raise Reject("arm", f"{primitive}: it cannot be carried")
            held = primitive.category
        else:
            if held != primitive.category:
                raise Reject("arm", f"{primitive} while the arm holds {held or 'nothing'}")
            if at is None or at.category == held:
                raise Reject("arm", f"{primitive} where it was taken")
            held = None


def _check_legs(targets: Sequence[Target], leg: Leg, shortest: float) -> None:
    for start, end in pairwise(targets):
        distance = leg(start, end)
        if not math.isfinite(distance):
            raise Reject("unreachable", f"no way from {start} to {end}")
        if distance < shortest:
            raise Reject("short_leg", f"{start} to {end} is {distance:.1f} m")
