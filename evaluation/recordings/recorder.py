"""The protocol of what records an episode as a demonstration, in the worker that plays it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from longhaul.envs.episode import Status


class Recorder(Protocol):
    """Records one episode: `observe` and `act` are called in turn, then `close`, or `discard` on an
    error.

    `info` is the env's (longhaul.envs.specs.Env). The observation after the last step is not
    passed, because no action follows it.
    """

    def observe(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Add an observation; arrays that are kept must be copied."""

    def act(self, executed: Any) -> None:
        """Add the action that was executed after the last observation."""

    def close(self, info: Mapping[str, Any], status: Status) -> None:
        """Finish the episode; its files are complete when this returns."""

    def discard(self) -> None:
        """Delete everything of an episode that ended in an error or was given up."""
