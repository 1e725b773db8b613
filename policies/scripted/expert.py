"""The policy beside worker part `expert: act`: the expert acts in the worker, in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from gymnasium.spaces import Box, Dict, Space
from gymnasium.vector.utils import create_empty_array

from longhaul.envs.specs import Requirement
from longhaul.policies.policy import Actions, Batch, Setting, Start


class ExpertPolicy:
    """Returns placeholders: zeros, clipped to the action space, and 1 for a gripper or the real
    part of a quaternion. The worker replaces them by the expert's actions."""

    requirement = Requirement()
    trained: bool | None = None

    def __init__(self, setting: Setting) -> None:
        self._space: Space = setting.action_space
        spec = setting.env.action
        self._ends_in_one = bool(spec.gripper) or spec.rotation == "quaternion_xyzw"

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """The expert is reset in the worker, with the episode."""

    def act(self, batch: Batch) -> Actions:
        """Return placeholders for n rows."""
        actions = placeholders(self._space, len(batch.slots))
        if self._ends_in_one:
            for part in actions.values() if isinstance(actions, dict) else [actions]:
                part[:, -1] = 1
        return actions

    def provenance(self) -> Mapping[str, str]:
        return {}


def placeholders(space: Space, count: int) -> Actions:
    """Return valid actions (count, ...) of a Box or a Dict: zeros, clipped to the bounds."""
    if isinstance(space, Dict):
        rows = {key: placeholders(member, count) for key, member in space.spaces.items()}
        return {key: row for key, row in rows.items() if isinstance(row, np.ndarray)}
    empty = create_empty_array(space, n=count, fn=np.zeros)
    assert isinstance(empty, np.ndarray)
    return np.clip(empty, space.low, space.high) if isinstance(space, Box) else empty
