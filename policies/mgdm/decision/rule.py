"""A rule that decides in place of the network: to what looks most like the target, else on into the
unknown, rather near than far and rather in the room that was named. What the network adds is
measured against it, and it shows the network where an explorer gets to before it is one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from longhaul.policies.mgdm.mapping.waypoints import FRONTIER, ROOM, Waypoints, evidence, near
from longhaul.policies.mgdm.perception.observations import LEFT, STOP

Array = NDArray[np.float32]

KNOWN = 0.3
"""Evidence from which something counts as the target."""

STILL = 0.5
"""Of KNOWN: so much is enough of what one goes to already."""

AT = 0.4
"""One stops at this distance (m) from where one stands beside it."""

ROOMS, KEPT = 8.0, 1.5
"""What the named room makes up for (m), and having been on the way there already."""

TIRED = 12
"""After so many steps with nowhere to go one stops: the next target may be found."""

PATIENCE = 60
"""After so many steps to the same place it is given up: no way leads there."""


class Rule:
    """Decides for one episode; `goal` (3,) is where it goes into the unknown, None for nowhere.

    `toward` (3,) is where it goes at all, and `evidence` how much what looks most like the target
    does so.
    """

    def __init__(self) -> None:
        self.goal: Array | None = None
        self.toward: Array | None = None
        self.evidence = 0.0
        self._target: Array | None = None
        self._given_up: list[Array] = []
        self._idle, self._tries = 0, 0

    def decide(self, waypoints: Waypoints) -> int:
        """Return the action of a step."""
        self._idle += 1
        action = self._decided(waypoints)
        if action is not None:
            self._idle = 0
        elif self._idle >= TIRED:
            self._idle, action = 0, STOP
        return LEFT if action is None else action

    def _decided(self, waypoints: Waypoints) -> int | None:
        """Return the action of a step, None where there is nowhere to go."""
        numbers = waypoints.numbers
        self.toward, self.evidence = None, 0.0
        if not len(numbers):
            return None
        shown = evidence(waypoints)
        best, unknown = int(shown.argmax()), self._unknown(waypoints)
        self.evidence = float(shown[best])
        least = KNOWN * (STILL if near(waypoints, self._target)[best] else 1)
        if shown[best] > least or (shown[best] > 0 and not unknown.any()):
            self.goal, self._target = None, waypoints.points[best]
            self.toward = self._target
            return STOP if waypoints.distance[best] < AT else int(waypoints.action[best])
        self._target = None
        if not unknown.any():
            return None
        there = near(waypoints, self.goal)
        worth = ROOMS * numbers[:, ROOM] - waypoints.distance + KEPT * there
        best = int(np.where(unknown, worth, -np.inf).argmax())
        self._tries = self._tries + 1 if there[best] else 0
        if self._tries > PATIENCE:
            self._given_up.append(waypoints.points[best])
        self.goal = self.toward = waypoints.points[best]
        return int(waypoints.action[best])

    def _unknown(self, waypoints: Waypoints) -> NDArray[np.bool_]:
        """Return which waypoints border on the unknown, but for those that are given up."""
        unknown = waypoints.numbers[:, FRONTIER] > 0.5
        for point in self._given_up:
            unknown = unknown & ~near(waypoints, point)
        return np.asarray(unknown)
