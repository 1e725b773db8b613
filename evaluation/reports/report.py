"""What a run came to: the contents of `summary.json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from longhaul.documents import finite
from longhaul.envs.episode import EpisodeRecord, Status
from longhaul.evaluation.metrics.metrics import Mode, per_task_samples, samples, success_at_samples
from longhaul.evaluation.metrics.statistics import estimates
from longhaul.evaluation.records.origins import origins

MAX_ERRORS = 0.01
"""Largest share of error records with which a run may still name one number as its result."""


def summarize(
    records: Sequence[EpisodeRecord],
    trained: bool | None,
    timing: Mapping[str, Any],
    provenance: Mapping[str, Any],
    intervals: str = "wilson",
) -> dict[str, Any]:
    """Return the contents of `summary.json`: plain JSON with finite numbers.

    `metrics` (official mode) and `metrics_strict` are over all episodes, an error record counting
    with the subtasks it got done; `metrics_valid` (official) leaves error records out. Every
    metric is {value, low, high, n}: bounds of the 95 % interval (see
    `longhaul.evaluation.metrics.statistics`; rates get the kind `intervals`) and the number of
    episodes that it rests on.
    `headline` is average length where each episode has the same number of subtasks, else SR; it is
    None, and `headline_refused` says why, with no episode or with more than 1 % errors. `origins`
    says with which code and packages how many records were made. The order of the records does not
    matter.

    Raises ValueError for two records of one episode and as
    `longhaul.evaluation.metrics.metrics.samples` does.
    """
    records = sorted(records, key=lambda record: record.id)
    twice = [name for name, count in Counter(r.id for r in records).items() if count > 1]
    if twice:
        raise ValueError(f"more than one record of episode {', '.join(twice)}")
    valid = [record for record in records if record.status != "error"]
    metrics = _metrics(records, "official", intervals)
    refused = _refusal(len(records), len(records) - len(valid))
    return finite(
        {
            "trained": trained,
            "headline": None if refused else _headline(records, metrics),
            "headline_refused": refused,
            "metrics": metrics,
            "metrics_strict": _metrics(records, "strict", intervals),
            "metrics_valid": (
                metrics if valid == records else _metrics(valid, "official", intervals)
            ),
            "status": {s: sum(r.status == s for r in records) for s in get_args(Status)},
            "per_task": _per_task(records, intervals),
            "intervals": intervals,
            "parts": _parts(records),
            "origins": origins(records),
            "timing": dict(timing),
            "provenance": dict(provenance),
        }
    )


def _metrics(records: Sequence[EpisodeRecord], mode: Mode, intervals: str) -> dict[str, Any]:
    told = estimates(samples(records, mode), kind=intervals)
    found = {name: e.to_json() for name, e in told.items()}
    at = estimates(success_at_samples(records), kind=intervals)
    return {**found, "success_at": [{"k": k, **e.to_json()} for k, e in at.items()]}


def _per_task(records: Sequence[EpisodeRecord], intervals: str) -> dict[str, Any]:
    """Return done / attempted of every subtask that was started, with both counts."""
    tasks = per_task_samples(records)
    found = estimates(tasks, kind=intervals)
    attempts = {name: [done for t in s.terms for done in t] for name, s in tasks.items()}
    return {
        name: {**found[name].to_json(), "done": int(sum(done)), "attempted": len(done)}
        for name, done in attempts.items()
    }


def _parts(records: Sequence[EpisodeRecord]) -> dict[str, str]:
    """Return the worker parts in use; where records differ, every value that occurs."""
    names = {name for record in records for name in record.parts}
    return {
        name: ", ".join(sorted({record.parts.get(name, "none") for record in records}))
        for name in sorted(names)
    }


def _refusal(episodes: int, errors: int) -> str | None:
    if not episodes:
        return "no episode has a record"
    if errors > MAX_ERRORS * episodes:
        return (
            f"{errors} of {episodes} episodes ({errors / episodes:.1%}) ended in an error, more "
            f"than {MAX_ERRORS:.0%}: mend the cause, or cite the rates over all and over valid "
            "episodes together"
        )
    return None


def _headline(records: Sequence[EpisodeRecord], metrics: Mapping[str, Any]) -> dict[str, Any]:
    lengths = {len(record.outcomes) for record in records}
    name = "avg_len" if len(lengths) == 1 and lengths != {1} else "sr"
    return {"metric": name, **metrics[name]}
