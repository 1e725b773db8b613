"""DAgger's data: the policy that is being trained acts, and the expert labels every step.

The two take turns (Ross et al., 2011, mix them at every step). The learner acts for long enough to
reach states that its own errors lead to; the expert acts so that the task is still completed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from gymnasium.spaces import Discrete

from longhaul.errors import ConfigError
from longhaul.policies.policy import (
    EXPERT_ACTION,
    Batch,
    Observes,
    Policy,
    Setting,
    Start,
    declared,
    reads_of,
    trained_on,
)

TURN_STREAM = 11
"""Added to an episode's seed, so that these draws differ from others made with that seed."""


@dataclass
class _Turn:
    """An episode's generator, whether it is the learner's turn, and the steps left of that turn."""

    random: np.random.Generator
    learner: bool
    left: int


class DaggerPolicy:
    """Acts by a learner in a share of the steps, else as the expert says.

    The expert's turns are as long as `share` asks for. Needs worker part `expert: label`. Raises
    ConfigError for a wrong number.

    Args:
        learner: The policy that is being trained.
        share: The share of the steps that the learner takes.
        hold: The mean number of steps of one of the learner's turns, whose length has a geometric
            distribution.
        forbidden: Discrete actions that the learner may not take; the expert's action is taken
            instead (a stop ends a subtask of LH-VLN, whether its target is reached or not, and with
            it the data to learn from).
    """

    def __init__(
        self,
        setting: Setting,
        learner: Policy,
        share: float = 0.5,
        hold: int = 30,
        *,
        forbidden: Sequence[int] = (),
    ) -> None:
        if not 0 <= share <= 1:
            raise ConfigError(f"policy.share={share} must be between 0 and 1")
        if not isinstance(hold, int) or hold < 1:
            raise ConfigError(f"policy.hold={hold} must be a whole number, at least 1")
        space = setting.action_space
        if forbidden and not (isinstance(space, Discrete) and all(a in space for a in forbidden)):
            raise ConfigError(f"policy.forbidden={list(forbidden)} must be actions of {space}")
        self.requirement = learner.requirement
        self.trained = learner.trained
        reads = reads_of(learner)
        self.reads = None if reads is None else reads | {EXPERT_ACTION}
        self._learner, self._share, self._forbidden = learner, share, tuple(forbidden)
        others = hold * (1 - share) / share if share else 1.0
        self._lengths = {True: float(hold), False: max(1.0, others)}
        self._turns: dict[int, _Turn] = {}

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        self._learner.reset(slots, starts)
        for slot, start in zip(slots, starts, strict=True):
            if start.new_episode:
                random = np.random.default_rng([start.seed, TURN_STREAM])
                turn = _Turn(random, bool(random.random() < self._share), 0)
                turn.left = self._length(turn)
                self._turns[slot] = turn

    def act(self, batch: Batch) -> Any:
        """Return actions (n, *action shape). The learner sees every step, whoever acts."""
        seen = declared(self._learner, batch.observations)
        answers = np.asarray(self._learner.act(replace(batch, observations=seen)))
        labels = batch.observations[EXPERT_ACTION]
        turns = [self._next(self._turns[slot]) for slot in batch.slots]
        done = np.stack(
            [
                answer if learner and not self._is_forbidden(answer) else label
                for learner, answer, label in zip(turns, answers, labels, strict=True)
            ]
        )
        if isinstance(self._learner, Observes):
            self._learner.executed(batch.slots, done)
        return done

    def provenance(self) -> Mapping[str, str]:
        return self._learner.provenance()

    def trained_on(self) -> Mapping[str, Any]:
        return trained_on(self._learner)

    def _is_forbidden(self, action: np.ndarray) -> bool:
        return bool(self._forbidden) and int(action) in self._forbidden

    def _next(self, turn: _Turn) -> bool:
        """Take one step of a turn; return whether it is the learner's."""
        if turn.left == 0:
            turn.learner = self._share == 1 or (self._share > 0 and not turn.learner)
            turn.left = self._length(turn)
        turn.left -= 1
        return turn.learner

    def _length(self, turn: _Turn) -> int:
        return int(turn.random.geometric(1 / self._lengths[turn.learner]))
