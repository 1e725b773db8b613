"""Parses tasks, as their files have them, into types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from longhaul.errors import unknown
from longhaul.webagents.errors import TaskError, UnsupportedError
from longhaul.webagents.tasks.addresses import is_address
from longhaul.webagents.tasks.format import (
    AND_SEPARATOR,
    OR_SEPARATOR,
    Evaluation,
    ImageQuery,
    Question,
    Rule,
    RuleName,
    Target,
    UrlRule,
    WebTask,
)
from longhaul.webagents.tasks.locators import parse_locator, parse_url
from longhaul.webagents.tasks.verified import is_verified, parse_verified

EVALUATOR_NAMES = ("string_match", "url_match", "program_html", "page_image_query")

CONTENT_RULES: tuple[RuleName, ...] = (
    "exact_match",
    "must_include",
    "must_exclude",
    "required_values",
    "fuzzy_match",
)
"""The rules that a target may have; if it has several, only the first in this order counts, as
published."""

VIEWPORT_SIDES = ("width", "height")
"""The keys of a viewport_size. For one that is left out the env's own is taken, as published."""

MOST_PIXELS = 4096
"""The most pixels of a side of a task's viewport. Chosen here: VisualWebArena has up to 1,280."""


def parse_task(raw: Mapping[str, Any]) -> WebTask:
    """Return a task in types; one of WebArena-Verified is told by its `eval`, which is a list.

    Raises UnsupportedError for an evaluator, rule or locator that is not supported here, and
    TaskError for anything else that does not follow the format.
    """
    if is_verified(raw):
        return parse_verified(raw)
    sites = tuple(_texts(raw.get("sites"), "sites"))
    if "eval" not in raw:
        raise TaskError("the task has no eval")
    question = None
    if raw.get("intermediate_intent"):
        answers = _mapping(raw.get("intermediate_eval"), "intermediate_eval")
        rules = _rules(_mapping(answers.get("reference_answers"), "reference_answers"))
        question = Question(str(raw["intermediate_intent"]), tuple(rules))
    images = raw.get("image") or ()
    number = raw.get("task_id")
    if not isinstance(number, str | int) or isinstance(number, bool) or number == "":
        raise TaskError(f"task_id is {number!r:.60}, not a number or a text")
    start = _text(raw.get("start_url"), "start_url")
    size = _mapping(raw.get("viewport_size") or {}, "viewport_size")
    return WebTask(
        id=f"{'-'.join(sites)}-{number}",
        sites=sites,
        start_urls=tuple(url.strip() for url in start.split(AND_SEPARATOR)),
        intent=_text(raw.get("intent"), "intent"),
        evaluation=parse_evaluation(raw["eval"]),
        require_login=raw.get("require_login") is True,
        video=_text(raw.get("video") or "", "video"),
        question=question,
        images=(images,) if isinstance(images, str) else tuple(images),
        viewport={side: size[side] for side in VIEWPORT_SIDES if side in size},
        raw=raw,
    )


def parse_evaluation(data: Any) -> Evaluation:
    """Return an `eval` in types; fields that its evaluators do not use are ignored."""
    data = _mapping(data, "eval")
    types = tuple(_texts(data.get("eval_types"), "eval_types"))
    for name in types:
        if name not in EVALUATOR_NAMES:
            raise UnsupportedError(unknown(f"evaluator {name!r}", EVALUATOR_NAMES), "evaluator")
    answers: list[Rule] = []
    urls: tuple[str, ...] = ()
    targets: list[Target] = []
    images: list[ImageQuery] = []
    if "string_match" in types:
        answers = list(_rules(_mapping(data.get("reference_answers"), "reference_answers")))
    if "url_match" in types:
        urls = tuple(_text(data.get("reference_url"), "reference_url").split(OR_SEPARATOR))
        if not all(urls):
            raise TaskError("url_match without a reference_url")
    if "program_html" in types:
        targets = [_target(item) for item in _items(data.get("program_html"), "program_html")]
    if "page_image_query" in types:
        images = [_query(item) for item in _items(data.get("page_image_query"), "page_image_query")]
    return Evaluation(
        types=types,
        answers=tuple(answers),
        urls=urls,
        url_rule=_url_rule(data.get("url_note"), urls),
        targets=tuple(targets),
        images=tuple(images),
        note=str(data.get("string_note") or ""),
    )


def _url_rule(note: Any, urls: Sequence[str]) -> UrlRule | None:
    """Return the rule of a url_note; None if it is absent, since each version of the rules has its
    own then. An empty one is EXACT. (The published code stops at it.) A reference that is only a
    part of an address has GOLD in PRED in both cases."""
    if not note:
        if not all(map(is_address, urls)):
            return "GOLD in PRED"
        return None if note is None else "EXACT"
    for rule in get_args(UrlRule):
        if note == rule:
            return rule
    raise UnsupportedError(unknown(f"url_note {note!r}", get_args(UrlRule)), "url_note")


def _rules(data: Mapping[str, Any]) -> Iterator[Rule]:
    for name, value in data.items():
        if name not in get_args(RuleName):
            raise UnsupportedError(unknown(f"rule {name!r}", get_args(RuleName)), "rule")
        values = (value,) if isinstance(value, str | int | float) else tuple(_texts(value, name))
        yield Rule(name, tuple(str(item) for item in values))  # type: ignore[arg-type]


def _target(data: Mapping[str, Any]) -> Target:
    required = _mapping(data.get("required_contents"), "required_contents")
    known = [name for name in CONTENT_RULES if name in required]
    if not known:
        raise UnsupportedError(
            unknown(f"required_contents {list(required)}", CONTENT_RULES), "rule"
        )
    return Target(
        url=parse_url(_text(data.get("url"), "url")),
        locator=parse_locator(_text(data.get("locator"), "locator")),
        rules=tuple(_rules({known[0]: required[known[0]]})),
        prepare=tuple(_texts(data.get("prep_actions") or [], "prep_actions")),
    )


def _query(data: Mapping[str, Any]) -> ImageQuery:
    questions = [
        (_text(pair.get("question"), "question"), _text(pair.get("answer"), "answer"))
        for pair in data.get("eval_vqa") or []
    ]
    return ImageQuery(
        url=parse_url(_text(data.get("eval_image_url"), "eval_image_url")),
        css=_text(data.get("eval_image_class"), "eval_image_class"),
        like=_text(data.get("eval_fuzzy_image_match") or "", "eval_fuzzy_image_match"),
        threshold=float(data.get("ssim_threshold", 0.8)),
        questions=tuple(questions),
    )


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TaskError(f"{name} is {value!r:.60}, not an object")
    return value


def _items(value: Any, name: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list) or not value:
        raise TaskError(f"{name} is {value!r:.60}, not a list of at least one")
    return [_mapping(item, name) for item in value]


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise TaskError(f"{name} is {value!r:.60}, not a text")
    return value


def _texts(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str | int | float) for v in value):
        raise TaskError(f"{name} is {value!r:.60}, not a list of texts")
    return [str(item) for item in value]
