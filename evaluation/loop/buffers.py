"""Observations in memory that the main process and its workers share.

The memory is anonymous (`memfd_create`) and reaches a worker as an inherited descriptor, so it
has no name in any file system: however the processes end, nothing is left behind.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Collection, Mapping, Sequence
from multiprocessing import reduction
from typing import Any

import numpy as np
from gymnasium.spaces import Dict, Space

ALIGNMENT = 64


class SharedObservations:
    """One row of every array of an observation dict per slot, and a count of its steps.

    `space` must be a flat `Dict` whose members declare a shape and a dtype. Pickling works only
    while a worker process is being started, because the descriptor travels with it.
    """

    def __init__(self, space: Space[Any], slots: int, descriptor: int | None = None) -> None:
        self._space, self._slots = space, slots
        offset = -(-8 * slots // ALIGNMENT) * ALIGNMENT  # behind the counts
        layout = {}
        for key, member in _members(space).items():
            layout[key] = (offset, (slots, *(member.shape or ())), np.dtype(member.dtype))
            size = int(np.prod(layout[key][1])) * layout[key][2].itemsize
            offset += -(-size // ALIGNMENT) * ALIGNMENT
        if descriptor is None:
            descriptor = os.memfd_create("longhaul-observations")
            os.ftruncate(descriptor, offset)
        self._descriptor = descriptor
        memory = mmap.mmap(descriptor, offset)
        self._beats = np.ndarray(slots, np.int64, buffer=memory)
        self._arrays = {
            key: np.ndarray(shape, dtype, buffer=memory, offset=start)
            for key, (start, shape, dtype) in layout.items()
        }

    def __reduce__(self) -> tuple[Any, ...]:
        return _attach, (self._space, self._slots, reduction.DupFd(self._descriptor))

    @property
    def names(self) -> Collection[str]:
        """Return the keys of the observations."""
        return self._arrays.keys()

    def beat(self, slot: int) -> None:
        """Count a step of a slot: its worker gets on."""
        self._beats[slot] += 1

    def beats(self, slot: int) -> int:
        """Return how many steps were counted."""
        return int(self._beats[slot])

    def write(
        self, slot: int, observation: Mapping[str, Any], names: Collection[str] | None = None
    ) -> None:
        """Copy one observation into its slot: those of its arrays that are named, or all.

        Raises ValueError for keys or shapes and TypeError for a dtype other than declared.
        """
        wanted = self._arrays.keys() if names is None else self._arrays.keys() & names
        returned = observation.keys()
        if not wanted <= returned <= self._arrays.keys():
            raise ValueError(
                f"the env returned the observations {sorted(observation)}, "
                f"its space declares {sorted(self._arrays)}"
            )
        for key in wanted:
            array = self._arrays[key]
            value = np.asarray(observation[key])
            if value.shape != array.shape[1:]:
                raise ValueError(
                    f"observation {key} has shape {value.shape}, its space {array.shape[1:]}"
                )
            np.copyto(array[slot, ...], value, casting="same_kind")

    def read(
        self, slots: Sequence[int], names: Collection[str] | None = None
    ) -> dict[str, np.ndarray]:
        """Return a copy of the slots' rows: arrays (len(slots), ...) by key, those named or all."""
        rows = list(slots)
        return {
            key: array[rows] for key, array in self._arrays.items() if names is None or key in names
        }

    def close(self) -> None:
        """Give the descriptor back; the arrays stay valid until they are dropped."""
        os.close(self._descriptor)


def _attach(space: Space[Any], slots: int, descriptor: Any) -> SharedObservations:
    return SharedObservations(space, slots, descriptor.detach())


def _members(space: Space[Any]) -> Mapping[str, Space[Any]]:
    if not isinstance(space, Dict):
        raise TypeError(f"observations must be a Dict of arrays, this env declares {space}")
    for key, member in space.spaces.items():
        if member.shape is None or member.dtype is None:
            raise TypeError(f"observation {key} must be a plain array, its space is {member}")
    return space.spaces
