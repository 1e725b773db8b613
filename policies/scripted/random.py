"""Uniform actions: the floor of every table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from gymnasium.spaces import Box

from envs.specs import ConfigError, Requirement
from policies.policy import Batch, Setting, Start


class RandomPolicy:
    """Draws every component uniformly from a Box action space; a gripper gets -1 or +1.

    Each episode has its own generator, seeded by Start.seed, so neither other slots nor their
    order change an action. Raises ConfigError for an action space that is not a bounded Box.
    """

    requirement = Requirement()
    trained = None

    def __init__(self, setting: Setting) -> None:
        space = setting.action_space
        if not isinstance(space, Box) or not space.is_bounded():
            raise ConfigError(f"policy random needs a bounded Box of actions, the env has {space}")
        self._space = space
        self._gripper = bool(setting.env.action.gripper)
        self._generators: dict[int, np.random.Generator] = {}

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        for slot, start in zip(slots, starts, strict=True):
            if start.new_episode:
                self._generators[slot] = np.random.default_rng(start.seed)

    def act(self, batch: Batch) -> np.ndarray:
        """Return actions (n, *action shape)."""
        return np.stack([self._draw(self._generators[slot]) for slot in batch.slots])

    def provenance(self) -> Mapping[str, str]:
        return {}

    def _draw(self, generator: np.random.Generator) -> np.ndarray:
        action = generator.uniform(self._space.low, self._space.high).astype(self._space.dtype)
        if self._gripper:
            action[-1] = generator.choice((-1, 1))
        return action
