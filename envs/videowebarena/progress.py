"""How far an episode has come: which subtasks' facts have held, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from longhaul.envs.episode import Episode, SubtaskOutcome
from longhaul.webagents.generator.draft import Fact

State = Callable[[str], Mapping[str, Any]]
"""Returns a site's state by its name."""


class Progress:
    """Follows an episode's subtasks. All but the last have a fact as their goal, which counts
    from when it first held; the last is the task's own evaluation.

    Facts may become true in another order than the subtasks. A fact that held before its subtask
    begins ends that subtask at once.
    """

    def __init__(self, episode: Episode, limit: int) -> None:
        self._facts = [Fact(**s.goal) if s.goal else None for s in episode.subtasks]
        self._held = [False] * len(self._facts)
        self._outcomes = [SubtaskOutcome(s.name, s.gt_steps) for s in episode.subtasks]
        self._limit = limit
        self.steps, self.subtask = 0, 0
        self.over = False
        self._set(started=True, start_step=0)

    @property
    def outcomes(self) -> tuple[SubtaskOutcome, ...]:
        return tuple(self._outcomes)

    @property
    def out_of_steps(self) -> bool:
        return self.steps >= self._limit

    def update(self, state: State) -> None:
        """Check which facts hold after an action."""
        states: dict[str, Mapping[str, Any]] = {}
        for index, fact in enumerate(self._facts):
            if fact is not None and not self._held[index]:
                if fact.site not in states:
                    states[fact.site] = state(fact.site)
                self._held[index] = fact.holds(states[fact.site])
        while self._held[self.subtask]:
            self._set(success=True, oracle_success=True, end_step=self.steps)
            self.subtask += 1
            self._set(started=True, start_step=self.steps)

    def finish(self, solved: bool, measures: Mapping[str, float]) -> None:
        """Close the episode, as `close` does."""
        self.over = True
        self._outcomes = list(close(self._outcomes, self.subtask, self.steps, solved, measures))
        self.subtask = len(self._outcomes) - 1 if solved else self.subtask

    def _set(self, **values: object) -> None:
        self._outcomes[self.subtask] = replace(self._outcomes[self.subtask], **values)  # type: ignore[arg-type]


def close(
    outcomes: Sequence[SubtaskOutcome],
    subtask: int,
    steps: int,
    solved: bool,
    measures: Mapping[str, float],
) -> tuple[SubtaskOutcome, ...]:
    """Return the outcomes of an episode's subtasks when it ended after `steps` in subtask number
    `subtask`. What `outcomes` say of the end of that subtask and of later ones does not count.

    If the task is solved all its subtasks count as done, so that a solution which the facts did
    not foresee is no failure.
    """
    before, (current, *later) = outcomes[:subtask], outcomes[subtask:]
    end = {"success": solved, "oracle_success": solved, "end_step": steps}
    closed = [*before, replace(current, **end, measures={})]  # type: ignore[arg-type]
    for outcome in later:
        blank = SubtaskOutcome(outcome.name, outcome.gt_steps)
        closed.append(replace(blank, **end, started=True, start_step=steps) if solved else blank)  # type: ignore[arg-type]
    last = len(closed) - 1 if solved else subtask
    closed[last] = replace(closed[last], measures=dict(measures))
    return tuple(closed)
