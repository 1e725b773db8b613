"""A copy of the policy inside a worker, which acts for the worker's env without any message.

By its contract (longhaul.policies.policy) a policy's action depends on its own slot's history
alone, so a copy with one slot acts as the policy of the main process would.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from longhaul.envs.episode import Episode
from longhaul.evaluation.loop.actions import ahead, as_batch
from longhaul.evaluation.loop.protocol import Told, start_of
from longhaul.policies.policy import Batch, Policy, declared, reads_of

PolicyMaker = Callable[[], Policy]


@dataclass(frozen=True)
class Copies:
    """How workers get copies of the policy: `make` makes one. `modules` names what was imported to
    make the first: the fork server imports that once for all of them, and they share its memory."""

    make: PolicyMaker
    modules: Sequence[str] = ()


class Replica:
    """A policy for one slot, and what it has cost so far.

    `calls` and `seconds` (wall time) count what `act` did since `take_costs` was called last.
    """

    def __init__(self, make_policy: PolicyMaker) -> None:
        self._policy = make_policy()
        self.reads = reads_of(self._policy)
        self._calls, self._seconds = 0, 0.0

    def act(
        self,
        episode: Episode,
        before: Told | None,
        now: Told,
        clears_history: bool,
        observation: Mapping[str, Any],
    ) -> list[Any]:
        """Return the actions of the next steps. `before` is what the policy was told when it was
        asked last, None at the episode's start, and `now` what it is told of this state."""
        began = time.perf_counter()
        start = start_of(episode, before, now, clears_history)
        if start is not None:
            self._policy.reset([0], [start])
        seen = declared(self._policy, as_batch(observation))
        (actions,) = ahead(self._policy, Batch((0,), seen))
        self._calls += 1
        self._seconds += time.perf_counter() - began
        return actions

    def take_costs(self) -> tuple[int, float]:
        """Return the number of calls and their seconds, and begin to count anew."""
        costs = self._calls, self._seconds
        self._calls, self._seconds = 0, 0.0
        return costs
