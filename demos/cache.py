"""Decodes a dataset once into memory-mapped arrays, which training reads in random order."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from longhaul import console as consoles
from longhaul.arrays import map_array
from longhaul.demos.arrays import new_array
from longhaul.demos.cache_folder import (
    FILLING_PREFIX,
    INDEX_FILE,
    LOCK_FILE,
    CacheOptions,
    make_room,
    mark_used,
)
from longhaul.demos.frames import Cache
from longhaul.demos.resize import resize
from longhaul.demos.source import DatasetError, DemoSource, DemoSpec
from longhaul.documents import read_json
from longhaul.envs.specs import CameraSpec
from longhaul.files import locked, remove_tree
from longhaul.scratch import Scratch

CACHE_VERSION = 1
"""The version of the cache's layout; it is part of a cache's key."""

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
    options: CacheOptions | Path | None = None,
    workers: int = 2,
    console: Console | None = None,
) -> Cache:
    """Return the cache of a dataset with pictures of `sizes` (the side in pixels by camera; None
    keeps the size, and maps must be None).

    If there is no cache yet, it is made, with a name that depends on all that determines its
    content; a process that asks for the same one meanwhile waits. A source that is a HasCache
    returns its own. Segments without success are left out. `options` may be a folder. `console` is
    told what is made where, and how large it is. Raises DatasetError for an empty dataset or an
    unknown camera, and OSError where the cache cannot be written.
    """
    if isinstance(source, HasCache):
        return source.cache(sizes)
    offered = {camera.name for camera in (*source.spec.pictures, *source.spec.maps)}
    for camera in sizes:
        if camera not in offered:
            raise DatasetError(f"the dataset has no camera {camera}; it has {sorted(offered)}")
    if not len(source):
        raise DatasetError("the dataset has no trajectories")
    if not isinstance(options, CacheOptions):
        options = CacheOptions(None if options is None else str(options))
    console = console or consoles.Console(stderr=True)
    key, home = _key(source, sizes), options.home
    if (home / key).is_dir() and not os.access(home, os.W_OK):
        return _open(home / key, key)  # somebody else's, which is only read
    with locked(home / f".{key}.lock", kept=False):
        found = _found(home, key, console)
        return found or _fill(source, sizes, options, key, workers, console)


def _found(home: Path, key: str, console: Console) -> Cache | None:
    """Return the cache of a key, or None if there is none that is whole."""
    if not (home / key).is_dir():
        return None
    with locked(home / LOCK_FILE):
        try:
            cache = _open(home / key, key)
        except (OSError, ValueError, LookupError, TypeError) as error:
            reason = " ".join(str(error).split())
            console.print(f"{home / key}: this cache is broken and is made again ({reason})")
            remove_tree(home / key, inside=home)
            return None
        mark_used(home / key)
    return cache


def _fill(
    source: DemoSource,
    sizes: Mapping[str, int | None],
    options: CacheOptions,
    key: str,
    workers: int,
    console: Console,
) -> Cache:
    """Decode a dataset and keep it, if it is small enough."""
    home, frames = options.home, int(source.lengths().sum())
    size = frames * _bytes_per_frame(source.spec, sizes)
    kept = size <= options.most_bytes
    rule = (
        f"data.cache.folder and data.cache.most_gib={options.most_gib:g} say where and how much"
        if kept
        else f"for this session alone, as data.cache.most_gib={options.most_gib:g} is less"
    )
    console.print(f"decoding {frames} frames into {home}, {_shown(size)} ({rule})")
    with Scratch(FILLING_PREFIX, home) as part:
        whole = part / key
        whole.mkdir()
        _write(source, sizes, whole, workers, console)
        with locked(home / LOCK_FILE):
            if kept:
                for name in make_room(home, size, options.most_bytes):
                    console.print(f"{home / name}: removed, as the least recently used cache")
                whole.rename(home / key)
                whole = home / key
                mark_used(whole)
            # Else the files go when the last process that has them open ends.
            return _open(whole, key)


def _shown(size: int) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.1f} MiB"


def _bytes_per_frame(spec: DemoSpec, sizes: Mapping[str, int | None]) -> int:
    shapes = [_shape(spec, name, size) for name, size in sizes.items()]
    pictures = sum(np.dtype(kind).itemsize * math.prod(shape) for kind, shape in shapes)
    vectors = sum(state.size for state in spec.observation.states) + spec.action.size
    return pictures + np.dtype(np.float32).itemsize * vectors


def _key(source: DemoSource, sizes: Mapping[str, int | None]) -> str:
    text = json.dumps([CACHE_VERSION, source.fingerprint(), sorted(sizes.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write(
    source: DemoSource,
    sizes: Mapping[str, int | None],
    folder: Path,
    workers: int,
    console: Console,
) -> None:
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
    shown = Progress(console=console, transient=True, disable=not console.is_terminal)
    with shown as progress, ThreadPoolExecutor(workers) as pool:
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
    index = read_json(folder / INDEX_FILE)
    arrays = {name: map_array(folder / f"{name}.npy") for name in index["arrays"]}
    return Cache.of(index, arrays, key)
