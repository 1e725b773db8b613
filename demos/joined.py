"""Joins several datasets into one, such as those of several DAgger rounds."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.frames import Cache, Pictures
from longhaul.demos.source import DatasetError


class Stitched:
    """Several arrays that are read as one; one read must lie within one array."""

    def __init__(self, arrays: Sequence[Pictures]) -> None:
        self._arrays = arrays
        self._firsts = np.cumsum([0, *(array.shape[0] for array in arrays)])
        self.shape = (int(self._firsts[-1]), *arrays[0].shape[1:])
        self.dtype = arrays[0].dtype

    def __getitem__(self, key: int | slice, /) -> NDArray[Any]:
        """Return one row or a slice of rows without a copy.

        Raises IndexError for a slice across two arrays.
        """
        start = key.start if isinstance(key, slice) else key
        number = int(np.searchsorted(self._firsts, start, "right")) - 1
        first, end = int(self._firsts[number]), int(self._firsts[number + 1])
        if not isinstance(key, slice):
            return self._arrays[number][key - first]
        if key.stop > end:
            raise IndexError(f"rows {start} to {key.stop} lie in two arrays, apart at {end}")
        return self._arrays[number][start - first : key.stop - first]


def join(caches: Sequence[Cache]) -> Cache:
    """Return one cache of all trajectories; pictures are not copied.

    Raises DatasetError for an empty list, if the states, cameras, sizes of cameras or sizes of
    actions differ, and if the sentences differ while a map holds sentence numbers, since maps are
    not renumbered.
    """
    if not caches:
        raise DatasetError("data.path=[] names no dataset")
    first, *others = caches
    if not others:
        return first
    for other in others:
        if _shapes(other) != _shapes(first):
            raise DatasetError(f"datasets differ: {_shapes(first)} and {_shapes(other)}")
        if other.sentences != first.sentences and (numbered := _numbered(first)):
            raise DatasetError(
                f"datasets differ in their sentences, whose numbers are in {numbered[0]}: "
                "make them of the same houses, or learn from one"
            )
    frames = np.cumsum([0, *(len(cache.actions) for cache in caches)])
    trajectories = np.cumsum([0, *(len(cache.ids) for cache in caches)])
    sentences = tuple(dict.fromkeys(s for cache in caches for s in cache.sentences))
    tasks = tuple(dict.fromkeys(t for cache in caches for t in cache.tasks))
    segments = []
    for cache, frame, trajectory in zip(caches, frames, trajectories, strict=False):
        moved = cache.segments + np.array([trajectory, frame, frame, 0, 0])
        moved[:, 3] = _renumber(cache.segments[:, 3], cache.sentences, sentences)
        moved[:, 4] = _renumber(cache.segments[:, 4], cache.tasks, tasks)
        segments.append(moved)
    return Cache(
        pictures={
            name: Stitched([cache.pictures[name] for cache in caches]) for name in first.pictures
        },
        states={
            name: np.concatenate([cache.states[name] for cache in caches]) for name in first.states
        },
        actions=np.concatenate([cache.actions for cache in caches]),
        offsets=np.concatenate(
            [[0], *(c.offsets[1:] + frame for c, frame in zip(caches, frames, strict=False))]
        ),
        segments=np.concatenate(segments),
        sentences=sentences,
        tasks=tasks,
        ids=tuple(name for cache in caches for name in cache.ids),
        key=sha256(" ".join(cache.key for cache in caches).encode()).hexdigest()[:16],
    )


def _renumber(
    numbers: NDArray[np.int64], own: Sequence[str], common: Sequence[str]
) -> NDArray[np.int64]:
    """Return numbers of names in the list `own` as numbers of the same names in `common`."""
    table = np.array([common.index(name) for name in own], np.int64)
    return table[numbers]


def _numbered(cache: Cache) -> list[str]:
    """Return the cameras whose maps hold numbers of sentences (kind `ids`, see demos/arrays.py)."""
    return [name for name, maps in cache.pictures.items() if maps.dtype == np.uint16]


def _shapes(cache: Cache) -> dict[str, tuple[int, ...]]:
    arrays: dict[str, Any] = {**cache.pictures, **cache.states, "actions": cache.actions}
    return {name: tuple(array.shape[1:]) for name, array in arrays.items()}
