"""From keys held down to an env's action."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, Space

from longhaul.envs.specs import ActionSpec

MOVES = {
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
"""Keys of a delta action: component, sign, and what it does in the action's frame."""

FAST, SLOW = 1.0, 0.25
"""Share of the greatest move that a key makes, and with shift."""

ARM = 7
NAVIGATION = ("stop", "turn left", "move forward", "turn right")
"""LH-VLN's order of actions."""

ARROWS = {"ArrowLeft": 1, "ArrowUp": 2, "ArrowRight": 3, "Enter": 0}


class Keyboard:
    """Actions of one env. `help` says what each key does; empty where keys can't make them, as for
    picks and places. The gripper keeps its state until space turns it over.
    """

    def __init__(self, spec: ActionSpec, space: Space[Any]) -> None:
        self._space = space
        self._arm = spec.mode == "delta" and isinstance(space, Box) and space.shape == (ARM,)
        self._walks = isinstance(space, Discrete) and spec.frame == "robot"
        self.gripper = 1.0
        self.help = self._help()

    def reset(self) -> None:
        """Begin an episode: the gripper is open."""
        self.gripper = 1.0

    def action(self, keys: Collection[str]) -> Any:
        """Return the action for the keys held down; None where they say nothing.

        `keys` are named as browsers name them, letters in lower case.
        """
        if self._arm:
            return self._arm_action(keys)
        if isinstance(self._space, Discrete):
            for key in keys:
                number = ARROWS.get(key) if self._walks else None
                number = int(key) if number is None and key.isdigit() else number
                if number is not None and self._space.contains(number):
                    return number
        return None

    def _arm_action(self, keys: Collection[str]) -> Any:
        known = [key for key in keys if key in MOVES]
        turned = " " in keys
        if turned:
            self.gripper = -self.gripper
        if not known and not turned:
            return None
        action = np.zeros(ARM, np.float32)
        for key in known:
            component, sign, _ = MOVES[key]
            action[component] += sign * (SLOW if "Shift" in keys else FAST)
        action[-1] = self.gripper
        return np.clip(action, -1, 1)

    def _help(self) -> dict[str, str]:
        if self._arm:
            moves = {key: what for key, (_, _, what) in MOVES.items()}
            return {**moves, "space": "gripper", "shift": "a quarter as far"}
        if not isinstance(self._space, Discrete):
            return {}
        if self._walks:
            return {key: NAVIGATION[number] for key, number in ARROWS.items()}
        return {str(number): f"action {number}" for number in range(int(self._space.n))[:10]}
