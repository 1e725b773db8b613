"""A rule that decides in the network's place, as a baseline.

It goes to what looks most like the target, else to a frontier, rather to a near one than to a far
one, and rather in the room that was named. What the network is worth is measured against it, and
while there is no network yet, it shows which places an explorer gets to (DAgger's first round).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from longhaul.policies.mgdm.decision.goal_selection import GIVE_UP_STEPS
from longhaul.policies.mgdm.mapping.waypoints import FRONTIER, Waypoints
from longhaul.policies.mgdm.perception.observations import STOP, TURN_LEFT

Array = NDArray[np.float32]

TARGET_EVIDENCE = 0.3
"""A waypoint with more evidence than this is taken for the target; ours."""

KEPT_TARGET_EVIDENCE = 0.5
"""Share of TARGET_EVIDENCE that suffices for the target to which the robot goes already; ours."""

STOP_DISTANCE_M = 0.4
"""The robot stops when the path to the target is shorter than this (m); ours."""

ROOM_BONUS_M = 8.0
"""A frontier in the named room may be so much farther (m) than one that is not; ours."""

KEPT_BONUS_M = 1.5
"""The frontier to which the robot goes already may be so much farther (m) than another; ours."""

IDLE_STEPS = 12
"""After so many steps with nowhere to go the robot stops, since the next target may be found;
ours. In as many steps it turns once around."""


class Rule:
    """Decides for one episode.

    `frontier` (3,) is the frontier to which the robot goes, `destination` (3,) where it goes in
    any case; both are None for nowhere. `evidence` is that of the likeliest target.
    """

    def __init__(self) -> None:
        self.frontier: Array | None = None
        self.destination: Array | None = None
        self.evidence = 0.0
        self._target: Array | None = None
        self._given_up: list[Array] = []
        self._idle, self._steps_towards = 0, 0

    def decide(self, waypoints: Waypoints) -> int:
        """Return the action of a step."""
        self._idle += 1
        action = self._action(waypoints)
        if action is not None:
            self._idle = 0
        elif self._idle >= IDLE_STEPS:
            self._idle, action = 0, STOP
        return TURN_LEFT if action is None else action

    def _action(self, waypoints: Waypoints) -> int | None:
        """Return the action of a step, None where there is nowhere to go."""
        self.destination, self.evidence = None, 0.0
        if not len(waypoints):
            return None
        evidence = waypoints.target_evidence()
        best, frontiers = int(evidence.argmax()), self._frontiers(waypoints)
        self.evidence = float(evidence[best])
        kept = waypoints.near(self._target)[best]
        least = TARGET_EVIDENCE * (KEPT_TARGET_EVIDENCE if kept else 1)
        if evidence[best] > least or (evidence[best] > 0 and not frontiers.any()):
            self.frontier, self._target = None, waypoints.position[best]
            self.destination = self._target
            arrived = waypoints.path_length[best] < STOP_DISTANCE_M
            return STOP if arrived else int(waypoints.action[best])
        self._target = None
        if not frontiers.any():
            return None
        return self._explore(waypoints, frontiers)

    def _explore(self, waypoints: Waypoints, frontiers: NDArray[np.bool_]) -> int:
        """Return the action that leads to the best of some frontiers."""
        kept = waypoints.near(self.frontier)
        worth = ROOM_BONUS_M * waypoints.room_match - waypoints.path_length + KEPT_BONUS_M * kept
        best = int(np.where(frontiers, worth, -np.inf).argmax())
        self._steps_towards = self._steps_towards + 1 if kept[best] else 0
        if self._steps_towards > GIVE_UP_STEPS:
            self._given_up.append(waypoints.position[best])
        self.frontier = self.destination = waypoints.position[best]
        return int(waypoints.action[best])

    def _frontiers(self, waypoints: Waypoints) -> NDArray[np.bool_]:
        """Return which waypoints are frontiers, without those that are given up."""
        frontiers = waypoints.kind == FRONTIER
        for position in self._given_up:
            frontiers = frontiers & ~waypoints.near(position)
        return np.asarray(frontiers)
