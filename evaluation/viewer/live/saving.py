"""Saves what was done in a live session as a demonstration."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from longhaul.envs.episode import Episode, EpisodeRecord, Status, Subtask, SubtaskOutcome
from longhaul.evaluation.loop.record import Dataset
from longhaul.evaluation.recordings.recorder import Recorder


class Saving:
    """Records each episode from its start; one that is not saved is dropped when the next one
    begins.

    `holds` says whether there is anything to save. An episode that is saved before its end is cut
    there.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        dataset.open()
        self._recorder: Recorder | None = None
        self._pending: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None
        self._typed: list[tuple[int, str]] = []
        self._steps = 0

    @property
    def holds(self) -> bool:
        return self._recorder is not None and self._steps > 0

    def begin(self, episode: Episode, seen: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Begin an episode; it gets an id of this session's own, so that it can be done several
        times."""
        self.discard()
        self._episode = replace(episode, id=f"{episode.id}+{time.time_ns():x}")
        self._recorder = self._dataset.recorder(self._episode)()
        self._keep(seen, info)

    def told(self, text: str, step: int) -> None:
        """Note an instruction that was typed in."""
        self._typed.append((step, text))

    def add(
        self, executed: Any, seen: Mapping[str, Any], info: Mapping[str, Any], status: Status | None
    ) -> None:
        """Add an action and the state that it led to."""
        if self._recorder is None or self._pending is None:
            return
        self._recorder.observe(*self._pending)
        self._recorder.act(executed)
        self._steps += 1
        self._pending = None
        if status is None:
            self._keep(seen, info)

    def save(self, info: Mapping[str, Any], status: Status | None) -> str:
        """Add the episode to the dataset and return a message about it."""
        if self._recorder is None or not self._steps:
            return "nothing was done yet, or it is saved already"
        recorder, self._recorder = self._recorder, None
        recorder.close(info, status or "timeout")
        outcomes = tuple(info["outcomes"])
        episode = self._episode
        if self._typed:
            episode, outcomes = _as_typed(episode, self._typed, self._steps)
        # The outcome of the env's own task does not matter: a person chose to keep this.
        self._dataset.add(EpisodeRecord(episode, outcomes, status or "timeout", self._steps))
        return f"saved {self._steps} steps as {episode.id}"

    def discard(self) -> None:
        """Drop what was not saved."""
        if self._recorder is not None:
            self._recorder.discard()
        self._recorder, self._pending = None, None
        self._typed, self._steps = [], 0

    def _keep(self, seen: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Keep an observation until an action follows: the recorder takes only pairs."""
        self._pending = ({name: np.array(value) for name, value in seen.items()}, dict(info))


def _as_typed(
    episode: Episode, typed: list[tuple[int, str]], steps: int
) -> tuple[Episode, tuple[SubtaskOutcome, ...]]:
    """Return an episode whose subtasks are the sentences that a person typed, each until the next
    one."""
    ends = [*(step for step, _ in typed[1:]), steps]
    subtasks, outcomes = [], []
    for (start, text), end in zip(typed, ends, strict=True):
        if end > start:
            subtasks.append(Subtask("typed", text, end - start))
            outcomes.append(
                SubtaskOutcome("typed", end - start, True, True, start, end, oracle_success=True)
            )
    said = ", then ".join(subtask.instruction for subtask in subtasks)
    return replace(episode, instruction=said, subtasks=tuple(subtasks)), tuple(outcomes)
