"""How far an episode has come: which required atoms hold, and which subtasks are done by that.

Any valid solution counts, in any order, so subtasks are not tied to things: **the k-th subtask is
done while k or more of the required atoms hold**, by a maximum matching
(longhaul.envs.lohoravens.goals). So the done subtasks are always the first ones, ISR is the share
of atoms that hold, and a subtask is undone when a thing falls down. The last subtask also needs
that nothing forbidden holds. A subtask has started once all before it were done at some moment. Its
measures have `holds`, whether its own atom holds (of equal maximum matchings, the one that serves
earlier subtasks counts), and the episode's `score`.

In a sequential episode the k-th subtask is done once its own atom has held while the subtask was
current, and it stays done.
"""

from __future__ import annotations

from dataclasses import dataclass

from longhaul.envs.episode import Episode, SubtaskOutcome
from longhaul.envs.lohoravens.geometry import in_bounds
from longhaul.envs.lohoravens.goals import Goal
from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.things import TableState

FALLEN_Z_M = -0.02
"""A thing whose center is lower than this fell off the table."""


@dataclass
class _Course:
    """The steps at which a subtask became current and was done; None if it has not been, or if it
    was undone."""

    began: int | None = None
    ended: int | None = None
    ever_done: bool = False


class Progress:
    """Judges the settled state after every action; steps are actions."""

    def __init__(self, episode: Episode, state: TableState) -> None:
        self.goal = Goal.of(episode)
        self._episode = episode
        self._budget: int = episode.start["budget"]
        self._courses = [_Course() for _ in episode.subtasks]
        self._done = 0
        self.steps = 0
        self._judge(state)

    @property
    def subtask(self) -> int:
        """Index of the current subtask; of the last one once all are done."""
        return min(self._done, len(self._courses) - 1)

    @property
    def instruction(self) -> str:
        """The episode's goal; in a sequential episode the current stage's sentence."""
        if self.goal.sequential:
            return self._episode.subtasks[self.subtask].instruction
        return self._episode.instruction

    @property
    def score(self) -> float:
        """Percentage of the required atoms that hold; forbidden ones do not count here."""
        return 100.0 * sum(self._holds) / len(self._holds)

    @property
    def completed(self) -> bool:
        return self._done == len(self._courses)

    @property
    def timed_out(self) -> bool:
        return not self.completed and self.steps >= self._budget

    @property
    def over(self) -> bool:
        return self.completed or self.failed or self.timed_out

    @property
    def outcomes(self) -> tuple[SubtaskOutcome, ...]:
        """One per subtask, never-started ones too."""
        return tuple(self._outcome(index) for index in range(len(self._courses)))

    def update(self, state: TableState) -> None:
        """Judge the state after an action."""
        self.steps += 1
        self._judge(state)

    def _judge(self, state: TableState) -> None:
        scene = Scene(state)
        self._holds = self._holding(scene)
        self._done = sum(self._holds)
        if self.completed and self.goal.violations(scene):
            self._done -= 1
        lost = [name for name in state.things if _is_lost(state, name)]
        self.failed = not self.completed and bool(lost) and not self.goal.possible(scene, lost)
        for index, course in enumerate(self._courses):
            if index <= self._done and course.began is None:
                course.began = self.steps
            if index >= self._done:
                course.ended = None
            elif course.ended is None:
                course.ended, course.ever_done = self.steps, True

    def _holding(self, scene: Scene) -> tuple[bool, ...]:
        if not self.goal.sequential:
            return self.goal.fulfilled(scene)
        atoms, done = self.goal.atoms, self._done
        while done < len(atoms) and atoms[done].facts(scene):
            done += 1
        return tuple(index < done for index in range(len(atoms)))

    def _outcome(self, index: int) -> SubtaskOutcome:
        course, subtask = self._courses[index], self._episode.subtasks[index]
        success = course.ended is not None
        cut_off = self.over and index == self._done
        return SubtaskOutcome(
            name=subtask.name,
            gt_steps=subtask.gt_steps,
            started=course.began is not None,
            success=success,
            start_step=course.began,
            end_step=self.steps if cut_off else course.ended,
            oracle_success=course.ever_done,
            measures={"score": self.score, "holds": float(self._holds[index])},
        )


def _is_lost(state: TableState, name: str) -> bool:
    position = state.poses[name].position
    return position[2] < FALLEN_Z_M or not bool(in_bounds(position[:2]))
