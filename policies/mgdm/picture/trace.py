"""What MGDM had in mind at each step of an episode, for those who want to look at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from longhaul.policies.mgdm.decision.subgoals import Subgoal
from longhaul.policies.mgdm.mapping.episode_map import Survey
from longhaul.policies.mgdm.memory.short_term import Mode, memory_weights

Array = NDArray[np.float32]


class Moment(NamedTuple):
    """A step: the pose x, y, z (m), yaw (rad), the `subtask` it is at, how `sure` it is of being
    there (Trace.measure) and how sure is `enough` by then, the `confidence` (actions,) by which the
    step is remembered, None where a rule decides, the waypoint (3,) it goes to, None for none, the
    `thought` that held, and what it did."""

    pose: Array
    subtask: int
    sure: float
    enough: float
    confidence: Array | None
    goal: Array | None
    thought: str
    action: int


class Trace:
    """An episode's moments, and the `survey` of what it saw.

    A policy that has `policy.watch = trace` fills it in; it follows one env slot. `mode` and
    `capacity` are those of the short-term memory. `measure` says in words of what a moment is
    `sure`: of a stop, or where a rule decides of seeing the target; where it is enough it acts so.
    """

    def __init__(self, mode: Mode, capacity: int, measure: str) -> None:
        self.mode, self.capacity, self.measure = mode, capacity, measure
        self.moments: list[Moment] = []

    def __call__(self, survey: Survey, subgoals: Sequence[Subgoal], moment: Moment) -> None:
        self.survey, self.subgoals = survey, tuple(subgoals)
        self.moments.append(moment)

    def poses(self) -> Array:
        """Return the poses, (steps, 4)."""
        return np.stack([moment.pose for moment in self.moments])

    def remembered(self) -> Array:
        """Return what the memory held after each step, (steps, capacity, steps): the weight of
        each earlier step in each row. A row's weights add up to 1, or 0 where none is."""
        even = np.ones(1, np.float32)  # a rule's steps, which are not remembered
        told = [even if m.confidence is None else m.confidence for m in self.moments]
        confidence = np.stack(told)
        return memory_weights(confidence, self.capacity, self.mode)
