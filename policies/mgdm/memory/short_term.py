"""Short-term memory: the steps of an episode, blurred together where that loses least.

After MGDM's Adaptive Memory Integration and Updating (arXiv 2412.09082): when one step too many
is kept, two neighbors are averaged, at the place where the confidences that are left have the
least entropy. There is one memory for each env slot. It keeps numpy arrays, so that no gradient is
held through an episode; training asks `memory_weights`, since what is averaged depends on the
confidences alone and every state of a memory is a weighted mean of the steps so far.
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
"""Steps that are kept: `max_memory` of LH-VLN's released code; the paper does not say."""

TIE = 1e-9
"""Bits within which two entropies are equal, and the earlier place wins."""

Array = NDArray[np.floating]


class ShortTermMemory:
    """At most `capacity` rows, the oldest first; (0, 1) where nothing is held.

    Modes: `entropy` averages neighbors as released, the whole distribution of each step being its
    confidence; `scalar` likewise with the confidence in the likeliest action, as the paper has it;
    `fifo` drops the oldest step; `uniform` drops the one that leaves the others most evenly
    spread in time; `none` keeps nothing. A push takes time linear in the capacity.

    Raises ConfigError for an unknown mode and for a capacity below 2.
    """

    def __init__(self, capacity: int = CAPACITY, mode: Mode = "entropy") -> None:
        require_known("policy.short_term.mode", mode, get_args(Mode))
        if capacity < 2:
            raise ConfigError(f"policy.short_term.capacity={capacity}: it takes 2 rows or more")
        self.capacity, self.mode = capacity, mode
        self.clear()

    def clear(self) -> None:
        """Forget everything; the next push says anew how wide rows are."""
        self._pushed = 0
        self._tracks: list[Array] = []

    def __len__(self) -> int:
        return len(self._tracks[0]) if self._tracks else 0

    @property
    def h(self) -> Array:
        """What the model made of each step, (n, width)."""
        return self._track(0)

    @property
    def visual(self) -> Array:
        """What was seen at each step, (n, width)."""
        return self._track(1)

    @property
    def confidence(self) -> Array:
        """The probabilities of each step's actions, (n, actions); with mode scalar (n, 1)."""
        return self._track(2)

    @property
    def steps(self) -> Array:
        """When each row was pushed, (n,), counted from 0; a mean where steps were averaged."""
        return self._track(3)[:, 0]

    def push(self, h: ArrayLike, confidence: ArrayLike, visual: ArrayLike) -> int | None:
        """Add a step: `h` (width,), `visual` (width,), `confidence` (actions,) or a number.

        Returns the place, among the rows with the new one at the end, where two were averaged or
        one was dropped; None where all are kept, and in mode none. Raises ValueError for a
        confidence that is no share of anything (negative, infinite, all zero) and for other
        widths than before.
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
            place = _least(pooled_entropies(self.confidence))
            self._tracks = [pool(track, place) for track in self._tracks]
            return place
        place = 0 if self.mode == "fifo" else _crowded(self.steps)
        self._tracks = [np.delete(track, place, axis=0) for track in self._tracks]
        return place

    def _track(self, index: int) -> Array:
        return self._tracks[index] if self._tracks else np.zeros((0, 1))


def _row(values: ArrayLike) -> Array:
    """Return values as floats, so that means are exact for numbers given as integers too."""
    row = np.asarray(values)
    return row.astype(np.result_type(row, np.float32))


def pool(rows: Array, place: int) -> Array:
    """Return rows (n, width) with one less: the means of `place` and each of its neighbors.

    In the middle three rows become two, (a + b) / 2 and (b + c) / 2; at either end two become one.
    """
    first, last = max(place - 1, 0), min(place + 1, len(rows) - 1)
    means = (rows[first:last] + rows[first + 1 : last + 1]) / 2
    return np.concatenate([rows[:first], means, rows[last + 1 :]])


def pooled_entropies(confidence: Array) -> Array:
    """Return, for each place (n,), the entropy in bits of all the shares (n, width) pooled there.

    The shares that are left are divided by their sum. A pooled list differs from the whole one in
    at most three rows and two means, so that all n entropies are sums of what each row and each
    mean adds: the published code builds n lists and takes n^2 logarithms. It also adds 1e-10 to
    each share before its logarithm, which is below 1e-7 bits in all.
    """
    shares = np.asarray(confidence, np.float64)
    rows, means = _added(shares), _added((shares[:-1] + shares[1:]) / 2)
    beyond = ((0, 0), (1, 1))  # at either end there is no neighbor, and nothing to add
    around, between = np.pad(rows, beyond), np.pad(means, beyond)
    gone = around[:, :-2] + around[:, 1:-1] + around[:, 2:]
    mass, spread = rows.sum(1, keepdims=True) - gone + between[:, :-1] + between[:, 1:]
    return np.asarray((np.log(mass) - spread / mass) / math.log(2))


def _added(rows: Array) -> Array:
    """Return what each row (n, width) adds to a list's sum, and to that of x ln x, (2, n)."""
    return np.stack([rows.sum(1), xlogy(rows, rows).sum(1)])


def _least(values: Array) -> int:
    return int(np.argmax(values <= values.min() + TIE))


def _crowded(steps: Array) -> int:
    """Return the place, neither first nor last, whose neighbors are closest to each other."""
    return 1 + int(np.argmin(steps[2:] - steps[:-2]))


def memory_weights(
    confidence: Array, capacity: int = CAPACITY, mode: Mode = "entropy"
) -> NDArray[np.float32]:
    """Return what a memory holds after each step of a trajectory, (steps, capacity, steps).

    `confidence` is (steps, actions). `weights[t] @ features`, with features (steps, width), are
    the rows after step t and keep the features' gradient; places that are not filled are zeros.
    A row's weights add up to 1.
    """
    count = len(confidence)
    weights = np.zeros((count, capacity, count), np.float32)
    memory, nothing = ShortTermMemory(capacity, mode), np.zeros(0)
    for step, (unit, share) in enumerate(zip(np.eye(count), confidence, strict=True)):
        memory.push(unit, share, nothing)
        weights[step, : len(memory)] = memory.h if len(memory) else 0
    return weights
