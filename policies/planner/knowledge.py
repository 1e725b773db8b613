"""A planner's knowledge: a graph of the steps' preconditions, after Optimus-1.

The hierarchical directed knowledge graph of Optimus-1 (Li et al., 2024) compiles a goal into
sub-goals in the order of their dependencies. Here the nodes are steps and the facts that they need,
an edge means "needed before", and `compile` returns a step after all steps that must come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from longhaul.documents import read_json
from longhaul.errors import ConfigError
from longhaul.policies.planner.scene import Scene, Thing
from longhaul.policies.planner.skills import Skill
from longhaul.policies.planner.words import AREA_NAMES

SHIPPED_GRAPH = Path(__file__).parent / "knowledge.json"
FACTS = ("clear", "top")
"""The facts that a step may need: see Need."""

STACK = re.compile(r"\bstack|\btower|\bpile up")
"""Matches a goal that asks to stack."""

MAX_PRECEDING_STEPS = 8
"""The most steps that `compile` puts before a step."""


@dataclass(frozen=True)
class Need:
    """An edge of the graph: before `step` (pick or place) its thing must be `fact`, which `why`
    says in words.

    clear  Nothing lies on the thing. What lies on it is put aside first.
    top    The thing is the top of its tower, if the goal is to stack. Otherwise the step's place
           is replaced by the top.
    """

    step: str
    fact: str
    why: str


class KnowledgeGraph:
    """The graph, from a JSON list of `{"step", "fact", "why"}`. `read` raises ConfigError for a
    file that is none."""

    def __init__(self, needs: Sequence[Need]) -> None:
        self._needs = tuple(dict.fromkeys(needs))

    @classmethod
    def read(cls, path: Path = SHIPPED_GRAPH) -> KnowledgeGraph:
        try:
            return cls([_need(entry) for entry in read_json(path)])
        except (OSError, ValueError, TypeError) as error:
            raise ConfigError(f"policy.memory.knowledge={path} is no graph: {error}") from None

    def merge(self, other: KnowledgeGraph) -> KnowledgeGraph:
        """Return the edges of both."""
        return KnowledgeGraph((*self._needs, *other._needs))

    def lines(self) -> list[str]:
        """Return the graph in words, for a prompt."""
        return [f"Know: {need.why}" for need in self._needs]

    def compile(self, skill: Skill, scene: Scene, goal: str) -> list[Skill]:
        """Return the steps that must come before `skill`, and `skill` itself last."""
        if self._has("place", "top") and STACK.search(goal.lower()):
            skill = _onto_top(skill, scene)
        first = list(self._clearing(skill, scene)) if self._has("pick", "clear") else []
        return [*first[:MAX_PRECEDING_STEPS], skill]

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

    return min(AREA_NAMES[1:], key=crowd)


def _area(thing: Thing) -> str:
    return thing.name.area or thing.spot
