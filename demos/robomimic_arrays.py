"""The arrays of one demonstration in robomimic's layout, by their keys."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from longhaul.demos import robosuite
from longhaul.demos.components import Component
from longhaul.demos.hdf5 import array, group, inside, vectors
from longhaul.demos.source import DatasetError

BESIDE_OBS = ("actions", "actions_abs", "rewards", "dones", "states")
"""The arrays that robomimic writes beside a demonstration's observations."""


class DemoArrays:
    """A demonstration of an open file, by its path, such as data/demo_0."""

    def __init__(self, file: h5py.File, demo: str) -> None:
        """Raise DatasetError for a demonstration without observations."""
        self.file, self.demo = file, demo
        self._beside = group(file, demo)
        if "obs" not in self._beside:
            raise DatasetError(
                f"{file.filename}: {demo} has no obs: add the observations by robomimic's "
                "dataset_states_to_obs.py"
            )
        self._obs = group(file, f"{demo}/obs")
        self.is_libero = robosuite.is_libero(list(self._obs))

    @cached_property
    def env_args(self) -> dict[str, Any]:
        return robosuite.env_args(self.file)

    def at(self, key: str) -> str:
        """Return the path of an array: among the observations, or else beside them."""
        first = key.split("/")[0]
        beside = first not in self._obs and (first in self._beside or first in BESIDE_OBS)
        return f"{self.demo}/{key}" if beside else f"{self.demo}/obs/{key}"

    def cameras(self) -> dict[str, str]:
        """Return the keys of all pictures, by themselves; of LIBERO's files its two cameras."""
        if self.is_libero:
            return {name: name for name in robosuite.LIBERO_MOUNTS if name in self._obs}
        return {name: name for name, found in self._arrays() if _is_pictures(found)}

    def states(self) -> dict[str, tuple[Component, ...]]:
        """Return all vectors among the observations, by their keys; LIBERO's three in its files."""
        names = [name for name, found in self._arrays() if found.ndim <= 2]
        if self.is_libero:
            libero = [spec.name for spec in robosuite.LIBERO_STATES]
            names = [name for name in libero if name in self._obs]
        return {name: (Component(name),) for name in names}

    def picture_size(self, key: str) -> tuple[int, int]:
        """Return height and width of a camera's pictures. Raises DatasetError for what is none,
        such as depth."""
        found = array(self.file, self.at(key))
        if not _is_pictures(found):
            there = [name for name, other in self._arrays() if _is_pictures(other)]
            raise DatasetError(
                f"{self.file.filename}: {self.at(key)} is {found.dtype} of shape {found.shape}, no "
                f"pictures (frames, H, W, 3) uint8; there are {', '.join(there) or 'none'}"
            )
        return found.shape[1], found.shape[2]

    def require_rows(self, key: str, frames: int) -> None:
        """Raise DatasetError unless an array has so many rows."""
        found = len(array(self.file, self.at(key)))
        if found != frames:
            raise DatasetError(
                f"{self.file.filename}: {self.at(key)} has {found} rows, not {frames}"
            )

    def size(self, part: Component) -> int:
        """Return how many numbers a component has. Raises DatasetError if they are not there."""
        shape = array(self.file, self.at(part.key)).shape
        with self._named():
            return part.size(math.prod(shape[1:]))

    def vectors(self, parts: Sequence[Component], shift: int = 0) -> NDArray[np.float32]:
        """Return components beside each other: (frames, size).

        With `shift` row j of the observations belongs to row j + 1 of all other arrays, and the
        last observation to none.
        """
        made = []
        for part in parts:
            path = self.at(part.key)
            with self._named():
                values = part.of_array(vectors(self.file, path))
            observed = path.startswith(f"{self.demo}/obs/")
            made.append(values[: len(values) - shift] if observed else values[shift:])
        return np.concatenate(made, axis=1)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Name the demonstration in an error."""
        try:
            yield
        except DatasetError as error:
            raise DatasetError(f"{self.file.filename}: {self.demo}: {error}") from None

    def _arrays(self) -> Iterator[tuple[str, h5py.Dataset]]:
        """Yield the arrays of numbers among the observations with their names."""
        for name in sorted(self._obs):
            found = inside(self.file, f"{self.demo}/obs/{name}")
            if isinstance(found, h5py.Dataset) and found.dtype.kind in "biuf" and found.ndim:
                yield name, found


def _is_pictures(found: h5py.Dataset) -> bool:
    return found.ndim == 4 and found.shape[3] == 3 and found.dtype == np.uint8
