"""Finds the defects of tasks by rules on their content, never by a task's number.

A task is mapped only if it can be run and scored as its file says. Whatever else a file holds
(hand-made lists, exports, the files of other benchmarks) has a named kind of defect, and no run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from longhaul.webagents.errors import TaskError, UnsupportedError
from longhaul.webagents.tasks.addresses import sites_in
from longhaul.webagents.tasks.checks import defects_of
from longhaul.webagents.tasks.files import RepeatedKeys
from longhaul.webagents.tasks.format import AND_SEPARATOR, OR_SEPARATOR, WebTask
from longhaul.webagents.tasks.read import EVALUATOR_NAMES, parse_task
from longhaul.webagents.tasks.verified import is_verified
from longhaul.webagents.tasks.verified_checks import verified_defects

Raw = Mapping[str, Any]

REPEATED_ID = "task_id is there twice: the records of both would have one name"


@dataclass(frozen=True)
class Finding:
    """The result of an inspection: a task is `mapped` to evaluators (then `task` is not None),
    `defective` or `unsupported`; then `kind` names the reason, and `detail` what was found. `notes`
    name peculiarities of a mapped task."""

    state: Literal["mapped", "defective", "unsupported"]
    kind: str = ""
    detail: str = ""
    task: WebTask | None = None
    notes: tuple[str, ...] = ()


def _types(raw: Raw) -> Sequence[Any]:
    evaluation = raw["eval"]
    return evaluation["eval_types"] if isinstance(evaluation, Mapping) else ()


def _parts(raw: Raw, evaluator: str) -> Sequence[Any]:
    """Return the targets or queries of an evaluator, if the task is scored by it."""
    return raw["eval"][evaluator] if evaluator in _types(raw) else ()


def _intermediate_types(raw: Raw) -> set[str]:
    asked = raw.get("intermediate_eval")
    types = asked.get("eval_types") if isinstance(asked, Mapping) else None
    return set(map(str, types if isinstance(types, list) else [types] if types else []))


def _starts_there(raw: Raw) -> bool:
    """Say whether the start page has a reference_url, which alone decides."""
    if list(_types(raw)) != ["url_match"]:
        return False
    start = raw["start_url"].split(AND_SEPARATOR)[0].strip().rstrip("/")
    references = raw["eval"]["reference_url"].split(OR_SEPARATOR)
    return start in [reference.strip().rstrip("/") for reference in references]


def _pictures(raw: Raw) -> list[str]:
    """Return the pictures to compare with that no site serves."""
    names = [
        str(query.get("eval_fuzzy_image_match") or "") for query in _parts(raw, "page_image_query")
    ]
    return [name for text in names if text for name in text.split(OR_SEPARATOR) if name[:2] != "__"]


NOTES: Mapping[str, Callable[[Raw], bool]] = {
    "url_note is empty: read as EXACT, or GOLD in PRED for a part of an address; the published "
    "evaluator crashes": lambda raw: (
        "url_match" in _types(raw) and raw["eval"].get("url_note", "EXACT") == ""
    ),
    "intermediate_eval names an unknown evaluator: it is a string_match all the same": lambda raw: (
        not _intermediate_types(raw) <= set(EVALUATOR_NAMES)
    ),
    "required_contents has several rules: the first counts, as published": lambda raw: any(
        len(target.get("required_contents") or ()) > 1 for target in _parts(raw, "program_html")
    ),
    "eval_vqa: scoring needs a model that sees (env.vision)": lambda raw: any(
        query.get("eval_vqa") for query in _parts(raw, "page_image_query")
    ),
    "eval_fuzzy_image_match: scoring needs a picture of no site's (env.images)": lambda raw: bool(
        _pictures(raw)
    ),
    "image: the agent is to be shown pictures (env.images)": lambda raw: bool(raw.get("image")),
    "viewport_size: the pages are shown in a window of the task's own size": lambda raw: bool(
        raw.get("viewport_size")
    ),
    "require_reset: sites elsewhere (env.sites) are not reset": lambda raw: bool(
        raw.get("require_reset")
    ),
    "the start page has the reference_url: an agent that does nothing may be right": _starts_there,
    "the response alone is checked, as published, not what the agent did": lambda raw: (
        is_verified(raw)
        and len(raw["eval"]) == 1
        and str(raw["eval"][0]["expected"]["task_type"]).lower() != "retrieve"
    ),
}
"""Peculiarities of a task whose score still counts, each with its test."""


def inspect_all(tasks: Iterable[Any]) -> list[Finding]:
    """Say of each task of a split whether it is mapped, as `inspect` does. Those whose id another
    one has are defective, all of them."""
    tasks = list(tasks)
    names = [_name(raw) for raw in tasks]
    counts = Counter(name for name in names if name is not None)
    return [
        Finding("defective", REPEATED_ID, name)
        if name is not None and counts[name] > 1
        else inspect(raw)
        for raw, name in zip(tasks, names, strict=True)
    ]


def inspect(raw: Any) -> Finding:
    """Say whether a task is mapped to evaluators, defective or unsupported."""
    for kind, detail in _defects(raw):
        return Finding("defective", kind, detail)
    try:
        task = parse_task(raw)
    except UnsupportedError as error:
        return Finding("unsupported", error.kind or "unsupported", str(error))
    except TaskError as error:
        return Finding("defective", "malformed", str(error))
    return Finding("mapped", task=task, notes=tuple(n for n, holds in NOTES.items() if holds(raw)))


def sites_of(task: WebTask) -> set[str]:
    """Return the names of the sites that a task needs: those it names, and those whose placeholders
    stand in it. Its pictures come from a folder."""
    return set(task.sites) | sites_in({**task.raw, "image": None})


def _defects(raw: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(raw, Mapping):
        yield "no object: a task has keys and values", repr(raw)[:60]
        return
    for name in _repeated(raw):
        yield "a key is there twice in one object: nobody knows which value is meant", name
    if any(isinstance(value, float) and not isfinite(value) for value in _values(raw)):
        yield "a number is none: JSON has no NaN and no Infinity, and no record can keep it", ""
    yield from verified_defects(raw) if is_verified(raw) else defects_of(raw)


def _repeated(value: Any) -> Iterator[str]:
    if isinstance(value, RepeatedKeys):
        yield from value.repeated
    if isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _repeated(item)


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _values(item)
    else:
        yield value


def _name(raw: Any) -> str | None:
    """Return the name of a task's records; None if its id or its sites are no such thing."""
    if not isinstance(raw, Mapping):
        return None
    sites, number = raw.get("sites"), raw.get("task_id")
    if isinstance(number, bool) or not isinstance(number, str | int):
        return None
    return f"{'-'.join(map(str, sites if isinstance(sites, list) else []))}-{number}"
