"""What a template makes: a task in the benchmark's terms, in legs that can be told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from longhaul.webagents.sites.store import Store

Make = Callable[[Store, np.random.Generator], "Draft"]


@dataclass(frozen=True)
class Move:
    """A step of an oracle, by what it sees: the element of a `role` that is called `name`.

    `kind` is an action's word; `text` what is typed, chosen, gone to or answered.
    """

    kind: str
    role: str = ""
    name: str = ""
    text: str = ""
    submit: bool = False


@dataclass(frozen=True)
class Fact:
    """That a site's state has, in its list `among`, an entry with these values."""

    site: str
    among: str
    has: Mapping[str, Any]

    def holds(self, state: Mapping[str, Any]) -> bool:
        """Say whether a site's state has it."""
        return any(
            all(entry.get(key) == value for key, value in self.has.items())
            for entry in state.get(self.among, ())
        )


@dataclass(frozen=True)
class Leg:
    """A part of a task: its moves, and the fact that they bring about (none: the task's end)."""

    name: str
    instruction: str
    moves: tuple[Move, ...]
    goal: Fact | None = None


@dataclass(frozen=True)
class Draft:
    """A task: `intent` with slots for `values`, where it starts (a path), how it is scored, and
    its legs. The last leg stops, and has no goal but the evaluation."""

    intent: str
    values: Mapping[str, str]
    evaluation: Mapping[str, Any]
    legs: tuple[Leg, ...]
    start: str = ""


@dataclass(frozen=True)
class Template:
    """`site` as the benchmark calls it (shopping, reddit, ...), `difficulty` easy, medium, hard."""

    name: str
    site: str
    difficulty: str
    make: Make


def one_of(rows: list[dict[str, Any]], random: np.random.Generator) -> dict[str, Any]:
    """Return one of some rows. Raises ValueError where there are none."""
    if not rows:
        raise ValueError("a template found nothing to ask about in this seed's site")
    return rows[int(random.integers(len(rows)))]


def some_of(
    rows: list[dict[str, Any]], count: int, random: np.random.Generator
) -> list[dict[str, Any]]:
    """Return `count` different rows, in a random order."""
    return [rows[i] for i in random.choice(len(rows), count, replace=False)]


def read_legs(data: list[dict[str, Any]]) -> tuple[Leg, ...]:
    """Return legs from their JSON form."""
    return tuple(
        Leg(
            leg["name"],
            leg["instruction"],
            tuple(Move(**move) for move in leg["moves"]),
            None if leg["goal"] is None else Fact(**leg["goal"]),
        )
        for leg in data
    )
