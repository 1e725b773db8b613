"""Responses are compared by the kinds of their values, as WebArena-Verified compares them.

The verdicts here are those of the package webarena-verified 1.2.3 on the same tasks and answers,
but for those marked as ours.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from longhaul.webagents.evaluators.response import read_value, responds
from longhaul.webagents.tasks.format import Response

NUMBER, STRING, AMOUNT = {"type": "number"}, {"type": "string"}, {"format": "currency"}
DATE, MONTH = {"type": "string", "format": "date"}, {"type": "string", "format": "month"}
DURATION, DISTANCE = {"format": "duration"}, {"format": "distance"}
HAT = {"type": "object", "properties": {"name": STRING, "price": AMOUNT}}
RANGE = {"type": "object", "properties": {"names": {"type": "array", "items": STRING}}}


def answer(data: Any, **changes: Any) -> str:
    found = {"task_type": "RETRIEVE", "status": "SUCCESS", "retrieved_data": data, **changes}
    return json.dumps(found, ensure_ascii=False)


def right(schema: dict[str, Any], reference: Any, data: Any, ordered: bool = False) -> bool:
    expected = Response("RETRIEVE", "SUCCESS", tuple(reference), schema, ordered)
    return responds(expected, answer(data))


@pytest.mark.parametrize(
    ("schema", "reference", "data", "holds"),
    [
        (STRING, ["Wool Hat™"], [" wool  hat."], True),
        (STRING, ["Wool Hat"], ["Wool Hats"], False),
        (STRING, ["WSH-29-White"], ["WSH–29–White"], True),
        (STRING, ["Léon’s hat"], ["Leon's Hat"], True),
        (STRING, ["帽子"], ["帽子"], True),
        (STRING, ["000170"], [170], False),
        (STRING, [["hat", "cap"]], ["Cap"], True),
        (STRING, ["hat"], [["hat", "cap", "shoe"]], False),  # ours: no list of guesses
        (STRING, ["hat"], ["^.*$"], False),  # ours: an answer is no pattern
        (NUMBER, [1234], ["1,234"], True),
        (NUMBER, [2], ["two"], True),
        (NUMBER, [2], [2.5], False),
        (NUMBER, [0], [None], False),
        (NUMBER, [0], [0], True),
        (NUMBER, [2, 2], [2], False),
        (NUMBER, [2, 3], [3, 2], True),
        (NUMBER, [2], 2, True),
        (NUMBER, [2], [], False),
        (NUMBER, ["a few"], [2], False),  # no number is expected, so none is right
        (AMOUNT, [36.39], ["$36.45"], True),
        (AMOUNT, [36.39], ["36,39 €"], True),
        (AMOUNT, [36.39], ["$36,390"], False),  # ours: three digits after a comma are thousands
        (AMOUNT, [1234], ["$1,234"], True),  # ours
        (AMOUNT, [-5], ["-$5.00"], True),
        (AMOUNT, [5], ["5 or 6 dollars"], False),  # ours: no list of guesses
        ({"type": "boolean"}, [True], ["Yes"], True),
        ({"type": "boolean"}, [False], [True], False),
        (DATE, ["March 2, 2022"], ["2022-03-02"], True),
        (DATE, ["March 2, 2022"], ["Wednesday, 2nd Mar 2022 10:00"], True),
        (DATE, ["March 2, 2022"], ["2/3/2022"], False),
        (DATE, ["March 2, 2022"], ["March 2, 2022 or later"], False),
        (MONTH, ["Mar"], [3], True),
        (MONTH, ["Mar"], ["may"], False),
        (DURATION, ["15min"], ["16 minutes, 30 seconds"], True),
        (DURATION, ["1hr 35min"], ["1:35 hours"], True),
        (DURATION, ["15min"], ["15"], False),
        (DURATION, ["15min"], ["20min"], False),
        (DISTANCE, ["748m"], ["0.75 km"], True),
        (DISTANCE, ["748m"], ["748"], False),
        (DISTANCE, ["290km"], ["180 miles"], True),
        (HAT, [{"name": "Hat", "price": 5}], [{"name": "hat", "price": "$5"}], True),
        (HAT, [{"name": "Hat", "price": 5}], [{"name": "hat"}], False),
        (HAT, [{"name": "Hat", "price": None}], [{"name": "hat", "price": None}], True),
        (HAT, [{"name": "Hat", "price": None}], [{"name": "hat", "price": 0}], False),
        (RANGE, [{"names": ["a", "b"]}], [{"names": ["B", "A"]}], True),
        (RANGE, [{"names": ["a", "b"]}], [{"names": "a"}], False),
    ],
)
def test_values_are_compared_by_their_kind(
    schema: dict[str, Any], reference: Any, data: Any, holds: bool
) -> None:
    assert right(schema, reference, data) is holds


@pytest.mark.parametrize(
    ("names", "meters"),
    [
        ("m meter meters metre metres", 2.0),
        ("km kilometer kilometers kilometre kilometres k", 2000.0),
        ("mi mile miles", 3218.688),
        ("ft foot feet", 0.6096),
        ("yd yard yards", 1.8288),
        ("cm centimeter centimeters centimetre centimetres", 0.02),
        ("in inch inches", 0.0508),
        ("parsec meterss", None),
    ],
)
def test_two_of_a_unit_of_length_are_so_many_meters(names: str, meters: float | None) -> None:
    """The international yard and pound agreement of 1959: a yard is 0.9144 m."""
    for name in names.split():
        found = read_value(f"2 {name}", "distance")
        assert found == (None if meters is None else pytest.approx(meters, rel=1e-12)), name


def test_the_order_counts_where_the_task_says_so() -> None:
    assert right(STRING, ["a", "b"], ["b", "a"])
    assert not right(STRING, ["a", "b"], ["b", "a"], ordered=True)
    assert right(STRING, ["a", "b"], ["a", "b"], ordered=True)


def test_alternatives_find_the_values_that_are_left_for_them() -> None:
    """The first reference fits both values, the second only the one that a greedy search takes."""
    assert right(STRING, [["a", "b"], "a"], ["a", "b"])
    assert not right(STRING, [["a", "b"], "c"], ["a", "b"])


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (answer(None, task_type="MUTATE", status="NOT_FOUND_ERROR"), True),
        (answer(["what it was"], task_type="mutate", status="not_found_error"), True),
        ("Done: ```json\n" + answer(None, task_type="MUTATE", status="NOT_FOUND_ERROR") + "```", 1),
        ('{"performed_operation": "mutate", "status": "NOT_FOUND_ERROR"}', True),
        (answer(None, task_type="MUTATE"), False),
        (answer(None, task_type="MUTATE", status=None), False),
        (answer(None, status="NOT_FOUND_ERROR"), False),
        ("NOT_FOUND_ERROR", False),
        ("", False),
        ("[" * 5000, False),
        ('["task_type"]', False),
    ],
)
def test_work_that_retrieves_nothing_is_told_by_type_and_status(text: str, holds: bool) -> None:
    assert responds(Response("MUTATE", "NOT_FOUND_ERROR"), text) is bool(holds)


def test_nothing_found_is_right_where_nothing_is_to_be_found() -> None:
    expected = Response("RETRIEVE", "NOT_FOUND_ERROR")
    for data, holds in ((None, True), ([], True), ("", True), (["a"], False), (0, False)):
        assert responds(expected, answer(data, status="NOT_FOUND_ERROR")) is holds
