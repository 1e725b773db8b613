"""What a configuration makes of the arrays of somebody else's dataset: the components of a state or
of an action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from longhaul.demos.source import DatasetError
from longhaul.envs.specs import QUATERNION
from longhaul.errors import unknown

ROTATION_SIZES = {QUATERNION: 4, "axis_angle": 3, "euler_xyz": 3}
"""The conventions of rotations, and their numbers of components: a unit quaternion (x, y, z, w), an
axis whose length is the angle (rad), and angles about the fixed axes x, y and z (rad)."""


@dataclass(frozen=True)
class Component:
    """A part of a state or of an action: an array of the dataset by its `key`, or some of its
    columns.

    `index` is a column or a list of columns, `slice` a pair of the first one and the one behind the
    last. `from_rotation` and `to_rotation` name two conventions (ROTATION_SIZES), from one of which
    a rotation is converted to the other. With `closed_above` it becomes a gripper command, -1 above
    that value and +1 below; with `previous` it is the value of the frame before. At last it is
    multiplied by `scale`, and `offset` is added.
    """

    key: str
    index: int | tuple[int, ...] | None = None
    slice: tuple[int, int] | None = None
    from_rotation: str = ""
    to_rotation: str = ""
    closed_above: float | None = None
    previous: bool = False
    scale: float = 1.0
    offset: float = 0.0

    @classmethod
    def of(cls, given: Any, where: str) -> Self:
        """Return the component of a configuration; raise DatasetError, which names `where` it
        stands, for what is none."""
        valid = [field.name for field in fields(cls)]
        if not isinstance(given, Mapping) or not isinstance(given.get("key"), str):
            raise DatasetError(f"{where}: {given} is no component; it needs a key")
        for name in given:
            if name not in valid:
                raise DatasetError(unknown(f"{where}: {name}", valid))
        chosen = dict(given)
        for name in ("index", "slice"):
            if isinstance(chosen.get(name), Sequence):
                chosen[name] = tuple(chosen[name])
        made = cls(**chosen)
        made._require_valid(where)
        return made

    def size(self, width: int) -> int:
        """Return how many numbers this makes of an array with so many columns. Raises DatasetError
        for columns that are not there, and for a rotation of another size."""
        chosen = self._columns(width)
        if not self.from_rotation:
            return len(chosen)
        if len(chosen) != ROTATION_SIZES[self.from_rotation]:
            raise DatasetError(
                f"{self.key}: {len(chosen)} columns are no {self.from_rotation}, which has "
                f"{ROTATION_SIZES[self.from_rotation]}"
            )
        return ROTATION_SIZES[self.to_rotation]

    def of_array(self, array: NDArray[Any]) -> NDArray[np.float32]:
        """Return this component of an array (frames, ...): (frames, size)."""
        values = np.asarray(array, np.float64).reshape(len(array), -1)
        self.size(values.shape[1])
        values = values[:, self._columns(values.shape[1])]
        if self.from_rotation:
            values = self._converted(values)
        if self.closed_above is not None:
            values = np.where(values > self.closed_above, -1.0, 1.0)
        if self.previous:
            values = np.concatenate([values[:1], values[:-1]])
        return (values * self.scale + self.offset).astype(np.float32)

    def _converted(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return rotations (frames, ...) in the other convention."""
        try:
            if self.from_rotation == "euler_xyz":
                made = Rotation.from_euler("xyz", values)
            elif self.from_rotation == "axis_angle":
                made = Rotation.from_rotvec(values)
            else:
                made = Rotation.from_quat(values)
        except ValueError as error:
            raise DatasetError(f"{self.key}: no rotations ({error})") from None
        if self.to_rotation == "euler_xyz":
            return np.asarray(made.as_euler("xyz"))
        return np.asarray(
            made.as_rotvec() if self.to_rotation == "axis_angle" else made.as_quat(canonical=True)
        )

    def _columns(self, width: int) -> list[int]:
        first, behind = self.slice or (0, width)
        chosen = list(range(first, behind))
        if self.index is not None:
            chosen = [self.index] if isinstance(self.index, int) else list(self.index)
        if not chosen or min(chosen) < 0 or max(chosen) >= width:
            part = f"slice={self.slice}" if self.slice else f"index={self.index}"
            raise DatasetError(f"{self.key} has {width} columns, {part} takes others")
        return chosen

    def _require_valid(self, where: str) -> None:
        numbers = self.index if isinstance(self.index, tuple) else (self.index or 0,)
        said = f"{where}: {self.key}:"
        if not all(type(number) is int for number in (*numbers, *(self.slice or (0, 0)))):
            raise DatasetError(f"{said} index and slice count columns by whole numbers")
        if self.slice is not None and (len(self.slice) != 2 or self.index is not None):
            raise DatasetError(f"{said} slice is [first, behind the last], and without an index")
        for name in ("from_rotation", "to_rotation"):
            value = getattr(self, name)
            if (self.from_rotation or self.to_rotation) and value not in ROTATION_SIZES:
                raise DatasetError(unknown(f"{said} {name}={value}", ROTATION_SIZES))
        for name in ("closed_above", "scale", "offset"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float | None):
                raise DatasetError(f"{said} {name}={value} must be a number")
