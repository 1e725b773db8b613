"""Makes an env's action from the keys that are held down."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, Space

from longhaul.envs.specs import ActionSpec

DELTA_KEYS = {
    "w": (0, 1.0, "x +"),
    "s": (0, -1.0, "x −"),
    "a": (1, 1.0, "y +"),
    "d": (1, -1.0, "y −"),
    "r": (2, 1.0, "z +, up"),
    "f": (2, -1.0, "z −, down"),
    "j": (3, 1.0, "roll +"),
    "l": (3, -1.0, "roll −"),
    "i": (4, 1.0, "pitch +"),
    "k": (4, -1.0, "pitch −"),
    "u": (5, 1.0, "yaw +"),
    "o": (5, -1.0, "yaw −"),
}
"""The keys of a delta action: component, sign, and what it does in the action's frame."""

FAST_SHARE, SLOW_SHARE = 1.0, 0.25
"""The shares of the largest move that a key makes, without and with shift."""

ARM_DIMENSIONS = 7
"""The number of components of an arm's delta action: position, rotation and gripper."""

NAVIGATION_ACTIONS = ("stop", "turn left", "move forward", "turn right")
"""LH-VLN's actions, in the order of their numbers."""

NAVIGATION_KEYS = {"ArrowLeft": 1, "ArrowUp": 2, "ArrowRight": 3, "Enter": 0}
"""The keys of LH-VLN's actions, with the actions' numbers."""

CLOSED_IS_POSITIVE = "open=-1"
"""The gripper's convention (`ActionSpec.gripper`) by which 1 closes it and -1 opens it."""


class Keyboard:
    """Makes actions of one env. `help` says what each key does; it is empty if keys can't make the
    actions, as for picks and places.

    `gripper` is the command that the keys repeat: that of the last action, whoever chose it, until
    space changes it. An episode begins with an open gripper.
    """

    def __init__(self, spec: ActionSpec, space: Space[Any]) -> None:
        self._space = space
        self._arm = (
            spec.mode == "delta" and isinstance(space, Box) and space.shape == (ARM_DIMENSIONS,)
        )
        self._walks = isinstance(space, Discrete) and spec.frame == "robot"
        self._open = -1.0 if spec.gripper == CLOSED_IS_POSITIVE else 1.0
        self.gripper = self._open
        self.help = self._help()

    def reset(self) -> None:
        """Begin an episode with an open gripper."""
        self.gripper = self._open

    def follow(self, action: Any) -> None:
        """Take over the gripper's command from an action that was executed, so that whoever
        continues by keys keeps what the arm holds."""
        if self._arm and np.shape(action) == (ARM_DIMENSIONS,):
            self.gripper = float(action[-1])

    def action(self, keys: Collection[str]) -> Any:
        """Return the action for the keys that are held down; None if they mean no action.

        `keys` have the names that browsers give them, with letters in lower case.
        """
        if self._arm:
            return self._arm_action(keys)
        if isinstance(self._space, Discrete):
            for key in keys:
                number = NAVIGATION_KEYS.get(key) if self._walks else None
                number = int(key) if number is None and key.isdigit() else number
                if number is not None and self._space.contains(number):
                    return number
        return None

    def _arm_action(self, keys: Collection[str]) -> Any:
        known = [key for key in keys if key in DELTA_KEYS]
        turned = " " in keys
        if turned:
            self.gripper = -1.0 if self.gripper > 0 else 1.0
        if not known and not turned:
            return None
        action = np.zeros(ARM_DIMENSIONS, np.float32)
        for key in known:
            component, sign, _ = DELTA_KEYS[key]
            action[component] += sign * (SLOW_SHARE if "Shift" in keys else FAST_SHARE)
        action[-1] = self.gripper
        return np.clip(action, -1, 1)

    def _help(self) -> dict[str, str]:
        if self._arm:
            moves = {key: what for key, (_, _, what) in DELTA_KEYS.items()}
            return {**moves, "space": "opens or closes the gripper", "shift": "a quarter as far"}
        if not isinstance(self._space, Discrete):
            return {}
        if self._walks:
            return {key: NAVIGATION_ACTIONS[number] for key, number in NAVIGATION_KEYS.items()}
        return {str(number): f"action {number}" for number in range(int(self._space.n))[:10]}
