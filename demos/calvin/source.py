"""Reads a split of CALVIN's dataset (its folder training or validation)."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.arrays import read_array, read_arrays
from longhaul.demos.calvin import layout
from longhaul.demos.calvin.annotations import read_annotations
from longhaul.demos.source import DatasetError, Segment, Trajectory
from longhaul.errors import ConfigError, unknown


class CalvinSource:
    """Fulfills longhaul.demos.source.DemoSource: a trajectory is one of the recorded episodes of
    play.

    `action` is rel_actions or actions. `language` names the folder of sentences; without such a
    folder there are no segments. With `without_language` the trajectories are instead the stretches
    of play outside all windows with a sentence, which Seer uses for pre-training.
    """

    def __init__(
        self,
        folder: Path,
        action: str = "rel_actions",
        language: str = "lang_annotations",
        without_language: bool = False,
    ) -> None:
        """Raise DatasetError for a folder of another kind, or broken indices."""
        if action not in layout.ACTION_MODES:
            raise DatasetError(unknown(f"action={action}", layout.ACTION_MODES))
        self.spec = layout.spec(action)
        self._folder, self._action = folder, action
        ranges = _load(folder / layout.RANGES_FILE)
        if ranges.ndim != 2 or ranges.shape[1] != 2 or (ranges[:, 1] < ranges[:, 0]).any():
            raise DatasetError(f"{folder / layout.RANGES_FILE}: no table of first and last frames")
        self._ranges = [(int(first), int(last) + 1) for first, last in ranges]
        self._annotated = folder / language / layout.ANNOTATIONS_FILE
        self._windows = self._read_windows() if self._annotated.is_file() else []
        if without_language:
            self._ranges = list(_outside(self._ranges, self._windows))
            self._windows = []

    def __len__(self) -> int:
        return len(self._ranges)

    def lengths(self) -> NDArray[np.int64]:
        return np.array([stop - start for start, stop in self._ranges], np.int64)

    def trajectory(self, index: int) -> Trajectory:
        start, stop = self._ranges[index]
        rows: dict[str, list[Any]] = {name: [] for name in (*layout.STATE_SIZES, self._action)}
        for frame in range(start, stop):
            arrays = self._read(frame, rows)
            for name, values in rows.items():
                values.append(arrays[name])
        stacked = {name: np.asarray(values, np.float32) for name, values in rows.items()}
        return Trajectory(
            id=f"{start:07d}-{stop - 1:07d}",
            states={name: stacked[name] for name in layout.STATE_SIZES},
            actions=stacked[self._action],
            segments=tuple(
                Segment(first - start, behind - start, task, sentence)
                for first, behind, task, sentence in self._windows
                if start <= first and behind <= stop
            ),
        )

    def frames(self, index: int, camera: str) -> Iterator[NDArray[np.uint8]]:
        for frame in range(*self._ranges[index]):
            yield self._read(frame, [camera])[camera]

    def fingerprint(self) -> str:
        """Return a hash of the indices, the sentences and the size of each episode's first and
        last frame: reading every file would take as long as training."""
        hasher = sha256(repr((self._action, self._ranges, self._windows)).encode())
        for start, stop in self._ranges:
            for frame in (start, stop - 1):
                path = self._folder / layout.FRAME_FILE.format(frame)
                hasher.update(str(path.stat().st_size if path.is_file() else -1).encode())
        return hasher.hexdigest()

    def _read(self, frame: int, names: Any) -> dict[str, NDArray[Any]]:
        path = self._folder / layout.FRAME_FILE.format(frame)
        try:
            return read_arrays(path, names)
        except FileNotFoundError:
            raise DatasetError(f"{path}: this frame is missing") from None
        except (ConfigError, OSError) as error:
            raise DatasetError(str(error)) from None

    def _read_windows(self) -> list[tuple[int, int, str, str]]:
        """Return (first frame, frame after the last, task, sentence) of every window."""
        found = read_annotations(self._annotated)
        try:
            spans = found["info"]["indx"]
            texts, tasks = found["language"]["ann"], found["language"]["task"]
            windows = [
                (int(first), int(last) + 1, str(task), str(text))
                for (first, last), task, text in zip(spans, tasks, texts, strict=True)
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise DatasetError(f"{self._annotated}: no table of sentences ({error!r})") from None
        return sorted(windows)


def _load(path: Path) -> NDArray[Any]:
    try:
        return read_array(path)
    except FileNotFoundError:
        raise DatasetError(f"{path}: this file is missing") from None
    except (ConfigError, OSError) as error:
        raise DatasetError(str(error)) from None


def _outside(
    ranges: list[tuple[int, int]], windows: list[tuple[int, int, str, str]]
) -> Iterator[tuple[int, int]]:
    """Yield the stretches of `ranges` that no window covers."""
    for start, stop in ranges:
        free = start
        for first, behind, _, _ in windows:
            if behind <= free or first >= stop:
                continue
            if first > free:
                yield free, first
            free = max(free, behind)
        if free < stop:
            yield free, stop
