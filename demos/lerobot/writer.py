"""Writes trajectories into a dataset, each one completely or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pyarrow
import pyarrow.parquet
from numpy.typing import NDArray

from longhaul.demos.lerobot import layout
from longhaul.demos.lerobot.copied import told_segments
from longhaul.demos.lerobot.episodes import Entry, read_entries
from longhaul.demos.source import DatasetError, DemoSpec, Trajectory
from longhaul.demos.statistics import Statistics
from longhaul.demos.video import decode_key_frames, encode
from longhaul.files import remove_tree, replace_file, replacing

ENCODING_FOLDER = "encoding"
"""The folder inside a dataset in which videos are encoded."""


class DemoWriter:
    """Appends trajectories to a dataset, whose folder is created if it does not exist.

    After a crash or a full disk during `add` all trajectories that were complete before are
    readable, also by lerobot, which reads every parquet file that it finds: each file takes its
    name when it is whole, and what claims that there is more comes last (the tasks, the data, the
    episode, the totals). Another writer can continue. Raises DatasetError for a folder of another
    kind or with other conventions; nothing is overwritten.
    """

    def __init__(self, folder: Path, spec: DemoSpec) -> None:
        self.folder, self.spec = folder, spec
        if (folder / layout.CONVENTIONS_FILE).exists():
            _require_same(folder, spec)
        elif (folder / layout.INFO_FILE).exists() or (folder / "data").exists():
            raise DatasetError(f"{folder} holds a dataset that was not written by this suite")
        remove_tree(folder / ENCODING_FOLDER, inside=folder, ignore_errors=True)  # of a killed one
        self._entries = read_entries(folder)
        # All data files have the same columns, as lerobot asks; those of older datasets lack this.
        self._tells_segments = not self._entries or _has_segments(folder)
        self._tasks: dict[str, int] = {}
        self._stats: dict[str, Statistics] = {}
        for entry in self._entries:
            self._count(entry.tasks, entry.stats)
        (folder / layout.CONVENTIONS_FILE).parent.mkdir(parents=True, exist_ok=True)
        ours = {**layout.DEMOS_FORMAT, "spec": layout.spec_to_json(spec)}
        # It comes first: a folder with data and without it is taken for another program's.
        replace_file(folder / layout.CONVENTIONS_FILE, json.dumps(ours, indent=2))
        for name in ("meta/episodes", "data", "videos"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._write_summary()

    def completed(self) -> set[str]:
        """Return the ids of the trajectories in the dataset."""
        return {entry.id for entry in self._entries}

    def add(self, trajectory: Trajectory, frames: Mapping[str, Iterable[NDArray[Any]]]) -> None:
        """Append a trajectory and its pictures (H, W, 3) or maps (H, W) by camera."""
        scratch = self.folder / ENCODING_FOLDER
        scratch.mkdir(exist_ok=True)
        try:
            videos = {}
            for camera in self.spec.pictures:
                videos[camera.name] = scratch / f"{camera.name}.mp4"
                count = encode(videos[camera.name], frames[camera.name], self.spec.action.rate)
                if count != len(trajectory):
                    raise DatasetError(
                        f"{trajectory.id}: {count} pictures of {camera.name}, "
                        f"{len(trajectory)} actions"
                    )
            maps = {c.name: np.stack(list(frames[c.name])) for c in self.spec.maps}
            self.add_encoded(trajectory, videos, maps)
        finally:
            remove_tree(scratch, inside=self.folder, ignore_errors=True)

    def add_encoded(
        self,
        trajectory: Trajectory,
        videos: Mapping[str, Path],
        maps: Mapping[str, NDArray[Any]],
    ) -> None:
        """Append a trajectory whose videos are already encoded (longhaul.demos.video, one frame
        per action).

        The video files are moved into the dataset. `maps` (T, H, W) are stored as float16.
        """
        self._require_valid(trajectory, maps)
        number = len(self._entries)
        at = layout.place(number)
        stats: dict[str, Statistics] = {}
        for camera in self.spec.pictures:
            key = layout.camera_key(camera.name)
            target = self.folder / layout.VIDEO_FILE.format(video_key=key, **at)
            stats[key] = _picture_statistics(videos[camera.name])
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target) as new_file:
                shutil.move(videos[camera.name], new_file)  # from another disk it is copied
        texts = _tasks_of(trajectory)
        tasks = {text: self._tasks.get(text) for text in dict.fromkeys(texts)}
        new = [text for text, index in tasks.items() if index is None]
        numbers = {**self._tasks, **{t: len(self._tasks) + i for i, t in enumerate(new)}}
        columns = self._columns(trajectory, [numbers[text] for text in texts])
        stats |= {
            key: Statistics.of(_rows(values))
            for key, values in columns.items()
            if key != layout.SEGMENTS
        }
        for name, values in maps.items():
            columns[layout.map_key(name)] = np.asarray(values, np.float16)
            stats[layout.map_key(name)] = Statistics.of(values.reshape(-1, 1))
        self._write_tasks(numbers)
        _write_table(self.folder / layout.DATA_FILE.format(**at), columns)
        entry = Entry(
            index=number,
            id=trajectory.id,
            length=len(trajectory),
            start=self._frames(),
            tasks=tuple(tasks),
            segments=trajectory.segments,
            episode=trajectory.episode,
            stats=stats,
        )
        entry.write(self.folder, self.spec)
        self._entries.append(entry)
        self._count(entry.tasks, stats)
        self._write_summary()

    def _frames(self) -> int:
        return self._entries[-1].start + self._entries[-1].length if self._entries else 0

    def _count(self, tasks: Iterable[str], stats: Mapping[str, Statistics]) -> None:
        for task in tasks:
            self._tasks.setdefault(task, len(self._tasks))
        for key, new in stats.items():
            self._stats[key] = self._stats[key].merged(new) if key in self._stats else new

    def _columns(self, trajectory: Trajectory, tasks: list[int]) -> dict[str, NDArray[Any]]:
        keys = layout.state_keys(self.spec.observation.states)
        columns: dict[str, NDArray[Any]] = {
            key: np.asarray(trajectory.states[name], np.float32) for name, key in keys.items()
        }
        columns["action"] = np.asarray(trajectory.actions, np.float32)
        if trajectory.executed is not None:
            columns[layout.EXECUTED] = np.asarray(trajectory.executed, np.float32)
        frame = np.arange(len(trajectory))
        if self._tells_segments:
            told = told_segments(trajectory.segments, len(trajectory))
            columns[layout.SEGMENTS] = np.array(told, np.object_)
        columns["timestamp"] = (frame / self.spec.action.rate).astype(np.float32)
        columns["frame_index"] = frame
        columns["episode_index"] = np.full_like(frame, len(self._entries))
        columns["index"] = frame + self._frames()
        columns["task_index"] = np.asarray(tasks, np.int64)
        return columns

    def _require_valid(self, trajectory: Trajectory, maps: Mapping[str, NDArray[Any]]) -> None:
        """Raise DatasetError unless a trajectory fits the dataset's conventions."""
        frames, name = len(trajectory), trajectory.id
        if not frames:
            raise DatasetError(f"{name} has no frames")
        if name in self.completed():
            raise DatasetError(f"{name} is in {self.folder} already")
        wanted: dict[str, tuple[int, ...]] = {
            state.name: (frames, state.size) for state in self.spec.observation.states
        }
        found = {key: values.shape for key, values in trajectory.states.items() if key in wanted}
        wanted |= {camera.name: (frames, camera.height, camera.width) for camera in self.spec.maps}
        found |= {name: values.shape for name, values in maps.items()}
        wanted["actions"] = (frames, self.spec.action.size)
        found["actions"] = trajectory.actions.shape
        if found != wanted:
            raise DatasetError(f"{name}: shapes {found}, the dataset wants {wanted}")
        jogged = trajectory.executed is not None
        if self._entries and jogged != (layout.EXECUTED in self._stats):
            raise DatasetError(f"{name}: all of a dataset's trajectories are jogged, or none")

    def _write_tasks(self, numbers: Mapping[str, int]) -> None:
        frame = pandas.DataFrame(
            {"task_index": list(numbers.values())},
            index=pandas.Index(list(numbers), dtype="object", name="task"),
        )
        with replacing(self.folder / layout.TASKS_FILE) as new:
            frame.to_parquet(new)

    def _write_summary(self) -> None:
        """Write the files that are derived from the table of episodes: tasks, statistics,
        totals."""
        self._write_tasks(self._tasks)
        stats = {key: shaped(key, value) for key, value in self._stats.items()}
        replace_file(self.folder / layout.STATS_FILE, json.dumps(stats, indent=2))
        total = len(self._entries)
        info = {
            "codebase_version": layout.CODEBASE_VERSION,
            "robot_type": None,
            "total_episodes": total,
            "total_frames": self._frames(),
            "total_tasks": len(self._tasks),
            "chunks_size": layout.FILES_PER_CHUNK,
            "data_files_size_in_mb": 100,
            "video_files_size_in_mb": 200,
            "fps": _whole(self.spec.action.rate),
            "splits": {"train": f"0:{total}"},
            "data_path": layout.DATA_FILE,
            "video_path": layout.VIDEO_FILE,
            "features": layout.features(
                self.spec, layout.EXECUTED in self._stats, self._tells_segments
            ),
        }
        replace_file(self.folder / layout.INFO_FILE, json.dumps(info, indent=2))


def shaped(key: str, statistics: Statistics) -> dict[str, Any]:
    """Return statistics as JSON: for pictures as in lerobot (channels, 1, 1), for maps (1, 1)."""
    data = statistics.to_json()
    for name in ("mean", "std", "min", "max"):
        if key.startswith("observation.images."):
            data[name] = [[[value]] for value in data[name]]
        elif key.startswith("observation.maps."):
            data[name] = [data[name]]
    return data


def _whole(rate: float) -> int | float:
    return int(rate) if rate == int(rate) else rate


def _require_same(folder: Path, spec: DemoSpec) -> None:
    found = layout.read_json(folder / layout.CONVENTIONS_FILE)
    if found.get("spec") != json.loads(json.dumps(layout.spec_to_json(spec))):
        raise DatasetError(f"{folder} holds trajectories of other cameras, states or actions")


def _has_segments(folder: Path) -> bool:
    info = layout.read_json(folder / layout.INFO_FILE)
    return layout.SEGMENTS in info.get("features", {})


def _tasks_of(trajectory: Trajectory) -> list[str]:
    """Return each frame's instruction: that of the first segment that contains the frame."""
    texts = [layout.NO_TASK] * len(trajectory)
    for segment in reversed(trajectory.segments):
        length = min(segment.stop, len(texts)) - segment.start
        texts[segment.start : segment.stop] = [segment.instruction] * length
    return texts


def _rows(values: NDArray[Any]) -> NDArray[Any]:
    return values if values.ndim == 2 else values[:, None]


def _picture_statistics(video: Path) -> Statistics:
    """Return the statistics of the channels, in 0..1, over the key frames of a video."""
    pixels = [frame.reshape(-1, 3) for frame in decode_key_frames(video)]
    return Statistics.of(np.concatenate(pixels) / np.float64(255))


def _write_table(path: Path, columns: Mapping[str, NDArray[Any]]) -> None:
    arrays = {}
    for key, values in columns.items():
        array = pyarrow.array(np.ascontiguousarray(values).ravel())
        for size in reversed(values.shape[1:]):
            array = pyarrow.FixedSizeListArray.from_arrays(array, size)
        arrays[key] = array
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as new:
        pyarrow.parquet.write_table(pyarrow.table(arrays), new, compression="zstd")
