"""The expert with random deviations where actions are discrete; needs worker part `expert: label`.

The executed action is sometimes a random one and the label is always the expert's, so that
demonstrations show how to recover from states that a policy's own errors would lead to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from gymnasium.spaces import Discrete

from longhaul.envs.specs import ActionSpec, Requirement
from longhaul.errors import ConfigError
from longhaul.policies.policy import EXPERT_ACTION, Batch, Setting, Start

STRAYING_STREAM = 7
"""Added to an episode's seed, so that these draws differ from the expert's own."""


class StrayingExpertPolicy:
    """Does what the expert does, but now and then another action, drawn evenly.

    Raises ConfigError for a share that is no probability and for an action that the env has not.

    Args:
        share: The share of the steps at which a random action is taken.
        among: The actions that are drawn; a stop (0) would end a subtask of LH-VLN.
    """

    requirement = Requirement(action=ActionSpec(mode="discrete"))
    reads = (EXPERT_ACTION,)
    trained = None

    def __init__(
        self, setting: Setting, share: float = 0.1, among: Sequence[int] = (1, 2, 3)
    ) -> None:
        if not 0 <= share <= 1:
            raise ConfigError(f"policy.share={share} must be between 0 and 1")
        space = setting.action_space
        known = not isinstance(space, Discrete) or all(space.contains(a) for a in among)
        if not among or not known:
            raise ConfigError(f"policy.among={list(among)} must be actions of {space}")
        self._share, self._among = share, np.array(among, space.dtype)
        self._generators: dict[int, np.random.Generator] = {}

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        for slot, start in zip(slots, starts, strict=True):
            if start.new_episode:
                self._generators[slot] = np.random.default_rng([start.seed, STRAYING_STREAM])

    def act(self, batch: Batch) -> np.ndarray:
        """Return actions (n,)."""
        labels = batch.observations[EXPERT_ACTION]
        strayed = [self._stray(s, a) for s, a in zip(batch.slots, labels, strict=True)]
        return np.array(strayed, self._among.dtype)

    def provenance(self) -> Mapping[str, str]:
        return {}

    def _stray(self, slot: int, label: np.integer) -> np.integer:
        random = self._generators[slot]
        if random.random() >= self._share:
            return label
        action: np.integer = self._among[int(random.integers(len(self._among)))]
        return action
