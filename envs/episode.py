"""The records every environment and the rollout loop share: what to attempt, and what came of it.

All four are plain data with an exact JSON form: `X.from_json(x.to_json()) == x`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["success", "failure", "timeout", "error"]


@dataclass(frozen=True)
class Subtask:
    """One step of the long horizon.

    `gt_steps` is the reference length in environment steps (an expert's median, or the
    benchmark's own figure); `goal` is written in the environment's terms and is plain JSON.
    """

    name: str
    instruction: str
    gt_steps: int
    goal: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Episode:
    """What to attempt: everything needed to run it again. `start` is plain JSON."""

    id: str
    seed: int
    instruction: str
    subtasks: tuple[Subtask, ...]
    start: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "subtasks": [asdict(subtask) for subtask in self.subtasks]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Episode:
        return cls(**{**data, "subtasks": tuple(Subtask(**item) for item in data["subtasks"])})


@dataclass(frozen=True)
class SubtaskOutcome:
    """What came of one subtask. Steps count from the start of the episode.

    `start_step` and `end_step` are None for a subtask that was never started; a subtask cut off
    by the step limit ends at the limit. `oracle_success` is true if the goal held at any moment
    while the subtask was the current one. `measures` holds distances in meters and the like:
    `geodesic_start` and `geodesic_end` (the navigation error) where an environment has them.
    """

    name: str
    gt_steps: int
    started: bool = False
    success: bool = False
    start_step: int | None = None
    end_step: int | None = None
    oracle_success: bool = False
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class EpisodeRecord:
    """One finished episode: a line of `episodes.jsonl`.

    `parts` names the worker parts that stood beside the simulator (`{"expert": "act"}`), so that
    nobody mistakes an oracle for a result; `error` is the traceback when `status` is `error`;
    `timings` are seconds. `ending` is what an env keeps of the end to have it judged again, as
    plain JSON; empty where it keeps nothing. `made` is the mark of the code and packages that made
    the record (longhaul.evaluation.records.origins); empty in records of before December 2026.
    """

    episode: Episode
    outcomes: tuple[SubtaskOutcome, ...]
    status: Status
    steps: int
    parts: Mapping[str, str] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    error: str | None = None
    ending: Mapping[str, Any] = field(default_factory=dict)
    made: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.episode.id

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON with the Episode's id at top level."""
        return {
            "id": self.id,
            "status": self.status,
            "steps": self.steps,
            "outcomes": [asdict(outcome) for outcome in self.outcomes],
            "parts": dict(self.parts),
            "timings": dict(self.timings),
            "error": self.error,
            "ending": dict(self.ending),
            "made": dict(self.made),
            "episode": self.episode.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> EpisodeRecord:
        return cls(
            episode=Episode.from_json(data["episode"]),
            outcomes=tuple(SubtaskOutcome(**item) for item in data["outcomes"]),
            status=data["status"],
            steps=data["steps"],
            parts=data["parts"],
            timings=data["timings"],
            error=data["error"],
            ending=data.get("ending", {}),  # records of before 26 November 2026 have none
            made=data.get("made", {}),
        )
