"""Decodes a dataset once into memory-mapped arrays, which training reads in random order."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from longhaul.demos.arrays import new_array
from longhaul.demos.frames import Cache
from longhaul.demos.resize import resize
from longhaul.demos.source import DatasetError, DemoSource, DemoSpec
from longhaul.envs.specs import CameraSpec
from longhaul.files import remove_tree

CACHE_VERSION = 1
"""The version of the cache's layout; it is part of a cache's key."""

INDEX_FILE = "index.json"
"""The name of the index file."""

FRAMES_PER_RESIZE = 64
"""How many frames are resized together."""


@runtime_checkable
class HasCache(Protocol):
    """A DemoSource that is stored decoded; `build_cache` returns its cache instead of decoding."""

    def cache(self, sizes: Mapping[str, int | None]) -> Cache:
        """Return the whole dataset; `sizes` is as in `build_cache`. Raises DatasetError."""


def build_cache(
    source: DemoSource,
    sizes: Mapping[str, int | None],
    folder: Path | None = None,
    workers: int = 2,
) -> Cache:
    """Return the cache of a dataset with pictures of `sizes` (the side in pixels by camera; None
    keeps the size, and maps must be None).

    If there is no cache yet, it is made under `folder` (None: ~/.cache/longhaul/demos), with a name
    that depends on all that determines its content; a source that is a HasCache returns its own.
    Segments without success are left out. Raises DatasetError for an empty dataset or an unknown
    camera, and OSError where the cache cannot be written.
    """
    if isinstance(source, HasCache):
        return source.cache(sizes)
    offered = {camera.name for camera in (*source.spec.pictures, *source.spec.maps)}
    for camera in sizes:
        if camera not in offered:
            raise DatasetError(f"the dataset has no camera {camera}; it has {sorted(offered)}")
    if not len(source):
        raise DatasetError("the dataset has no trajectories")
    home = folder or _default_folder()
    key = _key(source, sizes)
    if not (home / key / INDEX_FILE).is_file():
        home.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f"{key}-", dir=home))
        try:
            _write(source, sizes, part, workers)
            remove_tree(home / key, inside=home, ignore_errors=True)
            part.rename(home / key)
        except OSError as error:
            if not (home / key / INDEX_FILE).is_file():  # else another process was quicker
                raise OSError(error.errno, error.strerror, str(part)) from error
        finally:
            remove_tree(part, inside=home, ignore_errors=True)
    return _open(home / key, key)


def _default_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "longhaul" / "demos"


def _key(source: DemoSource, sizes: Mapping[str, int | None]) -> str:
    text = json.dumps([CACHE_VERSION, source.fingerprint(), sorted(sizes.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write(source: DemoSource, sizes: Mapping[str, int | None], folder: Path, workers: int) -> None:
    offsets = np.concatenate([[0], np.cumsum(source.lengths())])
    total = int(offsets[-1])
    arrays: dict[str, Any] = {}
    for name, size in sizes.items():
        dtype, shape = _shape(source.spec, name, size)
        arrays[f"camera.{name}"] = new_array(folder / f"camera.{name}.npy", dtype, (total, *shape))
    for state in source.spec.observation.states:
        arrays[f"state.{state.name}"] = new_array(
            folder / f"state.{state.name}.npy", np.float32, (total, state.size)
        )
    size = source.spec.action.size
    arrays["actions"] = new_array(folder / "actions.npy", np.float32, (total, size))
    ids: list[str] = []
    sentences: dict[str, int] = {}
    tasks: dict[str, int] = {}
    segments = []
    with Progress(transient=True) as progress, ThreadPoolExecutor(workers) as pool:
        bar = progress.add_task("decoding", total=total)
        jobs = []
        for i in range(len(source)):
            trajectory, start, stop = source.trajectory(i), int(offsets[i]), int(offsets[i + 1])
            ids.append(trajectory.id)
            arrays["actions"][start:stop] = trajectory.actions
            for name, values in trajectory.states.items():
                arrays[f"state.{name}"][start:stop] = values
            for s in trajectory.segments:
                if s.success:
                    sentence = sentences.setdefault(s.instruction, len(sentences))
                    task = tasks.setdefault(s.name, len(tasks))
                    segments.append([i, start + s.start, start + s.stop, sentence, task])
            jobs += [
                pool.submit(_decode, source, i, name, arrays[f"camera.{name}"][start:stop])
                for name in sizes
            ]
        for job in jobs:
            progress.advance(bar, job.result() / len(sizes))
    for array in arrays.values():
        array.flush()
    index: dict[str, Any] = {
        "ids": ids,
        "offsets": offsets.tolist(),
        "segments": segments,
        "sentences": list(sentences),
        "tasks": list(tasks),
        "arrays": sorted(arrays),
    }
    (folder / INDEX_FILE).write_text(json.dumps(index))


def _shape(spec: DemoSpec, name: str, size: int | None) -> tuple[Any, tuple[int, ...]]:
    camera = spec.observation.by_name()[name]
    assert isinstance(camera, CameraSpec)
    if camera.kind != "rgb":
        if size is not None:
            raise DatasetError(f"{name} is a map: it is not resized")
        return np.float16, (camera.height, camera.width)
    return np.uint8, (size or camera.height, size or camera.width, 3)


def _decode(source: DemoSource, index: int, camera: str, out: NDArray[Any]) -> int:
    waiting: list[NDArray[Any]] = []
    done = 0

    def flush() -> int:
        if waiting:
            pictures = np.stack(waiting)
            if pictures.shape[1:] != out.shape[1:]:
                pictures = resize(pictures, out.shape[1]).permute(0, 2, 3, 1).numpy()
            out[done : done + len(waiting)] = pictures
        return done + len(waiting)

    for frame in source.frames(index, camera):
        waiting.append(frame)
        if len(waiting) == FRAMES_PER_RESIZE:
            done = flush()
            waiting.clear()
    if flush() != len(out):
        raise DatasetError(f"trajectory {index}: {flush()} pictures of {camera}, not {len(out)}")
    return len(out)


def _open(folder: Path, key: str) -> Cache:
    index = json.loads((folder / INDEX_FILE).read_text())
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in index["arrays"]}
    return Cache.of(index, arrays, key)
