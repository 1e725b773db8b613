"""Goal selection: from the network's decisions at single steps to one destination that is kept.

The network decides at each step as if it were the first. Goal selection keeps to a destination,
gives up destinations that it reached without a stop, and goes to the likeliest target where no
frontier is left.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from longhaul.policies.mgdm.decision.waypoint_features import at_waypoints
from longhaul.policies.mgdm.mapping.waypoints import FRONTIER, TARGET, Waypoints
from longhaul.policies.mgdm.model import MAX_GOAL_LOGIT, Decision

MIN_GOAL_PROBABILITY = 0.05
"""A thing that is the goal with less than this probability is never taken for it, however long the
search has taken; ours."""

LOGIT_SHARPNESS = 4.0
"""The waypoints' logits are multiplied by this, so that the action leads to the best waypoint, not
to a mean of several; ours."""

GIVE_UP_STEPS = 60
"""After so many steps towards the same waypoint it is given up, since no path leads there; ours."""


class GoalSelector:
    """Selects where the robot goes in one subtask; `destination` (3,) is where it goes, or None.

    `persistence` (nats) is how much likelier another waypoint must be than the present destination.
    A thing that is the goal with a probability above `threshold` becomes the destination, whatever
    else there is, and the robot stops at it. The threshold falls from step to step, to
    MIN_GOAL_PROBABILITY after about `patience` steps.
    """

    def __init__(self, persistence: float, threshold: float, patience: int) -> None:
        self.destination: NDArray[np.float32] | None = None
        self._persistence, self._threshold, self._patience = persistence, threshold, patience
        self._given_up: list[NDArray[np.float32]] = []
        self._steps_towards, self._steps = 0, 0

    @property
    def stop_threshold(self) -> float:
        """The probability of being at the goal from which the robot stops now."""
        left = 1 - self._steps / self._patience
        return max(MIN_GOAL_PROBABILITY, self._threshold * left)

    def select(self, decision: Decision, waypoints: Waypoints) -> Decision:
        """Return the decision (1, ...) of a step as it follows from those before.

        Where no frontier is left the robot goes to the likeliest target, and stops there.
        """
        count = len(waypoints)
        logits = decision.waypoint_logits[0].double().cpu().numpy().copy()
        targets, arrived = waypoints.kind == TARGET, at_waypoints(waypoints)
        goal = _combined_goal_logits(decision.goal_logits[0, :count], waypoints)
        at_goal = np.where(targets & arrived, goal, -MAX_GOAL_LOGIT)
        stop = float(at_goal.max(initial=-MAX_GOAL_LOGIT))
        for position in self._given_up:
            logits[:count][waypoints.near(position)] = -np.inf
        frontiers = (waypoints.kind == FRONTIER) & np.isfinite(logits[:count])
        if not frontiers.any() and targets.any():
            logits[:count] = np.where(targets, goal, -np.inf)
            if arrived[logits[:count].argmax()]:
                stop = MAX_GOAL_LOGIT
        kept = waypoints.near(self.destination)
        likely = np.where(targets, goal, -np.inf)
        likely[kept & ~arrived] += self._persistence
        self._steps += 1
        threshold = np.log(self.stop_threshold / (1 - self.stop_threshold))
        if count and likely.max() > threshold:
            logits[:count] = np.where(likely == likely.max(), 0.0, -np.inf)
        logits[:count][kept] += self._persistence
        self._keep(logits[:count], waypoints, kept, arrived)
        sharp = torch.from_numpy(LOGIT_SHARPNESS * logits)[None].to(decision.waypoint_logits)
        stop_logit = torch.full_like(decision.stop_logit, stop)
        return decision._replace(waypoint_logits=sharp, stop_logit=stop_logit)

    def _keep(
        self,
        logits: NDArray[np.float64],
        waypoints: Waypoints,
        kept: NDArray[np.bool_],
        arrived: NDArray[np.bool_],
    ) -> None:
        """Keep the destination, and give it up where the robot has arrived or tried for too
        long."""
        if not np.isfinite(logits).any():
            self.destination, self._steps_towards = None, 0
            return
        best = int(logits.argmax())
        self._steps_towards = self._steps_towards + 1 if kept[best] else 0
        self.destination = waypoints.position[best]
        if arrived[best] or self._steps_towards > GIVE_UP_STEPS:
            self._given_up.append(waypoints.position[best])


def _combined_goal_logits(goal_logits: torch.Tensor, waypoints: Waypoints) -> NDArray[np.float64]:
    """Return the mean of the network's goal logits (n,) and those of the map's evidence: a waypoint
    is the goal where both say so, and neither is trusted alone."""
    evidence = waypoints.target_evidence().astype(np.float64).clip(0.01, 0.99)
    by_map = np.log(evidence / (1 - evidence))
    both = (goal_logits.double().cpu().numpy() + by_map) / 2
    return np.where(waypoints.kind == TARGET, both, -MAX_GOAL_LOGIT)
