"""A dataset as arrays: what a program made, not a demonstrator, and nothing has to decode.

    arrays.json       DemoSpec, trajectories and what else is said of them, segments, sentences
    camera.NAME.npy   (frames, ...) of every camera; state.NAME.npy and actions.npy likewise

They are read where they lie, as a Cache. Beside pictures and maps of meters a camera may be `ids`,
numbers of names among the sentences (H, W) uint16, or `rows`, H rows of W features, float16.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.frames import Cache
from longhaul.demos.lerobot.layout import spec_from_json
from longhaul.demos.source import DatasetError, DemoSpec, Segment, Trajectory
from longhaul.files import replace_file

INDEX = "arrays.json"
FORMAT = "longhaul.arrays/1"


class ArraysWriter:
    """Writes a dataset of `frames` frames; the index, without which it is none, comes last.

    `shapes` gives dtype and shape of a frame by array name: camera.NAME, state.NAME, actions.
    Raises DatasetError where the folder holds anything.
    """

    def __init__(
        self, folder: Path, spec: DemoSpec, frames: int, shapes: Mapping[str, tuple[Any, Any]]
    ) -> None:
        if folder.exists() and (folder.is_file() or any(folder.iterdir())):
            whole = folder.is_file() or (folder / INDEX).is_file()
            remedy = "choose another" if whole else f"without {INDEX} it is unfinished: remove it"
            raise DatasetError(f"{folder} is there already, and not empty; {remedy}")
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._spec, self._frames = folder, spec, frames
        self.arrays: dict[str, NDArray[Any]] = {
            name: np.lib.format.open_memmap(
                folder / f"{name}.npy", mode="w+", dtype=dtype, shape=(frames, *shape)
            )
            for name, (dtype, shape) in shapes.items()
        }

    def close(
        self,
        ids: Sequence[str],
        offsets: Sequence[int],
        segments: Sequence[Sequence[int]],
        sentences: Sequence[str],
        tasks: Sequence[str] = (),
        extras: Sequence[Mapping[str, str]] = (),
    ) -> None:
        """Write what a Cache has beside its arrays, and the trajectories' `extra`, if any."""
        for array in self.arrays.values():
            array.flush()  # type: ignore[attr-defined]  # a memory map
        index = {
            "format": FORMAT,
            "spec": asdict(self._spec),
            "ids": list(ids),
            "offsets": [int(n) for n in offsets],
            "segments": [[int(n) for n in row] for row in segments],
            "sentences": list(sentences),
            "tasks": list(tasks),
            "extras": [dict(extra) for extra in extras],
            "digests": {name: _digest(array) for name, array in self.arrays.items()},
        }
        replace_file(self._folder / INDEX, json.dumps(index, indent=1))


class ArraysSource:
    """Fulfills longhaul.demos.source.DemoSource; `cache` gives all of it at once."""

    spec: DemoSpec

    def __init__(self, folder: Path) -> None:
        self._folder, path = folder, folder / INDEX
        try:
            self._index = json.loads(path.read_text())
            if self._index["format"] != FORMAT:
                raise ValueError(f"format {self._index['format']}; valid: {FORMAT}")
            self.spec = spec_from_json(self._index["spec"])
            arrays = {
                n: np.load(folder / f"{n}.npy", mmap_mode="r") for n in self._index["digests"]
            }
            self._cache = Cache.of(self._index, arrays, self.fingerprint()[:16])
            frames = {name: len(array) for name, array in arrays.items()}
            if set(frames.values()) != {int(self._cache.offsets[-1])}:
                raise ValueError(f"{int(self._cache.offsets[-1])} frames, but {frames}")
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise DatasetError(f"{path}: broken ({error})") from None

    def __len__(self) -> int:
        return len(self._cache.ids)

    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self._cache.offsets)

    def trajectory(self, index: int) -> Trajectory:
        cache, rows = self._cache, self._rows(index)
        segments = cache.segments[cache.segments[:, 0] == index]
        extras = self._index.get("extras") or [{}] * len(self)
        return Trajectory(
            cache.ids[index],
            {name: np.asarray(values[rows]) for name, values in cache.states.items()},
            np.asarray(cache.actions[rows]),
            segments=tuple(
                Segment(
                    int(start) - rows.start,
                    int(stop) - rows.start,
                    cache.tasks[task] if cache.tasks else "",
                    cache.sentences[sentence],
                )
                for _, start, stop, sentence, task in segments
            ),
            extra=extras[index],
        )

    def frames(self, index: int, camera: str) -> Iterator[NDArray[Any]]:
        rows = self._rows(index)
        yield from self._cache.pictures[camera][rows]

    def fingerprint(self) -> str:
        """Return a hash of the index, which has those of the arrays."""
        return hashlib.sha256(json.dumps(self._index, sort_keys=True).encode()).hexdigest()

    def cache(self, sizes: Mapping[str, int | None]) -> Cache:
        """Return the arrays of the cameras that `sizes` names. Raises DatasetError for a camera
        that is not there, and one of another size."""
        for name, size in sizes.items():
            if name not in self._cache.pictures:
                raise DatasetError(f"{self._folder} has no camera {name}")
            found = self._cache.pictures[name].shape[1]
            if size not in (None, found):
                raise DatasetError(f"{self._folder}: {name} has {found} pixels a side, not {size}")
        pictures = {name: self._cache.pictures[name] for name in sizes}
        return Cache(**{**vars(self._cache), "pictures": pictures})

    def _rows(self, index: int) -> slice:
        first, stop = self._cache.offsets[index : index + 2].tolist()
        return slice(first, stop)


def _digest(array: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
