"""The expert's action with noise, for recovery data; it needs worker part `expert: label`.

As in DART (Laskey et al., 2017) the executed action is noisy and the label is not, so that
demonstrations show how to recover from states that a policy's own errors would lead to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from gymnasium.spaces import Box

from longhaul.envs.specs import ActionSpec, Requirement
from longhaul.errors import ConfigError
from longhaul.policies.policy import EXPERT_ACTION, Batch, Setting, Start

ROTATION_AXES = slice(3, 6)
"""The components of an action that rotate the TCP."""

NOISE_STREAM = 7
"""Added to an episode's seed, so that these draws differ from the expert's own."""


@dataclass
class _Burst:
    """An episode's generator, its present offset, and the steps for which that still holds."""

    random: np.random.Generator
    offset: np.ndarray
    left: int = 0


class NoisyExpertPolicy:
    """Adds bursts of a constant offset to the expert's action, within the action space.

    Offsets are Gaussian, so that with `hold` 1 and `share` 1 the noise is white. A gripper, last,
    is never touched. Raises ConfigError for an action space that is not a bounded Box or for a
    wrong number.

    Args:
        position: The standard deviation of an offset of the position, in units of the action
            (CALVIN: 0.02 m).
        rotation: The standard deviation of an offset of the rotation, in units of the action
            (CALVIN: 0.05 rad).
        share: The mean share of the steps to whose action an offset is added.
        hold: The number of steps that an offset lasts, so that errors add up.
    """

    requirement = Requirement(action=ActionSpec(mode="delta"))
    reads = (EXPERT_ACTION,)
    trained = None

    def __init__(
        self,
        setting: Setting,
        position: float = 0.3,
        rotation: float = 0.3,
        share: float = 0.3,
        hold: int = 5,
    ) -> None:
        space = setting.action_space
        if not isinstance(space, Box) or not space.is_bounded():
            raise ConfigError(f"policy noisy_expert needs a bounded Box of actions, not {space}")
        for name, value in {"position": position, "rotation": rotation}.items():
            if not value >= 0:
                raise ConfigError(f"policy.{name}={value} must be at least 0")
        if not 0 <= share <= 1:
            raise ConfigError(f"policy.share={share} must be between 0 and 1")
        if not isinstance(hold, int) or hold < 1:
            raise ConfigError(f"policy.hold={hold} must be a whole number, at least 1")
        self._space = space
        size = int(np.prod(space.shape))
        self._deviation = np.full(size, position, np.float32)
        if setting.env.action.rotation:
            self._deviation[ROTATION_AXES] = rotation
        if setting.env.action.gripper:
            self._deviation[-1] = 0.0
        # Between bursts, one begins with this probability at each step, so that on average
        # share = hold / (hold + gap).
        self._hold = hold
        self._begins = share / (share + hold * (1 - share)) if share else 0.0
        self._bursts: dict[int, _Burst] = {}

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        for slot, start in zip(slots, starts, strict=True):
            if start.new_episode:
                random = np.random.default_rng([start.seed, NOISE_STREAM])
                self._bursts[slot] = _Burst(random, np.zeros_like(self._deviation))

    def act(self, batch: Batch) -> np.ndarray:
        """Return actions (n, *action shape)."""
        labels = batch.observations[EXPERT_ACTION]
        noisy = [self._noisy(self._bursts[s], a) for s, a in zip(batch.slots, labels, strict=True)]
        return np.stack(noisy)

    def provenance(self) -> Mapping[str, str]:
        return {}

    def _noisy(self, burst: _Burst, label: np.ndarray) -> np.ndarray:
        if burst.left == 0 and burst.random.random() < self._begins:
            burst.left = self._hold
            burst.offset = burst.random.normal(0.0, 1.0, self._deviation.shape) * self._deviation
        if burst.left == 0:
            return label
        burst.left -= 1
        noisy = np.where(self._deviation > 0, label + burst.offset, label)
        return np.clip(noisy, self._space.low, self._space.high).astype(label.dtype)
