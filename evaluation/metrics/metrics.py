"""Long-horizon metrics as pure functions of EpisodeRecords.

Each metric gives every episode a tuple of terms, and its value is the mean of all terms: one 0 or
1 per episode for SR, one per subtask for ISR, none where an episode says nothing. Intervals can
so resample whole episodes whatever the metric.

`official` mode does the floating-point operations of the LH-VLN code in their order (LH-VLN
3492080, `utils/metrics.py`; CSR, CGT, TAR: arXiv 2412.09082). `strict` mode differs where that
code flatters an agent that never stops: a subtask never started, or without a recorded distance,
counts as TAR 0; NE is taken at stops only, with `timeout_distance` and `stops` beside it. Whether
success means below or up to 1 m is the environment's matter.

A subtask counts as attempted once it has started. Without distances (`geodesic_start`,
`geodesic_end` in an outcome's measures, meters) the navigation metrics are absent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal

from longhaul.envs.episode import EpisodeRecord
from longhaul.evaluation.metrics import navigation
from longhaul.evaluation.metrics.sample import Sample, Terms, TermsOf, total

Mode = Literal["official", "strict"]

CONTEST_WEIGHTS = {"tar": 0.4, "isr": 0.2, "csr": 0.2, "cgt": 0.2}
"""MMSP 2025 Embodied AI Challenge."""


def successes(record: EpisodeRecord) -> tuple[int, ...]:
    return tuple(int(outcome.success) for outcome in record.outcomes)


def completed_in_row(record: EpisodeRecord) -> int:
    """Return the number of subtasks done before the first one not done, from the episode's start.

    In CALVIN, where an episode ends at its first failure, that is all of its successes. Where
    later subtasks can succeed after a failure, they add to ISR and CSR but not to this.
    """
    done = successes(record)
    return (*done, 0).index(0)


def sr(record: EpisodeRecord) -> Terms:
    return (float(all(successes(record))),)


def isr(record: EpisodeRecord) -> Terms:
    return tuple(float(done) for done in successes(record))


def csr(record: EpisodeRecord) -> Terms:
    """Conditional success rate: a success right after a success, or at the start, counts N-fold."""
    done = successes(record)
    n = len(done)
    score = done[0] * n
    for previous, now in pairwise(done):
        score += now * (1 + (n - 1) * previous)
    return (score / n**2,)


def cgt(record: EpisodeRecord) -> Terms:
    """CSR weighted by each subtask's share of the reference steps; none where those are zero."""
    done = successes(record)
    n = len(done)
    gt_steps = [outcome.gt_steps for outcome in record.outcomes]
    if not sum(gt_steps):
        return ()
    weights = [steps / sum(gt_steps) for steps in gt_steps]
    score = done[0] * n * weights[0]
    for (previous, now), weight in zip(pairwise(done), weights[1:], strict=True):
        score += now * (1 + (n - 1) * previous) * weight
    return (score / n,)


def avg_len(record: EpisodeRecord) -> Terms:
    return (float(completed_in_row(record)),)


def success_at(k: int) -> TermsOf:
    """Return the metric 'at least k subtasks done in a row', over the episodes that have k."""

    def terms(record: EpisodeRecord) -> Terms:
        return (float(completed_in_row(record) >= k),) if len(record.outcomes) >= k else ()

    return terms


def partial_credit(record: EpisodeRecord) -> Terms:
    """Share of the episode that was done.

    A subtask that is not done counts by the share of its goal that holds, `measures["credit"]` in
    0..1, where the environment gives one.
    """
    shares = [1.0 if o.success else o.measures.get("credit", 0.0) for o in record.outcomes]
    return (total(shares) / len(shares),)


ANYWHERE: Mapping[str, TermsOf] = {
    "sr": sr,
    "isr": isr,
    "csr": csr,
    "cgt": cgt,
    "avg_len": avg_len,
    "partial_credit": partial_credit,
}
DISTANCES = {"ne", "timeout_distance"}
COUNTS_OF_SUBTASKS = {"avg_len", "stops"}


def horizon(records: Sequence[EpisodeRecord]) -> int:
    """Return the largest number of subtasks in an episode; 0 for no episodes."""
    return max((len(record.outcomes) for record in records), default=0)


def samples(records: Sequence[EpisodeRecord], mode: Mode = "official") -> dict[str, Sample]:
    """Return every metric that applies to the records, by name.

    A metric to which no episode contributes is absent. Raises ValueError for a record whose
    outcomes are not its episode's subtasks, one by one.
    """
    for record in records:
        if not record.outcomes or len(record.outcomes) != len(record.episode.subtasks):
            raise ValueError(
                f"episode {record.id}: {len(record.outcomes)} outcomes for "
                f"{len(record.episode.subtasks)} subtasks; a record needs one outcome for each"
            )
    chosen = dict(ANYWHERE)
    if any(navigation.has_distances(o) for record in records for o in record.outcomes):
        chosen |= navigation.OFFICIAL if mode == "official" else navigation.STRICT
    found: dict[str, Sample] = {}
    for name, terms_of in chosen.items():
        terms = tuple(terms_of(record) for record in records)
        if any(terms):
            found[name] = Sample(terms, high=_highest(name, records))
    if set(CONTEST_WEIGHTS) <= set(found):
        found["contest"] = contest(found)
    return found


def _highest(name: str, records: Sequence[EpisodeRecord]) -> float:
    """Return the largest value a metric can take, infinite for a distance."""
    if name in DISTANCES:
        return math.inf
    return float(horizon(records)) if name in COUNTS_OF_SUBTASKS else 1.0


def contest(found: Mapping[str, Sample]) -> Sample:
    """Return the contest score: 0.4 TAR + 0.2 ISR + 0.2 CSR + 0.2 CGT, as pseudo-values."""
    columns = [
        [weight * value for value in found[name].linearized()]
        for name, weight in CONTEST_WEIGHTS.items()
    ]
    return Sample(tuple((total(row),) for row in zip(*columns, strict=True)))


def success_at_samples(records: Sequence[EpisodeRecord]) -> dict[int, Sample]:
    """Return success@k for k = 1 .. the largest number of subtasks."""
    return {
        k: Sample(tuple(success_at(k)(record) for record in records))
        for k in range(1, horizon(records) + 1)
    }


def per_task_samples(records: Sequence[EpisodeRecord]) -> dict[str, Sample]:
    """Return done / attempted for every subtask name that was started at least once, sorted."""
    names = sorted({o.name for record in records for o in record.outcomes if o.started})
    return {
        name: Sample(
            tuple(
                tuple(float(o.success) for o in record.outcomes if o.started and o.name == name)
                for record in records
            )
        )
        for name in names
    }
