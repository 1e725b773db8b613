"""95 % confidence intervals of metrics; whole episodes are the unit, never subtasks.

A rate gets Wilson's interval, or the exact one of Clopper and Pearson (Biometrika 26, 1934). Any
other metric gets the bias-corrected and accelerated bootstrap over whole episodes (BCa, Efron
1987), widened to Wilson's interval at the effective number of episodes (as many as a rate would
need for the same variance; Kish 1965) where that reaches further: a resample cannot hold what a
small sample lacks, so near the ends of a scale the bootstrap alone is too short. It is never wider
than Wilson's interval of as many yes-or-no episodes, since no metric on a scale varies more than
those. Where all episodes agree the bootstrap says nothing at all, and Wilson's interval at the
number of episodes stands in for it. Every interval holds its own value. Resampling has a fixed
seed: equal data give equal intervals.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from longhaul.evaluation.metrics.sample import Sample

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


def estimates(
    samples: Mapping[Key, Sample], resamples: int = RESAMPLES, kind: str = "wilson"
) -> dict[Key, Estimate]:
    """Return value and interval of each metric, in the given order.

    Rates get the interval that `kind` names: `wilson`, whose coverage is 95 % on the average over
    rates, or `exact`, whose coverage is at least 95 % at every rate.
    """
    of_rate = {"wilson": wilson, "exact": clopper_pearson}[kind]
    bounds: dict[Key, Array] = {}
    by_size: defaultdict[int, list[Key]] = defaultdict(list)
    told = {name: sample.without_silent() for name, sample in samples.items()}
    for name, sample in told.items():
        if sample.is_rate:
            bounds[name] = of_rate(sample.value, len(sample.terms))
        else:
            by_size[len(sample.terms)].append(name)
    for names in by_size.values():
        rows = [told[name].terms for name in names]
        totals = np.array([[sum(terms) for terms in row] for row in rows], dtype=np.float64)
        counts = np.array([[len(terms) for terms in row] for row in rows], dtype=np.float64)
        highest = np.array([told[name].high for name in names])
        found = bootstrap_intervals(totals, counts, highest, resamples)
        bounds |= dict(zip(names, found, strict=True))
    return {
        name: Estimate(s.value, known(bounds[name][0]), known(bounds[name][1]), len(s.terms))
        for name, s in told.items()
    }


def known(bound: float) -> float | None:
    """Return a bound as a plain number, NaN as None."""
    return None if math.isnan(bound) else float(bound)


def wilson(rate: float | Array, n: float | Array, alpha: float = 1 - LEVEL) -> Array:
    """Return Wilson's score interval (2, ...) for a rate in 0..1 seen in `n` trials, n real."""
    return _holding(rate, proportion_confint(np.asarray(rate) * n, n, alpha, method="wilson"))


def clopper_pearson(rate: float | Array, n: float | Array) -> Array:
    """Return Clopper and Pearson's exact interval (2, ...) for a rate in 0..1 of `n` trials."""
    successes = np.rint(np.asarray(rate) * n)
    return _holding(rate, proportion_confint(successes, n, 1 - LEVEL, method="beta"))


def _holding(values: float | Array, bounds: Sequence[Array] | Array) -> Array:
    """Return bounds (2, ...) that hold the values; rounding may put a bound beyond them."""
    return np.array([np.minimum(bounds[0], values), np.maximum(bounds[1], values)])


def bootstrap_intervals(
    totals: Array, counts: Array, highest: Array, resamples: int = RESAMPLES, seed: int = 0
) -> Array:
    """Return the bounds (k, 2) of k metrics over n episodes.

    Metric i is totals[i].sum() / counts[i].sum(), with `totals` and positive `counts` (k, n), and
    lies in 0..highest[i], which may be infinite. Bounds are NaN where all episodes agree and the
    scale has no upper end.
    """
    values = totals.sum(1) / counts.sum(1)
    influence = (totals - values[:, None] * counts) / counts.mean(1, keepdims=True)
    error = _standard_errors(values, influence)
    bca = _bca(_resampled_ratios(totals, counts, resamples, seed), values, influence)
    score = _score_intervals(values, error, totals.shape[1], highest)
    widest = np.where(np.isnan(error), score, _widest(bca, score))
    most = _most(values, np.where(np.isnan(error), totals.shape[1], _kish(counts)), highest)
    bounds = np.stack([np.fmax(widest[0], most[0]), np.fmin(widest[1], most[1])])
    return np.clip(_holding(values, bounds), 0, highest).T


def difference_intervals(
    differences: Array, largest: Array, resamples: int = RESAMPLES, seed: int = 0
) -> Array:
    """Return the bounds (k, 2) of k mean differences over the same n episodes.

    `differences` (k, n) are paired, each in -largest[i]..largest[i], and so are the bounds. The
    interval holds the means that `difference_p` does not reject at 5 %, so it excludes 0 if and
    only if that p-value is at most 5 %; three episodes reject nothing, and the interval is all of
    the scale. Where all episodes agree it is that of Bonett and Price (2012), which adds one
    episode at each end of the scale, unless they agree on a difference and are fewer than the 6
    that the sign test needs: then it is all of the scale. Bounds are NaN where they would be
    infinite.
    """
    k, n = differences.shape
    values = differences.mean(1)
    error = _standard_errors(values, differences - values[:, None])
    rows = np.concatenate([differences, differences**2])
    found = _resampled_ratios(rows, np.ones_like(rows), resamples, seed)
    mean, square = found[:, :k], found[:, k:]
    errors = np.sqrt(np.maximum(square - mean**2, 0) / max(n - 1, 1))
    distance = np.full_like(mean, np.inf)
    np.divide(np.abs(mean - values), errors, out=distance, where=errors > 1e-12)
    # The greatest number of standard errors that as many resamples exceed as p > 5 % needs.
    rank = math.floor((1 - LEVEL) * (1 + resamples) - 1) + 1
    furthest = np.sort(distance, axis=0)[-rank] if rank > 0 else np.full(k, np.inf)
    agree = np.isnan(error)
    half = np.where(agree, np.inf, furthest * np.where(agree, 1, error))
    bounds = np.stack([values - half, values + half])
    rejected = _sign_test_p(n) <= 1 - LEVEL
    adjusted = agree & (rejected | np.isclose(values, 0, atol=1e-12))
    bounds = np.where(adjusted, bonett_price(differences, largest), bounds)
    clipped = np.clip(_holding(values, bounds), -largest, largest)
    return np.where(np.isfinite(clipped), clipped, np.nan).T


def rate_difference_interval(differences: Array) -> Array:
    """Return the bounds (2,) of the mean paired difference of a rate: -1, 0 or 1 per episode (n,).

    The interval is Bonett and Price's, widened to the one that McNemar's exact test gives: Clopper
    and Pearson's for the share of gained episodes among those that differ, with their number taken
    as it is. So it excludes 0 if and only if the test's p-value is below 5 %.
    """
    gained, lost = int((differences > 0).sum()), int((differences < 0).sum())
    apart = gained + lost
    found = bonett_price(differences[None], np.ones(1))[:, 0]
    if not apart:
        return _holding(0.0, found)
    shares = np.array(proportion_confint(gained, apart, 1 - LEVEL, method="beta"))
    exact = (2 * shares - 1) * apart / len(differences)
    return _holding(differences.mean(), _widest(found, exact))


def difference_p(differences: Array, resamples: int = RESAMPLES, seed: int = 0) -> float:
    """Return the two-sided p-value of the paired differences (n,) having a mean of 0.

    It is the studentized bootstrap's (Davison and Hinkley 1997, section 4.4): the share of
    resamples whose mean lies as many of its own standard errors from the sample's mean as that
    lies from 0. Where all episodes agree on a difference, it is the sign test's.
    """
    n = len(differences)
    value = differences.mean()
    rows = np.stack([differences, differences**2])
    error = _standard_errors(rows[:1].mean(1), rows[:1] - value)[0]
    if math.isnan(error):
        return 1.0 if math.isclose(value, 0, abs_tol=1e-12) else _sign_test_p(n)
    mean, square = _resampled_ratios(rows, np.ones_like(rows), resamples, seed).T
    errors = np.sqrt(np.maximum(square - mean**2, 0) / (n - 1))
    # Multiplied out: a resample that repeats one episode has an error of 0.
    extreme = np.abs(mean - value) * error >= np.abs(value) * errors * (1 - 1e-12)
    return float((1 + extreme.sum()) / (1 + resamples))


def bonett_price_p(differences: Array, largest: float) -> float:
    """Return the p-value that belongs to `bonett_price`, of paired differences (n,) with a mean of
    0; 0 for an infinite `largest`, where there is no such interval."""
    if not math.isfinite(largest):
        return 0.0
    n = len(differences)
    mean = differences.sum() / (n + 2)
    square = ((differences**2).sum() + 2 * largest**2) / (n + 2)
    return float(2 * stats.norm.sf(abs(mean) / np.sqrt((square - mean**2) / (n + 2))))


def _sign_test_p(n: int) -> float:
    """Return the sign test's two-sided p-value of n episodes that all differ to the same side."""
    return float(2.0 ** (1 - n))


def bonett_price(differences: Array, largest: Array) -> Array:
    """Return adjusted Wald bounds (2, k) of mean paired differences (k, n).

    For a difference of rates (-1, 0 or 1 per episode, `largest` 1) this is the interval of Bonett
    and Price, Journal of Educational and Behavioral Statistics 37 (2012). NaN for an infinite
    `largest`.
    """
    n = differences.shape[1]
    ends = np.where(np.isfinite(largest), largest, np.nan)
    mean = differences.sum(1) / (n + 2)
    square = ((differences**2).sum(1) + 2 * ends**2) / (n + 2)
    half = stats.norm.ppf((1 + LEVEL) / 2) * np.sqrt((square - mean**2) / (n + 2))
    return np.clip(np.stack([mean - half, mean + half]), -ends, ends)


def _standard_errors(values: Array, influence: Array) -> Array:
    """Return the standard errors (k,), NaN where all episodes agree up to rounding."""
    n = influence.shape[1]
    error = np.sqrt((influence**2).sum(1) / (n * max(n - 1, 1)))
    return np.where(error <= 1e-12 * np.maximum(np.abs(values), 1), np.nan, error)


def _widest(one: Array, other: Array) -> Array:
    return np.stack([np.minimum(one[0], other[0]), np.maximum(one[1], other[1])])


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
    scale = np.maximum((influence**2).sum(1), 1e-100) ** 1.5
    acceleration = (influence**3).sum(1) / scale / 6
    z = stats.norm.ppf([[(1 - LEVEL) / 2], [(1 + LEVEL) / 2]])
    levels = stats.norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z)))
    place = levels * (resamples - 1)
    ordered = np.sort(resampled, axis=0)
    lower = np.take_along_axis(ordered, np.floor(place).astype(int), axis=0)
    upper = np.take_along_axis(ordered, np.ceil(place).astype(int), axis=0)
    return lower + (upper - lower) * (place - np.floor(place))


def _kish(counts: Array) -> Array:
    """Return of how many equal episodes the mean would vary as much (k,); Kish 1965."""
    return np.asarray(counts.sum(1) ** 2 / (counts**2).sum(1))


def _most(values: Array, trials: Array, highest: Array) -> Array:
    """Return Wilson's bounds (2, k) of so many yes-or-no trials; NaN without an upper end."""
    unit = np.where(np.isfinite(highest), highest, np.nan)
    return wilson(np.clip(values / unit, 0, 1), trials) * unit


def _student_intervals(values: Array, error: Array, n: int) -> Array:
    half = stats.t.ppf((1 + LEVEL) / 2, max(n - 1, 1)) * error
    return np.stack([values - half, values + half])


def _score_intervals(values: Array, error: Array, n: int, highest: Array) -> Array:
    """Return Wilson's bounds (2, k) at the effective number of episodes, with Student's quantile.

    Where all episodes agree (NaN in `error`) the number of episodes itself is taken. A metric
    without an upper end gets Student's interval instead, NaN where all episodes agree.
    """
    bounded = np.isfinite(highest)
    unit = np.where(bounded, highest, 1)
    share = np.where(bounded, np.clip(values / unit, 0, 1), 0)
    effective = np.where(np.isnan(error), n, share * (1 - share) / (error / unit) ** 2)
    quantile = stats.t.ppf((1 + LEVEL) / 2, max(n - 1, 1))
    trials = np.where(bounded, effective, n)
    score = wilson(share, trials, alpha=2 * stats.norm.sf(quantile)) * unit
    return np.where(bounded, score, _student_intervals(values, error, n))
