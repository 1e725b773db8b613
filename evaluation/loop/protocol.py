"""The rules of an episode that every loop keeps: when a policy is reset, and how an episode ends.

They are pure functions of what an env returned, so that the rollout, a live session, a picture and
a benchmark cannot differ in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from longhaul.envs.episode import Episode, Status, SubtaskOutcome
from longhaul.policies.policy import Start


class Told(NamedTuple):
    """What a policy is told after a reset or step: the instruction and the index of the subtask."""

    instruction: str
    subtask: int

    @classmethod
    def of(cls, info: Mapping[str, Any]) -> Told:
        """Read them from the `info` of an env of the suite."""
        return cls(info["instruction"], int(info["subtask"]))


def start_of(
    episode: Episode, before: Told | None, now: Told, clears_history: bool
) -> Start | None:
    """Return the start with which the policy must be reset before it acts on this state, or None.

    It is reset at the episode's start (`before` is None), when the instruction changes and, if the
    env's conventions say `clears_history`, when the subtask changes.
    """
    if before is not None and now.instruction == before.instruction:
        same = now.subtask == before.subtask
        if same or not clears_history:
            return None
    return Start(episode.id, episode.seed, now.instruction, new_episode=before is None)


def status_of(
    terminated: bool, truncated: bool, outcomes: Iterable[SubtaskOutcome]
) -> Status | None:
    """Return how a step ended the episode, or None if the episode continues.

    An episode that ended by its own rules is a success if every subtask is one, else a failure; one
    that ran out of steps is a timeout. The status `error` is that of an exception, never of a step.
    """
    if terminated:
        return "success" if all(outcome.success for outcome in outcomes) else "failure"
    return "timeout" if truncated else None
