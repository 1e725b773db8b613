"""Reads a split of CALVIN's dataset (its folder training or validation)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.arrays import read_array, read_arrays
from longhaul.demos.calvin import layout
from longhaul.demos.calvin.annotations import read_annotations
from longhaul.demos.source import DatasetError, Segment, Trajectory
from longhaul.errors import ConfigError, single_line, unknown

OPTIONS: dict[str, Collection[str]] = {
    "action": layout.ACTION_MODES,
    "cameras": layout.CAMERA_SIDES_PX,
    "states": layout.STATE_SIZES,
}
"""The options that name arrays of a frame, and their valid names."""

NO_LANGUAGE = "none"
"""The value of the option `language` with which play is read without sentences."""

NUMBER_KINDS = "biuf"
"""The kinds of NumPy types (numpy.dtype.kind) of a frame's arrays."""


class CalvinSource:
    """Fulfills longhaul.demos.source.DemoSource: a trajectory is one of the recorded episodes of
    play.

    Args:
        action: The array of actions, rel_actions or actions.
        language: The folder of sentences; none reads play without sentences, which has no segments.
        without_language: True makes the trajectories the stretches of play outside all windows with
            a sentence, which Seer uses for pre-training.
        cameras: The cameras that are read of a frame, for datasets that lack one; None reads both.
        states: The states that are read of a frame, for datasets that lack one; None reads both.
    """

    def __init__(
        self,
        folder: Path,
        action: str = "rel_actions",
        language: str = "lang_annotations",
        without_language: bool = False,
        cameras: Sequence[str] | None = None,
        states: Sequence[str] | None = None,
    ) -> None:
        """Raise DatasetError for a folder of another kind, for broken indices, and for a first
        frame or a folder of sentences that is not as the options say."""
        cameras = tuple(layout.CAMERA_SIDES_PX) if cameras is None else cameras
        states = tuple(layout.STATE_SIZES) if states is None else states
        for option, names in (("action", [action]), ("cameras", cameras), ("states", states)):
            _require_names(option, names, OPTIONS[option])
        self._folder, self._action, self._states = folder, action, tuple(states)
        ranges = _load(folder / layout.RANGES_FILE)
        if not _is_table(ranges):
            raise DatasetError(f"{folder / layout.RANGES_FILE}: no table of first and last frames")
        self._ranges = [(int(first), int(last) + 1) for first, last in ranges]
        self._shapes: dict[str, tuple[int, ...]] = {
            name: (layout.STATE_SIZES[name],) for name in self._states
        }
        self._shapes[action] = (layout.ACTION_SIZE,)
        sizes = self._picture_sizes(cameras)
        self._shapes |= {name: (*size, 3) for name, size in sizes.items()}
        self.spec = layout.spec(action, sizes, self._states)
        self._annotated = None if language == NO_LANGUAGE else _annotations(folder, language)
        self._windows = self._read_windows() if self._annotated else []
        if without_language:
            self._ranges = list(_outside(self._ranges, self._windows))
            self._windows = []
        self._scenes = _scenes(folder / layout.SCENES_FILE)

    def __len__(self) -> int:
        return len(self._ranges)

    def lengths(self) -> NDArray[np.int64]:
        return np.array([stop - start for start, stop in self._ranges], np.int64)

    def trajectory(self, index: int) -> Trajectory:
        start, stop = self._ranges[index]
        rows: dict[str, list[Any]] = {name: [] for name in (*self._states, self._action)}
        for frame in range(start, stop):
            arrays = self._read(frame, rows)
            for name, values in rows.items():
                values.append(arrays[name])
        stacked = {name: np.asarray(values, np.float32) for name, values in rows.items()}
        return Trajectory(
            id=f"{start:07d}-{stop - 1:07d}",
            extra={"scene": scene} if (scene := self._scene(start)) else {},
            states={name: stacked[name] for name in self._states},
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

    def origin(self) -> dict[str, Any]:
        """Return the `scenes` of the frames here, as far as scene_info.npy tells them."""
        return {"scenes": sorted({self._scene(start) for start, _ in self._ranges} - {""})}

    def _scene(self, frame: int) -> str:
        """Return the name of a frame's scene, "" where nothing says it."""
        names = [name for name, first, last in self._scenes if first <= frame <= last]
        return names[0] if names else ""

    def _read(self, frame: int, names: Collection[str]) -> dict[str, NDArray[Any]]:
        """Return arrays of a frame by name, each of its declared shape."""
        path = self._folder / layout.FRAME_FILE.format(frame)
        try:
            found = read_arrays(path, names)
        except FileNotFoundError:
            raise DatasetError(f"{path}: this frame is missing") from None
        except (ConfigError, OSError) as error:
            raise DatasetError(self._missing(path, names) or str(error)) from None
        for name, values in found.items():
            shape = self._shapes.get(name, values.shape)
            if values.shape != shape or values.dtype.kind not in NUMBER_KINDS:
                raise DatasetError(
                    f"{path}: {name} is {values.dtype} of shape {values.shape}, not numbers of "
                    f"shape {shape}"
                )
        return found

    def _missing(self, path: Path, names: Collection[str]) -> str:
        """Return which array a frame lacks and what to do then, "" where it lacks none."""
        try:
            found = read_arrays(path)
        except (ConfigError, OSError):
            return ""
        lacks = [name for name in names if name not in found]
        if not lacks:
            return ""
        said = f"{path}: there is no {lacks[0]}; it holds {', '.join(sorted(found)) or 'nothing'}"
        for option, valid in OPTIONS.items():
            there = [name for name in valid if name in found]
            if lacks[0] in valid and there:
                value = there[0] if option == "action" else f"[{','.join(there)}]"
                return f"{said}; the option {option}={value} reads what is there"
        return said

    def _picture_sizes(self, cameras: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Return height and width of the first frame's pictures, whose arrays are checked."""
        if not self._ranges:
            raise DatasetError(f"{self._folder / layout.RANGES_FILE}: it names no episode")
        first = self._ranges[0][0]
        found = self._read(first, [*cameras, *self._states, self._action])
        for name in cameras:
            if found[name].ndim != 3 or found[name].shape[2] != 3 or found[name].dtype != np.uint8:
                raise DatasetError(
                    f"{self._folder / layout.FRAME_FILE.format(first)}: {name} is "
                    f"{found[name].dtype} of shape {found[name].shape}, no picture (H, W, 3) uint8"
                )
        return {name: (found[name].shape[0], found[name].shape[1]) for name in cameras}

    def _read_windows(self) -> list[tuple[int, int, str, str]]:
        """Return (first frame, frame after the last, task, sentence) of every window."""
        assert self._annotated is not None
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
        if windows and not any(
            start <= first and behind <= stop
            for first, behind, _, _ in windows
            for start, stop in self._ranges
        ):
            raise DatasetError(
                f"{self._annotated}: none of its {len(windows)} windows lies in an episode of "
                f"{layout.RANGES_FILE}; put the sentences of these frames there"
            )
        return sorted(windows)


def _require_names(option: str, names: Any, valid: Collection[str]) -> None:
    """Raise DatasetError for an option that is no list of valid names."""
    if not isinstance(names, list | tuple):
        raise DatasetError(f"option {option}={names} is no list of names; valid: {list(valid)}")
    for name in names:
        if name not in tuple(valid):
            raise DatasetError(unknown(f"option {option}={name}", valid))


def _is_table(ranges: NDArray[Any]) -> bool:
    """Return whether an array is a table of first and last frames."""
    numbers = ranges.ndim == 2 and ranges.shape[1] == 2 and ranges.dtype.kind in "iu"
    return bool(numbers and not (ranges[:, 1] < ranges[:, 0]).any())


def _annotations(folder: Path, language: str) -> Path:
    """Return the file of sentences; raise DatasetError, naming the others, where it is missing."""
    path = folder / language / layout.ANNOTATIONS_FILE
    if not path.is_file():
        there = sorted(found.parent.name for found in folder.glob(f"*/{layout.ANNOTATIONS_FILE}"))
        raise DatasetError(
            f"{path}: this file of sentences is missing; valid for the option language: "
            f"{', '.join([*there, NO_LANGUAGE])} ({NO_LANGUAGE} reads play without sentences)"
        )
    return path


def _scenes(path: Path) -> list[tuple[str, int, int]]:
    """Return name, first and last frame of every scene in scene_info.npy, if it is there."""
    if not path.is_file():
        return []
    prefix = layout.scene_key("")
    try:
        return [
            (str(key).removeprefix(prefix), int(first), int(last))
            for key, (first, last) in read_annotations(path).items()
        ]
    except (TypeError, ValueError) as error:
        raise DatasetError(f"{path}: no table of scenes ({single_line(error)})") from None


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
