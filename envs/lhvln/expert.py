"""The expert: the greedy follower, and an oracle that knows when to stop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from longhaul.envs.lhvln.conventions import ACTIONS
from longhaul.envs.lhvln.follower import Follower, Step
from longhaul.envs.lhvln.progress import REACHED_M, VIEW_ANGLE_DEG, Progress, Rule
from longhaul.envs.lhvln.simulator import Simulator
from longhaul.envs.lhvln.targets import bearing

STOP_RADIUS_M = 0.9
"""Default geodesic distance to the target below which the expert stops. It is less than REACHED_M,
so that the rounding of another simulator does not turn the stop into a failure."""


class LhVlnExpert:
    """Leads to each subtask's target in turn; `situation` returns the simulator and the progress.

    It stops at a geodesic distance below `approach` (m). Under the strict rule it first turns until
    a target is in view. If no way leads to a target it stops too, and the subtask fails.
    """

    def __init__(
        self,
        situation: Callable[[], tuple[Simulator, Progress]],
        rule: Rule,
        approach: float = STOP_RADIUS_M,
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
    """Return a turn toward the nearest object that counts; stop if one is in view already."""
    target, pose, navigation = progress.target, simulator.pose, simulator.navigation
    nearest = target.objects[target.nearest(navigation, pose.position)]
    if progress.distance > REACHED_M or target.in_view(navigation, pose, REACHED_M, VIEW_ANGLE_DEG):
        return "stop"
    return "turn_left" if bearing(pose, nearest) > 0 else "turn_right"
