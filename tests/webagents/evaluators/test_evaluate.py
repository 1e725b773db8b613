"""Verdicts of findings: each evaluator by itself, and what a vision model is asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from longhaul.webagents.evaluators.evaluate import evaluate
from longhaul.webagents.evaluators.findings import Findings, Shown
from longhaul.webagents.evaluators.judge import same_words
from longhaul.webagents.evaluators.text import TextRules
from longhaul.webagents.evaluators.vision import describe
from longhaul.webagents.tasks.format import (
    Evaluation,
    ImageQuery,
    PageHtml,
    Rule,
    Target,
    WebTask,
)

RULES = TextRules("videowa-2024", same_words)
PICTURES = (np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 9, np.uint8))


def verdict(evaluation: Evaluation, found: Findings) -> dict[str, bool]:
    task = WebTask("1", ("shop",), ("http://x",), "What is it?", evaluation)
    return evaluate(task, found, RULES)


def test_every_named_evaluator_has_a_verdict_and_no_other() -> None:
    evaluation = Evaluation(
        ("string_match", "url_match"),
        answers=(Rule("exact_match", ("a lamp",)), Rule("must_exclude", ("chair",))),
        urls=("http://x/1",),
    )
    assert verdict(evaluation, Findings("A lamp", "http://x/1/")) == {
        "string_match": True,
        "url_match": True,
    }
    assert verdict(evaluation, Findings("A lamp", "http://x/2")) == {
        "string_match": True,
        "url_match": False,
    }
    assert not verdict(evaluation, Findings("a chair", "http://x/1"))["string_match"]


def test_a_judge_is_told_the_question_and_the_note() -> None:
    asked = []

    def judge(answer: str, reference: str, question: str) -> bool:
        asked.append((answer, reference, question))
        return True

    evaluation = Evaluation(
        ("string_match",), answers=(Rule("fuzzy_match", ("N/A",)),), note="sold out"
    )
    task = WebTask("1", ("shop",), ("http://x",), "What is it?", evaluation)
    assert evaluate(task, Findings("none left", ""), replace(RULES, judge=judge))["string_match"]
    assert asked == [("none left", "sold out", "What is it?")]


LAMP, CHAIR = (Rule("fuzzy_match", ("lamp",)),), (Rule("fuzzy_match", ("chair",)),)


@pytest.mark.parametrize(
    ("found", "holds"),
    [
        ((True, "a lamp"), True),
        ((True, "a desk"), False),
        ((False, "a lamp"), False),
        ((False,), False),  # after it no other was read
        ((), False),
    ],
)
def test_every_target_must_hold(found: tuple[str | bool, ...], holds: bool) -> None:
    targets = (Target("last", PageHtml(), CHAIR), Target("last", PageHtml(), LAMP))
    evaluation = Evaluation(("program_html",), targets=targets)
    assert verdict(evaluation, Findings("", "", targets=found)) == {"program_html": holds}


@pytest.mark.parametrize(
    ("alike", "replies", "like", "holds"),
    [
        (True, (("red", "blue"), ("dog", "cat")), "a.png", True),
        (False, (("red", "blue"), ("dog", "cat")), "a.png", False),
        (False, (("red", "blue"), ("dog", "cat")), "", True),
        (True, (("red", "red"), ("dog", "cat")), "", False),
        (True, (("red", "blue"), ("dog", "dog")), "", False),
        (True, ((), ()), "", False),
    ],
)
def test_some_image_is_alike_and_some_image_answers_each_question(
    alike: bool, replies: tuple[tuple[str, ...], ...], like: str, holds: bool
) -> None:
    query = ImageQuery("last", "", like, questions=(("color?", "blue"), ("animal?", "cat")))
    evaluation = Evaluation(("page_image_query",), images=(query,))
    found = Findings("", "", images=(Shown(alike, replies=replies),))
    assert verdict(evaluation, found) == {"page_image_query": holds}
    assert Findings.from_json(found.to_json()) == found


def test_findings_with_fewer_replies_than_questions_have_no_verdict() -> None:
    """They are of another task, or were cut: silence is no yes."""
    query = ImageQuery("last", "", questions=(("color?", "blue"), ("animal?", "cat")))
    evaluation = Evaluation(("page_image_query",), images=(query,))
    for images in ((Shown(True, replies=(("blue",),)),), ()):
        with pytest.raises(ValueError, match="shorter"):
            verdict(evaluation, Findings("", "", images=images))


def test_a_vision_model_is_asked_each_question_about_each_picture() -> None:
    queries = (ImageQuery("last", "", questions=(("a?", "x"), ("b?", "y"))), ImageQuery("last", ""))
    found = Findings("", "", images=(Shown(True, PICTURES), Shown(False)))
    told = describe(queries, found, lambda picture, asked: f"{asked}{picture[0, 0, 0]}")
    assert told.images == (
        Shown(True, replies=(("a?0", "a?9"), ("b?0", "b?9"))),
        Shown(False),
    )
    with pytest.raises(ValueError, match=r"nobody sees: 'a\?' has no answer"):
        describe(queries, found, None)
    assert describe(queries[1:], Findings("", "", images=(Shown(True),)), None).images == (
        Shown(True),
    )
