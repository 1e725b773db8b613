"""Reads task files: a JSON list of tasks, or one task in each file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from longhaul.documents import open_regular, read_json
from longhaul.errors import ConfigError, unknown
from longhaul.webagents.errors import TaskError, UnsupportedError
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

PLACEHOLDERS = {
    f"__{name}__"
    for name in (
        "SHOPPING",
        "SHOPPING_ADMIN",
        "REDDIT",
        "CLASSIFIEDS",
        "GITLAB",
        "MAP",
        "WIKIPEDIA",
        "HOMEPAGE",
    )
}


def read_file(path: Path) -> list[dict[str, Any]]:
    """Return the tasks of a file as JSON. Raises TaskError for a file without tasks."""
    try:
        data = read_json(path)
    except (ConfigError, OSError) as error:
        raise TaskError(str(error)) from None
    tasks = data if isinstance(data, list) else [data]
    if not all(isinstance(task, dict) and "intent" in task for task in tasks):
        raise TaskError(f"{path} holds no tasks: each must be an object with an intent")
    return tasks


def group_files(files: Sequence[Path]) -> dict[Path, list[Path]]:
    """Group task files: a list of tasks is a group under its own path; files of one task each
    (`0.json`, `1.json`, ...) are a group under their folder, in the order of their numbers."""
    groups: dict[Path, list[Path]] = {}
    for path in sorted(files, key=lambda file: (file.parent, len(file.name), file.name)):
        try:
            with open_regular(path) as file:
                single = file.read(256).lstrip().startswith(b"{")
        except ConfigError as error:
            raise TaskError(str(error)) from None
        groups.setdefault(path.parent if single else path, []).append(path)
    return groups


def fill_placeholders(text: str, sites: Mapping[str, str]) -> str:
    """Return a text with PLACEHOLDERS such as `__SHOPPING__` replaced by the sites' addresses, such
    as `{"shopping": "http://shop.localhost"}`. Raises TaskError for a site not in `sites`."""
    for placeholder in PLACEHOLDERS:
        if placeholder in text:
            name = placeholder.strip("_").lower()
            if name not in sites:
                raise TaskError(f"{placeholder}: no address; valid: {', '.join(sites) or 'none'}")
            text = text.replace(placeholder, sites[name].rstrip("/"))
    return text


def localize(raw: Mapping[str, Any], sites: Mapping[str, str]) -> dict[str, Any]:
    """Return a task with all placeholders replaced, as `fill_placeholders` does."""
    return {key: _localized(value, sites) for key, value in raw.items()}


def _localized(value: Any, sites: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return fill_placeholders(value, sites)
    if isinstance(value, Mapping):
        return {key: _localized(item, sites) for key, item in value.items()}
    if isinstance(value, list):
        return [_localized(item, sites) for item in value]
    return value


def parse_task(raw: Mapping[str, Any]) -> WebTask:
    """Return a task in types.

    Raises UnsupportedError for an evaluator, rule or locator that is not supported here, and
    TaskError for anything else that does not follow the format.
    """
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
    return WebTask(
        id=f"{'-'.join(sites)}-{number}",
        sites=sites,
        start_urls=tuple(str(raw.get("start_url", "")).split(AND_SEPARATOR)),
        intent=str(raw["intent"]),
        evaluation=parse_evaluation(raw["eval"]),
        require_login=bool(raw.get("require_login")),
        video=str(raw.get("video") or ""),
        question=question,
        images=(images,) if isinstance(images, str) else tuple(images),
        raw=raw,
    )


def parse_evaluation(data: Any) -> Evaluation:
    """Return an `eval` in types; fields that its evaluators do not use are ignored."""
    data = _mapping(data, "eval")
    types = tuple(_texts(data.get("eval_types"), "eval_types"))
    for name in types:
        if name not in EVALUATOR_NAMES:
            raise UnsupportedError(unknown(f"evaluator {name!r}", EVALUATOR_NAMES))
    answers: list[Rule] = []
    urls: tuple[str, ...] = ()
    targets: list[Target] = []
    images: list[ImageQuery] = []
    if "string_match" in types:
        answers = list(_rules(_mapping(data.get("reference_answers"), "reference_answers")))
    if "url_match" in types:
        urls = tuple(str(data.get("reference_url", "")).split(OR_SEPARATOR))
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
        url_rule=_url_rule(data.get("url_note")),
        targets=tuple(targets),
        images=tuple(images),
        note=str(data.get("string_note") or ""),
    )


def _url_rule(note: Any) -> UrlRule:
    """Return the rule of a url_note; an empty or absent one is EXACT. (The published code stops
    at an empty one.)"""
    if not note:
        return "EXACT"
    for rule in get_args(UrlRule):
        if note == rule:
            return rule
    raise UnsupportedError(unknown(f"url_note {note!r}", get_args(UrlRule)))


def _rules(data: Mapping[str, Any]) -> Iterator[Rule]:
    for name, value in data.items():
        if name not in get_args(RuleName):
            raise UnsupportedError(unknown(f"rule {name!r}", get_args(RuleName)))
        values = (value,) if isinstance(value, str | int | float) else tuple(_texts(value, name))
        yield Rule(name, tuple(str(item) for item in values))  # type: ignore[arg-type]


def _target(data: Mapping[str, Any]) -> Target:
    required = _mapping(data.get("required_contents"), "required_contents")
    known = [name for name in CONTENT_RULES if name in required]
    if not known:
        raise UnsupportedError(unknown(f"required_contents {list(required)}", CONTENT_RULES))
    return Target(
        url=parse_url(str(data.get("url", "last"))),
        locator=parse_locator(str(data.get("locator", ""))),
        rules=tuple(_rules({known[0]: required[known[0]]})),
        prepare=tuple(_texts(data.get("prep_actions") or [], "prep_actions")),
    )


def _query(data: Mapping[str, Any]) -> ImageQuery:
    questions = [
        (str(pair["question"]), str(pair["answer"])) for pair in data.get("eval_vqa") or []
    ]
    return ImageQuery(
        url=parse_url(str(data.get("eval_image_url", "last"))),
        css=str(data.get("eval_image_class", "")),
        like=str(data.get("eval_fuzzy_image_match") or ""),
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


def _texts(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str | int | float) for v in value):
        raise TaskError(f"{name} is {value!r:.60}, not a list of texts")
    return [str(item) for item in value]
