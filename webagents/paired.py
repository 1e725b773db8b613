"""Paired differences between the methods to read a video, on the same questions about the same
films."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 9999
"""Resamples of the bootstrap (scipy's default)."""

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Gap:
    """The share of questions that `second` has right minus that of `first`, with its 95 % interval
    (None: not known), and the numbers of questions that only one of them has right."""

    first: str
    second: str
    value: float
    interval: tuple[float, float] | None
    only_first: int
    only_second: int


def gaps(right: Mapping[str, Sequence[bool]], films: Sequence[str]) -> list[Gap]:
    """Return the difference of every two methods. right[method][j] says whether a method had
    question j right, which is about films[j].

    Questions about one film are not independent of each other: the bootstrap (BCa, Efron 1987)
    draws whole films.
    """
    return [
        _gap(first, second, np.array(right[first]), np.array(right[second]), np.array(films))
        for first, second in combinations(right, 2)
    ]


def _gap(
    first: str, second: str, a: NDArray[np.bool_], b: NDArray[np.bool_], films: NDArray[np.str_]
) -> Gap:
    difference = b.astype(int) - a.astype(int)
    _, film = np.unique(films, return_inverse=True)
    won, asked = (np.bincount(film, weights) for weights in (difference, np.ones(len(film))))
    interval = _interval(won.astype(np.float64), asked.astype(np.float64))
    only_a, only_b = int((difference < 0).sum()), int((difference > 0).sum())
    return Gap(first, second, float(difference.mean()), interval, only_a, only_b)


def _interval(won: NDArray[np.float64], asked: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the interval of sum(won) / sum(asked) over films; None for a single film, or if the
    share is equal in all films, since its variation is then unknown."""
    from scipy.stats import bootstrap

    if len(won) < 2 or np.ptp(won / asked) == 0:
        return None
    found = bootstrap(
        (won, asked),
        lambda w, n, axis=-1: w.sum(axis) / n.sum(axis),
        paired=True,
        vectorized=True,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        rng=np.random.default_rng(0),
    ).confidence_interval
    return float(found.low), float(found.high)
