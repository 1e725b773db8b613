"""Adds the files that workers write of finished episodes to a dataset."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.lerobot.writer import DemoWriter
from longhaul.demos.recorder import (
    KEEP_MODES,
    VECTORS_FILE,
    WINDOWS_FILE,
    EpisodeRecorder,
    picture_file,
)
from longhaul.demos.source import MAP_KINDS, DemoSpec, Segment, Trajectory
from longhaul.documents import read_object
from longhaul.envs.episode import Episode, EpisodeRecord
from longhaul.envs.specs import EnvSpec, ObservationSpec
from longhaul.errors import ConfigError, require_known
from longhaul.files import remove_tree
from longhaul.identifiers import file_name
from longhaul.secrets import scrub

NOTES_FOLDER = "recording"
"""The folder inside a dataset for records, videos and scratch files; readers ignore it."""


def recorded_split(folder: Path) -> str:
    """Return the env's split whose episodes a dataset was recorded from.

    Returns "" if the dataset does not say it, as it was not recorded by this suite.
    """
    return recorded_from(folder).get("split", "")


def recorded_from(folder: Path) -> dict[str, str]:
    """Return the id of the `env` that a dataset was recorded from, and its `split`, each where the
    dataset says it."""
    try:
        said = read_object(folder / NOTES_FOLDER / "provenance.json")["identity"]["config"]
        found = {"env": said["env"]["id"] if "env" in said else None, "split": said.get("split")}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def demo_spec(conventions: EnvSpec) -> DemoSpec:
    """Return what a dataset stores of an env: its rgb cameras and maps, its states, its action.

    Raises ConfigError for an env whose action is not a vector or has no rate.
    """
    if not conventions.action.size or not conventions.action.rate:
        mode = conventions.action.mode
        raise ConfigError(f"actions of mode {mode} are no vectors with a rate: not to be recorded")
    cameras = tuple(c for c in conventions.observation.cameras if c.kind in ("rgb", *MAP_KINDS))
    states = conventions.observation.states
    return DemoSpec(ObservationSpec(cameras, states), conventions.action)


class Recording:
    """A dataset to which finished episodes are added; fulfills
    longhaul.evaluation.loop.record.Dataset.

    Nothing is written before `open`. Raises ConfigError for an unknown `keep`, and for a folder
    that is not empty and was not recorded by this class.
    """

    def __init__(self, folder: Path, spec: DemoSpec, keep: str) -> None:
        require_known("keep", keep, KEEP_MODES)
        self._folder, self._spec, self._keep = folder, spec, keep
        self._scratch = folder / NOTES_FOLDER / "scratch"
        self.notes = folder / NOTES_FOLDER
        self.episodes = self.frames = 0
        foreign = folder.is_dir() and any(folder.iterdir()) and not self.notes.is_dir()
        if foreign or (folder.exists() and not folder.is_dir()):
            raise ConfigError(f"out={folder} exists and was not recorded by this script")

    def open(self) -> None:
        """Open the dataset for writing, and remove the scratch files of a killed session."""
        self._writer = DemoWriter(self._folder, self._spec)
        self._there = self._writer.completed()
        remove_tree(self._scratch, inside=self._folder)

    def recorder(self, episode: Episode) -> Callable[[], EpisodeRecorder]:
        """Return a function that creates an episode's Recorder; the worker calls it."""
        return partial(EpisodeRecorder, self._files(episode), self._spec, self._keep)

    def add(self, record: EpisodeRecord) -> None:
        """Add the files that the episode's worker wrote, if there are any to keep."""
        files = self._files(record.episode)
        if record.status == "error" or not (files / VECTORS_FILE).exists():
            remove_tree(files, inside=self._scratch, ignore_errors=True)
            return
        trajectory = _trajectory(record, files)
        if trajectory.id not in self._there:  # else a crash came before its record was written
            videos = {c.name: picture_file(files, c.name) for c in self._spec.pictures}
            self._writer.add_encoded(trajectory, videos, _maps(files))
        self.episodes += 1
        self.frames += len(trajectory)
        remove_tree(files, inside=self._scratch)

    def size(self) -> int:
        """Return the dataset's size on disk, in bytes."""
        return sum(f.stat().st_size for f in self._folder.rglob("*") if f.is_file())

    def _files(self, episode: Episode) -> Path:
        return self._scratch / file_name(episode.id)


def _trajectory(record: EpisodeRecord, files: Path) -> Trajectory:
    windows = files / WINDOWS_FILE
    with np.load(files / VECTORS_FILE, allow_pickle=False) as arrays:
        frames = len(arrays["actions"])
        return Trajectory(
            id=record.id,
            states={
                name.removeprefix("state."): arrays[name]
                for name in arrays.files
                if name.startswith("state.")
            },
            actions=arrays["actions"],
            executed=arrays["executed"] if "executed" in arrays.files else None,
            segments=(
                tuple(Segment(**window) for window in json.loads(windows.read_text()))
                if windows.exists()
                else subtask_segments(record, frames)
            ),
            episode=record.episode,
        )


def _maps(files: Path) -> dict[str, NDArray[np.float16]]:
    with np.load(files / VECTORS_FILE, allow_pickle=False) as arrays:
        names = [name for name in arrays.files if name.startswith("map.")]
        return {name.removeprefix("map."): arrays[name] for name in names}


def subtask_segments(record: EpisodeRecord, frames: int) -> tuple[Segment, ...]:
    """Return the subtasks of an episode as segments of its first `frames` frames.

    Frame t is the observation after t steps; a subtask's last frame is the one after which the
    action that completed the subtask was executed.
    """
    segments = []
    for subtask, outcome in zip(record.episode.subtasks, record.outcomes, strict=True):
        start, end = outcome.start_step, outcome.end_step
        if not outcome.started or start is None or start >= frames:
            continue
        stop = frames if end is None else min(end, frames)
        segments.append(
            Segment(start, stop, subtask.name, scrub(subtask.instruction), outcome.success)
        )
    return tuple(segments)
