"""What keeps an episode as a demonstration, in the worker that plays it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from longhaul.envs.episode import Status


class Recorder(Protocol):
    """Told of one episode: `observe` and `act` in turn, then `close`, or `discard` on an error.

    `info` is the env's (longhaul.envs.specs.Env). The observation upon which nothing acts any more,
    after the last step, is not shown.
    """

    def observe(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Take in an observation; copy what is to be kept."""

    def act(self, executed: Any) -> None:
        """Take in the action that was executed upon the last observation."""

    def close(self, info: Mapping[str, Any], status: Status) -> None:
        """Finish the episode; what it left behind is complete when this returns."""

    def discard(self) -> None:
        """Leave nothing of an episode that went wrong or was given up."""
