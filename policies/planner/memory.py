"""A planner's optional memory: experience of past episodes, knowledge of preconditions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from longhaul.errors import ConfigError, unknown
from longhaul.policies.planner import knowledge
from longhaul.policies.planner.experience import ExperiencePool
from longhaul.policies.planner.knowledge import KnowledgeGraph
from longhaul.policies.planner.scene import Scene
from longhaul.policies.planner.skills import Skill

SHIPPED = "shipped"
KEYS = ("experience", "knowledge")


class Memory:
    """`files` names a store of experience (JSONL) and a graph of knowledge (JSON, or `shipped`);
    what is None is not used. Raises ConfigError for a file that is none."""

    def __init__(self, files: Mapping[str, str | None] | None = None) -> None:
        given = {key: name for key, name in (files or {}).items() if name is not None}
        for key in given.keys() - set(KEYS):
            raise ConfigError(unknown(f"policy.memory.{key}", KEYS))
        paths = {
            key: knowledge.SHIPPED if name == SHIPPED and key == "knowledge" else Path(name)
            for key, name in given.items()
        }
        self._pool: ExperiencePool | None = None
        self._graph: KnowledgeGraph | None = None
        if "experience" in paths:
            from longhaul.language.embeddings import Embeddings

            self._pool = ExperiencePool.read(paths["experience"], Embeddings())
        if "knowledge" in paths:
            self._graph = KnowledgeGraph.read(paths["knowledge"])
        self.hashes = {
            key: hashlib.sha256(path.read_bytes()).hexdigest() for key, path in paths.items()
        }

    def recall(self, goal: str) -> list[str]:
        """Return lines for the prompt of an episode's start, in which no step is stated as done."""
        known = self._graph.lines() if self._graph else []
        return known + (self._pool.lines(goal) if self._pool else [])

    def prior(self, goal: str, candidates: Sequence[str]) -> list[float]:
        """Return what experience adds to each candidate's score."""
        return self._pool.prior(goal, candidates) if self._pool else [0.0] * len(candidates)

    def compile(self, skill: Skill, scene: Scene, goal: str) -> list[Skill]:
        """Return the steps that lead to a step, itself last."""
        return self._graph.compile(skill, scene, goal) if self._graph else [skill]

    @property
    def knows_preconditions(self) -> bool:
        """Whether a step whose preconditions do not hold may be chosen all the same."""
        return self._graph is not None
