"""How far an episode has come: which subtask is current, and the outcomes of those before.

Each stop closes the current subtask, reached or not, and the next one begins; there is no second
try. `official` is the rule of LH-VLN's code: a stop succeeds if the geodesic distance to the target
is below 1 m. `strict` is the rule of its paper: at most 1 m, and the target in a field of view of
60 degrees straight ahead.
"""

from __future__ import annotations

from dataclasses import replace
from math import isinf
from typing import Literal

from longhaul.envs.episode import Episode, SubtaskOutcome
from longhaul.envs.lhvln.simulator import Simulator
from longhaul.envs.lhvln.targets import Target, find_target, finite

Rule = Literal["official", "strict"]

SUCCESS_RULES: tuple[Rule, ...] = ("official", "strict")

REACHED_M = 1.0
"""Geodesic distance within which a target is reached: LH-VLN's."""

VIEW_ANGLE_DEG = 60.0
"""Horizontal field of view in which the `strict` rule asks for the target: LH-VLN's paper."""


class Progress:
    """Follows a robot through the subtasks of an episode; `steps` counts actions, stops too.

    `distance` is the geodesic distance to the nearest object that counts (m). A subtask's measures
    are `geodesic_start` and `geodesic_end` (left out if there is no way), `instances` (how many
    objects count), `unreachable` (1, where no way led to any of them when the subtask began; as in
    LH-VLN's code, such a subtask is attempted and fails) and, once it is over, `nearest` (the
    semantic id of the nearest object).
    Raises EpisodeError for a target that the scene lacks.
    """

    def __init__(self, episode: Episode, simulator: Simulator, rule: Rule, limit: int) -> None:
        self._simulator, self._rule, self._limit = simulator, rule, limit
        self.targets = [find_target(simulator, subtask.goal) for subtask in episode.subtasks]
        self._outcomes = [SubtaskOutcome(s.name, s.gt_steps) for s in episode.subtasks]
        self.steps, self.subtask = 0, 0
        self.completed = self.timed_out = False
        self._begin()

    @property
    def outcomes(self) -> tuple[SubtaskOutcome, ...]:
        return tuple(self._outcomes)

    @property
    def target(self) -> Target:
        return self.targets[self.subtask]

    def move(self) -> None:
        """Update the distance after a motion."""
        self.steps += 1
        self._update_distance()
        self._check_limit()

    def stop(self) -> bool:
        """Close the current subtask and say whether it succeeded."""
        self.steps += 1
        success = self._fulfills()
        self._end(success)
        if self.subtask + 1 == len(self.targets):
            self.completed = True
        else:
            self.subtask += 1
            self._begin()
            self._check_limit()
        return success

    def _begin(self) -> None:
        self._set(started=True, start_step=self.steps)
        self._update_distance()
        self._measure(geodesic_start=self.distance, instances=len(self.target.objects))
        if isinf(self.distance):
            self._measure(unreachable=1)

    def _update_distance(self) -> None:
        """Measure the distance, and keep whether the goal held."""
        position = self._simulator.pose.position
        self.distance = self._simulator.navigation.distance(position, self.target.goals)
        if not self._outcomes[self.subtask].oracle_success and self._fulfills():
            self._set(oracle_success=True)

    def _fulfills(self) -> bool:
        if self._rule == "official":
            return self.distance < REACHED_M
        navigation, pose = self._simulator.navigation, self._simulator.pose
        return self.distance <= REACHED_M and self.target.in_view(
            navigation, pose, REACHED_M, VIEW_ANGLE_DEG
        )

    def _check_limit(self) -> None:
        if self.steps >= self._limit:
            self._end(success=False)
            self.timed_out = True

    def _end(self, success: bool) -> None:
        position = self._simulator.pose.position
        nearest = self.target.nearest(self._simulator.navigation, position)
        self._set(success=success, end_step=self.steps)
        self._measure(geodesic_end=self.distance, nearest=self.target.objects[nearest].id)

    def _set(self, **values: bool | int) -> None:
        self._outcomes[self.subtask] = replace(self._outcomes[self.subtask], **values)  # type: ignore[arg-type]

    def _measure(self, **values: float) -> None:
        outcome = self._outcomes[self.subtask]
        measures = {**outcome.measures, **finite(**values)}
        self._outcomes[self.subtask] = replace(outcome, measures=measures)
