"""A task in LH-VLN's terms: an instruction, and primitives, of which every move is a subtask."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Verb = Literal["Move_to", "Grab", "Release"]

ROBOTS = ("spot", "stretch")

PRIMITIVE_PATTERN = re.compile(r"(Move_to|Grab|Release)\(\s*(['\"])(.+)\2\s*\)")

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
    """A draft was rejected; the report counts the rejects by `reason`."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


@dataclass(frozen=True)
class Target:
    """The target of a move: any object of this category in the room with this id."""

    category: str
    room: int

    def __str__(self) -> str:
        return f"{self.category}_{self.room}"


@dataclass(frozen=True)
class Primitive:
    """One primitive of LH-VLN; `room` is the id of the target's room for a move, else None."""

    verb: Verb
    category: str
    room: int | None = None

    def __str__(self) -> str:
        """Return the primitive in LH-VLN's syntax: Move_to('towel_3')."""
        return f"{self.verb}('{self.category}{'' if self.room is None else f'_{self.room}'}')"

    @classmethod
    def parse(cls, text: str) -> Primitive:
        """Return the primitive that a text in LH-VLN's syntax describes; raise Reject if none.

        The room is the number after the last underscore, since names may contain underscores.
        """
        found = PRIMITIVE_PATTERN.fullmatch(text.strip())
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
    """A proposed task, which the validator has not checked yet."""

    instruction: str
    primitives: tuple[Primitive, ...]
    robot: str


@dataclass(frozen=True)
class Task:
    """A draft that passed the validator; `ambiguous` tells for each target whether its name means
    several objects."""

    scene: str
    instruction: str
    primitives: tuple[Primitive, ...]
    robot: str
    ambiguous: tuple[bool, ...]

    @property
    def targets(self) -> tuple[Target, ...]:
        """Return the targets of the moves in order; the metrics count each as a subtask."""
        return moves(self.primitives)


def moves(primitives: tuple[Primitive, ...]) -> tuple[Target, ...]:
    """Return the targets of the moves among primitives."""
    return tuple(Target(p.category, p.room) for p in primitives if p.room is not None)
