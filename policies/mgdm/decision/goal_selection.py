"""Where the robot goes from step to step, by what the network makes of each: it keeps to a
waypoint, gives up what it got to in vain, and settles for the likeliest thing where nothing is left
to explore."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from longhaul.policies.mgdm.decision.rule import PATIENCE
from longhaul.policies.mgdm.mapping.waypoints import (
    DISTANCE,
    FRONTIER,
    TARGET,
    Waypoints,
    evidence,
    near,
)
from longhaul.policies.mgdm.model import NEAR, SURE, Decision

LEAST = 0.05
"""How likely a thing must be the goal at the least, however long it was looked for."""

RESOLVE = 4.0
"""By how much the network's preferences are sharpened: one waypoint is gone to, not their mean."""


class Intent:
    """What one episode's robot is up to in a subtask; `toward` (3,) is where it goes, or None.

    `persistence` (nats) is how much surer another waypoint must be than the one it goes to. A thing
    that is the goal with a probability above `sure` is gone to, whatever else there is, and stopped
    at; what is sure enough becomes less from step to step, to nearly nothing after `patience`.
    """

    def __init__(self, persistence: float, sure: float, patience: int) -> None:
        self.toward: NDArray[np.float32] | None = None
        self._persistence, self._sure, self._patience = persistence, sure, patience
        self._given_up: list[NDArray[np.float32]] = []
        self._tries, self._steps = 0, 0

    @property
    def enough(self) -> float:
        """How likely a thing must be the goal now."""
        left = 1 - self._steps / self._patience
        return max(LEAST, self._sure * left)

    def settle(self, decision: Decision, waypoints: Waypoints) -> Decision:
        """Return the decision (1, ...) of a step as it follows from those before.

        Where no waypoint borders on the unknown it goes to the likeliest goal, and stops there.
        """
        count = len(waypoints.points)
        going = decision.going[0].double().cpu().numpy().copy()
        numbers = waypoints.numbers
        targets, here = numbers[:, TARGET] > 0.5, numbers[:, DISTANCE] < NEAR
        goal = _together(decision.goal[0, :count].double().cpu().numpy(), waypoints)
        stop = float(np.where(targets & here, goal, -SURE).max(initial=-SURE))
        for point in self._given_up:
            going[:count][near(waypoints, point)] = -np.inf
        unknown = (numbers[:, FRONTIER] > 0.5) & np.isfinite(going[:count])
        if not unknown.any() and targets.any():
            going[:count] = np.where(targets, goal, -np.inf)
            if here[going[:count].argmax()]:
                stop = SURE
        kept = near(waypoints, self.toward)
        likely = np.where(targets, goal, -np.inf)
        likely[kept & ~here] += self._persistence
        self._steps += 1
        if count and likely.max() > np.log(self.enough / (1 - self.enough)):
            going[:count] = np.where(likely == likely.max(), 0.0, -np.inf)
        going[:count][kept] += self._persistence
        self._remember(going[:count], waypoints, kept, here)
        sharp = torch.from_numpy(RESOLVE * going)[None].to(decision.going)
        return decision._replace(going=sharp, stop=torch.full_like(decision.stop, stop))

    def _remember(
        self,
        going: NDArray[np.float64],
        waypoints: Waypoints,
        kept: NDArray[np.bool_],
        here: NDArray[np.bool_],
    ) -> None:
        """Keep in mind where it goes now, and give up what is of no use."""
        if not np.isfinite(going).any():
            self.toward, self._tries = None, 0
            return
        best = int(going.argmax())
        self._tries = self._tries + 1 if kept[best] else 0
        self.toward = waypoints.points[best]
        if here[best] or self._tries > PATIENCE:
            self._given_up.append(waypoints.points[best])


def _together(goal: NDArray[np.float64], waypoints: Waypoints) -> NDArray[np.float64]:
    """Return the mean of the network's logits (n,) and those of what the map shows: where both say
    so it is the goal, and neither is trusted alone."""
    shown = evidence(waypoints).astype(np.float64).clip(0.01, 0.99)
    both = (goal + np.log(shown / (1 - shown))) / 2
    return np.where(waypoints.numbers[:, TARGET] > 0.5, both, -SURE)
