from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from longhaul.evaluation.metrics.metrics import samples
from longhaul.evaluation.metrics.sample import Sample
from longhaul.evaluation.metrics.statistics import (
    bonett_price,
    bonett_price_p,
    bootstrap_intervals,
    clopper_pearson,
    difference_intervals,
    estimates,
    rate_difference_interval,
    wilson,
)
from tests.evaluation.made import chained, independent, make_record

EPISODES = 5000
POPULATIONS = {
    "chained, average length 0.9": (chained, 0.42),
    "chained, average length 2.5": (chained, 0.78),
    "chained, average length 4.5": (chained, 0.975),
    "independent, ISR 0.3": (independent, 0.3),
    "independent, ISR 0.6": (independent, 0.6),
    "independent, ISR 0.9": (independent, 0.9),
}


def coverage(population: str, n: int, runs: int, resamples: int) -> dict[str, float]:
    """Return how often the interval of each metric holds the population's own value.

    Runs are `n` episodes drawn from the population; so its value is known exactly. For SR every
    possible run counts with its probability; for the others `runs` are drawn.
    """
    make, skill = POPULATIONS[population]
    known = samples(make(skill, EPISODES))
    successes = np.arange(n + 1)
    low, high = wilson(successes / n, n)
    holds = (low <= known["sr"].value) & (known["sr"].value <= high)
    found = {"sr": float(stats.binom.pmf(successes, n, known["sr"].value)[holds].sum())}
    drawn = np.random.default_rng(n).integers(0, EPISODES, (runs, n))
    for name in ("isr", "csr", "cgt", "avg_len"):
        sample = known[name]
        totals = np.array([sum(terms) for terms in sample.terms])[drawn]
        counts = np.array([float(len(terms)) for terms in sample.terms])[drawn]
        highest = np.full(runs, sample.high)
        low, high = bootstrap_intervals(totals, counts, highest, resamples).T
        found[name] = float(np.mean((low <= sample.value) & (sample.value <= high)))
    return found


@pytest.mark.parametrize("population", POPULATIONS)
def test_intervals_hold_the_truth_19_times_in_20(population: str) -> None:
    for n in (50, 200, 1000):
        for name, share in coverage(population, n, runs=1500, resamples=300).items():
            assert 0.93 <= share <= 0.97, (name, n, share)


@pytest.mark.slow
@pytest.mark.parametrize("population", POPULATIONS)
def test_coverage_with_many_runs(population: str) -> None:
    for n in (50, 200, 1000):
        for name, share in coverage(population, n, runs=5000, resamples=1000).items():
            assert 0.935 <= share <= 0.965, (name, n, share)


@pytest.mark.parametrize("n", [50, 200])
def test_differences_hold_the_truth_19_times_in_20(n: int) -> None:
    runs = 1500
    drawn = np.random.default_rng(n).integers(0, EPISODES, (runs, n))
    # The same seed makes the same episodes, on which the better policy does all the worse does.
    weak, strong, other = (
        samples(chained(skill, EPISODES, seed)) for skill, seed in ((0.7, 0), (0.8, 0), (0.8, 1))
    )
    for against in (strong, other):
        for name in ("sr", "cgt", "avg_len"):
            pairs = np.subtract(against[name].linearized(), weak[name].linearized())
            largest = np.full(runs, weak[name].high)
            if name == "sr":
                low, high = bonett_price(pairs[drawn], largest)
            else:
                low, high = difference_intervals(pairs[drawn], largest, resamples=300).T
            share = np.mean((low <= pairs.mean()) & (pairs.mean() <= high))
            assert 0.93 <= share <= 0.97, (name, n, share)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(successes: int, n: int, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3."""
    assert wilson(successes / n, n) == pytest.approx([low, high], abs=5e-5)


def test_rates_get_wilsons_interval() -> None:
    records = [make_record([int(i < 37)], name=str(i)) for i in range(50)]
    found = estimates(samples(records))["sr"]
    expected = stats.binomtest(37, 50).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-12)
    assert (found.value, found.n) == (0.74, 50)


def test_bootstrap_agrees_with_scipy() -> None:
    """On data with a long tail BCa reaches further up than Student's interval, and less down."""
    data = np.random.default_rng(3).lognormal(0, 1, 60)
    scipys = stats.bootstrap((data,), np.mean, n_resamples=9999, method="BCa", rng=0)
    student = stats.t.interval(0.95, 59, data.mean(), stats.sem(data))
    assert scipys.confidence_interval.high > student[1]
    low, high = bootstrap_intervals(data[None], np.ones((1, 60)), np.array([np.inf]), 9999)[0]
    assert high == pytest.approx(scipys.confidence_interval.high, rel=1e-6)
    assert low == pytest.approx(student[0], rel=1e-9)


def test_with_a_long_tail_down_bca_reaches_further_down() -> None:
    data = 100 - np.random.default_rng(3).lognormal(0, 1, 60)
    scipys = stats.bootstrap((data,), np.mean, n_resamples=9999, method="BCa", rng=0)
    student = stats.t.interval(0.95, 59, data.mean(), stats.sem(data))
    assert scipys.confidence_interval.low < student[0]
    low, high = bootstrap_intervals(data[None], np.ones((1, 60)), np.array([np.inf]), 9999)[0]
    assert low == pytest.approx(scipys.confidence_interval.low, rel=1e-9)
    assert high == pytest.approx(student[1], rel=1e-9)


def test_bootstrap_of_a_ratio_agrees_with_scipy() -> None:
    """For shares near 0 BCa's upper end is the further one, Wilson's lower end."""
    rng = np.random.default_rng(4)
    counts = rng.integers(1, 5, 80)
    totals = rng.binomial(counts, 0.3)
    scipys = stats.bootstrap(
        (totals, counts),
        lambda t, c, axis: t.sum(axis) / c.sum(axis),
        paired=True,
        n_resamples=9999,
        method="BCa",
        rng=0,
    ).confidence_interval
    bounds = bootstrap_intervals(totals[None] * 1.0, counts[None] * 1.0, np.ones(1), 9999)[0]
    width = scipys.high - scipys.low
    assert np.abs(bounds - [scipys.low, scipys.high]).max() < 0.03 * width


@pytest.mark.parametrize("done", [0, 1])
@pytest.mark.parametrize("n", [1, 2, 20])
def test_no_interval_of_zero_width_at_the_ends(done: int, n: int) -> None:
    records = [make_record([done] * 3, [3, 5, 7], name=str(i)) for i in range(n)]
    for name, found in estimates(samples(records)).items():
        assert found.low is not None and found.high is not None
        assert found.high - found.low > 0.1 * (3 if name == "avg_len" else 1), name
        assert found.low - 1e-12 <= found.value <= found.high + 1e-12


def test_no_interval_of_zero_width_in_between() -> None:
    found = estimates(samples([make_record([1, 0, 0], name=str(i)) for i in range(20)]))
    assert found["isr"].low < 0.2 and found["isr"].high > 0.5  # type: ignore[operator]


def test_a_distance_seen_once_has_no_interval() -> None:
    found = estimates({"ne": Sample(((2.0,), ()), high=np.inf)})["ne"]
    assert (found.value, found.low, found.high, found.n) == (2.0, None, None, 1)


def test_equal_data_give_equal_intervals_whatever_else_is_asked() -> None:
    found = samples(independent(0.6, 40))
    together, alone = estimates(found), estimates({"cgt": found["cgt"]})
    assert together["cgt"] == pytest.approx(alone["cgt"])
    assert together == estimates(found)


def test_more_episodes_narrow_the_interval() -> None:
    few, many = (estimates(samples(independent(0.6, n))) for n in (50, 800))
    for name in ("sr", "isr", "csr", "cgt", "avg_len"):
        ratio = (few[name].high - few[name].low) / (many[name].high - many[name].low)  # type: ignore[operator]
        assert 3 < ratio < 5.5  # four, by the root of n


def test_subtasks_of_an_episode_are_not_independent() -> None:
    """Five subtasks that succeed or fail together say no more than one."""
    records = [make_record([int(i < 30)] * 5, name=str(i)) for i in range(50)]
    found = estimates(samples(records))
    assert found["isr"].high - found["isr"].low > 0.95 * (found["sr"].high - found["sr"].low)  # type: ignore[operator]


def test_bonett_price_by_hand() -> None:
    differences = np.array([1] * 8 + [-1] * 2 + [0] * 40, dtype=float)
    p_gain, p_loss = 9 / 52, 3 / 52
    half = 1.959964 * np.sqrt((p_gain + p_loss - (p_gain - p_loss) ** 2) / 52)
    expected = [p_gain - p_loss - half, p_gain - p_loss + half]
    assert bonett_price(differences[None], np.ones(1))[:, 0] == pytest.approx(expected, rel=1e-6)


def test_bonett_prices_p_value_by_hand() -> None:
    """Of 18 gains of 2 on a scale of 5, with a gain and a loss of 5 added: mean 1.8, mean square
    (18 * 4 + 2 * 25) / 20 = 6.1, variance 6.1 - 1.8² = 2.86."""
    z = 1.8 / np.sqrt(2.86 / 20)
    assert bonett_price_p(np.full(18, 2.0), 5.0) == pytest.approx(2 * stats.norm.sf(z), rel=1e-12)
    assert bonett_price_p(np.full(18, -2.0), 5.0) == bonett_price_p(np.full(18, 2.0), 5.0)
    assert bonett_price_p(np.zeros(3), 5.0) == 1.0
    assert bonett_price_p(np.full(18, 2.0), np.inf) == 0.0


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30), st.floats(3, 20))
def test_bonett_prices_interval_and_p_value_agree(gaps: list[int], largest: float) -> None:
    differences = np.array(gaps, dtype=float)
    low, high = bonett_price(differences[None], np.array([largest]))[:, 0]
    p = bonett_price_p(differences, largest)
    assert abs(p - 0.05) < 1e-9 or (low > 0 or high < 0) == (p < 0.05)


def test_two_equal_runs_still_leave_a_doubt() -> None:
    low, high = difference_intervals(np.zeros((1, 30)), np.array([5.0]))[0]
    assert low < -0.1 and high > 0.1


# Episodes of one to four subtasks, of which the number done is drawn.
EPISODES_OF_SUBTASKS = st.lists(
    st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=4).map(tuple), min_size=1, max_size=8
)
GAPS = st.lists(st.integers(-3, 3), min_size=1, max_size=8)


@given(EPISODES_OF_SUBTASKS, st.sampled_from(["wilson", "exact"]))
def test_the_same_evidence_again_narrows_every_interval(
    episodes: list[tuple[float, ...]], kind: str
) -> None:
    widths = []
    for times in (1, 2, 5):
        found = estimates({"isr": Sample(tuple(episodes * times))}, 300, kind)["isr"]
        assert found.low is not None and found.high is not None
        assert 0 <= found.low <= found.value <= found.high <= 1
        widths.append(found.high - found.low)
    assert widths == sorted(widths, reverse=True)


@given(GAPS)
def test_the_same_pairs_again_narrow_every_difference(gaps: list[int]) -> None:
    signs, differences = np.sign(np.array(gaps, float)), np.array(gaps, float)
    widths = []
    for times in (1, 2, 5):
        rate = rate_difference_interval(np.tile(signs, times))
        mean = difference_intervals(np.tile(differences, times)[None], np.array([5.0]), 300)[0]
        assert -1 <= rate[0] <= signs.mean() <= rate[1] <= 1
        assert -5 <= mean[0] <= differences.mean() <= mean[1] <= 5
        widths.append([rate[1] - rate[0], mean[1] - mean[0]])
    assert (np.diff(widths, axis=0) <= 1e-12).all()


def test_five_subtasks_of_an_episode_say_no_less_than_one() -> None:
    """Wilson's bound at n of n successes is n / (n + z²), where z² is 3.8415."""
    found = estimates({"sr": Sample(((1.0,),)), "isr": Sample(((1.0,) * 5,))})
    assert found["isr"] == found["sr"]
    assert found["sr"].low == pytest.approx(1 / 4.8415, abs=1e-5) and found["sr"].high == 1


def test_all_of_n_is_held_exactly() -> None:
    for n in range(1, 400):
        for low, high in (wilson(0.0, n), clopper_pearson(0.0, n)):
            assert low == 0 < high
        for low, high in (wilson(1.0, n), clopper_pearson(1.0, n)):
            assert low < 1 == high


def rate_coverage(kind: str, rate: float, n: int) -> float:
    """Return how often the interval of a rate holds it, over all outcomes of n trials."""
    successes = np.arange(n + 1)
    low, high = {"wilson": wilson, "exact": clopper_pearson}[kind](successes / n, n)
    return float(stats.binom.pmf(successes, n, rate)[(low <= rate) & (rate <= high)].sum())


NEAR_THE_CEILING = [round(0.85 + 0.01 * i, 2) for i in range(15)]


def test_exact_intervals_hold_every_rate_19_times_in_20() -> None:
    coverages = {
        kind: [rate_coverage(kind, rate, n) for rate in NEAR_THE_CEILING for n in range(5, 51)]
        for kind in ("wilson", "exact")
    }
    assert min(coverages["exact"]) >= 0.95
    assert min(coverages["wilson"]) < 0.86 and np.mean(coverages["wilson"]) > 0.94


def test_clopper_pearson_agrees_with_scipy() -> None:
    for n in (1, 7, 50):
        for successes in range(n + 1):
            expected = stats.binomtest(successes, n).proportion_ci(method="exact")
            found = clopper_pearson(successes / n, n)
            assert found == pytest.approx([expected.low, expected.high], abs=1e-9)
