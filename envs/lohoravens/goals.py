"""Goals: required atoms, each one thing that must be somewhere, and atoms that must not hold.

Any valid solution counts. An atom names all things that may fulfill it and all places where; which
thing fulfills which atom is a maximum matching, so that no thing counts twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from longhaul.envs.episode import Episode
from longhaul.envs.lohoravens.relations import RELATIONS, Scene

Fact = tuple[str, str]
"""A mover, and the target at which it is."""


@dataclass(frozen=True)
class Atom:
    """One of `movers` is in `relation` to one of `targets` (names of things, areas or pegs).

    The first mover and the first target are those of the reference plan. Two relations are of
    more than a pair. `across`: the mover rests on all targets at once. `stack`: it is the next
    level of a tower on a target; `under` lists the names allowed on each level below it, the
    lowest first, and none of the tower's levels may be another thing.
    `exclusive`: a target may serve one atom only, and the atom has a single mover.
    """

    relation: str
    movers: tuple[str, ...]
    targets: tuple[str, ...] = ()
    under: tuple[tuple[str, ...], ...] = ()
    exclusive: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Atom:
        """Return the atom of a Subtask's goal."""
        under = tuple(tuple(level) for level in data["under"])
        movers, targets = tuple(data["movers"]), tuple(data["targets"])
        return cls(data["relation"], movers, targets, under, data["exclusive"])

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON: a Subtask's goal."""
        lists = {"movers": list(self.movers), "targets": list(self.targets)}
        return {**asdict(self), **lists, "under": [list(level) for level in self.under]}

    def facts(self, scene: Scene) -> list[Fact]:
        """Return which movers are at which targets in a scene."""
        if self.relation == "stack":
            return [fact for base in self.targets for fact in self._levels(scene, base)]
        if self.relation == "across":
            rests = [m for m in self.movers if all(scene.on(m, t) for t in self.targets)]
            return [(mover, self.targets[0]) for mover in rests]
        holds = RELATIONS[self.relation]
        return [(m, t) for m in self.movers for t in self.targets if holds(scene, m, t)]

    def _levels(self, scene: Scene, base: str) -> list[Fact]:
        stands = scene.on_zone if scene.things[base].kind == "zone" else scene.on
        levels = (*self.under, self.movers)
        tower = [name for name in levels[0] if name != base and stands(name, base)]
        for level in levels[1:]:
            tower = [m for m in level if any(m != t and scene.on(m, t) for t in tower)]
        return [(mover, base) for mover in tower]


@dataclass(frozen=True)
class Goal:
    """`atoms` in the reference plan's order; a `sequential` goal asks for one after the other."""

    atoms: tuple[Atom, ...]
    forbidden: tuple[Atom, ...] = ()
    sequential: bool = False

    @classmethod
    def of(cls, episode: Episode) -> Goal:
        """Return the goal that an episode's subtasks and start say."""
        return cls(
            tuple(Atom.from_json(subtask.goal) for subtask in episode.subtasks),
            tuple(Atom.from_json(atom) for atom in episode.start["forbidden"]),
            episode.start["sequential"],
        )

    def fulfilled(self, scene: Scene) -> tuple[bool, ...]:
        """Say which atoms hold: a maximum matching that prefers earlier atoms to later ones."""
        options = [
            [target if atom.exclusive else mover for mover, target in atom.facts(scene)]
            for atom in self.atoms
        ]
        chosen = match(options)
        return tuple(choice is not None for choice in chosen)

    def violations(self, scene: Scene) -> list[Fact]:
        """Return the facts that must not be."""
        return [fact for atom in self.forbidden for fact in atom.facts(scene)]

    def possible(self, scene: Scene, lost: Sequence[str]) -> bool:
        """Say whether the atoms can still be fulfilled all, without the things that are lost."""
        movers = [[name for name in atom.movers if name not in lost] for atom in self.atoms]
        targets_left = all(
            all(target not in lost for target in atom.targets)
            if atom.relation in ("across", "stack")
            else any(target not in lost for target in atom.targets)
            for atom in self.atoms
        )
        if self.sequential:
            return targets_left and all(movers)
        return targets_left and None not in match(movers)


def match(options: Sequence[Sequence[str]]) -> list[str | None]:
    """Return a maximum matching: for each row one of its options, each given once, or None.

    Rows come in order and keep what they have won (Kuhn's algorithm), so of all maximum matchings
    this serves the earliest rows.
    """
    owner: dict[str, int] = {}

    def serve(row: int, tried: set[str]) -> bool:
        for option in options[row]:
            if option not in tried:
                tried.add(option)
                if option not in owner or serve(owner[option], tried):
                    owner[option] = row
                    return True
        return False

    for row in range(len(options)):
        serve(row, set())
    given: dict[int, str] = {row: option for option, row in owner.items()}
    return [given.get(row) for row in range(len(options))]
