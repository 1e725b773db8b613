"""The form in which training reads a dataset: arrays of all frames, one trajectory after the
other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray


class Pictures(Protocol):
    """Pictures (N, H, W, 3) uint8 or maps (N, H, W) float16: one array, or several that are read
    as one."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    def __getitem__(self, key: int | slice, /) -> NDArray[Any]: ...


@dataclass(frozen=True)
class Cache:
    """All N frames of a dataset, one trajectory after the other.

    Trajectory i has the frames `offsets[i]` to `offsets[i + 1] - 1`. `pictures` by camera are
    (N, H, W, 3) uint8, or maps (N, H, W) float16; `states` by name (N, size) and `actions` (N, n)
    are float32. A row of `segments` (M, 5) int64 is: trajectory, first frame, frame after the last
    (both counted over all trajectories), and the indices of its sentence in `sentences` and of its
    task in `tasks`.
    """

    pictures: Mapping[str, Pictures]
    states: Mapping[str, NDArray[np.float32]]
    actions: NDArray[np.float32]
    offsets: NDArray[np.int64]
    segments: NDArray[np.int64]
    sentences: tuple[str, ...]
    tasks: tuple[str, ...]
    ids: tuple[str, ...]
    key: str

    @classmethod
    def of(cls, index: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], key: str) -> Self:
        """Return a cache of an index file's content and of arrays by name: `camera.NAME`,
        `state.NAME` and `actions`. Raises KeyError if one of them is missing."""

        def named(prefix: str) -> dict[str, Any]:
            found = {n: a for n, a in arrays.items() if n.startswith(prefix)}
            return {name.removeprefix(prefix): array for name, array in found.items()}

        return cls(
            pictures=named("camera."),
            states={name: np.asarray(array) for name, array in named("state.").items()},
            actions=np.asarray(arrays["actions"]),
            offsets=np.array(index["offsets"], np.int64),
            segments=np.array(index["segments"], np.int64).reshape(-1, 5),
            sentences=tuple(index["sentences"]),
            tasks=tuple(index["tasks"]),
            ids=tuple(index["ids"]),
            key=key,
        )
