"""The greedy geodesic follower: it returns the robot's next motion toward a goal.

The method is that of habitat-sim 0.2.2. A primitive is some turns to one side and then one move.
All primitives are tried from where the robot stands, and the one with the highest value wins: the
geodesic distance it gains, less costs. If no value is high enough, habitat-sim's follower gives up.
This one takes the best primitive anyway, so that it also gets around a corner beside which every
move leads away from the goal at first.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import ceil, dist, inf, isfinite, pi
from typing import Literal

from numpy.typing import ArrayLike

from longhaul.envs.lhvln.simulator import FORWARD_M, TURN_RAD, Motion, Navigation, Pose, moved

Step = Motion | Literal["stop"]

TURN_COST = 0.0125
COLLISION_COST = 0.25
EDGE_COST = 0.05
"""Costs of a turn, of a collision and of an end near an edge, in units of FORWARD_M of progress;
habitat-sim's."""

EDGE_DISTANCE_M = 0.2
"""A point at a distance below this from an edge of the surface is near it; habitat-sim's."""

MIN_VALUE = -0.25
"""Value above which a primitive is taken at once, in units of FORWARD_M; habitat-sim's."""

SUFFICIENT_VALUE = 0.99
"""Value above which no further primitives are tried, in units of FORWARD_M; habitat-sim's."""

THRASHING_STEPS = 16
"""After this many turns that alternate left and right, a primitive is carried out as a whole;
habitat-sim's."""

DISTANCE_ERROR_M = 0.02
"""How much more than its length a move may gain, because computed distances have errors."""

SAME_HEADING_RAD = 1e-3 * TURN_RAD
"""Headings that differ by less than this count as the same."""

TURNS_PER_SIDE = ceil(round(pi / TURN_RAD, 9))
"""Primitives have 0 to one less than this many turns to a side: less than half a circle."""


@dataclass
class _Try:
    """A tried move in some direction; `most` bounds its gain, in units of FORWARD_M.

    `after` is the distance to the goals from its end (m), `near` whether an edge is near there;
    both are None until they are computed.
    """

    end: Pose
    collided: bool
    most: float
    after: float | None = None
    near: bool | None = None


class Follower:
    """Leads to the nearest of some goals, (K, 3) points of the surface. At a geodesic distance
    below `radius` (m) from it the next step is stop.

    Moves that were tried at a position are kept while the robot turns there, so turns cost little.
    """

    def __init__(self, navigation: Navigation, goals: ArrayLike, radius: float) -> None:
        self._navigation, self._goals, self._radius = navigation, goals, radius
        self._position: tuple[float, float, float] | None = None
        self._distance = 0.0
        self._tries: dict[int, _Try] = {}
        self._last: deque[Step] = deque(maxlen=THRASHING_STEPS)
        self._queue: list[Motion] = []

    def next(self, pose: Pose) -> Step | None:
        """Return the next step at a pose; None if no way leads to a goal."""
        if self._queue:
            return self._said(self._queue.pop(0))
        self._stand(pose)
        if not isfinite(self._distance):
            return None
        if self._distance < self._radius:
            return self._said("stop")
        primitive = self._best(pose, MIN_VALUE) or self._best(pose, -inf)
        if not primitive:
            return None
        if self._thrashes():
            self._queue = primitive[1:]
        return self._said(primitive[0])

    def _stand(self, pose: Pose) -> None:
        """Update the distance and forget the tried moves if the robot has moved."""
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
        for turns in range(TURNS_PER_SIDE):
            for side in ("turn_left", "turn_right") if turns else ("turn_left",):
                angle = turns * TURN_RAD if side == "turn_left" else -turns * TURN_RAD
                worth = self._worth(pose.turned(angle), turns, best)
                if worth is not None:
                    best, found = worth, (side, turns)
            if best > SUFFICIENT_VALUE:
                break
        if found is None:
            return []
        side, turns = found
        motion: Motion = "turn_left" if side == "turn_left" else "turn_right"
        return [*[motion] * turns, "move_forward"]

    def _worth(self, heading: Pose, turns: int, best: float) -> float | None:
        """Return the value of a move after some turns; None if it is not above the best so far.

        Distances and edges are computed only if they can make a difference.
        """
        key = round(heading.yaw / SAME_HEADING_RAD) % round(2 * pi / SAME_HEADING_RAD)
        tried = self._tries.get(key)
        if tried is None:
            tried = self._tries[key] = self._move(heading)
        cost = TURN_COST * turns + COLLISION_COST * tried.collided
        if tried.most - cost <= best:
            return None
        if tried.after is None:
            tried.after = self._navigation.distance(tried.end.position, self._goals)
        worth = (self._distance - tried.after) / FORWARD_M - cost
        if worth <= best:
            return None
        if tried.near is None:
            tried.near = (
                self._navigation.clearance(tried.end.position, EDGE_DISTANCE_M * 1.1)
                < EDGE_DISTANCE_M
            )
        worth -= EDGE_COST * tried.near
        return worth if worth > best else None

    def _move(self, heading: Pose) -> _Try:
        """Try a move. It gains at most its length, since geodesic distance is a metric."""
        end, collided = moved(self._navigation, heading, "move_forward")
        return _Try(
            end, collided, (dist(heading.position, end.position) + DISTANCE_ERROR_M) / FORWARD_M
        )

    def _thrashes(self) -> bool:
        last = list(self._last)
        turned = all(step in ("turn_left", "turn_right") for step in last)
        return len(last) == THRASHING_STEPS and turned and all(map(str.__ne__, last, last[1:]))

    def _said(self, step: Step) -> Step:
        self._last.append(step)
        return step
