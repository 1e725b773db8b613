"""Which instances stand still from picture to picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FIRST_WAIT, LONGEST_WAIT = 8, 4096
"""Pictures that an instance must stand still for before it is held the first time, and at most."""

WORTHWHILE_STAY = 64
"""Pictures after which it was right to hold an instance; one that moves earlier waits twice as long
the next time. So the layers that hold instances are drawn anew a few times, whatever moves how."""


class Stillness:
    """Holds those of N instances that have stood still for a while; `held` (N,) says which.

    What is held only decides which work is saved, never what a picture shows.
    """

    def __init__(self, count: int) -> None:
        self.held = np.zeros(count, bool)
        self._age = np.zeros(count, int)
        self._wait = np.full(count, FIRST_WAIT)
        self._last: NDArray[np.uint32] | None = None

    def update(self, records: NDArray[np.uint32]) -> bool:
        """Take note of what (N, K) the GPU is told of each instance; a bit that differs is a move.

        Return whether others are held than before.
        """
        if self._last is None:
            self._last = records.copy()
            return False
        moved = (records != self._last).any(axis=1)
        np.copyto(self._last, records)
        self._age += 1
        fallen = moved & self.held
        early = fallen & (self._age < self._wait + WORTHWHILE_STAY)
        longer = np.minimum(2 * self._wait, LONGEST_WAIT)
        self._wait[fallen] = np.where(early, longer, FIRST_WAIT)[fallen]
        self._age[moved] = 0
        risen = ~self.held & (self._age >= self._wait)
        self.held[fallen] = False
        self.held[risen] = True
        return bool(fallen.any() or risen.any())
