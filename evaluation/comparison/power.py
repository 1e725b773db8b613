"""How many episodes a comparison needs to find a given difference.

Two runs over the same episodes are compared pair by pair (McNemar's exact test for a rate, a
paired t-test's sample size for anything else); over different episodes, as two samples.
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

MOST = 1_000_000
"""Episodes beyond which there is no point in asking."""


@dataclass(frozen=True)
class Pilot:
    """What two runs over the same episodes say of a metric: its values `a` and `b`, the standard
    deviation `sd` of the paired differences, and for a rate the share of episodes that only b
    (`gained`) or only a finished (`lost`), else None."""

    a: float
    b: float
    sd: float
    gained: float | None
    lost: float | None


def pilot(a: Sequence[EpisodeRecord], b: Sequence[EpisodeRecord], metric: str) -> Pilot:
    """Return what two runs show of a metric; a[j] and b[j] are records of the same episode.

    Raises ConfigError for a metric that they do not have, or for fewer than two episodes.
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
    Raises ConfigError for equal shares, shares that add up to more than 1, or beyond MOST.
    """
    _require_difference(gained - lost)
    if min(gained, lost) < 0 or gained + lost > 1 + 1e-12:
        raise ConfigError(f"shares {gained:.3g} and {lost:.3g} must lie in 0..1, their sum too")
    low, high = 1, 2
    while mcnemar_power(high, gained, lost, alpha) < power:
        low, high = high, 2 * high
        if high > MOST:
            raise ConfigError(f"a difference of {gained - lost:+.3g} needs over {MOST} episodes")
    while high - low > 1:
        middle = (low + high) // 2
        if mcnemar_power(middle, gained, lost, alpha) < power:
            low = middle
        else:
            high = middle
    return high


def mcnemar_power(n: int, gained: float, lost: float, alpha: float) -> float:
    """Return the chance that McNemar's exact test over n pairs gives p <= alpha.

    It is summed over the number m of pairs that differ, binomial in n, and over who won them,
    binomial in m; tails of m below 1e-9 are left out.
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

    `sd` is the standard deviation of the paired differences. Raises ConfigError for no difference.
    """
    _require_difference(difference)
    if sd <= 0:
        raise ConfigError("the pilot's episodes all differ by the same: they say nothing of sd")
    n = TTestPower().solve_power(abs(difference) / sd, power=power, alpha=alpha)
    return int(np.ceil(n))


def _require_difference(difference: float) -> None:
    if not abs(difference) > 1e-12:
        raise ConfigError("no number of episodes finds a difference of 0: give two unlike values")
