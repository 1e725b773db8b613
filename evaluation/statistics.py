"""95 % confidence intervals of metrics; whole episodes are the unit, never subtasks.

A rate gets Wilson's interval. Any other metric gets the bias-corrected and accelerated bootstrap
over whole episodes (BCa, Efron 1987), widened to Wilson's interval at the effective number of
episodes (as many as a rate would need for the same variance; Kish 1965) where that reaches
further: a resample cannot hold what a small sample lacks, so near the ends of a scale the
bootstrap alone is too short. Where all episodes agree it says nothing at all, and Wilson's
interval at the number of episodes stands in for it. Resampling has a fixed seed: equal data give
equal intervals.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from evaluation.metrics_sample import Sample

LEVEL = 0.95
RESAMPLES = 10_000
CHUNK = 1 << 21
"""Drawn episodes held in memory at once."""

Array = NDArray[np.float64]
Key = TypeVar("Key", str, int)


@dataclass(frozen=True)
class Estimate:
    """A metric with its 95 % interval, from the `n` episodes that say something about it.

    The bounds are None for a distance on which all episodes agree, which may be a single one.
    """

    value: float
    low: float | None
    high: float | None
    n: int

    def to_json(self) -> dict[str, float | int | None]:
        return asdict(self)


def estimates(samples: Mapping[Key, Sample], resamples: int = RESAMPLES) -> dict[Key, Estimate]:
    """Return value and interval of each metric, in the given order."""
    bounds: dict[Key, Array] = {}
    by_size: defaultdict[int, list[Key]] = defaultdict(list)
    sizes = {name: sum(bool(terms) for terms in s.terms) for name, s in samples.items()}
    for name, sample in samples.items():
        if sample.is_rate:
            bounds[name] = wilson(sample.value, sizes[name])
        else:
            by_size[sizes[name]].append(name)
    for names in by_size.values():
        terms = [[t for t in samples[name].terms if t] for name in names]
        totals = np.array([[sum(t) for t in row] for row in terms], dtype=np.float64)
        counts = np.array([[len(t) for t in row] for row in terms], dtype=np.float64)
        highest = np.array([samples[name].high for name in names])
        bounds |= dict(
            zip(names, bootstrap_intervals(totals, counts, highest, resamples), strict=True)
        )
    return {
        name: Estimate(sample.value, _known(bounds[name][0]), _known(bounds[name][1]), sizes[name])
        for name, sample in samples.items()
    }


def _known(bound: float) -> float | None:
    return None if math.isnan(bound) else float(bound)


def wilson(rate: float | Array, n: float | Array, alpha: float = 1 - LEVEL) -> Array:
    """Return Wilson's score interval (2, ...) for a rate in 0..1 seen in `n` trials, n real."""
    return np.array(proportion_confint(np.asarray(rate) * n, n, alpha, method="wilson"))


def bootstrap_intervals(
    totals: Array, counts: Array, highest: Array, resamples: int = RESAMPLES, seed: int = 0
) -> Array:
    """Return the bounds (k, 2) of k metrics over n episodes.

    Metric i is totals[i].sum() / counts[i].sum(), with `totals` and positive `counts` (k, n), and
    lies in 0..highest[i], which may be infinite. Bounds are NaN where all episodes agree and the
    scale has no upper end.
    """
    n = totals.shape[1]
    values = totals.sum(1) / counts.sum(1)
    influence = (totals - values[:, None] * counts) / counts.mean(1, keepdims=True)
    error = np.sqrt((influence**2).sum(1) / (n * max(n - 1, 1)))
    agree = error <= 1e-12 * np.maximum(values, 1)
    resampled = _resampled_ratios(totals, counts, resamples, seed)
    bca = _bca(resampled, values, influence)
    score = _score_intervals(values, np.where(agree, np.nan, error), n, highest)
    low = np.where(agree, score[0], np.minimum(bca[0], score[0]))
    high = np.where(agree, score[1], np.maximum(bca[1], score[1]))
    return np.stack([np.clip(low, 0, highest), np.clip(high, 0, highest)], axis=1)


def _resampled_ratios(totals: Array, counts: Array, resamples: int, seed: int) -> Array:
    """Return the metrics (resamples, k) of samples of n episodes drawn with replacement."""
    rng = np.random.default_rng(seed)
    k, n = totals.shape
    columns = np.concatenate([totals, counts]).T
    sums = np.empty((resamples, 2 * k))
    step = max(CHUNK // n, 1)
    for first in range(0, resamples, step):
        rows = min(step, resamples - first)
        drawn = rng.integers(0, n, (rows, n)) + n * np.arange(rows)[:, None]
        times = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
        sums[first : first + rows] = times.astype(np.float64) @ columns
    return sums[:, :k] / sums[:, k:]


def _bca(resampled: Array, values: Array, influence: Array) -> Array:
    """Return BCa bounds (2, k); the acceleration comes from the influence values."""
    resamples = len(resampled)
    tie = np.isclose(resampled, values, rtol=0, atol=1e-12)
    below = ((resampled < values) & ~tie).sum(0) + 0.5 * tie.sum(0)
    bias = stats.norm.ppf(np.clip(below, 1, resamples - 1) / resamples)
    scale = np.maximum((influence**2).sum(1), 1e-300) ** 1.5
    acceleration = (influence**3).sum(1) / scale / 6
    z = stats.norm.ppf([[(1 - LEVEL) / 2], [(1 + LEVEL) / 2]])
    levels = stats.norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z)))
    place = levels * (resamples - 1)
    ordered = np.sort(resampled, axis=0)
    lower = np.take_along_axis(ordered, np.floor(place).astype(int), axis=0)
    upper = np.take_along_axis(ordered, np.ceil(place).astype(int), axis=0)
    return lower + (upper - lower) * (place - np.floor(place))


def _score_intervals(values: Array, error: Array, n: int, highest: Array) -> Array:
    """Return Wilson's bounds (2, k) at the effective number of episodes, with Student's quantile.

    `error` (k,) is the standard error, NaN where all episodes agree: there the number of episodes
    itself is taken. A metric without an upper end gets Student's interval, NaN without an error.
    """
    quantile = stats.t.ppf((1 + LEVEL) / 2, max(n - 1, 1))
    bounded = np.isfinite(highest)
    unit = np.where(bounded, highest, 1)
    share = np.where(bounded, np.clip(values / unit, 0, 1), 0)
    effective = np.where(np.isnan(error), n, share * (1 - share) / (error / unit) ** 2)
    effective = np.where(bounded, effective, n)
    score = wilson(share, effective, alpha=2 * stats.norm.sf(quantile)) * unit
    student = np.stack([values - quantile * error, values + quantile * error])
    return np.where(bounded, score, student)
