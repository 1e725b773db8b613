"""How far an episode has come: which subtask is current, and what came of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from longhaul.envs.calvin.state import SceneState
from longhaul.envs.calvin.tasks import TASKS
from longhaul.envs.episode import Subtask, SubtaskOutcome


class Progress:
    """The benchmark's protocol: a subtask has `limit` steps; done, the next begins where it ended.

    A subtask is judged after every step, against the state in which it began. Running out of steps
    ends the episode. Steps count from the start of the episode.
    """

    def __init__(self, subtasks: Sequence[Subtask], limit: int, state: SceneState) -> None:
        self._subtasks = subtasks
        self._limit = limit
        self._outcomes = [SubtaskOutcome(task.name, task.gt_steps) for task in subtasks]
        self.steps = 0
        self.timed_out = False
        self._start(0, state)

    @property
    def subtask(self) -> int:
        """Index of the current subtask; of the last one once all are done."""
        return min(self._index, len(self._subtasks) - 1)

    @property
    def completed(self) -> bool:
        return self._index == len(self._subtasks)

    @property
    def over(self) -> bool:
        return self.completed or self.timed_out

    @property
    def outcomes(self) -> tuple[SubtaskOutcome, ...]:
        """One per subtask, never-started ones too."""
        return tuple(self._outcomes)

    def update(self, state: SceneState) -> None:
        """Judge the state after a step."""
        self.steps += 1
        current = self._outcomes[self._index]
        if TASKS[current.name].test(self._reference, state):
            self._outcomes[self._index] = replace(
                current, success=True, oracle_success=True, end_step=self.steps
            )
            self._start(self._index + 1, state)
        elif self.steps - self._began == self._limit:
            self._outcomes[self._index] = replace(current, end_step=self.steps)
            self.timed_out = True

    def _start(self, index: int, state: SceneState) -> None:
        self._index = index
        self._began = self.steps
        self._reference = state
        if not self.completed:
            self._outcomes[index] = replace(
                self._outcomes[index], started=True, start_step=self.steps
            )
