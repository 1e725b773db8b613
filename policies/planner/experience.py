"""A planner's experience: past successes and failures, after Optimus-1.

The pool of multimodal experience of Optimus-1 (Li et al., 2024) keeps successes and failures and
retrieves the nearest of each. This one is text only: goals are compared by MiniLM's sentence
embeddings, and plans are the steps in words. It is filled from finished runs and does not change
during a run, so that no episode's result depends on the episodes before it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, get_args

import numpy as np
from numpy.typing import NDArray

from longhaul.documents import open_regular, parse_json, read_lines
from longhaul.envs.episode import Status
from longhaul.errors import ConfigError
from longhaul.inside import Folder
from longhaul.kinds import instead
from longhaul.policies.planner.words import AREA_NAMES, THING_COLORS

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

VARIABLE_WORDS = re.compile(rf"\b(?:{'|'.join(THING_COLORS)}|(?:{'|'.join(AREA_NAMES)}) area)\b")
"""Matches the words that differ between the episodes of one task: colors and areas."""

MIN_GOAL_SIMILARITY = 0.9
"""The least cosine of two goals that counts them to one task. Chosen here: with 0.6, and without
areas in VARIABLE_WORDS, experience lowered the score by 5.9 points."""

PRIOR_SCORE = 0.2
"""Added to the score of a candidate that has the pattern of a remembered step. Chosen here."""


@dataclass(frozen=True)
class Experience:
    """An episode in words: its goal, the steps that were done, and whether it succeeded."""

    goal: str
    steps: tuple[str, ...]
    success: bool


class ExperiencePool:
    """Recalls the nearest success and the nearest failure of a goal."""

    def __init__(self, pool: Sequence[Experience], embed: Embed) -> None:
        self._pool, self._embed = list(pool), embed
        goals = [_plain(experience.goal) for experience in self._pool]
        self._goals = embed(goals) if goals else np.zeros((0, 1), np.float32)

    @classmethod
    def read(cls, path: Path, embed: Embed) -> ExperiencePool:
        """Read a JSONL file as `remember` writes it. Raises ConfigError for another file."""
        try:
            with open_regular(path) as file:
                pool = [_experience(entry) for entry in _objects(file, path)]
        except (OSError, ValueError) as error:
            raise ConfigError(f"policy.memory.experience={path}: {error}") from None
        return cls(pool, embed)

    def retrieve(self, goal: str, success: bool) -> Experience | None:
        """Return the nearest experience with this outcome; None if none is of the same task."""
        if not self._pool:
            return None
        near = self._goals @ self._embed([_plain(goal)])[0]
        near = np.where([e.success == success for e in self._pool], near, -1.0)
        best = int(near.argmax())
        return self._pool[best] if near[best] >= MIN_GOAL_SIMILARITY else None

    def lines(self, goal: str) -> list[str]:
        """Return the retrieved experience in words, for a prompt."""
        found = [(self.retrieve(goal, success), success) for success in (True, False)]
        return [
            f'Before, "{e.goal}" {"was reached by" if success else "was missed by"}: '
            + "; ".join(e.steps)
            for e, success in found
            if e is not None and e.steps
        ]

    def prior(self, goal: str, candidates: Sequence[str]) -> list[float]:
        """Return PRIOR_SCORE for each candidate that has the pattern of a step of the nearest
        success, else 0.

        Two steps have the same pattern if they differ in nothing but colors and areas: "the A block
        ... in the A bowl" (see `pattern`).
        """
        recalled = self.retrieve(goal, success=True)
        if recalled is None:
            return [0.0] * len(candidates)
        built = {pattern(step, recalled.goal) for step in recalled.steps}
        return [PRIOR_SCORE * (pattern(text, goal) in built) for text in candidates]


def pattern(step: str, goal: str) -> str:
    """Return a step with its colors and areas replaced: by G0, G1, ... for those of the goal, in
    the goal's order, and by A, B, ... for others, in the step's order."""
    own = list(dict.fromkeys(VARIABLE_WORDS.findall(goal)))
    others: list[str] = []

    def letter(found: re.Match[str]) -> str:
        word = found[0]
        if word in own:
            return f"G{own.index(word)}"
        if word not in others:
            others.append(word)
        return chr(ord("A") + others.index(word))

    return VARIABLE_WORDS.sub(letter, step)


def remember(run: Path) -> Iterator[Experience]:
    """Yield the experience of a finished run of the planner, one for each episode.

    Raises ConfigError for a folder without `episodes.jsonl` and `steps.jsonl`, or with broken ones.
    """
    folder = Folder(run)
    try:
        with folder.open("episodes.jsonl") as records, folder.open("steps.jsonl") as steps:
            yield from _told(records, steps)
    except FileNotFoundError as error:
        missing = Path(error.filename).name
        told = f"{run} is no run of the planner: {missing} is missing{instead(run)}"
        raise ConfigError(told) from None
    except ValueError as error:
        raise ConfigError(f"{run} is no run of the planner: {error}") from None


def _told(records: BinaryIO, steps: BinaryIO) -> Iterator[Experience]:
    plans: dict[str, list[str]] = {}
    for entry in _objects(steps, "steps.jsonl"):
        name, step, skill = (entry.get(key) for key in ("episode", "step", "skill"))
        told = "skill" in entry and isinstance(skill, str | None)
        if not isinstance(name, str) or not told:
            raise ValueError("steps.jsonl: a line has no episode or no skill")
        plan = plans.setdefault(name, [])
        if step == 0:  # an episode that a crash interrupted was started again
            plan.clear()
        if skill is not None:
            plan.append(skill)
    for line in _objects(records, "episodes.jsonl"):
        goal, name, status = _told_episode(line)
        plan = list(dict.fromkeys(plans.get(name, [])))
        if plan:
            yield Experience(goal, tuple(plan), status == "success")


def _told_episode(record: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return goal, id and status of a record. Raises ValueError for something else."""
    episode, status = record.get("episode"), record.get("status")
    inner = episode if isinstance(episode, dict) else {}
    goal, name = inner.get("instruction"), inner.get("id")
    if not isinstance(goal, str) or not isinstance(name, str) or status not in get_args(Status):
        raise ValueError("episodes.jsonl: a line is no record of an episode")
    return goal, name, str(status)


def _experience(entry: Mapping[str, Any]) -> Experience:
    """Return a line of a store. Raises ValueError for another one."""
    goal, steps, success = (entry.get(key) for key in ("goal", "steps", "success"))
    sound = isinstance(steps, list) and all(isinstance(step, str) for step in steps)
    if not sound or not isinstance(goal, str) or not isinstance(success, bool):
        raise ValueError("a line is no experience: it needs goal, steps and success")
    return Experience(goal, tuple(steps or ()), success)


def write(path: Path, pool: Sequence[Experience]) -> None:
    """Write a store, one JSON line for each experience."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(vars(experience)) + "\n" for experience in pool))


def _plain(goal: str) -> str:
    """Return a goal without its VARIABLE_WORDS."""
    return VARIABLE_WORDS.sub("", goal)


def _objects(file: BinaryIO, name: object) -> Iterator[Mapping[str, Any]]:
    """Yield the JSON objects of a file's lines. Raises ConfigError for a line that holds none."""
    for number, line in enumerate(read_lines(file, name), start=1):
        if line.strip():
            found = parse_json(line, f"{name}, line {number}")
            if not isinstance(found, dict):
                raise ConfigError(f"{name}, line {number} holds no JSON object")
            yield found
