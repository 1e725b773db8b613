"""Words the answers of scripts/power.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from longhaul.errors import ConfigError
from longhaul.evaluation.comparison.power import (
    Pilot,
    episodes_mean,
    episodes_paired,
    episodes_unpaired,
)
from longhaul.evaluation.reports.table import label, show


def needed_for_rates(
    rates: Sequence[float], power: float, alpha: float
) -> tuple[dict[str, int], list[str]]:
    """Return how many episodes two success rates need, if the runs have different episodes or the
    same: by name, and in words.

    Over the same episodes the answer depends on how often the runs agree. It is given for agreement
    by chance (as if episodes did not differ in difficulty) and for the most that the rates allow.
    Raises ConfigError.
    """
    _require_chances(power, alpha)
    if len(rates) != 2 or not all(0 <= rate <= 1 for rate in rates):
        shown = " ".join(map(str, rates)) or "nothing"
        raise ConfigError(f"rates {shown}: give two in 0..1, as in: longhaul power 0.42 0.50")
    a, b = rates
    chance = episodes_paired(b * (1 - a), a * (1 - b), power, alpha)
    best = episodes_paired(max(b - a, 0), max(a - b, 0), power, alpha)
    apart = episodes_unpaired(a, b, power, alpha)
    needed = {"same_episodes_least": best, "same_episodes_by_chance": chance, "different": apart}
    return needed, [
        f"success {a:.1%} against {b:.1%}, power {power:.0%}, alpha {alpha:.2g}",
        f"  same episodes, compared pair by pair: {best} (agreeing as often as the rates allow) "
        f"to {chance} (by chance)",
        f"  different episodes: {apart} for each run",
    ]


def needed_for_pilot(
    found: Pilot, metric: str, episodes: int, difference: float | None, power: float, alpha: float
) -> tuple[dict[str, Any], list[str]]:
    """Return how many shared episodes a difference needs if the runs agree as often as the pilot's
    do: by name, and in words.

    If `difference` is None, it is the pilot's own. Raises ConfigError.
    """
    _require_chances(power, alpha)
    gap = found.b - found.a if difference is None else difference
    if found.gained is None or found.lost is None:
        needed, test = episodes_mean(gap, found.sd, power, alpha), "paired t-test"
        spread = f"differences of episodes have a standard deviation of {found.sd:.3g}"
    else:
        apart = max(found.gained + found.lost, abs(gap))
        needed = episodes_paired((apart + gap) / 2, (apart - gap) / 2, power, alpha)
        test = "McNemar's exact test"
        spread = f"the runs differ in {found.gained + found.lost:.1%} of the episodes"
    told = {"metric": metric, "a": found.a, "b": found.b, "difference": gap, "episodes": needed}
    return told, [
        f"pilot, {episodes} episodes in both: {label(metric)} {show(metric, found.a)} and "
        f"{show(metric, found.b)}; {spread}",
        f"to find {show(metric, gap, signed=True)} with power {power:.0%} at alpha {alpha:.2g}: "
        f"{needed} episodes ({test})",
    ]


def _require_chances(power: float, alpha: float) -> None:
    for name, value in (("power", power), ("alpha", alpha)):
        if not 0 < value < 1:
            raise ConfigError(f"--{name} {value} must lie between 0 and 1")
    if alpha >= power:
        raise ConfigError(f"--alpha {alpha} must be below --power {power}")
