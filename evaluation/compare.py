"""Paired comparison of two runs over the episodes that both attempted, b against a.

A difference of rates gets McNemar's exact p-value and the interval of Bonett and Price. Any other
difference gets the paired bootstrap over whole episodes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from statsmodels.stats.contingency_tables import mcnemar

from envs.episode import EpisodeRecord
from envs.specs import ConfigError
from evaluation.metrics import samples, success_at_samples
from evaluation.metrics_sample import Sample
from evaluation.report_table import beside, label, show, show_interval
from evaluation.statistics import RESAMPLES, bonett_price, difference_intervals, known
from evaluation.store import parse_records


@dataclass(frozen=True)
class Run:
    """A finished run, read from its folder; `records` by Episode id."""

    path: Path
    records: dict[str, EpisodeRecord]
    summary: dict[str, Any]

    @property
    def renderer(self) -> str | None:
        """Which renderer really drew; None for an env that has none."""
        identity = self.summary["provenance"].get("identity", {})
        found: str | None = identity.get("env", {}).get("renderer")
        return found


@dataclass(frozen=True)
class Difference:
    """A metric in both runs, b - a, and its 95 % interval; `p` is McNemar's, for rates."""

    a: float
    b: float
    low: float | None
    high: float | None
    p: float | None

    @property
    def value(self) -> float:
        return self.b - self.a


def read_run(path: Path) -> Run:
    """Read a run folder without changing it; a last line that a crash cut short is left out.

    Raises ConfigError for a folder that does not hold a finished run.
    """
    lines, summary = path / "episodes.jsonl", path / "summary.json"
    for file in (lines, summary):
        if not file.is_file():
            raise ConfigError(f"{path} holds no finished run: {file.name} is missing")
    try:
        records, _ = parse_records(lines.read_bytes(), lines)
        return Run(path, records, json.loads(summary.read_text()))
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} holds no readable run: {error!r}") from error


def require_comparable(a: Run, b: Run, force: bool = False) -> list[str]:
    """Return the ids of the episodes that both runs have a record of, sorted.

    Raises ConfigError for runs without a common episode, for an id that stands for two different
    episodes and, unless `force`, for different renderers: pictures from another renderer are
    another input.
    """
    if a.renderer != b.renderer and not force:
        raise ConfigError(
            f"different renderers: {a.renderer!r} drew {a.path}, {b.renderer!r} drew {b.path}; "
            "--force compares them all the same"
        )
    common = sorted(a.records.keys() & b.records.keys())
    if not common:
        raise ConfigError(f"{a.path} and {b.path} have no episode in common")
    for name in common:
        if a.records[name].episode != b.records[name].episode:
            raise ConfigError(f"episode {name} of {a.path} is not that of {b.path}")
    return common


def compare(
    a: Sequence[EpisodeRecord], b: Sequence[EpisodeRecord], resamples: int = RESAMPLES
) -> dict[str, Difference]:
    """Return the differences of all metrics (official mode) that both runs have.

    a[j] and b[j] are records of the same episode. A metric is left out where an episode says
    something about it in one run only.
    """
    ours, theirs = (_all_samples(records) for records in (a, b))
    found: dict[str, Difference] = {}
    for name in (name for name in ours if name in theirs):
        pair = ours[name], theirs[name]
        if all(bool(s) == bool(t) for s, t in zip(*(p.terms for p in pair), strict=True)):
            found[name] = _difference(*pair, resamples)
    return found


def _all_samples(records: Sequence[EpisodeRecord]) -> dict[str, Sample]:
    at = {f"success@{k}": sample for k, sample in success_at_samples(records).items()}
    return samples(records) | at


def _difference(a: Sample, b: Sample, resamples: int) -> Difference:
    before, after, largest = a.without_silent(), b.without_silent(), np.array([a.high])
    p = None
    if a.is_rate and b.is_rate:
        differences = np.subtract(after.terms, before.terms).T
        low, high = bonett_price(differences, largest)[:, 0]
        gained, lost = int((differences > 0).sum()), int((differences < 0).sum())
        p = float(mcnemar([[0, gained], [lost, 0]], exact=True).pvalue)
    else:
        differences = np.subtract([after.linearised()], [before.linearised()])
        low, high = difference_intervals(differences, largest, resamples)[0]
    return Difference(a.value, b.value, known(low), known(high), p)


def print_comparison(a: Run, b: Run, force: bool, console: Console) -> None:
    """Compare two runs and print the table. Raises ConfigError as `require_comparable` does."""
    common = require_comparable(a, b, force)
    found = compare([a.records[name] for name in common], [b.records[name] for name in common])
    for name, run in (("a", a), ("b", b)):
        notes = [str(run.path), *beside(run.summary), f"{len(run.records)} episodes"]
        errors = sum(run.records[i].status == "error" for i in common)
        notes += [f"{errors} errors among those compared"] if errors else []
        console.print(f"{name}: {', '.join(notes)}", highlight=False, markup=False)
    if a.renderer != b.renderer:
        console.print(f"different renderers: {a.renderer!r} and {b.renderer!r}", markup=False)
    table = Table(title=f"{len(common)} episodes in both; p: McNemar's exact test")
    table.add_column("metric")
    for heading in ("a", "b", "b - a", "95 % interval", "p"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, difference in found.items():
        table.add_row(*_row(name, difference))
    console.print(table)


def _row(name: str, found: Difference) -> tuple[str, ...]:
    p = "" if found.p is None else f"{found.p:.2g}"
    numbers = (show(name, found.a), show(name, found.b), show(name, found.value, signed=True))
    interval = show_interval(name, found.low, found.high, signed=True)
    return label(name), *numbers, interval, p
