"""The policy beside worker part `expert: act`: the expert acts in the worker, in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from gymnasium.spaces import Box, Dict, Space
from gymnasium.vector.utils import create_empty_array

from longhaul.envs.specs import QUATERNION, ActionSpec, Requirement
from longhaul.policies.policy import Actions, Batch, Setting, Start

STEPS_AHEAD = 8
"""The number of placeholders that are sent at once."""


class ExpertPolicy:
    """Returns placeholders, valid actions that mean nothing: the worker replaces them by the
    expert's actions."""

    requirement = Requirement()
    reads = ()
    trained: bool | None = None

    def __init__(self, setting: Setting) -> None:
        self._space: Space = setting.action_space
        self._spec = setting.env.action

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """The expert is reset in the worker, with the episode."""

    def act(self, batch: Batch) -> Actions:
        """Return placeholders for n rows."""
        return placeholders(self._space, len(batch.slots), self._spec)

    def act_ahead(self, batch: Batch) -> Sequence[Actions]:
        """Return placeholders for a few steps, of each row."""
        return [placeholders(self._space, STEPS_AHEAD, self._spec) for _ in batch.slots]

    def provenance(self) -> Mapping[str, str]:
        return {}


def placeholders(space: Space, count: int, spec: ActionSpec) -> Actions:
    """Return valid actions (count, ...) of a Box or a Dict: zeros, clipped to the bounds.

    A gripper, and the last component of a quaternion (x, y, z, w), is 1: zeros mean nothing there.
    """
    if isinstance(space, Dict):
        rows = {key: placeholders(member, count, spec) for key, member in space.spaces.items()}
        return {key: row for key, row in rows.items() if isinstance(row, np.ndarray)}
    row = create_empty_array(space, n=count, fn=np.zeros)
    assert isinstance(row, np.ndarray)
    if isinstance(space, Box):
        row = np.clip(row, space.low, space.high)
        if spec.gripper or spec.rotation == QUATERNION:
            row[:, -1] = 1
    return row
