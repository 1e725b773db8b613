"""Records demonstrations into a dataset: the rollout loop with a journal that writes to the
dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console

from longhaul.console import logged
from longhaul.envs.episode import Episode, EpisodeRecord
from longhaul.envs.specs import require_compatible
from longhaul.errors import ConfigError
from longhaul.evaluation.loop.messages import Mode, Outputs
from longhaul.evaluation.loop.progress import Progress
from longhaul.evaluation.loop.rollout import Rollout
from longhaul.evaluation.loop.task import Task
from longhaul.evaluation.loop.workers import Workers
from longhaul.evaluation.recordings.recorder import Recorder
from longhaul.evaluation.records import provenance
from longhaul.evaluation.records.code import Made, made_with, policy_modules
from longhaul.evaluation.records.failures import told_of_errors
from longhaul.evaluation.records.journal import RunJournal
from longhaul.evaluation.records.logger import NoLogger
from longhaul.evaluation.records.run_folder import RunFolder
from longhaul.evaluation.settings import RecordingSettings
from longhaul.identifiers import LONE_SURROGATE, shown
from longhaul.policies.policy import Policy


class Dataset(Protocol):
    """A dataset that demonstrations are written to."""

    notes: Path
    """The run folder that holds the records."""

    episodes: int
    frames: int
    """The episodes and frames that were added in this session."""

    def open(self) -> None:
        """Prepare for writing."""

    def recorder(self, episode: Episode) -> Callable[[], Recorder]:
        """Return a function that makes an episode's Recorder; it is sent to the worker and called
        there."""

    def add(self, record: EpisodeRecord) -> None:
        """Add the episode that its Recorder left; it is on the disk when this returns."""

    def size(self) -> int:
        """Return the dataset's size on disk in bytes."""


class RecordJournal:
    """A RunJournal that adds an episode to the dataset before its record is written, so that a
    crash in between loses no episode.

    Raises OSError as soon as the disk is full.
    """

    def __init__(self, journal: RunJournal, dataset: Dataset) -> None:
        self._journal, self._dataset = journal, dataset

    def begin(self, episode: Episode) -> Outputs:
        return replace(self._journal.begin(episode), recorder=self._dataset.recorder(episode))

    def acted(self, rows: int, seconds: float, calls: int = 1) -> None:
        self._journal.acted(rows, seconds, calls)

    def finish(self, record: EpisodeRecord) -> None:
        self._dataset.add(record)
        self._journal.finish(record)


def record(
    task: Task,
    policy: Policy,
    settings: RecordingSettings,
    config: Mapping[str, Any],
    config_text: str,
    dataset: Dataset,
    console: Console,
) -> None:
    """Record those of the task's episodes that the dataset does not have yet.

    `config` is the resolved configuration that the settings were read from. The dataset's `notes`,
    a run folder, say what made it; the dataset is opened after they are found to belong to this
    configuration. Raises ConfigError before anything is written, and OSError as soon as the disk is
    full; what is recorded by then stays readable.
    """
    require_compatible(task.conventions, policy.requirement)
    task.require_in_order(settings.workers)
    _require_storable(task.episodes)
    ours = provenance.identity(config, task.provenance, policy.provenance())
    origin = provenance.collect(settings.seed, settings.device)
    modules = policy_modules(config.get("policy"), policy)
    made = made_with(origin["git"], [task.module], modules, task.versions)
    with (
        RunFolder(dataset.notes, config_text, ours, origin, settings.mixed) as folder,
    ):
        missing, told = folder.take_up(task.episodes, made, settings.retry_errors, task.remembers)
        with logged(console, dataset.notes):
            for line in (*task.remarks, *([told] if told else [])):
                console.print(line, markup=False, highlight=False)
            dataset.open()
            if missing:
                _roll_out(task, policy, settings, folder, dataset, missing, made, console)
            for line in told_of_errors(folder.records_of(task.episodes), folder.store.path):
                console.print(line, markup=False, highlight=False)


def _require_storable(episodes: Sequence[Episode]) -> None:
    """Raise ConfigError for an episode with a text that a dataset's tables can't hold."""
    for episode in episodes:
        told = (subtask.instruction for subtask in episode.subtasks)
        for text in (episode.id, episode.instruction, *told):
            if LONE_SURROGATE.search(text):
                raise ConfigError(
                    f"episode id {shown(episode.id)}: {shown(text)} is not valid Unicode (it has a "
                    "lone surrogate), and a dataset can't hold it"
                )


def _roll_out(
    task: Task,
    policy: Policy,
    settings: RecordingSettings,
    folder: RunFolder,
    dataset: Dataset,
    missing: list[Episode],
    made: Made,
    console: Console,
) -> None:
    videos, engine, total = settings.videos, settings.engine, len(task.episodes)
    if not task.conventions.video:
        videos = replace(videos, first=0)
    workers = Workers(
        task.make_env,
        task.observation_space,
        count=min(settings.workers, len(missing)),
        hang_s=engine.hang_s,
        preload=[task.module],
        mode=Mode(lazy=engine.lazy),
    )

    def note() -> str:
        return f"{dataset.frames} frames, {dataset.size() / 2**20:.0f} MiB"

    with workers, Progress(console, total, total - len(missing), note) as progress:
        journal = RunJournal(
            folder,
            task.episodes,
            videos,
            False,
            task.parts,
            made.mark(),
            progress,
            NoLogger(),
            engine.max_errors,
        )
        rollout = Rollout(
            workers, policy, RecordJournal(journal, dataset), task.conventions.clears_history
        )
        rollout.run(missing)
