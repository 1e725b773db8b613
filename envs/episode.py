"""The records every environment and the rollout loop share: what to attempt, and what came of it.

All four are plain data with an exact JSON form: `X.from_json(x.to_json()) == x`. What a file of
somebody else holds is checked by `from_json`, which raises ValueError in one line for anything that
is not such a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any, Literal, get_args

from longhaul.identifiers import shown

Status = Literal["success", "failure", "timeout", "error"]

MAX_STEPS = 10_000_000
"""The most steps that an episode's record may claim: a thousand times the longest episode."""

Fields = Mapping[str, tuple[Callable[[Any], bool], str]]
"""The fields of a record by name: the test of a field's value, and in words what it must be."""


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_steps(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_STEPS


def _is_number(value: Any) -> bool:
    kind = type(value)
    return (kind is float and isfinite(value)) or (kind is int and abs(value) < 2**63)


_TEXT = (_is_text, "a text")
_OBJECT = (lambda value: isinstance(value, dict), "an object")
_FLAG = (lambda value: isinstance(value, bool), "true or false")
_STEPS = (_is_steps, f"a whole number from 0 to {MAX_STEPS}")
_STEPS_OR_NONE = (lambda value: value is None or _is_steps(value), f"null or {_STEPS[1]}")
_NUMBERS = (
    lambda value: isinstance(value, dict) and all(map(_is_number, value.values())),
    "an object of finite numbers",
)
_SUBTASK_FIELDS: Fields = {"name": _TEXT, "instruction": _TEXT, "gt_steps": _STEPS, "goal": _OBJECT}
_EPISODE_FIELDS: Fields = {
    "id": (lambda value: isinstance(value, str) and value != "", "a text that is not empty"),
    "seed": (lambda value: type(value) is int, "a whole number"),
    "instruction": _TEXT,
    "subtasks": (lambda value: isinstance(value, list | tuple), "a list"),
    "start": _OBJECT,
}
_OUTCOME_FIELDS: Fields = {
    **{"name": _TEXT, "gt_steps": _STEPS, "started": _FLAG, "success": _FLAG},
    **{"start_step": _STEPS_OR_NONE, "end_step": _STEPS_OR_NONE, "oracle_success": _FLAG},
    "measures": _NUMBERS,
}
_RECORD_FIELDS: Fields = {
    "episode": _OBJECT,
    "outcomes": (lambda value: isinstance(value, list | tuple), "a list"),
    "status": (lambda value: value in get_args(Status), f"one of {', '.join(get_args(Status))}"),
    "steps": _STEPS,
    "parts": (
        lambda value: isinstance(value, dict) and all(map(_is_text, value.values())),
        "an object of texts",
    ),
    "timings": _NUMBERS,
    "error": (lambda value: value is None or isinstance(value, str), "null or a text"),
    "ending": _OBJECT,
    "made": _OBJECT,
}
_OPTIONAL = frozenset({"goal", "start", "started", "success", "start_step", "end_step"}) | {
    *("oracle_success", "measures"),
    *("ending", "made"),  # records of before 26 November 2026 and before December 2026 have none
}


def _checked(what: str, data: Any, fields: Fields, strict: bool = True) -> dict[str, Any]:
    """Return a record's JSON object. Raises ValueError, which names the field, unless it has the
    fields, of the right types; with `strict` it may have no others."""
    if not isinstance(data, dict):
        raise ValueError(f"{what} is {shown(data)}, not an object")
    known = 0
    for name, (holds, kind) in fields.items():
        if name not in data:
            if name not in _OPTIONAL:
                raise ValueError(f"{what} has no {name}")
            continue
        known += 1
        if not holds(data[name]):
            raise ValueError(f"{what}: {name} is {shown(data[name])}, not {kind}")
    if strict and known < len(data):
        raise ValueError(f"{what} has an unknown field, {shown(min(data.keys() - fields.keys()))}")
    return data


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

    @classmethod
    def from_json(cls, data: Any) -> Subtask:
        return cls(**_checked("subtask", data, _SUBTASK_FIELDS))


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
    def from_json(cls, data: Any) -> Episode:
        subtasks = _checked("episode", data, _EPISODE_FIELDS)["subtasks"]
        return cls(**{**data, "subtasks": tuple(map(Subtask.from_json, subtasks))})


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

    @classmethod
    def from_json(cls, data: Any) -> SubtaskOutcome:
        return cls(**_checked("outcome", data, _OUTCOME_FIELDS))


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
    def from_json(cls, data: Any) -> EpisodeRecord:
        _checked("record", data, _RECORD_FIELDS, strict=False)
        episode = Episode.from_json(data["episode"])
        outcomes = tuple(map(SubtaskOutcome.from_json, data["outcomes"]))
        if not outcomes or len(outcomes) != len(episode.subtasks):
            counts = f"{len(outcomes)} outcomes of {len(episode.subtasks)} subtasks"
            raise ValueError(f"record of {shown(episode.id)}: {counts}")
        if data.get("id", episode.id) != episode.id:
            raise ValueError(f"record {shown(data['id'])} holds the episode {shown(episode.id)}")
        return cls(
            episode=episode,
            outcomes=outcomes,
            status=data["status"],
            steps=data["steps"],
            parts=data["parts"],
            timings=data["timings"],
            error=data["error"],
            ending=data.get("ending", {}),
            made=data.get("made", {}),
        )
