"""Records for the viewer what a policy saw, did and computed in each episode.

RecordedPolicy wraps the policy and the journal of a rollout. It sees the observations and actions
of every step, and calls `explain` of a policy that has it. Episodes that are not recorded are
passed on unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from longhaul.envs.episode import Episode, EpisodeRecord
from longhaul.evaluation.loop.actions import ahead, rows
from longhaul.evaluation.loop.messages import Outputs
from longhaul.evaluation.loop.rollout import Journal
from longhaul.evaluation.loop.task import Task
from longhaul.evaluation.recordings.explain_recording import ExplainRecording
from longhaul.evaluation.records.run_folder import RunFolder
from longhaul.policies.policy import (
    Actions,
    Batch,
    Explains,
    Policy,
    Start,
    declared,
    reads_of,
)

RECORDINGS_FOLDER = "recordings"
"""The subfolder of a run folder that holds the recordings."""


class RecordedPolicy:
    """A Policy and a Journal at once, which records the task's first `count` episodes into the
    run's subfolder `recordings` and passes every call on to `policy` and `journal`."""

    def __init__(
        self, policy: Policy, journal: Journal, folder: RunFolder, task: Task, count: int
    ) -> None:
        self._policy, self._journal, self._folder = policy, journal, folder
        self._conventions = task.conventions
        self._wanted = {episode.id for episode in task.episodes[:count]}
        self._recordings: dict[str, ExplainRecording] = {}
        self._slots: dict[int, str] = {}
        self.requirement, self.trained = policy.requirement, policy.trained
        self.reads = reads_of(policy)

    def begin(self, episode: Episode) -> Outputs:
        if episode.id in self._wanted:
            path = self._folder.file(RECORDINGS_FOLDER, episode, "")
            self._recordings[episode.id] = ExplainRecording(path, self._conventions)
        return replace(self._journal.begin(episode), watched=episode.id in self._wanted)

    def acted(self, rows: int, seconds: float, calls: int = 1) -> None:
        self._journal.acted(rows, seconds, calls)

    def finish(self, record: EpisodeRecord) -> None:
        """Complete the recording before the record is written, so that no recording is missing
        after a crash."""
        recording = self._recordings.pop(record.id, None)
        if recording is not None:
            recording.close()
        self._journal.finish(record)

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        self._slots |= dict(zip(slots, (start.episode_id for start in starts), strict=True))
        self._policy.reset(slots, starts)

    def act(self, batch: Batch) -> Actions:
        seen = declared(self._policy, batch.observations)
        actions = self._policy.act(replace(batch, observations=seen))
        if self._recordings:
            self._watch(batch, actions)
        return actions

    def act_ahead(self, batch: Batch) -> Sequence[Any]:
        """Return the actions of the next steps in episodes that are not recorded."""
        return ahead(self._policy, batch)

    def provenance(self) -> Mapping[str, str]:
        return self._policy.provenance()

    def _watch(self, batch: Batch, actions: Actions) -> None:
        split = rows(actions, len(batch.slots))
        for index, slot in enumerate(batch.slots):
            recording = self._recordings.get(self._slots[slot])
            if recording is None:
                continue
            seen = {name: values[index] for name, values in batch.observations.items()}
            mind = self._policy.explain(slot) if isinstance(self._policy, Explains) else {}
            recording.add(seen, split[index], mind)
