"""Mean, standard deviation, minimum and maximum of a feature, updated as data arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Statistics:
    """`mean`, `std` (of the population), `min` and `max` of `count` rows, per component (n,)."""

    count: int
    mean: Array
    std: Array
    min: Array
    max: Array

    @classmethod
    def of(cls, rows: NDArray[Any]) -> Statistics:
        """Return the statistics of rows (count, n)."""
        values = np.asarray(rows, np.float64)
        return cls(
            len(values),
            values.mean(axis=0),
            values.std(axis=0),
            values.min(axis=0),
            values.max(axis=0),
        )

    def merged(self, other: Statistics) -> Statistics:
        """Return the statistics of both sets of rows together (Chan's update)."""
        count = self.count + other.count
        share, apart = other.count / count, other.mean - self.mean
        variance = (1 - share) * self.std**2 + share * other.std**2 + share * (1 - share) * apart**2
        return Statistics(
            count,
            self.mean + share * apart,
            np.sqrt(variance),
            np.minimum(self.min, other.min),
            np.maximum(self.max, other.max),
        )

    def constant(self) -> list[int]:
        """Return the components that never change, by whose deviation of 0 one must not divide."""
        return np.flatnonzero(self.std == 0).tolist()

    def to_json(self) -> dict[str, Any]:
        arrays = {name: getattr(self, name).tolist() for name in ("mean", "std", "min", "max")}
        return {**arrays, "count": [self.count]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Statistics:
        arrays = [np.asarray(data[name], np.float64) for name in ("mean", "std", "min", "max")]
        return cls(int(data["count"][0]), *arrays)
