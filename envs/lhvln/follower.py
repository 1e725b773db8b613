"""The greedy geodesic follower: the next of the robot's motions that leads to a goal.

habitat-sim 0.2.2's: turns, then one move, are tried in every direction from where the robot
stands, and the primitive that gains most geodesic distance for its length wins. Where none is worth
enough habitat-sim's gives up; this one takes the best there is, so that it also gets around a
corner beside which every move leads away from the goal at first.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import ceil, dist, inf, isfinite, pi
from typing import Literal

from numpy.typing import ArrayLike

from longhaul.envs.lhvln.simulator import FORWARD, TURN, Motion, Navigation, Pose, moved

Step = Motion | Literal["stop"]

TURN_COST = 0.0125
COLLISION_COST = 0.25
NEAR_COST = 0.05
"""What a turn, a collision, and an end near an edge cost, in moves of progress; habitat-sim's."""

NEAR = 0.2
"""Nearer to an edge of the surface than this (m) is near; habitat-sim's."""

LEAST = -0.25
"""A primitive must be worth more than this; habitat-sim's."""

GOOD_ENOUGH = 0.99
"""A primitive worth more ends the search; habitat-sim's."""

THRASHING = 16
"""After so many turns, left and right in alternation, a primitive is carried out as a whole;
habitat-sim's."""

SLACK = 0.02
"""By how much (m) more than its length a move may gain by distances that are computed."""

ALIKE = 1e-3 * TURN
"""Headings that differ by less (rad) are the same."""

TURNS = ceil(round(pi / TURN, 9))
"""Turns to one side that are tried: 0 to one less than half a circle has."""


@dataclass
class _Try:
    """A move in some direction; `most` is what it gains at most, in moves.

    `after` is the distance from where it ends (m), `near` whether an edge is near there; None:
    nobody asked yet.
    """

    end: Pose
    collided: bool
    most: float
    after: float | None = None
    near: bool | None = None


class Follower:
    """Leads to the nearest of some goals, (K, 3) points of the surface: within `radius` (m) of it
    by geodesic distance, it says stop.

    A robot that turns on the spot is led by what was tried there before, so that turns are cheap.
    """

    def __init__(self, navigation: Navigation, goals: ArrayLike, radius: float) -> None:
        self._navigation, self._goals, self._radius = navigation, goals, radius
        self._position: tuple[float, float, float] | None = None
        self._distance = 0.0
        self._tries: dict[int, _Try] = {}
        self._last: deque[Step] = deque(maxlen=THRASHING)
        self._queue: list[Motion] = []

    def next(self, pose: Pose) -> Step | None:
        """Return what to do at a pose; None where no way leads to a goal."""
        if self._queue:
            return self._said(self._queue.pop(0))
        self._stand(pose)
        if not isfinite(self._distance):
            return None
        if self._distance < self._radius:
            return self._said("stop")
        primitive = self._best(pose, LEAST) or self._best(pose, -inf)
        if not primitive:
            return None
        if self._thrashes():
            self._queue = primitive[1:]
        return self._said(primitive[0])

    def _stand(self, pose: Pose) -> None:
        """Take in where the robot stands now."""
        if pose.position == self._position:
            return
        known = next((t for t in self._tries.values() if t.end.position == pose.position), None)
        if known is not None and known.after is not None:
            self._distance = known.after
        else:
            self._distance = self._navigation.distance(pose.position, self._goals)
        self._position, self._tries = pose.position, {}

    def _best(self, pose: Pose, least: float) -> list[Motion]:
        """Return the best primitive: turns to one side, then a move; empty if none is worth more
        than `least`."""
        best, found = least, None
        for turns in range(TURNS):
            for side in ("turn_left", "turn_right") if turns else ("turn_left",):
                angle = turns * TURN if side == "turn_left" else -turns * TURN
                worth = self._worth(pose.turned(angle), turns, best)
                if worth is not None:
                    best, found = worth, (side, turns)
            if best > GOOD_ENOUGH:
                break
        if found is None:
            return []
        side, turns = found
        motion: Motion = "turn_left" if side == "turn_left" else "turn_right"
        return [*[motion] * turns, "move_forward"]

    def _worth(self, heading: Pose, turns: int, best: float) -> float | None:
        """Return what a move after so many turns is worth; None if no more than the best so far.

        Distances and edges are asked for only where they can make a difference.
        """
        key = round(heading.yaw / ALIKE) % round(2 * pi / ALIKE)
        tried = self._tries.get(key)
        if tried is None:
            tried = self._tries[key] = self._move(heading)
        cost = TURN_COST * turns + COLLISION_COST * tried.collided
        if tried.most - cost <= best:
            return None
        if tried.after is None:
            tried.after = self._navigation.distance(tried.end.position, self._goals)
        worth = (self._distance - tried.after) / FORWARD - cost
        if worth <= best:
            return None
        if tried.near is None:
            tried.near = self._navigation.clearance(tried.end.position, NEAR * 1.1) < NEAR
        worth -= NEAR_COST * tried.near
        return worth if worth > best else None

    def _move(self, heading: Pose) -> _Try:
        """Try a move; what it gains is at most its length, geodesic distance being a metric."""
        end, collided = moved(self._navigation, heading, "move_forward")
        return _Try(end, collided, (dist(heading.position, end.position) + SLACK) / FORWARD)

    def _thrashes(self) -> bool:
        last = list(self._last)
        turned = all(step in ("turn_left", "turn_right") for step in last)
        return len(last) == THRASHING and turned and all(map(str.__ne__, last, last[1:]))

    def _said(self, step: Step) -> Step:
        self._last.append(step)
        return step
