from __future__ import annotations

import json
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longhaul.envs.episode import EpisodeRecord
from longhaul.evaluation.metrics.metrics import (
    completed_in_row,
    per_task_samples,
    samples,
    success_at_samples,
)
from tests.evaluation.made import chained, make_record
from tests.shared import golden

OFFICIAL_NAMES = {
    "success_rate": "sr",
    "oracle_success_rate": "osr",
    "spl": "spl",
    "navigation_error": "ne",
    "independent_success_rate": "isr",
    "conditional_success_rate": "csr",
    "conditional_path_length": "cgt",
    "tar": "tar",
}


def values(records: list[EpisodeRecord], mode: str = "official") -> dict[str, float]:
    return {name: sample.value for name, sample in samples(records, mode).items()}


@pytest.mark.golden
def test_official_numbers() -> None:
    cases = json.loads(golden("lhvln_metrics.json").read_text())["cases"]
    for case in cases:
        records = [
            make_record(
                task["successes"],
                task["gt_steps"],
                status="timeout" if task["timeout"] else None,
                steps=task["navigation_steps"],
                distances=list(
                    zip(task["geodesic_at_subtask_start"], task["navigation_errors"], strict=True)
                ),
                oracle=task["oracle_successes"],
            )
            for task in case["tasks"]
        ]
        ours = values(records)
        for official, name in OFFICIAL_NAMES.items():
            expected = case["metrics"][official]
            assert ours[name] == pytest.approx(expected, rel=1e-12, abs=0), (case["case"], name)
        contest = 0.4 * ours["tar"] + 0.2 * (ours["isr"] + ours["csr"] + ours["cgt"])
        assert ours["contest"] == pytest.approx(contest, rel=1e-12)


# successes | gt_steps | geodesic at start | at end | steps | SR, SPL, NE, ISR, CSR, CGT, TAR
TABLE = [
    ("11", (30, 70), (5, 9), (0.5, 0.8), 120, (1, 0.833333, 0.65, 1, 1, 1, 1)),
    ("10", (30, 70), (5, 9), (0.5, 6), 120, (0, 0, 3.25, 0.5, 0.5, 0.3, 0.722222)),
    ("01", (30, 70), (5, 9), (4, 0.5), 120, (0, 0, 2.25, 0.5, 0.25, 0.35, 0.7)),
    (
        "101",
        (20, 30, 50),
        (4, 6, 8),
        (0.9, 12, 0.9),
        200,
        (0, 0, 4.6, 0.666667, 0.444444, 0.366667, 0.694444),
    ),
    (
        "011",
        (20, 30, 50),
        (4, 6, 8),
        (3, 0.9, 0.9),
        200,
        (0, 0, 1.6, 0.666667, 0.444444, 0.6, 0.833333),
    ),
    ("1100", (25,) * 4, (5,) * 4, (0.2, 0.2, 5, 5), 90, (0, 0, 2.6, 0.5, 0.5, 0.5, 0.6)),
    ("000", (20, 30, 50), (4,), (7.5,), 500, (0, 0, 7.5, 0, 0, 0, 0.133333)),
]


@pytest.mark.parametrize(
    ("steps", "spl"), [((20, 20), 1.0), ((30, 20), 1.0), ((60, 40), 0.5), ((25, 25), 1.0)]
)
def test_no_way_is_better_than_the_reference(steps: tuple[int, ...], spl: float) -> None:
    """Anderson et al. 2018: a path shorter than the reference counts as one of its length."""
    record = make_record([1, 1], (25, 25), steps=steps, distances=[(5, 0.5), (5, 0.5)])
    assert values([record])["spl"] == pytest.approx(spl)


@pytest.mark.parametrize(("steps", "spl"), [(1, 1.0), (2, 0.5), (0, 0.0)])
def test_the_shortest_ways_count_too(steps: int, spl: float) -> None:
    record = make_record([1], (1,), steps=[steps], distances=[(0.3, 0.3)])
    assert values([record])["spl"] == spl


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_single_episodes_by_the_official_module(row: tuple) -> None:
    done, gt_steps, start, end, steps, expected = row
    record = make_record(
        [int(digit) for digit in done],
        gt_steps,
        status="timeout" if len(end) < len(done) else None,
        steps=[steps - len(end) + 1] + [1] * (len(end) - 1),
        distances=list(zip(start, end, strict=True)),
    )
    ours = values([record])
    names = ("sr", "spl", "ne", "isr", "csr", "cgt", "tar")
    assert [ours[name] for name in names] == pytest.approx(expected, abs=5e-7)


@st.composite
def episodes(draw: st.DrawFn) -> EpisodeRecord:
    done = draw(st.lists(st.integers(0, 1), min_size=1, max_size=5))
    n = len(done)
    started = draw(st.integers(0, n))
    reach = st.floats(0, 30)
    return make_record(
        [d if i < started else 0 for i, d in enumerate(done)],
        draw(st.lists(st.integers(1, 200), min_size=n, max_size=n)),
        status=draw(st.sampled_from(["failure", "timeout", "error"])),
        steps=draw(st.lists(st.integers(1, 500), min_size=started, max_size=started)),
        distances=draw(st.lists(st.tuples(reach, reach), min_size=started, max_size=started)),
    )


batches = st.lists(episodes(), min_size=1, max_size=8)
SHARES = ("sr", "isr", "csr", "cgt", "partial_credit", "osr", "spl", "tar", "contest")


@given(batches, st.sampled_from(["official", "strict"]))
def test_bounds(records: list[EpisodeRecord], mode: str) -> None:
    found = values(records, mode)
    for name in SHARES:
        assert -1e-12 <= found.get(name, 0.0) <= 1 + 1e-12
    horizon = max(len(record.outcomes) for record in records)
    assert 0 <= found["avg_len"] <= horizon
    assert all(found.get(name, 0.0) >= 0 for name in ("ne", "stops", "timeout_distance"))


@given(batches, st.integers(0, 99), st.sampled_from(["official", "strict"]))
def test_the_order_of_episodes_does_not_matter(
    records: list[EpisodeRecord], seed: int, mode: str
) -> None:
    shuffled = random.Random(seed).sample(records, len(records))
    assert values(shuffled, mode) == pytest.approx(values(records, mode), rel=1e-9, abs=1e-12)


@given(st.lists(st.lists(st.integers(1, 200), min_size=1, max_size=5), min_size=1, max_size=8))
def test_all_success_is_one(references: list[list[int]]) -> None:
    records = [make_record([1] * len(gt_steps), gt_steps) for gt_steps in references]
    found = values(records)
    for name in ("sr", "isr", "csr", "cgt", "partial_credit"):
        assert found[name] == pytest.approx(1, rel=1e-12)
    assert found["avg_len"] == sum(map(len, references)) / len(references)
    assert all(sample.value == 1 for sample in success_at_samples(records).values())


@given(st.lists(st.integers(0, 1), min_size=1, max_size=5), st.integers(0, 4), st.data())
def test_one_more_success_never_lowers_a_metric(
    done: list[int], place: int, data: st.DataObject
) -> None:
    gt_steps = data.draw(st.lists(st.integers(1, 99), min_size=len(done), max_size=len(done)))
    more = [1 if i == place % len(done) else d for i, d in enumerate(done)]
    before, after = (values([make_record(d, gt_steps)]) for d in (done, more))
    assert all(after[name] >= before[name] - 1e-12 for name in before)
    assert after["isr"] >= before["isr"] + (more != done) / len(done) - 1e-12


def test_chained_episodes_make_the_metrics_agree() -> None:
    records = chained(0.7, 60)
    found = values(records)
    assert 0 < found["sr"] < found["isr"] < 1
    assert found["csr"] == pytest.approx(found["isr"], rel=1e-12)
    assert found["avg_len"] == pytest.approx(5 * found["isr"], rel=1e-12)
    at = [sample.value for sample in success_at_samples(records).values()]
    assert sum(at) == pytest.approx(found["avg_len"], rel=1e-12)
    assert at[-1] == found["sr"]


def test_average_length_counts_up_to_the_first_failure() -> None:
    assert completed_in_row(make_record([1, 0, 1])) == 1
    assert completed_in_row(make_record([0, 1, 1])) == 0
    assert completed_in_row(make_record([1, 1])) == 2


def test_success_at_k_is_over_the_episodes_that_have_k_subtasks() -> None:
    at = success_at_samples([make_record([1, 1]), make_record([1, 1, 0]), make_record([1, 1, 1])])
    assert [at[k].value for k in (1, 2, 3)] == [1, 1, 0.5]


def test_without_distances_navigation_metrics_are_absent() -> None:
    assert set(values([make_record([1, 0])])) == {
        *("sr", "isr", "csr", "cgt", "avg_len", "partial_credit")
    }
    assert samples([]) == {}


def test_strict_mode_does_not_flatter_an_agent_that_never_stops() -> None:
    lost = make_record(
        [0, 0, 0], status="timeout", steps=[500], distances=[(4.0, 2.0)], name="lost"
    )
    stopper = make_record([1, 0], steps=[20, 30], distances=[(5.0, 0.5), (9.0, 6.0)])
    official, strict = values([lost, stopper]), values([lost, stopper], "strict")
    assert official["ne"] == (2 + 3.25) / 2
    assert strict["ne"] == 3.25
    assert strict["timeout_distance"] == 2
    assert strict["stops"] == 1
    approach = [1 - 1 / 4, 1, 1 - 5 / 9]
    assert official["tar"] == pytest.approx(sum(approach) / 3)
    assert strict["tar"] == pytest.approx(sum(approach) / 5)
    assert "ne" not in values([lost], "strict")


def test_an_unreachable_target_is_no_distance() -> None:
    record = make_record([1, 0], distances=[(5.0, 0.5), (math.inf, math.inf)])
    assert values([record])["ne"] == 0.5
    assert values([record], "strict")["tar"] == 0.5


def test_partial_credit_takes_the_share_of_a_goal() -> None:
    record = make_record([1, 0])
    record.outcomes[1].measures["credit"] = 0.5  # type: ignore[index]
    assert values([record])["partial_credit"] == 0.75


def test_tasks_count_where_they_were_started() -> None:
    first = make_record([1, 0, 0], steps=[5, 5], tasks=["open", "lift", "open"])
    second = make_record([0, 0, 0], steps=[5], tasks=["open", "lift", "open"])
    found = per_task_samples([first, second])
    assert {name: sample.terms for name, sample in found.items()} == {
        "open": ((1.0,), (0.0,)),
        "lift": ((0.0,), ()),
    }


def test_a_record_without_an_outcome_for_each_subtask_is_refused() -> None:
    record = make_record([1, 1])
    broken = EpisodeRecord(record.episode, record.outcomes[:1], "error", 3)
    with pytest.raises(ValueError, match="episode e: 1 outcomes for 2 subtasks"):
        samples([broken])
