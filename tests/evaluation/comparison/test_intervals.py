"""Intervals of differences: on the scale, and of one mind with the p-value beside them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from longhaul.envs.episode import EpisodeRecord
from longhaul.evaluation.comparison.compare import Difference, compare
from longhaul.evaluation.metrics.statistics import (
    difference_intervals,
    difference_p,
    rate_difference_interval,
)
from tests.evaluation.made import make_record

LARGEST = {"avg_len": 5.0}


def records(done: list[int]) -> list[EpisodeRecord]:
    """Return chains of five subtasks, of which so many are done."""
    rows = [[1] * count + [0] * (5 - count) for count in done]
    return [
        make_record(row, steps=[10] * min(sum(row) + 1, 5), name=f"{i:03}")
        for i, row in enumerate(rows)
    ]


def judged(found: dict[str, Difference]) -> Iterator[tuple[str, Difference]]:
    for name, gap in found.items():
        assert gap.low is not None and gap.high is not None
        largest = LARGEST.get(name, 1.0)
        assert -largest <= gap.low <= gap.value + 1e-12 and gap.value - 1e-12 <= gap.high <= largest
        yield name, gap


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12))
@settings(deadline=None)
def test_intervals_stay_on_the_scale_and_agree_with_p(pairs: list[tuple[int, int]]) -> None:
    a, b = (records([pair[side] for pair in pairs]) for side in (0, 1))
    for name, gap in judged(compare(a, b, resamples=500)):
        assert (gap.low > 0 or gap.high < 0) == (gap.p <= 0.05), (name, gap)  # type: ignore[operator]


@pytest.mark.parametrize("done", [([0, 1, 0], [4, 5, 2]), ([5, 5, 5], [0, 0, 0]), ([2], [5])])
def test_up_to_three_episodes_show_nothing(done: tuple[list[int], list[int]]) -> None:
    for name, gap in judged(compare(records(done[0]), records(done[1]))):
        assert gap.p > 0.05 and gap.low < 0 < gap.high, (name, gap)  # type: ignore[operator]


def test_all_rates_agree_with_mcnemars_exact_test() -> None:
    """Over every table of up to 25 episodes, and larger ones."""
    for n in (*range(1, 26), 120):
        for apart in range(n + 1) if n <= 25 else range(0, 40):
            for gained in range(apart + 1):
                signs = [1.0] * gained + [-1.0] * (apart - gained) + [0.0] * (n - apart)
                low, high = rate_difference_interval(np.array(signs))
                p = exact(gained, apart)
                assert (low > 0 or high < 0) == (p < 0.05), (n, gained, apart)
                assert -1 <= low <= high <= 1 and high - low > 0


CACHE: dict[tuple[int, int], float] = {}


def exact(gained: int, apart: int) -> float:
    key = gained, apart
    if key not in CACHE:
        CACHE[key] = stats.binomtest(gained, apart).pvalue if apart else 1.0
    return CACHE[key]


def test_differences_hold_the_truth_in_small_samples_too() -> None:
    """At 12 and 25 episodes, of a skewed population with many ties."""
    rng = np.random.default_rng(0)
    population = rng.choice([-1.0, 0.0, 1.0, 2.0, 3.0], 4000, p=[0.1, 0.4, 0.25, 0.15, 0.1])
    for n in (12, 25):
        drawn = population[rng.integers(0, len(population), (1000, n))]
        low, high = difference_intervals(drawn, np.full(1000, 5.0), resamples=400).T
        share = np.mean((low <= population.mean()) & (population.mean() <= high))
        assert 0.92 <= share <= 0.99, (n, share)


def test_the_interval_is_the_inverse_of_the_test() -> None:
    """Just inside a bound the mean is not rejected, just outside it is."""
    gaps = np.random.default_rng(2).gamma(1.0, 1.0, 30) - 0.3
    low, high = difference_intervals(gaps[None], np.array([math.inf]))[0]
    for bound, way in ((low, 1), (high, -1)):
        assert difference_p(gaps - (bound + way * 1e-6)) > 0.05
        assert difference_p(gaps - (bound - way * 1e-6)) <= 0.05


def test_a_scale_without_an_end_and_too_few_episodes_have_no_interval() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = difference_intervals(np.array([[1.0, 2.0, 3.0]]), np.array([math.inf]))[0]
        same = difference_intervals(np.full((1, 8), 0.5), np.array([math.inf]))[0]
    assert np.isnan(found).all() and np.isnan(same).all()
