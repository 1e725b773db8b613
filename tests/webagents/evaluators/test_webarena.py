"""`rules=webarena-2023` is WebArena's evaluator; each expected verdict is libwebarena 0.0.5's."""

from __future__ import annotations

from typing import Any

import pytest

from longhaul.webagents.errors import TaskError
from longhaul.webagents.evaluators.evaluate import evaluate
from longhaul.webagents.evaluators.findings import Findings
from longhaul.webagents.evaluators.judge import same_words
from longhaul.webagents.evaluators.readers import script_value
from longhaul.webagents.evaluators.text import TextRules
from longhaul.webagents.evaluators.urls import matches
from longhaul.webagents.tasks.format import Rule, WebTask
from longhaul.webagents.tasks.read import parse_evaluation

RULES = TextRules("webarena-2023", same_words)
NEWER = TextRules("videowa-2024", same_words)


def solved(rules: TextRules, data: dict[str, Any], answer: str = "", url: str = "") -> bool:
    task = WebTask("1", ("shop",), ("http://s",), "?", parse_evaluation(data))
    return all(evaluate(task, Findings(answer, url), rules).values())


def ends(reference: str, url: str, rules: TextRules = RULES, **note: str) -> bool:
    data = {"eval_types": ["url_match"], "reference_url": reference, **note}
    return solved(rules, data, url=url)


@pytest.mark.parametrize(
    ("reference", "url", "same"),
    [
        ("http://s/find?q=lamp", "http://s/find?page=2&q=lamp", True),
        ("http://s/find?q=lamp&o=up", "http://s/find?o=up&q=lamp", True),
        ("http://s/find?q=red+lamp", "http://s/find?q=red%20lamp", True),
        ("http://s/find?q=lamp", "http://s/find?q=lamps", False),
        ("http://s/find?q=lamp", "http://s/find?q=Lamp", False),
        ("http://s/find?q=lamp", "http://s/find", False),
        ("http://s/find?q=lamp", "http://s/find?r=lamp", False),
        ("http://s/find?q=lamp", "http://s/find?q=desk&q=lamp", True),
        ("http://s/find?q=", "http://s/find", True),
        ("http://s/find?price=0-25", "http://s/find?price=0-250", False),
        ("http://s/i/7", "http://s/i/7/designs", True),
        ("http://s/i/7", "http://s/i/7#note", True),
        ("http://s/i/7", "http://s/i/71", True),
        ("http://s/i/7#note", "http://s/i/7", True),
        ("http://s/i/7///", "https://s/i/7", True),
        ("http://s/i/7", "http://s/i", False),
        ("http://s/i/7", "http://t/?next=http://s/i/7", False),
        ("http://localhost/i", "http://127.0.0.1/i", False),
        ("http://s/a |OR| http://s/b", "http://s/b", True),
        ("http://s/a?x=1 |OR| http://s/b?x=2", "http://s/a?x=2", True),
        ("http://s/a?x=1 |OR| http://s/b", "http://s/b", False),
        ("http://s/a", "http://[s/a", False),
    ],
)
def test_an_address_is_compared_by_its_parts(reference: str, url: str, same: bool) -> None:
    assert ends(reference, url) == same
    assert ends(reference, url, url_note="GOLD in PRED") == same


def test_each_version_has_its_own_rule_for_a_task_that_names_none() -> None:
    longer = "http://s/i/7/designs"
    assert ends("http://s/i/7", longer, RULES) and not ends("http://s/i/7", longer, NEWER)
    assert not ends("http://s/i/7", longer, RULES, url_note="EXACT")
    assert ends("http://s/i/7", longer, NEWER, url_note="GOLD in PRED")
    assert not ends("http://s/?a=1&b=2", "http://s/?b=2&a=1", NEWER, url_note="GOLD in PRED")


def test_a_reference_that_is_no_address_is_named() -> None:
    with pytest.raises(TaskError, match=r"reference_url 'http://\[s' is no URL"):
        matches("http://s", ("http://[s",), None, "webarena-2023")


@pytest.mark.parametrize(
    ("references", "answer", "holds"),
    [
        (["0"], "10", False),
        (["2"], "12 customers", False),
        (["2"], "2 customers", True),
        (["2"], "It is 2.", True),
        ([" 2 "], "12", False),
        (["12"], "312", True),
        (["1", "2"], "12", True),  # one of several references is searched anywhere
        (["a |OR| b"], "b", False),
        (["a |OR| b"], "a |or| b", True),
        (["Lamp "], " a LAMP", True),
        (["'lamp'"], "lamp", True),
    ],
)
def test_what_an_answer_must_include(references: list[str], answer: str, holds: bool) -> None:
    evaluation = {
        "eval_types": ["string_match"],
        "reference_answers": {"must_include": references},
    }
    assert solved(RULES, evaluation, answer) == holds


@pytest.mark.parametrize(
    ("answer", "older", "newer"),
    [
        ("lamp", True, True),
        (" lamp\n", True, False),
        ("\"'Lamp'\"", True, True),  # two pairs of quotes are removed
        ("' lamp '", True, False),
        ("a lamp", False, False),
    ],
)
def test_an_exact_answer(answer: str, older: bool, newer: bool) -> None:
    data = {"eval_types": ["string_match"], "reference_answers": {"exact_match": "lamp"}}
    assert (solved(RULES, data, answer), solved(NEWER, data, answer)) == (older, newer)


@pytest.mark.parametrize(
    ("rule", "text", "older", "newer"),
    [
        (Rule("must_include", ("Black & White",)), "black &amp; white", True, False),
        (Rule("must_include", ("a &amp; b",)), "a &amp; b", False, True),
        (Rule("exact_match", ("R&D",)), " R&amp;D ", True, False),
        (Rule("must_include", ("1",)), "21", True, False),
        (Rule("must_include", ("x |OR| 1",)), "21", True, False),
    ],
)
def test_what_a_page_has(rule: Rule, text: str, older: bool, newer: bool) -> None:
    assert (RULES.holds_on_page(rule, text), NEWER.holds_on_page(rule, text)) == (older, newer)


@pytest.mark.parametrize(
    ("value", "strict", "read"),
    [
        (29.5, True, 29.5),
        (29.5, False, "29.5"),
        (0, True, None),
        (True, True, "True"),
        (False, True, None),
        (None, True, None),
        ("", True, None),
        (None, False, ""),
        (False, False, "False"),
    ],
)
def test_what_a_script_returned(value: Any, strict: bool, read: Any) -> None:
    seen = script_value(value, strict)
    assert seen == read and type(seen) is type(read)


def test_a_price_is_compared_with_its_cents_and_a_text_must_be_a_whole_number() -> None:
    rule = Rule("required_values", ("<= 29",))
    assert NEWER.holds_on_page(rule, 29.0) and not NEWER.holds_on_page(rule, 29.99)
    assert NEWER.holds_on_page(rule, "29") and not NEWER.holds_on_page(rule, "28.5")
