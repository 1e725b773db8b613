"""Uniformly random actions: the lowest baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, Space

from longhaul.envs.specs import Requirement
from longhaul.errors import ConfigError
from longhaul.policies.policy import Actions, Batch, Setting, Start

WHOLE_ACTION = ""
"""The key under which an action that is one array, not a dict, is drawn."""


class RandomPolicy:
    """Draws every component uniformly from a Box, a Dict of them or a Discrete; a gripper gets -1
    or +1.

    Each episode has its own generator, seeded by Start.seed, so neither other slots nor their
    order change an action. Raises ConfigError for an action space of anything else.
    """

    requirement = Requirement()
    reads = ()
    trained = None

    def __init__(self, setting: Setting) -> None:
        space = setting.action_space
        self._members = _members(space)
        if not all(_is_drawn(member) for member in self._members.values()):
            raise ConfigError(f"policy random needs a bounded Box of actions, the env has {space}")
        self._gripper = bool(setting.env.action.gripper)
        self._generators: dict[int, np.random.Generator] = {}

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        for slot, start in zip(slots, starts, strict=True):
            if start.new_episode:
                self._generators[slot] = np.random.default_rng(start.seed)

    def act(self, batch: Batch) -> Actions:
        """Return actions (n, *action shape)."""
        rows = [self._draw(self._generators[slot]) for slot in batch.slots]
        actions = {key: np.stack([row[key] for row in rows]) for key in self._members}
        return actions.get(WHOLE_ACTION, actions)

    def provenance(self) -> Mapping[str, str]:
        return {}

    def _draw(self, generator: np.random.Generator) -> dict[str, np.ndarray]:
        action = {key: _drawn(member, generator) for key, member in self._members.items()}
        if self._gripper:
            action[WHOLE_ACTION][-1] = generator.choice((-1, 1))
        return action


def _members(space: Space[Any]) -> Mapping[str, Space[Any]]:
    return space.spaces if isinstance(space, Dict) else {WHOLE_ACTION: space}


def _is_drawn(space: Space[Any]) -> bool:
    return isinstance(space, Discrete) or (isinstance(space, Box) and space.is_bounded())


def _drawn(space: Space[Any], generator: np.random.Generator) -> np.ndarray:
    if isinstance(space, Discrete):
        return np.array(generator.integers(space.start, space.start + space.n), space.dtype)
    assert isinstance(space, Box)
    return generator.uniform(space.low, space.high).astype(space.dtype)
