"""Differences between ways: paired by question, and films drawn whole."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from longhaul.webagents.paired import gaps

ANSWERS = st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from("abcd")), min_size=1)


def test_the_interval_is_near_that_of_cluster_robust_errors() -> None:
    """With many films the bootstrap and the sandwich (statsmodels) agree; the error that takes
    questions as independent is too small here, since a film's questions are alike."""
    random = np.random.default_rng(0)
    films = np.repeat(np.arange(80), 5)
    easy = np.repeat(random.random(80), 5)
    a, b = random.random(400) < 0.2, random.random(400) < 0.2 + 0.5 * (easy > 0.5)
    (gap,) = gaps({"a": list(a), "b": list(b)}, [str(film) for film in films])
    difference = b.astype(float) - a.astype(float)
    fit = sm.OLS(difference, np.ones(400)).fit(cov_type="cluster", cov_kwds={"groups": films})
    low, high = fit.conf_int()[0]
    assert gap.value == pytest.approx(fit.params[0])
    assert gap.interval == pytest.approx((low, high), abs=0.01)
    naive = 2 * 1.96 * difference.std() / 20
    assert gap.interval is not None and gap.interval[1] - gap.interval[0] > 1.1 * naive


@settings(max_examples=20, deadline=None)
@given(ANSWERS)
def test_the_other_way_round_is_the_opposite(answers: list[tuple[bool, bool, str]]) -> None:
    a, b, films = (list(column) for column in zip(*answers, strict=True))
    (gap,), (back,) = gaps({"a": a, "b": b}, films), gaps({"b": b, "a": a}, films)
    assert gap.value == -back.value
    assert (gap.only_first, gap.only_second) == (back.only_second, back.only_first)
    assert gap.value * len(films) == pytest.approx(gap.only_second - gap.only_first)
    if gap.interval is not None:
        assert gap.interval[0] <= gap.interval[1]


def test_what_does_not_vary_has_no_interval() -> None:
    (gap,) = gaps({"a": [False, False], "b": [True, True]}, ["x", "y"])
    assert gap.value == 1.0 and gap.interval is None
