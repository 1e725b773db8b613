"""Parts of a dataset's features: which numbers of which column make up a vector.

A part is `{key: observation.state}`, all numbers of a feature, in order; `index`, `slice` or
`names` takes some of them. `from_rotation` and `to_rotation` convert a rotation between two
conventions of longhaul.demos.rotations. Everything is checked against the features before anything
is read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.rotations import ROTATION_SIZES, converted
from longhaul.demos.source import DatasetError
from longhaul.errors import unknown
from longhaul.identifiers import shown

CHOICES = ("index", "slice", "names")
"""The keys of a part that say which numbers of a feature it takes; at most one of them is given."""

ROTATION_KEYS = ("from_rotation", "to_rotation")
"""The keys of a part that is a rotation in one convention, and is to be in another."""

KEYS = ("key", *CHOICES, *ROTATION_KEYS, "scale", "offset", "closed_above", "previous")
"""The keys that a part may have."""

Features = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Part:
    """The numbers `at` of the feature `key`, times `scale` plus `offset`.

    With `from_rotation` they are a rotation, which is converted to `to_rotation`. With
    `closed_above` they become gripper commands, -1 above that value and +1 below, before they are
    scaled; with `previous` they are those of the frame before (the first frame has its own).
    """

    key: str
    at: tuple[int, ...]
    scale: float = 1.0
    offset: float = 0.0
    closed_above: float | None = None
    previous: bool = False
    from_rotation: str = ""
    to_rotation: str = ""

    @property
    def size(self) -> int:
        """How many numbers the part has."""
        return ROTATION_SIZES[self.to_rotation] if self.to_rotation else len(self.at)

    def of(self, column: NDArray[Any]) -> NDArray[np.float32]:
        """Return this part of a column (frames, ...): (frames, len(at))."""
        values = column.reshape(len(column), -1)[:, self.at]
        if self.from_rotation:
            values = converted(values, self.from_rotation, self.to_rotation)
        if self.closed_above is not None:
            values = np.where(values > self.closed_above, -1.0, 1.0)
        if self.previous:
            values = np.concatenate([values[:1], values[:-1]])
        scaled: NDArray[Any] = values * self.scale + self.offset
        return scaled.astype(np.float32)


def read_parts(given: object, features: Features, where: str) -> tuple[Part, ...]:
    """Return the parts that a list describes.

    `where` names the list in errors, such as "FOLDER: states.robot_obs". Raises DatasetError as
    `read_part`, and for anything but a list of parts.
    """
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        raise DatasetError(
            f"{where}={shown(given)} must be a list of parts, such as [{{key: ...}}]"
        )
    return tuple(
        read_part(part, features, f"{where}[{number}]") for number, part in enumerate(given)
    )


def read_part(given: object, features: Features, where: str) -> Part:
    """Return the part that a mapping describes; `where` names it in errors.

    Raises DatasetError, in one line that names the valid ones, for an unknown key, feature or
    name; for a feature of pictures or texts, for a number out of its range, and for a value of
    another kind.
    """
    if not isinstance(given, Mapping):
        raise DatasetError(
            f"{where}={shown(given)} must be a part, such as {{key: observation.state}}"
        )
    for name in given:
        if name not in KEYS:
            raise DatasetError(unknown(f"{where}.{name}", KEYS))
    if "key" not in given:
        raise DatasetError(f"{where} has no key, the name of a feature; {_valid(features)}")
    key = given["key"]
    feature = features.get(key) if isinstance(key, str) else None
    if feature is None:
        raise DatasetError(f"{where}.key: there is no feature {shown(key)}; {_valid(features)}")
    kind = str(feature.get("dtype", "float32"))
    if not re.fullmatch(r"(float|u?int)\d+|bool", kind):
        raise DatasetError(f"{where}.key: feature {key} holds {shown(kind)}, no numbers")
    threshold, previous = given.get("closed_above"), given.get("previous", False)
    if not isinstance(previous, bool):
        raise DatasetError(f"{where}.previous={shown(previous)} must be true or false")
    at = _chosen(given, feature, f"{where}: feature {key}")
    return Part(
        key,
        at,
        number(given.get("scale", 1.0), f"{where}.scale"),
        number(given.get("offset", 0.0), f"{where}.offset"),
        None if threshold is None else number(threshold, f"{where}.closed_above"),
        previous,
        *_rotations(given, len(at), where),
    )


def _rotations(given: Mapping[str, Any], size: int, where: str) -> tuple[str, str]:
    """Return the conventions between which a part of so many numbers is converted, "" for none."""
    first, second = (given.get(key) for key in ROTATION_KEYS)
    if first is None and second is None:
        return "", ""
    for key, convention in zip(ROTATION_KEYS, (first, second), strict=True):
        if convention not in tuple(ROTATION_SIZES):
            raise DatasetError(unknown(f"{where}.{key}={shown(convention)}", ROTATION_SIZES))
    wanted = ROTATION_SIZES[str(first)]
    if size != wanted:
        raise DatasetError(f"{where}: {size} numbers are no {first}, which has {wanted}")
    return str(first), str(second)


def number(value: object, where: str) -> float:
    """Return a finite number. Raises DatasetError, which names it by `where`, for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DatasetError(f"{where}={shown(value)} must be a number")
    return float(value)


def names_of(feature: Mapping[str, Any]) -> list[str]:
    """Return the names of a feature's numbers, in order, or an empty list.

    lerobot's datasets have a list, or a mapping from a kind of axis to a list.
    """
    given = feature.get("names")
    if isinstance(given, Mapping):
        lists = [value for value in given.values() if isinstance(value, list)]
        given = [name for names in lists for name in names]
    return [str(name) for name in given] if isinstance(given, list) else []


def _chosen(given: Mapping[str, Any], feature: Mapping[str, Any], where: str) -> tuple[int, ...]:
    """Return which numbers of a feature a part takes."""
    shape = feature.get("shape")
    if not isinstance(shape, list | tuple) or not all(type(n) is int and n > 0 for n in shape):
        raise DatasetError(f"{where} has shape {shown(shape)} in meta/info.json")
    size, chosen = math.prod(shape), [name for name in CHOICES if given.get(name) is not None]
    if len(chosen) > 1:
        raise DatasetError(f"{where}: give one of {', '.join(CHOICES)}, not {' and '.join(chosen)}")
    if not chosen:
        return tuple(range(size))
    value = given[chosen[0]]
    if chosen == ["index"]:
        return _indices(value, size, where)
    if chosen == ["slice"]:
        return _sliced(value, size, where)
    return _named(value, names_of(feature), size, where)


def _indices(value: object, size: int, where: str) -> tuple[int, ...]:
    listed: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    for index in listed:
        if type(index) is not int or not -size <= index < size:
            raise DatasetError(
                f"{where}: index {shown(index)} is not of its {size} numbers, 0 to {size - 1}"
            )
    if not listed:
        raise DatasetError(f"{where}: index=[] takes no numbers of its {size}")
    return tuple(index % size for index in listed)


def _sliced(value: object, size: int, where: str) -> tuple[int, ...]:
    """Return the numbers of `[start, stop]`, of which stop is the first that is not taken."""
    ends = list(value) if isinstance(value, list | tuple) else []
    if len(ends) != 2 or not all(type(end) is int for end in ends):
        raise DatasetError(f"{where}: slice={shown(value)} must be [start, stop], as [0, {size}]")
    start, stop = ends
    if not 0 <= start < stop <= size:
        raise DatasetError(
            f"{where}: slice [{start}, {stop}] does not lie in [0, {size}], or takes nothing"
        )
    return tuple(range(start, stop))


def _named(value: object, names: Sequence[str], size: int, where: str) -> tuple[int, ...]:
    wanted = value if isinstance(value, list | tuple) else [value]
    if len(names) != size:
        raise DatasetError(
            f"{where}: meta/info.json has {len(names)} names of its {size} numbers; take them by "
            "index or slice"
        )
    for name in wanted:
        if names.count(name) != 1:
            many = "names more than one of" if name in names else "is none of"
            raise DatasetError(f"{where}: {shown(name)} {many} {', '.join(map(shown, names))}")
    if not wanted:
        raise DatasetError(f"{where}: names=[] takes no numbers of its {size}")
    return tuple(names.index(name) for name in wanted)


def _valid(features: Features) -> str:
    return f"valid: {', '.join(shown(name) for name in sorted(features))}"
