"""Short-term memory: the steps of an episode in a fixed number of rows, merged by entropy.

This is MGDM's Adaptive Memory Integration and Updating (arXiv 2412.09082): when there is one row
too many, neighboring rows are pooled (averaged), at the index where the confidences that are left
have the least entropy. There is one memory for each env slot. It keeps numpy arrays, so that no
gradient is held through an episode. Training uses `memory_weights`: which rows are pooled depends
on the confidences alone, and every row is a weighted mean of the steps so far.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

from longhaul.errors import ConfigError, require_known

Mode = Literal["entropy", "scalar", "fifo", "uniform", "none"]

CAPACITY = 20
"""Rows of the memory: `max_memory` of LH-VLN's released code; the paper does not say how many."""

TIE_BITS = 1e-9
"""Two entropies that differ by no more than this are equal, and the earlier index wins; ours."""

Array = NDArray[np.floating]


class ShortTermMemory:
    """At most `capacity` rows, the oldest first. Its arrays are (0, 1) where it is empty.

    Modes: `entropy` pools neighbors as the released code does, where a step's confidence is its
    whole distribution over actions; `scalar` does so with the probability of the likeliest action,
    as the paper has it; `fifo` drops the oldest step; `uniform` drops the step that leaves the
    others most evenly spread in time; `none` keeps nothing. A push takes time linear in the
    capacity.

    Raises ConfigError for an unknown mode and for a capacity below 2.
    """

    def __init__(self, capacity: int = CAPACITY, mode: Mode = "entropy") -> None:
        require_known("policy.short_term.mode", mode, get_args(Mode))
        if capacity < 2:
            raise ConfigError(f"policy.short_term.capacity={capacity}: it takes 2 rows or more")
        self.capacity, self.mode = capacity, mode
        self.clear()

    def clear(self) -> None:
        """Empty the memory; the next push decides how wide the rows are."""
        self._pushed = 0
        self._tracks: list[Array] = []

    def __len__(self) -> int:
        return len(self._tracks[0]) if self._tracks else 0

    @property
    def h(self) -> Array:
        """The network's features of each row, (n, width)."""
        return self._track(0)

    @property
    def visual(self) -> Array:
        """The visual features of each row, (n, width)."""
        return self._track(1)

    @property
    def confidence(self) -> Array:
        """The probabilities of each row's actions, (n, actions); with mode scalar (n, 1)."""
        return self._track(2)

    @property
    def steps(self) -> Array:
        """When each row was pushed, (n,), counted from 0; a mean where steps were pooled."""
        return self._track(3)[:, 0]

    def push(self, h: ArrayLike, confidence: ArrayLike, visual: ArrayLike) -> int | None:
        """Add a step: `h` (width,), `visual` (width,), `confidence` (actions,) or a number.

        Returns the index, among the rows with the new one at the end, where rows were pooled or
        one was dropped; None where all are kept, and in mode none. Raises ValueError for a
        confidence that is negative, not finite or all zero, and for other widths than before.
        """
        share = np.atleast_1d(np.asarray(confidence, np.float64))
        if not (np.isfinite(share).all() and (share >= 0).all() and share.sum() > 0):
            raise ValueError(f"confidence {share.tolist()} must be finite, >= 0 and not all zero")
        if self.mode == "scalar":
            share = share.max(keepdims=True)
        if self.mode == "none":
            return None
        new = [_row(h), _row(visual), share, np.array([float(self._pushed)])]
        tracks = self._tracks or [np.zeros((0, *row.shape), row.dtype) for row in new]
        pairs = zip(tracks, new, strict=True)
        self._tracks = [np.concatenate([track, row[None]]) for track, row in pairs]
        self._pushed += 1
        return self._make_room() if len(self) > self.capacity else None

    def _make_room(self) -> int:
        if self.mode in ("entropy", "scalar"):
            place = _first_minimum(pooled_entropies(self.confidence))
            self._tracks = [pool(track, place) for track in self._tracks]
            return place
        place = 0 if self.mode == "fifo" else _most_crowded(self.steps)
        self._tracks = [np.delete(track, place, axis=0) for track in self._tracks]
        return place

    def _track(self, index: int) -> Array:
        return self._tracks[index] if self._tracks else np.zeros((0, 1))


def _row(values: ArrayLike) -> Array:
    """Return values as floats, so that the means of integers are exact too."""
    row = np.asarray(values)
    return row.astype(np.result_type(row, np.float32))


def pool(rows: Array, place: int) -> Array:
    """Return rows (n - 1, width): the row at `place` is averaged with each of its neighbors.

    In the middle three rows a, b, c become two, (a + b) / 2 and (b + c) / 2. At either end two rows
    become one.
    """
    first, last = max(place - 1, 0), min(place + 1, len(rows) - 1)
    means = (rows[first:last] + rows[first + 1 : last + 1]) / 2
    return np.concatenate([rows[:first], means, rows[last + 1 :]])


def pooled_entropies(confidence: Array) -> Array:
    """Return for each index (n,) the entropy in bits of the confidences (n, width) if pooled there.

    The confidences that are left are divided by their sum. Pooling takes away at most three rows
    and adds two means, so each of the n entropies is the whole list's with a few terms exchanged.
    The published code builds n lists instead and takes n^2 logarithms. It also adds 1e-10 to each
    share before its logarithm, which makes less than 1e-7 bits in all.
    """
    shares = np.asarray(confidence, np.float64)
    rows, means = _terms(shares), _terms((shares[:-1] + shares[1:]) / 2)
    beyond = ((0, 0), (1, 1))  # beyond either end there is no neighbor, and no term
    around, between = np.pad(rows, beyond), np.pad(means, beyond)
    gone = around[:, :-2] + around[:, 1:-1] + around[:, 2:]
    mass, spread = rows.sum(1, keepdims=True) - gone + between[:, :-1] + between[:, 1:]
    return np.asarray((np.log(mass) - spread / mass) / math.log(2))


def _terms(rows: Array) -> Array:
    """Return each row's sum of x, and of x ln x, (2, n); `rows` is (n, width)."""
    return np.stack([rows.sum(1), xlogy(rows, rows).sum(1)])


def _first_minimum(values: Array) -> int:
    return int(np.argmax(values <= values.min() + TIE_BITS))


def _most_crowded(steps: Array) -> int:
    """Return the index, neither first nor last, whose neighbors are closest to each other."""
    return 1 + int(np.argmin(steps[2:] - steps[:-2]))


def memory_weights(
    confidence: Array, capacity: int = CAPACITY, mode: Mode = "entropy"
) -> NDArray[np.float32]:
    """Return the weights of a trajectory's steps in the memory's rows, (steps, capacity, steps).

    `confidence` is (steps, actions). `weights[t] @ features`, with features (steps, width), are the
    rows after step t, and keep the features' gradient. A row's weights add up to 1; those of a row
    that is not filled are zeros.
    """
    count = len(confidence)
    weights = np.zeros((count, capacity, count), np.float32)
    memory, nothing = ShortTermMemory(capacity, mode), np.zeros(0)
    for step, (unit, share) in enumerate(zip(np.eye(count), confidence, strict=True)):
        memory.push(unit, share, nothing)
        weights[step, : len(memory)] = memory.h if len(memory) else 0
    return weights
