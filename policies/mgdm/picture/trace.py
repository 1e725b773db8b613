"""The trace of an episode: what MGDM saw, remembered and decided at each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from longhaul.policies.mgdm.decision.subgoals import Subgoal
from longhaul.policies.mgdm.mapping.episode_map import EpisodeMap
from longhaul.policies.mgdm.memory.short_term import Mode, memory_weights

Array = NDArray[np.float32]


class TracedStep(NamedTuple):
    """A step of a trace: the `pose` (4,), x, y, z in m and yaw in rad; the number of the `subtask`;
    the `value` of the trace's measure, and the `threshold` above which the policy stops, or takes
    the target for found; the `confidence` (actions,) by which the short-term memory merges the
    step, None where a rule decides; the `destination` (3,), None for none; the `thought` that was
    in force; and the `action`."""

    pose: Array
    subtask: int
    value: float
    threshold: float
    confidence: Array | None
    destination: Array | None
    thought: str
    action: int


class Trace:
    """The `steps` of an episode in one env slot, its `subgoals`, and the `map` that it made.

    `mode` and `capacity` are those of the short-term memory. `measure` names what a step's `value`
    is: the probability of a stop, or, where a rule decides, the evidence of the target.
    """

    def __init__(self, mode: Mode, capacity: int, measure: str) -> None:
        self.mode, self.capacity, self.measure = mode, capacity, measure
        self.steps: list[TracedStep] = []

    def add(self, episode_map: EpisodeMap, subgoals: Sequence[Subgoal], step: TracedStep) -> None:
        """Add a step; map and subgoals are those of the latest one."""
        self.map, self.subgoals = episode_map, tuple(subgoals)
        self.steps.append(step)

    def poses(self) -> Array:
        """Return the poses, (steps, 4)."""
        return np.stack([step.pose for step in self.steps])

    def memory(self) -> Array:
        """Return the short-term memory after each step, (steps, capacity, steps): the weight of
        each earlier step in each row. A row's weights add up to 1, or to 0 if it is not filled."""
        uniform = np.ones(1, np.float32)  # for a rule's steps, which no memory holds
        confidence = [uniform if s.confidence is None else s.confidence for s in self.steps]
        return memory_weights(np.stack(confidence), self.capacity, self.mode)
