"""Computes how many episodes a comparison needs to detect a given difference.

Two runs over the same episodes are compared as pairs (McNemar's exact test for a rate, the sample
size of a paired t-test for any other metric). Two runs over different episodes are compared as two
independent samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.stats.power import NormalIndPower, TTestPower
from statsmodels.stats.proportion import proportion_effectsize

from longhaul.envs.episode import EpisodeRecord
from longhaul.errors import ConfigError, require_known
from longhaul.evaluation.comparison.compare import all_samples

MAX_EPISODES = 1_000_000
"""The largest number of episodes that is tried in the search; larger answers are of no practical
use."""


@dataclass(frozen=True)
class Pilot:
    """The values of a metric, `a` and `b`, in two runs over the same episodes. `sd` is the standard
    deviation of the paired differences. For a rate, `gained` and `lost` are the shares of episodes
    that only b or only a finished; otherwise they are None."""

    a: float
    b: float
    sd: float
    gained: float | None
    lost: float | None


def pilot(a: Sequence[EpisodeRecord], b: Sequence[EpisodeRecord], metric: str) -> Pilot:
    """Return the pilot of a metric from two runs; a[j] and b[j] are records of the same episode.

    Raises ConfigError for a metric that the runs do not have, and for fewer than two episodes.
    """
    if len(a) < 2:
        raise ConfigError(f"{len(a)} episodes in both runs: a pilot needs two or more")
    ours, theirs = all_samples(a), all_samples(b)
    require_known("--metric", metric, sorted(ours.keys() & theirs.keys()))
    before, after = (found[metric].without_silent() for found in (ours, theirs))
    if len(before.terms) != len(after.terms):
        raise ConfigError(f"--metric {metric}: some episodes say something of it in one run only")
    gaps = np.subtract(after.linearized(), before.linearized())
    rate = before.is_rate and after.is_rate
    gained, lost = (float((gaps * sign > 0.5).mean()) if rate else None for sign in (1, -1))
    return Pilot(before.value, after.value, float(gaps.std(ddof=1)), gained, lost)


def episodes_unpaired(a: float, b: float, power: float, alpha: float) -> int:
    """Return how many different episodes each of two runs needs to tell rates a and b apart.

    Cohen's (1988) arcsine approximation. Raises ConfigError for equal rates.
    """
    _require_difference(b - a)
    effect = abs(proportion_effectsize(b, a))
    return int(np.ceil(NormalIndPower().solve_power(effect, power=power, alpha=alpha)))


def episodes_paired(gained: float, lost: float, power: float, alpha: float) -> int:
    """Return how many shared episodes McNemar's exact test needs.

    `gained` and `lost` are the expected shares of episodes that only one of the two runs finishes.
    Raises ConfigError for equal shares, for shares that add up to more than 1, and if more than
    MAX_EPISODES are needed.
    """
    _require_difference(gained - lost)
    if min(gained, lost) < 0 or gained + lost > 1 + 1e-12:
        raise ConfigError(f"shares {gained:.3g} and {lost:.3g} must lie in 0..1, their sum too")
    low, high = 1, 2
    while mcnemar_power(high, gained, lost, alpha) < power:
        low, high = high, 2 * high
        if high > MAX_EPISODES:
            raise ConfigError(
                f"a difference of {gained - lost:+.3g} needs over {MAX_EPISODES} episodes"
            )
    while high - low > 1:
        middle = (low + high) // 2
        if mcnemar_power(middle, gained, lost, alpha) < power:
            low = middle
        else:
            high = middle
    return high


def mcnemar_power(n: int, gained: float, lost: float, alpha: float) -> float:
    """Return the probability that McNemar's exact test over n pairs gives p <= alpha.

    The probability is summed over the number m of discordant pairs, which is binomial in n, and
    over how many of them b won, which is binomial in m. Values of m with a tail below 1e-9 are left
    out.
    """
    apart = min(gained + lost, 1.0)
    first, last = (int(m) for m in stats.binom.ppf([1e-9, 1 - 1e-9], n, apart))
    m = np.arange(max(first, 1), last + 1)
    # The greatest count of the rarer side with which m pairs are significant, -1 for none.
    rare = stats.binom.ppf(alpha / 2, m, 0.5).astype(int)
    rare = np.where(2 * stats.binom.cdf(rare, m, 0.5) <= alpha, rare, rare - 1)
    share = gained / (gained + lost)
    wins = stats.binom.cdf(rare, m, share) + stats.binom.cdf(rare, m, 1 - share)
    return float(stats.binom.pmf(m, n, apart) @ np.minimum(wins, 1.0))


def episodes_mean(difference: float, sd: float, power: float, alpha: float) -> int:
    """Return how many shared episodes a paired t-test needs.

    `sd` is the standard deviation of the paired differences. Raises ConfigError for a difference of
    0.
    """
    _require_difference(difference)
    if sd <= 0:
        raise ConfigError("the pilot's episodes all differ by the same: they say nothing of sd")
    n = TTestPower().solve_power(abs(difference) / sd, power=power, alpha=alpha)
    return int(np.ceil(n))


def _require_difference(difference: float) -> None:
    if not abs(difference) > 1e-12:
        raise ConfigError("no number of episodes finds a difference of 0: give two unlike values")
