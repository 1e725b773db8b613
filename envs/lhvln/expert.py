"""The expert: the greedy follower, and an oracle that knows when to stop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from longhaul.envs.lhvln.conventions import ACTIONS
from longhaul.envs.lhvln.follower import Follower, Step
from longhaul.envs.lhvln.progress import FIELD, REACHED, Progress, Rule
from longhaul.envs.lhvln.simulator import Simulator
from longhaul.envs.lhvln.targets import bearing

RADIUS = 0.9
"""The geodesic distance (m) below which the expert stops where nothing else is said: inside of what
counts, so that another simulator's rounding makes no failure of it."""


class LhVlnExpert:
    """Leads to each subtask's target in turn; `situation` tells what is going on now.

    Under the strict rule it turns until a target is in view before it stops. Where no way leads
    on it stops too: the subtask has failed. It stops below a geodesic distance of `approach` (m).
    """

    def __init__(
        self,
        situation: Callable[[], tuple[Simulator, Progress]],
        rule: Rule,
        approach: float = RADIUS,
    ) -> None:
        self._situation, self._rule, self._approach = situation, rule, approach
        self._follower: Follower | None = None
        self._subtask = -1

    def reset(self, seed: int) -> None:
        """Begin an episode; nothing of the expert is random."""
        self._follower, self._subtask = None, -1

    def act(self) -> np.int64:
        """Return the next action, a number of ACTIONS."""
        simulator, progress = self._situation()
        if self._follower is None or self._subtask != progress.subtask:
            goals = progress.target.goals
            self._follower = Follower(simulator.navigation, goals, self._approach)
            self._subtask = progress.subtask
        step: Step = self._follower.next(simulator.pose) or "stop"
        if step == "stop" and self._rule == "strict":
            step = _face(simulator, progress)
        return np.int64(ACTIONS.index(step))


def _face(simulator: Simulator, progress: Progress) -> Step:
    """Return a turn toward the nearest object that counts; stop where one is in view."""
    target, pose, navigation = progress.target, simulator.pose, simulator.navigation
    nearest = target.objects[target.nearest(navigation, pose.position)]
    if progress.distance > REACHED or target.in_view(navigation, pose, REACHED, FIELD):
        return "stop"
    return "turn_left" if bearing(pose, nearest) > 0 else "turn_right"
