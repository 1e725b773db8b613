"""Metrics of navigation, from distances and steps in the records' outcomes.

Distances are geodesic meters in an outcome's measures: `geodesic_start` when the subtask started,
`geodesic_end` when it ended, by the agent's stop or by the step limit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from longhaul.envs.episode import EpisodeRecord, SubtaskOutcome
from longhaul.evaluation.metrics.sample import Terms, TermsOf, total

TAR_DISTANCE = 1.0
"""Meters within which TAR counts a target as reached; fixed in the LH-VLN code."""


def has_distances(outcome: SubtaskOutcome) -> bool:
    """Whether both distances were recorded; an unreachable target's infinity is none."""
    ends = [outcome.measures.get(key, math.inf) for key in ("geodesic_start", "geodesic_end")]
    return outcome.started and all(math.isfinite(end) for end in ends)


def subtask_steps(record: EpisodeRecord) -> tuple[int, ...]:
    """Return the environment steps taken in each started subtask, a stop being one step."""
    return tuple(
        (record.steps if outcome.end_step is None else outcome.end_step) - outcome.start_step
        for outcome in record.outcomes
        if outcome.start_step is not None
    )


def osr(record: EpisodeRecord) -> Terms:
    return (float(all(outcome.oracle_success for outcome in record.outcomes)),)


def spl(record: EpisodeRecord) -> Terms:
    """Success weighted by path length, in steps as the LH-VLN code has it, not in meters."""
    reference = sum(outcome.gt_steps for outcome in record.outcomes)
    path = sum(subtask_steps(record))
    done = all(outcome.success for outcome in record.outcomes)
    return (done * (reference / max(reference, path)) if path > 0 else 0.0,)


def _mean(values: Sequence[float]) -> Terms:
    return (total(values) / len(values),) if values else ()


def _cut_off(record: EpisodeRecord) -> SubtaskOutcome | None:
    """Return the subtask that the step limit (or an error) ended, rather than the agent."""
    started = [outcome for outcome in record.outcomes if outcome.started]
    if record.status in ("timeout", "error") and started and not started[-1].success:
        return started[-1]
    return None


def _stopped(record: EpisodeRecord) -> list[SubtaskOutcome]:
    cut_off = _cut_off(record)
    return [o for o in record.outcomes if has_distances(o) and o is not cut_off]


def ne(record: EpisodeRecord) -> Terms:
    """Mean distance to the target [m] over every recorded one, stop or time-out."""
    return _mean([o.measures["geodesic_end"] for o in record.outcomes if has_distances(o)])


def ne_at_stops(record: EpisodeRecord) -> Terms:
    """Mean distance to the target [m] where the agent stopped; none if it never did."""
    return _mean([outcome.measures["geodesic_end"] for outcome in _stopped(record)])


def timeout_distance(record: EpisodeRecord) -> Terms:
    """Distance to the target [m] at the moment of the time-out; none for other episodes."""
    cut_off = _cut_off(record)
    if cut_off is None or not has_distances(cut_off):
        return ()
    return (cut_off.measures["geodesic_end"],)


def stops(record: EpisodeRecord) -> Terms:
    return (float(len(_stopped(record))),)


def approach(outcome: SubtaskOutcome) -> float:
    """Return TAR's term in 0..1: how much of the way to the target was covered."""
    error, reference = outcome.measures["geodesic_end"], outcome.measures["geodesic_start"]
    if reference == 0:
        return float(error == 0)
    return 1 - max(error - TAR_DISTANCE, 0) / max(error, reference)


def tar(record: EpisodeRecord) -> Terms:
    return tuple(approach(outcome) for outcome in record.outcomes if has_distances(outcome))


def tar_of_all(record: EpisodeRecord) -> Terms:
    return tuple(approach(o) if has_distances(o) else 0.0 for o in record.outcomes)


OFFICIAL: Mapping[str, TermsOf] = {"osr": osr, "spl": spl, "ne": ne, "tar": tar}
STRICT: Mapping[str, TermsOf] = {
    "osr": osr,
    "spl": spl,
    "ne": ne_at_stops,
    "timeout_distance": timeout_distance,
    "stops": stops,
    "tar": tar_of_all,
}
