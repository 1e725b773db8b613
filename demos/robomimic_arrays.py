"""The arrays of one demonstration in robomimic's layout, by their keys."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from longhaul.demos import robosuite
from longhaul.demos.hdf5 import array, group, inside, vectors
from longhaul.demos.lerobot.parts import Part
from longhaul.demos.source import DatasetError
from longhaul.errors import single_line

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
        """Return the keys of all pictures, by themselves; of LIBERO's files its two cameras. Maps
        of one number a pixel, such as depth, are left out; other maps raise DatasetError."""
        if self.is_libero:
            return {name: name for name in robosuite.LIBERO_MOUNTS if name in self._obs}
        maps = [name for name, found in self._arrays() if found.ndim == 4 and found.shape[3] > 1]
        for name in maps:
            self.picture_size(name)
        return {name: name for name in maps}

    def states(self) -> dict[str, list[dict[str, str]]]:
        """Return all vectors among the observations, by their keys, as the option states has them;
        of LIBERO's files its own three."""
        names = [name for name, found in self._arrays() if found.ndim <= 2]
        if self.is_libero:
            libero = [spec.name for spec in robosuite.LIBERO_STATES]
            names = [name for name in libero if name in self._obs]
        return {name: [{"key": name}] for name in names}

    def features(self) -> dict[str, dict[str, Any]]:
        """Return kind and shape of every array of numbers, by its key: of the observations, and
        then of what lies beside them."""
        found = dict(self._arrays())
        for name in sorted(set(self._beside) - {"obs", "next_obs"}):
            item = inside(self.file, f"{self.demo}/{name}")
            inner = {f"{name}/{key}": item for key, item in _of(item)} or {name: item}
            found |= {key: value for key, value in inner.items() if key not in found}
        return {
            key: {"dtype": item.dtype.name, "shape": list(item.shape[1:]) or [1]}
            for key, item in found.items()
            if isinstance(item, h5py.Dataset) and item.dtype.kind in "biuf" and 0 not in item.shape
        }

    def picture_size(self, key: str) -> tuple[int, int]:
        """Return height and width of a camera's pictures. Raises DatasetError for what is none,
        such as depth."""
        found = array(self.file, self.at(key))
        if not _is_pictures(found):
            there = [name for name, other in self._arrays() if _is_pictures(other)]
            raise DatasetError(
                f"{self.file.filename}: {self.at(key)} is {found.dtype} of shape {found.shape}, no "
                f"pictures (frames, H, W, 3) uint8; the option cameras may name "
                f"{', '.join(there) or 'others'}"
            )
        return found.shape[1], found.shape[2]

    def require_whole(self, frames: int) -> None:
        """Raise DatasetError where the file says that a demonstration has other rows."""
        said = self._beside.attrs.get("num_samples", frames)
        if not np.array_equal(np.ravel(said), [frames]):
            raise DatasetError(
                f"{self.file.filename}: {self.demo} has {frames} rows, its num_samples says "
                f"{single_line(said)}; copy the file again, or write the attribute anew"
            )

    def require_rows(self, key: str, frames: int) -> None:
        """Raise DatasetError unless an array has so many rows."""
        found = len(array(self.file, self.at(key)))
        if found != frames:
            raise DatasetError(
                f"{self.file.filename}: {self.at(key)} has {found} rows, not {frames}"
            )

    def width(self, key: str) -> int:
        """Return how many numbers an array has in a row."""
        return math.prod(array(self.file, self.at(key)).shape[1:])

    def vectors(self, parts: Sequence[Part], shift: int = 0) -> NDArray[np.float32]:
        """Return parts beside each other: (frames, size).

        With `shift` row j of the observations belongs to row j + 1 of all other arrays, and the
        last observation to none.
        """
        made = []
        for part in parts:
            path = self.at(part.key)
            try:
                values = part.of(vectors(self.file, path))
            except DatasetError as error:
                raise DatasetError(f"{self.file.filename}: {path}: {error}") from None
            observed = path.startswith(f"{self.demo}/obs/")
            made.append(values[: len(values) - shift] if observed else values[shift:])
        return np.concatenate(made, axis=1)

    def _arrays(self) -> Iterator[tuple[str, h5py.Dataset]]:
        """Yield the arrays of numbers among the observations with their names."""
        for name, found in _of(inside(self.file, f"{self.demo}/obs")):
            numbers = isinstance(found, h5py.Dataset) and found.dtype.kind in "biuf"
            if numbers and found.ndim and 0 not in found.shape[1:]:
                yield name, found


def _is_pictures(found: h5py.Dataset) -> bool:
    return found.ndim == 4 and found.shape[3] == 3 and found.dtype == np.uint8


def _of(found: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is in a group, by its name; nothing of an array. Raises DatasetError for a
    link."""
    if isinstance(found, h5py.Group):
        for name in sorted(found):
            yield name, inside(found.file, f"{found.name}/{name}".lstrip("/"))
