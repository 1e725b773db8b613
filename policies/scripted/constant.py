"""The same action at every step: a baseline for discrete action spaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from gymnasium.spaces import Discrete

from longhaul.envs.specs import ActionSpec, Requirement
from longhaul.errors import ConfigError
from longhaul.policies.policy import Batch, Setting, Start


class ConstantPolicy:
    """Gives the same answer at every step. Raises ConfigError for an action that the env has not.

    Args:
        action: The action, a number of a discrete action space.
    """

    requirement = Requirement(action=ActionSpec(mode="discrete"))
    reads = ()
    trained = None

    def __init__(self, setting: Setting, action: int) -> None:
        space = setting.action_space
        if isinstance(space, Discrete) and not space.contains(action):
            raise ConfigError(f"policy.action={action} is none of 0 to {space.n - 1}")
        self._action = np.array(action, space.dtype)

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """Nothing is remembered."""

    def act(self, batch: Batch) -> np.ndarray:
        """Return the action (n,) for every row."""
        return np.repeat(self._action, len(batch.slots))

    def provenance(self) -> Mapping[str, str]:
        return {}
