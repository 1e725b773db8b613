"""What a task of the tabletop is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.tasks.table import Table

ASPECTS = (
    "color",
    "size",
    "space",
    "arithmetic",
    "reference",
    "commonsense",
    "occlusion",
    "order",
    "details",
)
"""What a task asks of a policy: the benchmark's aspects, with the order of a stack and
instructions that give every step."""


@dataclass(frozen=True)
class Step:
    """A required atom. `actions` is how many pick-and-places the reference plan spends on it:
    more than one where something lies on the mover. No `sentence`: one is made from the atom."""

    atom: Atom
    actions: int = 1
    sentence: str = ""


@dataclass(frozen=True)
class Problem:
    """What to do on a table: the sentence, and the steps in the reference plan's order.

    Nothing of `forbidden` may hold at the end. A `sequential` problem asks for one step after the
    other, each with its own sentence.
    """

    instruction: str
    steps: tuple[Step, ...]
    forbidden: tuple[Atom, ...] = ()
    sequential: bool = False
    tool: str = "suction"


@dataclass(frozen=True)
class Task:
    """`sample` puts things on an empty table, from its random numbers only, and says what to do.

    `groups` are the splits the task belongs to, besides `all`. The budget is the reference plan's
    actions and `spare` more, or `budget` where the benchmark has a fixed one.
    """

    name: str
    sample: Callable[[Table], Problem]
    groups: tuple[str, ...]
    aspects: tuple[str, ...]
    spare: int = 2
    budget: int | None = None
    palette: str = ""
    """Of PALETTES; empty: the split's."""


def steps(*atoms: Atom, actions: int = 1) -> tuple[Step, ...]:
    """Return the steps of atoms that cost as many actions each."""
    return tuple(Step(atom, actions) for atom in atoms)
