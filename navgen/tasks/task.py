"""A task in the terms of LH-VLN: a sentence, and primitives of which every move is a subtask."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Verb = Literal["Move_to", "Grab", "Release"]

ROBOTS = ("spot", "stretch")

PRIMITIVE = re.compile(r"(Move_to|Grab|Release)\(\s*(['\"])(.+)\2\s*\)")

Reason = Literal[
    "malformed",
    "length",
    "words",
    "unknown_room",
    "unknown_object",
    "arm",
    "repeated",
    "ambiguous",
    "unreachable",
    "short_leg",
    "too_long",
    "in_view",
]


class Reject(Exception):  # noqa: N818  it is a count in a report, not a fault
    """Why a draft is no task; `reason` is what the report counts."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


@dataclass(frozen=True)
class Target:
    """Where a move goes: any object of this category in the room of this id."""

    category: str
    room: int

    def __str__(self) -> str:
        return f"{self.category}_{self.room}"


@dataclass(frozen=True)
class Primitive:
    """`room` is None but for a move."""

    verb: Verb
    category: str
    room: int | None = None

    def __str__(self) -> str:
        """Return the published spelling: Move_to('towel_3')."""
        return f"{self.verb}('{self.category}{'' if self.room is None else f'_{self.room}'}')"

    @classmethod
    def parse(cls, text: str) -> Primitive:
        """Read the published spelling. Raises Reject.

        The room is the whole number behind the last underscore, so that neither a room's id that
        is part of another's nor a name with underscores is misread.
        """
        found = PRIMITIVE.fullmatch(text.strip())
        if found is None:
            raise Reject("malformed", f"{text[:80]!r} is no Move_to, Grab or Release")
        verb, name = found[1], found[3].strip()
        if verb != "Move_to":
            return cls("Grab" if verb == "Grab" else "Release", name)
        category, _, number = name.rpartition("_")
        if not category or not number.isdecimal():
            raise Reject("malformed", f"{name[:80]!r} names no object and room: OBJECT_ROOM")
        return cls("Move_to", category, int(number))


@dataclass(frozen=True)
class Draft:
    """What a generator proposes."""

    instruction: str
    primitives: tuple[Primitive, ...]
    robot: str


@dataclass(frozen=True)
class Task:
    """A draft that the validator let through; `ambiguous` says which of its targets' names mean
    several objects."""

    scene: str
    instruction: str
    primitives: tuple[Primitive, ...]
    robot: str
    ambiguous: tuple[bool, ...]

    @property
    def targets(self) -> tuple[Target, ...]:
        """The moves, in order: the subtasks of all metrics."""
        return moves(self.primitives)


def moves(primitives: tuple[Primitive, ...]) -> tuple[Target, ...]:
    """Return where the moves among primitives go."""
    return tuple(Target(p.category, p.room) for p in primitives if p.room is not None)
