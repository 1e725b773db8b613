"""Snapshots of a deterministic simulator: its start and its actions, which lead to the same state.

Bullet's `saveState` leaves out motors, and rebuilds contact caches only in part: after
`restoreState` a grasped block moves differently. Only the same calls from the same start give
exactly the same state. A snapshot therefore holds a simulator's start and its actions since, and
restoring it costs the time of those steps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

Start = TypeVar("Start")
Action = TypeVar("Action")


@dataclass(frozen=True)
class Snapshot(Generic[Start, Action]):
    """A moment of a simulator: its start and the actions since. It outlives the simulator."""

    start: Start
    actions: tuple[Action, ...]


class Replayable(ABC, Generic[Start, Action]):
    """A simulator whose state is a function of its start and its actions.

    A subclass implements `_begin` and `_advance`, which must depend on nothing else, and calls
    `begin` and `advance`.
    """

    @abstractmethod
    def _begin(self, start: Start) -> None:
        """Build the state that `start` describes."""

    @abstractmethod
    def _advance(self, action: Action) -> None:
        """Let `action` change the state."""

    def begin(self, start: Start) -> None:
        """Reset to a start."""
        self._start = start
        self._actions: list[Action] = []
        self._begin(start)

    def advance(self, action: Action) -> None:
        """Apply one action. It must not change afterwards."""
        self._actions.append(action)
        self._advance(action)

    def snapshot(self) -> Snapshot[Start, Action]:
        """Return the present moment; the simulator goes on undisturbed."""
        return Snapshot(self._start, tuple(self._actions))

    def restore(self, snapshot: Snapshot[Start, Action]) -> None:
        """Go to a moment: afterwards the same actions give the same states, bit for bit."""
        self.begin(snapshot.start)
        for action in snapshot.actions:
            self.advance(action)
