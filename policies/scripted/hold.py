"""No motion, gripper open: a baseline that shows what succeeds without any action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from longhaul.envs.specs import ActionSpec, Requirement
from longhaul.policies.policy import Batch, Setting, Start


class HoldPolicy:
    """A zero delta at every step; a gripper stays open (+1)."""

    requirement = Requirement(action=ActionSpec(mode="delta"))
    reads = ()
    trained = None

    def __init__(self, setting: Setting) -> None:
        self._action = np.zeros(setting.action_space.shape or (), setting.action_space.dtype)
        if setting.env.action.gripper:
            self._action[-1] = 1

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """Nothing is remembered."""

    def act(self, batch: Batch) -> np.ndarray:
        """Return the same action (n, *action shape) for every row."""
        return np.repeat(self._action[None], len(batch.slots), axis=0)

    def provenance(self) -> Mapping[str, str]:
        return {}
