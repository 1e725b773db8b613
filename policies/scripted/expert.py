"""The policy side of `parts: {expert: act}`: the worker's expert acts, this one only answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from gymnasium.spaces import Space
from gymnasium.vector.utils import create_empty_array

from envs.specs import Requirement
from policies.policy import Actions, Batch, Setting, Start


class ExpertPolicy:
    """Answers with zeros of the action space; the env's part `expert: act` puts its own there."""

    requirement = Requirement()
    trained = None

    def __init__(self, setting: Setting) -> None:
        self._space: Space = setting.action_space

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """The expert is reset in the worker, with the episode."""

    def act(self, batch: Batch) -> Actions:
        """Return placeholders for n rows."""
        empty = create_empty_array(self._space, n=len(batch.slots), fn=np.zeros)
        assert isinstance(empty, np.ndarray | dict)
        return empty

    def provenance(self) -> Mapping[str, str]:
        return {}
