"""Finds the defects of tasks by rules on their content, never by a task's number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from longhaul.webagents.errors import TaskError, UnsupportedError
from longhaul.webagents.tasks.format import OR_SEPARATOR, WebTask
from longhaul.webagents.tasks.read import EVALUATOR_NAMES, parse_task

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """The result of an inspection: a task is `mapped` to evaluators (then `task` is not None),
    `defective` (`kind` names the defect) or `unsupported`. `notes` name peculiarities of a mapped
    task."""

    state: Literal["mapped", "defective", "unsupported"]
    kind: str = ""
    detail: str = ""
    task: WebTask | None = None
    notes: tuple[str, ...] = ()


def _types(raw: Raw) -> list[Any]:
    evaluation = raw.get("eval")
    types = evaluation.get("eval_types") if isinstance(evaluation, Mapping) else None
    return types if isinstance(types, list) else []


def _queries(raw: Raw) -> list[Any]:
    return list(raw["eval"].get("page_image_query") or [])


def _pictures(raw: Raw) -> list[str]:
    """Return the pictures to compare with that no site serves."""
    names = [str(query.get("eval_fuzzy_image_match") or "") for query in _queries(raw)]
    return [name for text in names if text for name in text.split(OR_SEPARATOR) if name[:2] != "__"]


DEFECTS: Mapping[str, Callable[[Raw], bool]] = {
    "no eval: nothing says when the task is solved": lambda raw: (
        not isinstance(raw.get("eval"), Mapping)
    ),
    "no evaluator: eval_types is empty": lambda raw: not _types(raw),
    "string_match without reference answers: the published evaluator crashes": lambda raw: (
        "string_match" in _types(raw) and not raw["eval"].get("reference_answers")
    ),
    "program_html without a target: every ending would be a success": lambda raw: (
        "program_html" in _types(raw) and not raw["eval"].get("program_html")
    ),
    "url_match without a reference_url": lambda raw: (
        "url_match" in _types(raw) and not raw["eval"].get("reference_url")
    ),
    "page_image_query with an empty query: the published evaluator crashes": lambda raw: (
        "page_image_query" in _types(raw)
        and not all(q.get("eval_vqa") or q.get("eval_fuzzy_image_match") for q in _queries(raw))
    ),
}
"""The defects that make a task's score worthless, each with its test."""

NOTES: Mapping[str, Callable[[Raw], bool]] = {
    "url_note is empty: read as EXACT, the published evaluator crashes": lambda raw: (
        "url_match" in _types(raw) and raw["eval"].get("url_note", "EXACT") == ""
    ),
    "intermediate_eval names an unknown evaluator: it is a string_match all the same": lambda raw: (
        isinstance(raw.get("intermediate_eval"), Mapping)
        and not set(map(str, raw["intermediate_eval"].get("eval_types") or ["string_match"]))
        <= set(EVALUATOR_NAMES)
    ),
    "required_contents has several rules: the first counts, as published": lambda raw: any(
        len(target.get("required_contents") or ()) > 1
        for target in raw["eval"].get("program_html") or []
    ),
    "eval_vqa: scoring needs a model that sees (env.vision)": lambda raw: any(
        query.get("eval_vqa") for query in _queries(raw)
    ),
    "eval_fuzzy_image_match: scoring needs a picture of no site's (env.images)": lambda raw: bool(
        _pictures(raw)
    ),
    "image: the agent is to be shown pictures (env.images)": lambda raw: bool(raw.get("image")),
}
"""Peculiarities of a task whose score still counts, each with its test."""


def inspect(raw: Raw) -> Finding:
    """Say whether a task is mapped to evaluators, defective or unsupported."""
    for kind, holds in DEFECTS.items():
        if holds(raw):
            return Finding("defective", kind)
    try:
        task = parse_task(raw)
    except UnsupportedError as error:
        return Finding("unsupported", "unsupported", str(error))
    except (TaskError, TypeError, ValueError, KeyError, AttributeError) as error:
        return Finding("defective", "malformed", str(error))
    return Finding("mapped", task=task, notes=tuple(n for n, holds in NOTES.items() if holds(raw)))
