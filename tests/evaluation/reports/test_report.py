from __future__ import annotations

import io
import json
import random
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console
from scipy import stats

from longhaul.envs.episode import EpisodeRecord
from longhaul.evaluation.reports.report import summarize
from longhaul.evaluation.reports.table import headline, show_summary
from tests.evaluation.made import chained, independent, make_record


def summary_of(records: list[EpisodeRecord], **changes: Any) -> dict[str, Any]:
    given = {"trained": True, "timing": {}, "provenance": {}, **changes}
    return summarize(records, **given)


def with_errors(records: list[EpisodeRecord], errors: int) -> list[EpisodeRecord]:
    return [
        replace(record, status="error", error="Traceback") if i < errors else record
        for i, record in enumerate(records)
    ]


def printed(summary: dict[str, Any]) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=80)
    for shown in show_summary(summary):
        console.print(shown, highlight=False)
    return file.getvalue().splitlines()


def test_layout() -> None:
    timing = {"env_steps_per_s": 120.0, "policy_ms": 3.5}
    summary = summary_of(chained(0.8, 30), timing=timing, provenance={"seed": 1})
    assert {"value", "low", "high", "n"} == set(summary["metrics"]["avg_len"])
    assert set(summary["metrics"]) == {
        *("sr", "isr", "csr", "cgt", "avg_len", "partial_credit", "success_at")
    }
    assert [at["k"] for at in summary["metrics"]["success_at"]] == [1, 2, 3, 4, 5]
    assert set(summary["metrics_strict"]) == set(summary["metrics"])
    assert sum(summary["status"].values()) == 30
    assert set(summary["status"]) == {"success", "failure", "timeout", "error"}
    task = next(iter(summary["per_task"].values()))
    assert set(task) == {"value", "low", "high", "n", "done", "attempted"}
    assert summary["timing"] == timing
    assert summary["provenance"] == {"seed": 1}
    assert summary["trained"] is True
    assert summary["headline"] == {"metric": "avg_len", **summary["metrics"]["avg_len"]}


def test_exact_intervals_are_of_rates_alone_and_said() -> None:
    records = [make_record([int(i < 18)], name=str(i)) for i in range(20)]
    expected = stats.binomtest(18, 20).proportion_ci(method="exact")
    summary = summary_of(records, intervals="exact")
    for found in (summary["headline"], summary["metrics"]["sr"], *summary["per_task"].values()):
        assert (found["low"], found["high"]) == pytest.approx((expected.low, expected.high))
    assert summary["intervals"] == "exact"
    assert headline(summary).endswith("90.0%, exact 95 % interval 68.3% to 98.8%, 20 episodes")
    chains = chained(0.8, 30)
    assert summary_of(chains, intervals="exact")["headline"] == summary_of(chains)["headline"]
    assert "exact" not in headline(summary_of(chains, intervals="exact"))


def test_json_holds_it_exactly() -> None:
    summary = summary_of(independent(0.5, 20), timing={"policy_ms": float("nan")})
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert summary["timing"] == {"policy_ms": None}


def test_the_order_of_records_does_not_matter() -> None:
    """A resumed run has its records in another order, and must come to the very same numbers."""
    records = independent(0.5, 40)
    shuffled = random.Random(1).sample(records, len(records))
    assert summary_of(shuffled) == summary_of(records)


def test_per_task_adds_up() -> None:
    records = chained(0.8, 50)
    tasks = summary_of(records)["per_task"]
    started = [o for record in records for o in record.outcomes if o.started]
    assert sum(task["attempted"] for task in tasks.values()) == len(started)
    assert sum(task["done"] for task in tasks.values()) == sum(o.success for o in started)
    for task in tasks.values():
        assert task["value"] == task["done"] / task["attempted"]
        assert task["low"] < task["high"]


def test_up_to_one_percent_errors_leave_a_headline() -> None:
    summary = summary_of(with_errors(chained(0.8, 100), 1))
    assert summary["headline"]["n"] == 100
    assert summary["headline_refused"] is None
    assert summary["status"]["error"] == 1


def test_more_errors_refuse_it_and_say_so() -> None:
    summary = summary_of(with_errors(chained(0.8, 100), 2))
    assert summary["headline"] is None
    assert "2 of 100 episodes (2.0%) ended in an error" in summary["headline_refused"]
    assert "2 of 100 episodes" in " ".join(printed(summary))


def test_rates_over_all_and_over_valid_episodes() -> None:
    good = [make_record([1], name=f"good {i}") for i in range(8)]
    crashed = [make_record([0], name=f"bad {i}", status="error", steps=[]) for i in range(2)]
    summary = summary_of(good + crashed)
    assert summary["metrics"]["sr"]["value"] == 0.8
    assert summary["metrics_valid"]["sr"]["value"] == 1
    assert summary["metrics_valid"]["sr"]["n"] == 8
    assert any("episodes without an error" in line for line in printed(summary))


def test_only_errors() -> None:
    summary = summary_of([make_record([0], status="error", steps=[])])
    assert summary["metrics_valid"] == {"success_at": []}
    assert summary["headline"] is None
    printed(summary)


def test_no_episodes() -> None:
    summary = summary_of([])
    assert summary["metrics"] == {"success_at": []}
    assert summary["headline_refused"] == "no episode has a record"
    assert printed(summary)


def test_episodes_of_different_length_are_headed_by_their_success_rate() -> None:
    assert summary_of(independent(0.6, 30))["headline"]["metric"] == "sr"


def test_so_are_episodes_of_a_single_subtask() -> None:
    records = [make_record([i % 2], name=str(i)) for i in range(10)]
    assert summary_of(records)["headline"]["metric"] == "sr"


def test_an_oracle_and_untrained_weights_stand_beside_the_result() -> None:
    records = [make_record([1, 1], name=str(i), parts={"expert": "act"}) for i in range(3)]
    summary = summary_of(records, trained=False)
    assert summary["parts"] == {"expert": "act"}
    assert headline(summary).startswith("result (untrained weights; expert: act): average length")
    assert headline(summary) in " ".join(printed(summary))


def test_records_with_different_parts_name_all_of_them() -> None:
    mixed = [make_record([1], name="a", parts={"expert": "act"}), make_record([1], name="b")]
    assert summary_of(mixed)["parts"] == {"expert": "act, none"}


def test_the_table_fits_80_columns_and_names_every_metric() -> None:
    records = [
        make_record([1, 0], name=str(i), distances=[(5.0, 0.5), (6.0, 3.0 + i)]) for i in range(9)
    ]
    lines = printed(summary_of(records, timing={"env_steps_per_s": 90.0, "policy_ms": 4.0}))
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    for words in ("(SR)", "(ISR)", "(CSR)", "(CGT)", "(TAR)", "(NE) in m", "success@2", "90 env"):
        assert words in text
    assert "│ success rate (SR)" in text and "0.0% to 29.9%" in text  # Wilson for 0 of 9


def test_two_records_of_an_episode_are_refused() -> None:
    with pytest.raises(ValueError, match="more than one record of episode e"):
        summary_of([make_record([1]), make_record([0])])
