"""Writes what a rollout leaves behind: records, videos and actions, progress, and timing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from longhaul.envs.episode import Episode, EpisodeRecord
from longhaul.errors import FailedError
from longhaul.evaluation.loop.messages import Outputs
from longhaul.evaluation.loop.progress import Progress
from longhaul.evaluation.records.logger import Logger
from longhaul.evaluation.records.run_folder import RunFolder
from longhaul.evaluation.settings import Videos
from longhaul.files import partial


class TooManyErrorsError(FailedError):
    """So many episodes in a row ended in an error that the next ones would too."""


class RunJournal:
    """The rollout's Journal: every record is written to the run folder when its episode ends.

    `videos` says what is filmed; with `save_actions` the executed actions are kept as well. `parts`
    names the worker parts in use and `made` what the records are made with; both are written into
    each record. After `max_errors` error records in a row TooManyErrorsError is raised: an error of
    every episode is one of the program, and a thousand tracebacks help no more than one.
    """

    def __init__(
        self,
        folder: RunFolder,
        episodes: Sequence[Episode],
        videos: Videos,
        save_actions: bool,
        parts: Mapping[str, str],
        made: Mapping[str, Any],
        progress: Progress,
        logger: Logger,
        max_errors: int,
    ) -> None:
        self._folder, self._parts, self._made = folder, dict(parts), dict(made)
        self._videos, self._saves_actions = videos, save_actions
        self._progress, self._logger, self._max_errors = progress, logger, max_errors
        self._first = {episode.id for episode in episodes[: videos.first]}
        records = folder.store.records.values()
        self._failures_filmed = sum(
            record.id not in self._first and folder.file("videos", record.episode, ".mp4").exists()
            for record in records
        )
        self._streak: list[EpisodeRecord] = []
        self._began = time.perf_counter()
        self._episodes = self._steps = self._calls = self._rows = 0
        self._policy_s = 0.0

    def begin(self, episode: Episode) -> Outputs:
        """Film the first episodes, and others as long as more videos of failures are wanted."""
        film = episode.id in self._first or self._failures_filmed < self._videos.failures
        return Outputs(
            video=self._folder.file("videos", episode, ".mp4") if film else None,
            actions=self._folder.file("actions", episode, ".npy") if self._saves_actions else None,
            video_every=self._videos.every,
        )

    def acted(self, rows: int, seconds: float, calls: int = 1) -> None:
        self._calls += calls
        self._rows += rows
        self._policy_s += seconds

    def finish(self, record: EpisodeRecord) -> None:
        """Write a record after its files, so that no file is missing after a crash.

        Raises TooManyErrorsError.
        """
        record = replace(record, parts=self._parts, made=self._made)
        self._sort_video(record)
        self._folder.store.append(record)
        self._episodes += 1
        self._steps += record.steps
        self._progress.advance(record)
        self._logger.log(record)
        self._streak = [*self._streak, record] if record.status == "error" else []
        if len(self._streak) >= self._max_errors:
            first, count = self._streak[0], len(self._streak)
            path = self._folder.store.path
            raise TooManyErrorsError(
                f"the last {count} episodes ended in an error, so the run stops here; mend the "
                "cause and add retry_errors=true to the command. The first of them is "
                f"{first.id}, the others are in {path}:\n{first.error}"
            )

    @property
    def steps(self) -> int:
        """Return the number of steps of the episodes that ended."""
        return self._steps

    def timing(self) -> dict[str, Any]:
        """Return the wall seconds of this session and its rates per second; {} if it played no
        episode."""
        if not self._episodes:
            return {}
        wall_s = time.perf_counter() - self._began
        return {
            "env_steps_per_s": self._steps / wall_s,
            "policy_ms": 1000 * self._policy_s / max(1, self._calls),
            "policy_ms_per_row": 1000 * self._policy_s / max(1, self._rows),
            "mean_batch": self._rows / max(1, self._calls),
            "episodes_per_min": 60 * self._episodes / wall_s,
            "episodes": self._episodes,
            "wall_s": wall_s,
        }

    def _sort_video(self, record: EpisodeRecord) -> None:
        path = self._folder.file("videos", record.episode, ".mp4")
        partial(path).unlink(missing_ok=True)  # a worker that died left it
        if record.id in self._first or not path.exists():
            return
        if record.status == "success" or self._failures_filmed >= self._videos.failures:
            path.unlink()
        else:
            self._failures_filmed += 1
