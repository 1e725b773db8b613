"""Writes and reads a dataset of plain arrays, which a program computed and which need no decoding.

    arrays.json       DemoSpec, trajectories with their extras, segments, sentences
    camera.NAME.npy   (frames, ...) of every camera; state.NAME.npy and actions.npy likewise

The arrays are memory-mapped as a Cache. Besides pictures and maps of meters a camera may be of kind
`ids`, the numbers of names in the list of sentences (H, W) uint16, or `rows`, H rows of W features,
float16.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.arrays import map_array
from longhaul.demos.frames import Cache
from longhaul.demos.lerobot.layout import spec_from_json
from longhaul.demos.source import DatasetError, DemoSpec, Segment, Trajectory
from longhaul.documents import read_json
from longhaul.files import output_locked, partial, remove_tree, replace_file, writing
from longhaul.identifiers import is_plain_name, shown

INDEX_FILE = "arrays.json"
"""The name of the index file."""

ARRAYS_FORMAT = "longhaul.arrays/1"
"""The name and version of this layout, which the index file repeats."""


class ArraysWriter:
    """Writes a dataset of `frames` frames; the folder is there once `close` has been called.

    `shapes` gives dtype and shape of a frame by array name: camera.NAME, state.NAME, actions.
    Raises DatasetError if the folder is there and not empty, ConfigError while another process
    writes it, and OSError if the disk is too small.
    """

    def __init__(
        self, folder: Path, spec: DemoSpec, frames: int, shapes: Mapping[str, tuple[Any, Any]]
    ) -> None:
        self._held = ExitStack()
        self._held.enter_context(output_locked(folder))
        if folder.exists() and (folder.is_file() or any(folder.iterdir())):
            self._held.close()
            raise DatasetError(f"{folder} is there already, and not empty; choose another")
        self._part = partial(folder)
        remove_tree(self._part, inside=folder.parent)  # it is left from a process that was killed
        self._part.mkdir()
        self._folder, self._spec, self._frames = folder, spec, frames
        self.arrays: dict[str, NDArray[Any]] = {
            name: new_array(self._part / f"{name}.npy", dtype, (frames, *shape))
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
        """Write the index: the fields of a Cache that are not arrays, and each trajectory's
        `extra`, if any. The folder then takes its name."""
        for array in self.arrays.values():
            array.flush()  # type: ignore[attr-defined]  # a memory map
        index = {
            "format": ARRAYS_FORMAT,
            "spec": asdict(self._spec),
            "ids": list(ids),
            "offsets": [int(n) for n in offsets],
            "segments": [[int(n) for n in row] for row in segments],
            "sentences": list(sentences),
            "tasks": list(tasks),
            "extras": [dict(extra) for extra in extras],
            "digests": {name: _sha256(array) for name, array in self.arrays.items()},
        }
        replace_file(self._part / INDEX_FILE, json.dumps(index, indent=1))
        self._part.rename(self._folder)
        self._held.close()


class ArraysSource:
    """Fulfills longhaul.demos.source.DemoSource; `cache` returns the whole dataset at once."""

    spec: DemoSpec

    def __init__(self, folder: Path) -> None:
        self._folder, path = folder, folder / INDEX_FILE
        try:
            self._index = read_json(path)
            if self._index["format"] != ARRAYS_FORMAT:
                raise ValueError(f"format {self._index['format']}; valid: {ARRAYS_FORMAT}")
            self.spec = spec_from_json(self._index["spec"])
            for name in self._index["digests"]:
                if not is_plain_name(name):
                    raise ValueError(f"{shown(name)} names no array")
            arrays: dict[str, NDArray[Any]] = {
                name: map_array(folder / f"{name}.npy") for name in self._index["digests"]
            }
            self._cache = Cache.of(self._index, arrays, self.fingerprint()[:16])
            frames = {name: len(array) for name, array in arrays.items()}
            if set(frames.values()) != {int(self._cache.offsets[-1])}:
                raise ValueError(f"{int(self._cache.offsets[-1])} frames, but {frames}")
        except (OSError, LookupError, TypeError, ValueError, OverflowError) as error:
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
        """Return a hash of the index, which contains the hashes of the arrays."""
        return hashlib.sha256(json.dumps(self._index, sort_keys=True).encode()).hexdigest()

    def origin(self) -> dict[str, Any]:
        """Return the `scenes` and the `split` that the trajectories' extras name."""
        extras = self._index.get("extras") or []
        splits = sorted({extra["split"] for extra in extras if "split" in extra})
        return {
            "scenes": sorted({extra["scene"] for extra in extras if "scene" in extra}),
            "split": ", ".join(splits),
        }

    def cache(self, sizes: Mapping[str, int | None]) -> Cache:
        """Return a Cache with the cameras that `sizes` names.

        Raises DatasetError for a camera that does not exist or has another size.
        """
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


def new_array(path: Path, dtype: Any, shape: tuple[int, ...]) -> np.memmap[Any, Any]:
    """Return a memory-mapped array in a new .npy file; raise OSError if the disk is too small.

    The space is reserved: if the disk filled up later, writing to the array would end the process.
    """
    with writing(path):
        array = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def _sha256(array: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
