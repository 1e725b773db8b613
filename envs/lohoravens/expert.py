"""The oracle as an Expert: a scripted policy that reads simulator state."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.episode import Episode
from longhaul.envs.lohoravens.conventions import action_of
from longhaul.envs.lohoravens.oracle import next_action
from longhaul.envs.lohoravens.things import WORKSPACE_BOUNDS_M, Pose, TableState

CORNER_POSE = Pose((WORKSPACE_BOUNDS_M[0][0], WORKSPACE_BOUNDS_M[1][0], 0.0))
"""Where the oracle moves the tool when there is nothing that it can do."""


class LoHoRavensExpert:
    """Acts by `longhaul.envs.lohoravens.oracle`; `situation` tells episode, state and current
    subtask."""

    def __init__(self, situation: Callable[[], tuple[Episode, TableState, int]]) -> None:
        self._situation = situation
        self._generator = np.random.default_rng(0)

    def reset(self, seed: int) -> None:
        """Begin an episode; all randomness comes from `seed`."""
        self._generator = np.random.default_rng(seed)

    def act(self) -> dict[str, NDArray[np.float32]]:
        """Return the next action of the env's action space."""
        episode, state, subtask = self._situation()
        return action_of(
            *(next_action(episode, state, self._generator, subtask) or (CORNER_POSE,) * 2)
        )
