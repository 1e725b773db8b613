"""Paired comparison of two runs, b against a, over the episodes that both attempted.

A difference of rates gets McNemar's exact p-value and the interval of Bonett and Price, widened to
the one that this test gives. Any other difference gets interval and p-value of the studentized
paired bootstrap over whole episodes. So p-value and interval agree on whether there is a
difference, and no bound lies outside the scale.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from statsmodels.stats.contingency_tables import mcnemar

from longhaul.envs.episode import EpisodeRecord
from longhaul.errors import ConfigError
from longhaul.evaluation.metrics.metrics import samples, success_at_samples
from longhaul.evaluation.metrics.sample import Sample
from longhaul.evaluation.metrics.statistics import (
    RESAMPLES,
    bonett_price_p,
    difference_intervals,
    difference_p,
    known,
    rate_difference_interval,
)
from longhaul.evaluation.records.store import parse_records
from longhaul.evaluation.reports.summary import read_summary
from longhaul.inside import Folder
from longhaul.kinds import instead


@dataclass(frozen=True)
class Run:
    """A finished run, read from its folder; `records` are by the id of the episode."""

    path: Path
    records: dict[str, EpisodeRecord]
    summary: dict[str, Any]

    @property
    def renderer(self) -> str | None:
        """The renderer that was really used; None for an env without one."""
        return self._identity("env", "renderer")

    @property
    def split(self) -> str | None:
        """The split of the episodes; None if the run does not name it."""
        return self._identity("config", "split")

    @property
    def packages(self) -> dict[str, str]:
        """The versions of the packages that the records were made with, by name."""
        found: dict[str, set[str]] = defaultdict(set)
        for mark in self._origins("numerical", "packages"):
            for name, version in mark.items():
                found[name].add(str(version))
        return {name: " or ".join(sorted(versions)) for name, versions in found.items()}

    def code_of(self, side: str) -> set[str]:
        """Return the versions of the code of a side (env, policy, evaluation) that made records,
        each as one text; none if a record does not say it."""
        found = self._origins("code", "code")
        return {json.dumps(code.get(side), sort_keys=True) for code in found}

    def _origins(self, group: str, key: str) -> list[Mapping[str, Any]]:
        """Return what the marks of the records stand for; [] if one of them is not listed."""
        listed = self.summary["provenance"].get(group)
        listed = listed if isinstance(listed, Mapping) else {}
        marks = [mark.get(key) for mark in self.summary.get("origins", [])]
        known = [listed.get(mark) if isinstance(mark, str) else None for mark in marks]
        found: list[Mapping[str, Any]] = [dict(e) for e in known if isinstance(e, Mapping)]
        return found if len(found) == len(marks) else []

    def _identity(self, group: str, key: str) -> str | None:
        identity = self.summary["provenance"].get("identity", {})
        found: str | None = identity.get(group, {}).get(key)
        return found


@dataclass(frozen=True)
class Difference:
    """The values of a metric in both runs, the 95 % interval of b - a, and the p-value of no
    difference."""

    a: float
    b: float
    low: float | None
    high: float | None
    p: float

    @property
    def value(self) -> float:
        return self.b - self.a


def read_run(path: Path) -> Run:
    """Read a run folder without changing it; a last line that a crash cut short is left out.

    Raises ConfigError for a folder that does not hold a finished run.
    """
    folder = Folder(path)
    try:
        with folder.open("episodes.jsonl") as file:
            records, _ = parse_records(file, path / "episodes.jsonl")
        return Run(path, records, read_summary(folder))
    except (FileNotFoundError, NotADirectoryError) as error:
        missing = Path(error.filename).name
        begun = missing == "summary.json"
        hint = "; give its command again, to its end" if begun else instead(path)
        raise ConfigError(f"{path} holds no finished run: {missing} is missing{hint}") from None
    except ConfigError as error:
        raise ConfigError(f"{path} holds no readable run: {error}") from None


def require_comparable(a: Run, b: Run, force: bool = False) -> list[str]:
    """Return the ids of the episodes that both runs have a record of, sorted.

    Raises ConfigError for runs without a common episode, for an id that means different episodes in
    the two runs and, unless `force`, for different renderers or splits: images of another renderer
    are other inputs, and episodes that two splits share by chance are a sample of neither split.
    """
    unlike = [] if force else differences_between(a, b)
    if unlike:
        raise ConfigError(f"{'; '.join(unlike)}; --force compares them all the same")
    common = sorted(a.records.keys() & b.records.keys())
    if not common:
        raise ConfigError(f"{a.path} and {b.path} have no episode in common")
    for name in common:
        if a.records[name].episode != b.records[name].episode:
            raise ConfigError(f"episode {name} of {a.path} is not that of {b.path}")
    return common


def differences_between(a: Run, b: Run) -> list[str]:
    """Return the differences between two runs (renderer, split) that make their comparison
    misleading."""
    found = []
    if a.renderer != b.renderer:
        drew = f"{a.renderer!r} drew {a.path}, {b.renderer!r} drew {b.path}"
        found.append(f"different renderers: {drew}")
    if a.split != b.split:
        found.append(f"different splits: {a.split!r} of {a.path}, {b.split!r} of {b.path}")
    return found


def differences_of_code(a: Run, b: Run) -> list[str]:
    """Return a sentence each on other code of the env and of the evaluation, and on other versions
    of packages, with which two runs were made; policies differ as a rule.

    A run of before December 2026 does not say what made it, and nothing is said of it.
    """
    found = []
    for side in ("env", "evaluation"):
        ours, theirs = a.code_of(side), b.code_of(side)
        if ours and theirs and ours != theirs:
            found.append(f"{a.path} and {b.path} were made with different code of the {side}")
    before, after = a.packages, b.packages
    both = [name for name in before if name in after and before[name] != after[name]]
    if both:
        versions = ", ".join(f"{name} {before[name]} and {after[name]}" for name in both)
        found.append(f"{a.path} and {b.path} were made with different packages: {versions}")
    return found


def compare(
    a: Sequence[EpisodeRecord], b: Sequence[EpisodeRecord], resamples: int = RESAMPLES
) -> dict[str, Difference]:
    """Return the differences of all metrics (official mode) that both runs have.

    a[j] and b[j] are records of the same episode. A metric is left out if, for some episode, only
    one of the runs has a value of it.
    """
    ours, theirs = (all_samples(records) for records in (a, b))
    found: dict[str, Difference] = {}
    for name in (name for name in ours if name in theirs):
        pair = ours[name], theirs[name]
        if all(bool(s) == bool(t) for s, t in zip(*(p.terms for p in pair), strict=True)):
            found[name] = _difference(*pair, resamples)
    return found


def all_samples(records: Sequence[EpisodeRecord]) -> dict[str, Sample]:
    """Return every metric (official mode) that applies, including success@k, by name."""
    at = {f"success@{k}": sample for k, sample in success_at_samples(records).items()}
    return samples(records) | at


def _difference(a: Sample, b: Sample, resamples: int) -> Difference:
    before, after, largest = a.without_silent(), b.without_silent(), np.array([a.high])
    if a.is_rate and b.is_rate:
        differences = np.subtract(after.terms, before.terms).T
        low, high = rate_difference_interval(differences[0])
        gained, lost = int((differences > 0).sum()), int((differences < 0).sum())
        p = float(mcnemar([[0, gained], [lost, 0]], exact=True).pvalue)
    else:
        differences = np.subtract([after.linearized()], [before.linearized()])
        low, high = difference_intervals(differences, largest, resamples)[0]
        p = difference_p(differences[0], resamples)
        if np.ptp(differences) < 1e-12:  # then the interval is that of Bonett and Price
            p = max(p, bonett_price_p(differences[0], a.high))
    return Difference(a.value, b.value, known(low), known(high), p)
