"""What was simulated in a world before the present rollout, and whether that matters.

Bullet keeps contact points, pairs of bodies and the order in which it solves them from step to
step. calvin_env loads its world once and resets it by poses, so all of that outlives a reset.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Literal

History = Literal["anew", "kept"]
HISTORIES: tuple[History, ...] = ("anew", "kept")
"""anew: every reset loads the world, and a rollout depends on its start and its actions alone.
kept: the world is loaded once and reset by poses, as calvin_env does, and a rollout depends on all
the ones before it as well."""

REMARKS: dict[History, str] = {
    "anew": "",
    "kept": "env.history=kept: one world is kept, and an episode depends on those before it in "
    "this process; its record says how many there were, and none after an error or a lost worker",
}
"""What is said before a rollout."""


class Past:
    """The rollouts of a world before the present one.

    `rollouts` is their number and `digest` is 16 hex digits of SHA-256 over their starts and
    actions, in their order. Two rollouts with the same start and actions in worlds of the same
    assets have the same states, bit for bit on one machine, if these two values are equal.
    """

    def __init__(self) -> None:
        self._hash = sha256()
        self._begun = 0
        self.digest = ""

    @property
    def rollouts(self) -> int:
        return max(0, self._begun - 1)

    def begin(self, start: object) -> None:
        """Take note of a reset: what was simulated until now belongs to the past."""
        self._begun += 1
        self.digest = self._hash.hexdigest()[:16]
        self._hash.update(repr(start).encode())

    def advance(self, action: object) -> None:
        """Take note of an action of the present rollout."""
        self._hash.update(repr(action).encode())
