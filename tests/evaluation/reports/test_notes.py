"""What stands beside a result: on what a policy was trained, and how many versions of the code."""

from __future__ import annotations

from typing import Any

import pytest

from longhaul.evaluation.reports.notes import code_notes, training_notes
from longhaul.evaluation.reports.table import headline
from tests.evaluation.made import chained
from tests.evaluation.reports.test_report import summary_of

CALVIN = {
    "config": {"split": "ABC", "env": {"id": "longhaul/Calvin-v0"}},
    "env": {"scene": "D"},
}
SEER = {"env": "longhaul/Calvin-v0", "scenes": ["D"], "split": "play"}


def notes(trained_on: Any, trained: bool | None = True, **identity: Any) -> list[str]:
    provenance = {"identity": {**CALVIN, **identity}, "trained_on": trained_on}
    return training_notes({"trained": trained, "provenance": provenance})


def test_a_split_named_abc_does_not_hide_that_seer_learned_in_d() -> None:
    assert notes(SEER) == ["trained on D, evaluated in D"]
    assert notes({**SEER, "scenes": ["A", "B", "C"]}) == ["trained on A, B, C, evaluated in D"]
    summary = summary_of(
        chained(0.8, 30), provenance={"identity": CALVIN, "trained_on": SEER, "git": None}
    )
    assert headline(summary).startswith("result (trained on D, evaluated in D): average length ")


def test_other_envs_are_told_by_their_splits() -> None:
    identity = {"config": {"split": "val", "env": {"id": "longhaul/LhVln-v0"}}, "env": {}}
    facts = {"env": "longhaul/LhVln-v0", "split": "train", "dataset": ["houses", "more"]}
    assert notes(facts, **identity) == [
        "trained on split train of houses, more, evaluated on split val"
    ]
    assert notes({"dataset": "play"}, **identity) == ["trained on play, evaluated on split val"]
    assert notes(SEER, **identity) == [
        "trained on longhaul/Calvin-v0, split play of D, evaluated on split val"
    ]


def test_what_is_not_known_is_said_and_what_has_no_weights_is_silent() -> None:
    assert notes({}) == ["what it was trained on is not known"]
    assert notes({"steps": 5}) == [
        "trained on what its checkpoint does not name, evaluated on split ABC"
    ]
    assert notes(SEER, trained=None) == [] and notes(None, trained=None) == []
    assert notes(SEER, trained=False) == ["untrained weights"]
    assert training_notes({"trained": True, "provenance": {"identity": CALVIN}}) == []


def test_many_names_are_cut() -> None:
    facts = {**SEER, "scenes": [f"house{i}" for i in range(10)]}
    assert notes(facts) == ["trained on house0, house1, house2, house3, 6 more, evaluated in D"]


@pytest.mark.parametrize("facts", [{"scenes": 5}, {"scenes": {"a": 1}, "env": []}, {"split": [1]}])
def test_strange_facts_are_no_traceback(facts: Any) -> None:
    assert len(notes(facts)) == 1


def test_versions_of_the_code_are_counted() -> None:
    one = {"commit": "a", "code": "1", "packages": "1", "episodes": 3}
    other_commit, other_code = {**one, "commit": "b"}, {**one, "code": "2"}
    assert code_notes({"origins": [one, other_commit]}) == []
    assert code_notes({"origins": [one, other_code]}) == ["records of 2 versions of the code"]
    assert code_notes({"origins": [one, other_code, {"episodes": 1}]}) == [
        "records of 3 versions of the code"
    ]
    assert code_notes({}) == code_notes({"origins": 7}) == code_notes({"origins": [7]}) == []
