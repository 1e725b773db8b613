"""From a task and a demonstrator to a dataset: the rollout loop with another journal."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console

from longhaul.envs.episode import Episode, EpisodeRecord
from longhaul.envs.specs import require_compatible
from longhaul.evaluation.loop.progress import Progress
from longhaul.evaluation.loop.rollout import Rollout
from longhaul.evaluation.loop.task import Task
from longhaul.evaluation.loop.worker import Outputs
from longhaul.evaluation.loop.workers import Workers
from longhaul.evaluation.recordings.recorder import Recorder
from longhaul.evaluation.records import provenance
from longhaul.evaluation.records.journal import RunJournal
from longhaul.evaluation.records.logger import NoLogger
from longhaul.evaluation.records.run_folder import RunFolder
from longhaul.evaluation.settings import RecordingSettings
from longhaul.policies.policy import Policy

FULL = (errno.ENOSPC, errno.EDQUOT)


class DiskFullError(RuntimeError):
    """No space is left; what was complete stays."""


class Dataset(Protocol):
    """Where demonstrations go."""

    notes: Path
    """Where the records go: a folder of a run."""

    episodes: int
    frames: int
    """Taken over in this session."""

    def open(self) -> None:
        """Get ready to be written."""

    def recorder(self, episode: Episode) -> Callable[[], Recorder]:
        """Return what makes the Recorder of an episode in its worker; it is sent there."""

    def add(self, record: EpisodeRecord) -> None:
        """Take over what an episode's Recorder left; it is on the disk when this returns."""

    def size(self) -> int:
        """Return the bytes on disk."""


class RecordJournal:
    """A RunJournal whose episodes go to a dataset first, so that a crash between loses none.

    Raises DiskFullError as soon as the disk is full, here or in a worker.
    """

    def __init__(self, journal: RunJournal, dataset: Dataset) -> None:
        self._journal, self._dataset = journal, dataset

    def begin(self, episode: Episode) -> Outputs:
        return replace(self._journal.begin(episode), recorder=self._dataset.recorder(episode))

    def acted(self, rows: int, seconds: float) -> None:
        self._journal.acted(rows, seconds)

    def finish(self, record: EpisodeRecord) -> None:
        if any(os.strerror(code) in (record.error or "") for code in FULL):
            raise DiskFullError
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
    """Record what is missing of the task's episodes.

    `config` is the resolved configuration that the settings were read from. What made the dataset
    stands in its `notes`, the folder of a run; the dataset is opened when that is known to be this
    configuration's. Raises ConfigError before anything is written, and DiskFullError.
    """
    require_compatible(task.conventions, policy.requirement)
    ours = provenance.identity(config, task.provenance, policy.provenance())
    origin = provenance.collect(settings.seed, settings.device)
    with (
        _full_disk_told(settings.out),
        RunFolder(dataset.notes, config_text, ours, origin, settings.mixed) as folder,
    ):
        dataset.open()
        if settings.retry_errors:
            folder.store.drop(status="error")
        missing = folder.missing(task.episodes)
        if missing:
            _roll_out(task, policy, settings, folder, dataset, missing, console)


def _roll_out(
    task: Task,
    policy: Policy,
    settings: RecordingSettings,
    folder: RunFolder,
    dataset: Dataset,
    missing: list[Episode],
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
            progress,
            NoLogger(),
            engine.max_errors,
        )
        rollout = Rollout(
            workers, policy, RecordJournal(journal, dataset), task.conventions.clears_history
        )
        rollout.run(missing)


@contextmanager
def _full_disk_told(out: Path) -> Iterator[None]:
    try:
        yield
    except DiskFullError:
        pass
    except OSError as error:
        if error.errno not in FULL:
            raise
    else:
        return
    raise DiskFullError(
        f"out={out}: no space left on the disk; what is recorded stays readable, and the same "
        "command goes on when there is space"
    )
