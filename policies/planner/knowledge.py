"""What must be so before a step can be: a graph of preconditions, in Optimus-1's manner.

Its hierarchical directed knowledge graph (Li et al., 2024, "Optimus-1") compiles a goal into
sub-goals in the order of their dependencies. Here nodes are steps and the facts that they need,
an edge says "needed before", and `compile` returns a step behind all that has to come first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from longhaul.errors import ConfigError
from longhaul.policies.planner.scene import Scene, Thing
from longhaul.policies.planner.skills import Skill
from longhaul.policies.planner.words import AREAS

SHIPPED = Path(__file__).parent / "knowledge.json"
FACTS = ("clear", "top")
STACK = re.compile(r"\bstack|\btower|\bpile up")
MOST = 8
"""Steps that one step may need before it."""


@dataclass(frozen=True)
class Need:
    """An edge: before `step` (pick or place) its thing must be `fact`; `why` says so in words.

    clear  nothing lies on it: what does is put aside first
    top    it is the top of its tower, if the goal is to stack: the step goes onto that instead
    """

    step: str
    fact: str
    why: str


class KnowledgeGraph:
    """Edges from a JSON list of `{"step", "fact", "why"}`. Raises ConfigError for another file."""

    def __init__(self, needs: Sequence[Need]) -> None:
        self._needs = tuple(dict.fromkeys(needs))

    @classmethod
    def read(cls, path: Path = SHIPPED) -> KnowledgeGraph:
        try:
            return cls([_need(entry) for entry in json.loads(path.read_text())])
        except (OSError, ValueError, TypeError) as error:
            raise ConfigError(f"policy.memory.knowledge={path} is no graph: {error}") from None

    def merge(self, other: KnowledgeGraph) -> KnowledgeGraph:
        """Return the edges of both."""
        return KnowledgeGraph((*self._needs, *other._needs))

    def lines(self) -> list[str]:
        """Return the graph in words, for a prompt."""
        return [f"Know: {need.why}" for need in self._needs]

    def compile(self, skill: Skill, scene: Scene, goal: str) -> list[Skill]:
        """Return the steps that a step needs, and itself last, in the order of the edges."""
        if self._has("place", "top") and STACK.search(goal.lower()):
            skill = _onto_top(skill, scene)
        first = list(self._clearing(skill, scene)) if self._has("pick", "clear") else []
        return [*first[:MOST], skill]

    def _has(self, step: str, fact: str) -> bool:
        return any((need.step, need.fact) == (step, fact) for need in self._needs)

    def _clearing(self, skill: Skill, scene: Scene) -> Iterator[Skill]:
        """Yield the steps that put aside what lies on the thing to be picked, topmost first."""
        movers = scene.find(skill.pick)
        while movers and scene.above(movers[0]):
            top = scene.top(movers[0])
            yield Skill(top.name, f"{_quiet_area(scene)} area")
            scene = Scene(tuple(thing for thing in scene.things if thing != top))


def _need(entry: Mapping[str, Any]) -> Need:
    need = Need(**entry)
    if need.step not in ("pick", "place") or need.fact not in FACTS:
        raise ValueError(f"{need.step} needs {need.fact}; valid: pick, place and {FACTS}")
    return need


def _onto_top(skill: Skill, scene: Scene) -> Skill:
    if isinstance(skill.place, str) or skill.side or skill.place.kind not in ("zone", "block"):
        return skill
    bases = scene.find(skill.place)
    if not bases:
        return skill
    top = scene.top(bases[0])
    if top in scene.find(skill.pick):
        return skill
    return replace(skill, place=top.name)


def _quiet_area(scene: Scene) -> str:
    """Return the quadrant in which the fewest things are known to lie."""

    def crowd(area: str) -> int:
        return sum(_area(thing) == area for thing in scene.things)

    return min(AREAS[1:], key=crowd)


def _area(thing: Thing) -> str:
    return thing.name.area or thing.spot
