"""Compares several runs with the first, over the episodes that all of them attempted.

With more than two runs, a metric has one p-value for each run that is compared. Holm's correction
(1979) keeps the probability of one or more false positives among them at 5 %. Metrics are not
corrected for one another, because they are computed from the same outcomes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from statsmodels.stats.multitest import multipletests

from longhaul.errors import ConfigError
from longhaul.evaluation.comparison.compare import (
    Difference,
    Run,
    compare,
    differences_between,
    differences_of_code,
    require_comparable,
)
from longhaul.evaluation.metrics.statistics import RESAMPLES
from longhaul.evaluation.reports.table import beside


@dataclass(frozen=True)
class Comparison:
    """One run against the base. It has the differences by metric, their p-values after Holm's
    correction over all runs, and the episodes that only this run finished (`gained`) or only the
    base (`lost`)."""

    run: Run
    differences: Mapping[str, Difference]
    holm: Mapping[str, float]
    gained: Sequence[str]
    lost: Sequence[str]


@dataclass(frozen=True)
class Comparisons:
    """All comparisons to `base` over `episodes`. `warnings` are the problems that --force ignored,
    and what is said of runs that were made with different code."""

    base: Run
    episodes: Sequence[str]
    others: Sequence[Comparison]
    warnings: Sequence[str]


def compare_runs(runs: Sequence[Run], force: bool, resamples: int = RESAMPLES) -> Comparisons:
    """Compare every run with the first.

    Raises ConfigError for fewer than two runs, for runs without an episode that all of them
    attempted, and as `require_comparable` does.
    """
    base, *others = runs
    if not others:
        raise ConfigError(f"{base.path}: give a second run to compare it with")
    shared = [set(require_comparable(base, other, force)) for other in others]
    common = sorted(set.intersection(*shared))
    if not common:
        paths = ", ".join(str(run.path) for run in runs)
        raise ConfigError(f"{paths}: no episode that all of them attempted")
    before = [base.records[name] for name in common]
    found = [compare(before, [run.records[i] for i in common], resamples) for run in others]
    holm = _holm(found)
    return Comparisons(
        base,
        common,
        [
            Comparison(run, gaps, p, _won(run, base, common), _won(base, run, common))
            for run, gaps, p in zip(others, found, holm, strict=True)
        ],
        [
            line
            for other in others
            for line in (*differences_between(base, other), *differences_of_code(base, other))
        ],
    )


def notes(run: Run, episodes: Sequence[str]) -> str:
    """Return a run's path with the notes that must stand beside its numbers."""
    errors = sum(run.records[name].status == "error" for name in episodes)
    told = [str(run.path), *beside(run.summary), f"{len(run.records)} episodes"]
    return ", ".join(told + ([f"{errors} errors among those compared"] if errors else []))


def _holm(found: Sequence[Mapping[str, Difference]]) -> list[dict[str, float]]:
    adjusted: list[dict[str, float]] = [{} for _ in found]
    for name in {name: None for gaps in found for name in gaps}:
        told = [number for number, gaps in enumerate(found) if name in gaps]
        p = multipletests([found[number][name].p for number in told], method="holm")[1]
        for number, value in zip(told, p, strict=True):
            adjusted[number][name] = float(value)
    return adjusted


def _won(run: Run, other: Run, episodes: Sequence[str]) -> list[str]:
    return [
        name
        for name in episodes
        if run.records[name].status == "success" and other.records[name].status != "success"
    ]
