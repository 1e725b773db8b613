"""What training reads: all frames of a dataset in a row, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray


class Pictures(Protocol):
    """Rows of pictures (N, H, W, 3) uint8 or maps (N, H, W) float16: an array, or some that are
    read as one."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    def __getitem__(self, key: int | slice, /) -> NDArray[Any]: ...


@dataclass(frozen=True)
class Cache:
    """All frames of a dataset in a row; trajectory i is frames `offsets[i]` to `offsets[i + 1]`.

    `pictures` by camera (N, H, W, 3) uint8, or (N, H, W) float16 of a map; `states` by name
    (N, size) and `actions` (N, n) float32. `segments` (M, 5) int64: trajectory, first frame, frame
    behind the last (both counted over all trajectories), sentence, task; the last two index
    `sentences` and `tasks`.
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
        """Return a cache of what a file says and of arrays by name: `camera.NAME`, `state.NAME` and
        `actions`. Raises KeyError for what is missing."""

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
