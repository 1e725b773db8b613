"""Records for the tests: by hand, and whole populations of made-up policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from longhaul.envs.episode import Episode, EpisodeRecord, Status, Subtask, SubtaskOutcome


def make_record(
    successes: Sequence[int],
    gt_steps: Sequence[int] | None = None,
    name: str = "e",
    status: Status | None = None,
    steps: Sequence[int] | None = None,
    distances: Sequence[tuple[float, float]] | None = None,
    oracle: Sequence[int] | None = None,
    tasks: Sequence[str] | None = None,
    parts: Mapping[str, str] | None = None,
) -> EpisodeRecord:
    """Return a record; the subtasks beyond the last of `steps` were never started.

    `distances` are (at the subtask's start, at its end) of the started ones.
    """
    n = len(successes)
    gt_steps = gt_steps or [10] * n
    steps = [10] * n if steps is None else steps
    tasks = tasks or [f"task {i}" for i in range(n)]
    ends = np.cumsum([0, *steps]).tolist()
    keys = ("geodesic_start", "geodesic_end")
    outcomes = tuple(
        SubtaskOutcome(
            name=tasks[i],
            gt_steps=gt_steps[i],
            started=i < len(steps),
            success=bool(successes[i]),
            start_step=ends[i] if i < len(steps) else None,
            end_step=ends[i + 1] if i < len(steps) else None,
            oracle_success=bool((oracle or successes)[i]),
            measures=dict(zip(keys, distances[i], strict=True))
            if distances and i < len(distances)
            else {},
        )
        for i in range(n)
    )
    subtasks = tuple(Subtask(o.name, "", o.gt_steps) for o in outcomes)
    return EpisodeRecord(
        episode=Episode(id=name, seed=0, instruction="", subtasks=subtasks),
        outcomes=outcomes,
        status=status or ("success" if all(successes) else "failure"),
        steps=ends[-1],
        parts=parts or {},
    )


def chained(skill: float, episodes: int, seed: int = 0) -> list[EpisodeRecord]:
    """Episodes as in CALVIN: five subtasks of 34, over at the first failure.

    Tasks differ in length and, the long ones more, in difficulty; so do episodes. `skill` is the
    probability of success in a task of median difficulty.
    """
    rng = np.random.default_rng(seed)
    gt_steps = rng.integers(30, 100, 34)
    ease = np.log(skill / (1 - skill)) - (gt_steps - 65) / 40 + rng.normal(0, 0.5, 34)
    records = []
    for i in range(episodes):
        tasks = rng.choice(34, 5, replace=False)
        chance = 1 / (1 + np.exp(-ease[tasks] - rng.normal(0, 0.7)))
        done = np.cumprod(rng.random(5) < chance)
        started = min(int(done.sum()) + 1, 5)
        records.append(
            make_record(
                done.tolist(),
                gt_steps[tasks].tolist(),
                name=str(i),
                steps=[50] * started,
                tasks=[f"task {t}" for t in tasks],
            )
        )
    return records


def independent(skill: float, episodes: int, seed: int = 0) -> list[EpisodeRecord]:
    """Episodes as in LH-VLN: 2 to 4 subtasks, each tried whatever came before.

    The shares of 2, 3 and 4 subtasks are the data set's; success within an episode is correlated.
    """
    rng = np.random.default_rng(seed)
    records = []
    for i in range(episodes):
        n = int(rng.choice([2, 3, 4], p=[0.39, 0.524, 0.086]))
        chance = rng.beta(8 * skill, 8 * (1 - skill))
        done = (rng.random(n) < chance).astype(int).tolist()
        records.append(make_record(done, rng.integers(10, 120, n).tolist(), name=str(i)))
    return records


def weaker(records: Sequence[EpisodeRecord], every: int) -> list[EpisodeRecord]:
    """Return the records with every so-maniest failing from its start."""
    return [
        replace(
            record,
            status="failure",
            outcomes=tuple(replace(outcome, success=False) for outcome in record.outcomes),
        )
        if number % every == 0
        else record
        for number, record in enumerate(records)
    ]
