"""The score of a task: the product of its evaluators, each 0 or 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from longhaul.webagents.evaluators.findings import Findings, Shown
from longhaul.webagents.evaluators.response import responds
from longhaul.webagents.evaluators.text import TextRules
from longhaul.webagents.evaluators.urls import matches
from longhaul.webagents.tasks.format import Evaluation, ImageQuery, Target, WebTask


def evaluate(task: WebTask, found: Findings, rules: TextRules) -> dict[str, bool]:
    """Return the verdict of each evaluator of a task; the task is solved if all are true.

    It reads the findings only, not the browser, so that they can be judged again later.
    """
    evaluation = task.evaluation
    rules = replace(rules, question=task.intent, note=evaluation.note)
    checks: Mapping[str, Callable[[], bool]] = {
        "string_match": lambda: answers(evaluation, found.answer, rules),
        "url_match": lambda: matches(
            found.url, evaluation.urls, evaluation.url_rule, rules.version
        ),
        "program_html": lambda: _all_hold(evaluation.targets, found.targets, rules),
        "page_image_query": lambda: all(
            _holds(query, shown, rules)
            for query, shown in zip(evaluation.images, found.images, strict=True)
        ),
        "agent_response": lambda: (
            evaluation.response is not None and responds(evaluation.response, found.answer)
        ),
    }
    return {name: checks[name]() for name in evaluation.types}


def answers(evaluation: Evaluation, answer: str, rules: TextRules) -> bool:
    """Say whether an answer keeps all rules of a string_match."""
    bare = rules.bare(answer)  # each rule removes a second pair of quotes, as published
    return all(rules.holds(rule, bare) for rule in evaluation.answers)


def _all_hold(targets: tuple[Target, ...], found: tuple[str | bool, ...], rules: TextRules) -> bool:
    if len(found) < len(targets):  # after the first target that failed, no other was read
        return False
    return all(
        all(rules.holds_on_page(rule, text) for rule in target.rules)
        if isinstance(text, str)
        else text
        for target, text in zip(targets, found, strict=True)
    )


def _holds(query: ImageQuery, shown: Shown, rules: TextRules) -> bool:
    """Say whether some image is like the query's image, if it has one, and whether each of its
    questions is answered by some image."""
    told = all(
        any(rules.includes(answer, reply) for reply in replies)
        for (_, answer), replies in zip(query.questions, shown.replies, strict=True)
    )
    return told and (shown.alike or not query.like)
