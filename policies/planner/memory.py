"""A planner's optional memory: experience of past episodes, knowledge of preconditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from longhaul.files import file_hash
from longhaul.policies.planner import knowledge
from longhaul.policies.planner.experience import ExperiencePool
from longhaul.policies.planner.knowledge import KnowledgeGraph
from longhaul.policies.planner.scene import Scene
from longhaul.policies.planner.skills import Skill

SHIPPED_NAME = "shipped"
"""The value of `knowledge` that stands for the graph shipped with the package."""


@dataclass(frozen=True)
class MemoryFiles:
    """The files of a memory; what is None is not used.

    Attributes:
        experience: A file of past episodes, as scripts/planner_remember.py writes it (JSONL).
        knowledge: A graph of preconditions, shipped or a file (JSON).
    """

    experience: str | None = None
    knowledge: str | None = None


class Memory:
    """What a planner knows beforehand, read from its files. Raises ConfigError for a file
    that cannot be read as such."""

    def __init__(self, files: MemoryFiles) -> None:
        given = {key: name for key, name in vars(files).items() if name is not None}
        paths = {
            key: knowledge.SHIPPED_GRAPH
            if name == SHIPPED_NAME and key == "knowledge"
            else Path(name)
            for key, name in given.items()
        }
        self._pool: ExperiencePool | None = None
        self._graph: KnowledgeGraph | None = None
        if "experience" in paths:
            from longhaul.language.embeddings import shared_embeddings

            self._pool = ExperiencePool.read(paths["experience"], shared_embeddings())
        if "knowledge" in paths:
            self._graph = KnowledgeGraph.read(paths["knowledge"])
        self.hashes = {key: file_hash(path) for key, path in paths.items()}

    def recall(self, goal: str) -> list[str]:
        """Return lines for the prompt at an episode's start; none of them states a step as done."""
        known = self._graph.lines() if self._graph else []
        return known + (self._pool.lines(goal) if self._pool else [])

    def prior(self, goal: str, candidates: Sequence[str]) -> list[float]:
        """Return what experience adds to each candidate's score."""
        return self._pool.prior(goal, candidates) if self._pool else [0.0] * len(candidates)

    def compile(self, skill: Skill, scene: Scene, goal: str) -> list[Skill]:
        """Return the steps that must come before `skill`, and `skill` itself last."""
        return self._graph.compile(skill, scene, goal) if self._graph else [skill]

    @property
    def knows_preconditions(self) -> bool:
        """Whether the planner may choose a step whose preconditions do not hold yet."""
        return self._graph is not None
