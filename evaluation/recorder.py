"""What keeps an episode as a demonstration, in the worker that plays it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from envs.episode import Status, SubtaskOutcome


class Recorder(Protocol):
    """Told of one episode: `observe` and `act` in turn, then `close` (or `discard`).

    The observation upon which nothing acts any more, after the last step, is not shown.
    """

    def observe(self, observation: Mapping[str, Any], outcomes: Sequence[SubtaskOutcome]) -> None:
        """Take in an observation and how far the subtasks are; copy what is to be kept."""

    def act(self, executed: Any) -> None:
        """Take in the action that was executed upon the last observation."""

    def close(self, outcomes: Sequence[SubtaskOutcome], status: Status) -> None:
        """Finish the episode; what it left behind is complete when this returns."""

    def discard(self) -> None:
        """Give up an episode that the main process gave up."""
