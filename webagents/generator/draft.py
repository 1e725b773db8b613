"""What a template makes: a task in the benchmark's terms, with an oracle's moves in legs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from longhaul.webagents.sites.store import Store

Make = Callable[[Store, np.random.Generator], "Draft"]


@dataclass(frozen=True)
class Move:
    """A step of an oracle on the element that has this `role` and `name` on the page.

    `kind` is an action's word; `text` is the text to type, the option, the address or the answer.
    """

    kind: str
    role: str = ""
    name: str = ""
    text: str = ""
    submit: bool = False


@dataclass(frozen=True)
class Fact:
    """The fact that the list `among` in a site's state has an entry with the values `has`."""

    site: str
    among: str
    has: Mapping[str, Any]

    def holds(self, state: Mapping[str, Any]) -> bool:
        """Say whether the fact holds in a site's state."""
        return any(
            all(entry.get(key) == value for key, value in self.has.items())
            for entry in state.get(self.among, ())
        )


@dataclass(frozen=True)
class Leg:
    """A stage of a task: its moves, and the fact that they bring about (None in the last leg)."""

    name: str
    instruction: str
    moves: tuple[Move, ...]
    goal: Fact | None = None


@dataclass(frozen=True)
class Draft:
    """A task: `intent` with placeholders for `values`, its evaluation, its legs, and the path where
    it starts. The last leg ends with stop; its goal is None, since the evaluation is its goal."""

    intent: str
    values: Mapping[str, str]
    evaluation: Mapping[str, Any]
    legs: tuple[Leg, ...]
    start: str = ""


@dataclass(frozen=True)
class Template:
    """A kind of task: `site` is the benchmark's name (shopping, reddit, ...), `difficulty` is easy,
    medium or hard, and `make` draws a task."""

    name: str
    site: str
    difficulty: str
    make: Make


def one_of(rows: list[dict[str, Any]], random: np.random.Generator) -> dict[str, Any]:
    """Return one of the rows, at random. Raises ValueError if there are none."""
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
