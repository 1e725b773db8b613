"""The same text action at every step: a baseline for browser tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from longhaul.envs.specs import ActionSpec, Requirement
from longhaul.envs.text import encode
from longhaul.policies.policy import Batch, Setting, Start


class SameTextPolicy:
    """Gives the same answer at every step, to every browser.

    Args:
        action: The action, such as `none` or `stop [N/A]`.
    """

    requirement = Requirement(action=ActionSpec(mode="browser"))
    reads = ()
    trained = None

    def __init__(self, setting: Setting, action: str = "none") -> None:
        self._action = encode("action", action, setting.env.action.size)

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """Nothing is remembered."""

    def act(self, batch: Batch) -> dict[str, np.ndarray]:
        """Return the action's arrays (n, ...) for every row."""
        count = len(batch.slots)
        return {key: np.repeat(array[None], count, axis=0) for key, array in self._action.items()}

    def provenance(self) -> Mapping[str, str]:
        return {}
