"""The checks of a task in the format of WebArena, VisualWebArena and VideoWebArena."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from math import isfinite
from typing import Any, get_args

from longhaul.webagents.errors import TaskError
from longhaul.webagents.evaluators.text import within
from longhaul.webagents.tasks.addresses import is_address, unknown_placeholder
from longhaul.webagents.tasks.format import AND_SEPARATOR, OR_SEPARATOR, RuleName
from longhaul.webagents.tasks.locators import LAST_URL
from longhaul.webagents.tasks.read import CONTENT_RULES, MOST_PIXELS, VIEWPORT_SIDES

QUOTES = ("'", '"')
"""A pair of these around a text does not count in a comparison."""

Defects = Iterator[tuple[str, str]]
"""Kinds of defects, each with what was found."""

LIST_RULES = ("must_include", "must_exclude", "one_of", "required_values")
"""The rules whose value is a list of texts. exact_match has one text, fuzzy_match either."""

QUERY_TARGET = ("eval_vqa", "eval_fuzzy_image_match")
"""The keys of which an image query has one at least."""


def defects_of(raw: Mapping[str, Any]) -> Defects:
    """Yield the defects of a task, the gravest first; the later checks of a part rely on the
    earlier ones, so that only the first counts."""
    yield from head_defects(raw)
    yield from _address(raw.get("start_url"), "start_url", AND_SEPARATOR)
    evaluation = raw.get("eval")
    if not isinstance(evaluation, Mapping):
        yield "no eval: nothing says when the task is solved", shown(evaluation)
        return
    types = evaluation.get("eval_types")
    if not isinstance(types, list):
        yield "no evaluator: eval_types is no list", shown(types)
        return
    if not types:
        yield "no evaluator: eval_types is empty", ""
    if not all(map(is_text, types)):
        yield "no evaluator: eval_types has something else than names", shown(types)
        return
    if "string_match" in types:
        yield from _answers(evaluation.get("reference_answers"))
    if "url_match" in types:
        yield from _reference_url(evaluation)
    if "program_html" in types:
        yield from _targets(evaluation.get("program_html"))
    if "page_image_query" in types:
        yield from _queries(evaluation.get("page_image_query"))
    if raw.get("intermediate_intent"):
        asked = raw.get("intermediate_eval")
        answers = asked.get("reference_answers") if isinstance(asked, Mapping) else asked
        yield from _rules(answers, "intermediate_eval")


def head_defects(raw: Mapping[str, Any]) -> Defects:
    """Yield the defects of what stands in a task besides addresses and evaluation."""
    number, sites = raw.get("task_id"), raw.get("sites")
    if not is_text(number) and (isinstance(number, bool) or not isinstance(number, int)):
        yield "task_id is no number or text", shown(number)
    if not isinstance(sites, list) or not all(map(is_text, sites)):
        yield "sites is no list of names", shown(sites)
    elif not sites:
        yield "sites is empty: nothing says where the task is", ""
    if not is_text(raw.get("intent")):
        yield "intent is no text", shown(raw.get("intent"))
    if not isinstance(raw.get("require_login"), bool | None):
        yield "require_login is not true or false", shown(raw["require_login"])
    for key in ("storage_state", "video", "intermediate_intent"):
        if not isinstance(raw.get(key), str | None):
            yield f"{key} is no text", shown(raw[key])
    image = raw.get("image")
    if image not in (None, "") and not is_text(image) and not _is_texts(image):
        yield "image is no text or list of texts", shown(image)
    yield from _viewport(raw.get("viewport_size"))
    if raw.get("geolocation") is not None:
        yield "geolocation: pages are told no place", shown(raw["geolocation"])


def _viewport(size: Any) -> Defects:
    if size is None:
        return
    sides = size.items() if isinstance(size, Mapping) else [("", size)]
    good = (
        name in VIEWPORT_SIDES and type(pixels) is int and 1 <= pixels <= MOST_PIXELS
        for name, pixels in sides
    )
    if not all(good):
        yield f"viewport_size is no width and height of 1 to {MOST_PIXELS} pixels", shown(size)


def _address(value: Any, name: str, separator: str) -> Defects:
    """Yield why a text is not one address or several. Every place in a task needs its own."""
    if not is_text(value):
        yield f"{name} is no text", shown(value)
        return
    for url in map(str.strip, value.split(separator)):
        if found := unknown_placeholder(url):
            yield f"{name}: unknown placeholder", found
        elif not is_address(url):
            yield f"{name} is no address", shown(url)


def _answers(answers: Any) -> Defects:
    if not answers:
        yield "string_match without reference answers: the published evaluator crashes", ""
        return
    yield from _rules(answers, "string_match")
    if isinstance(answers, Mapping) and set(answers) == {"must_exclude"}:
        yield "string_match: only must_exclude, so that no answer at all would be right", ""


def _rules(rules: Any, where: str) -> Defects:
    """Yield the defects of rules; unknown ones are left to the parser."""
    if not isinstance(rules, Mapping) or not rules:
        yield f"{where}: the rules are no object with at least one", shown(rules)
        return
    for name, value in rules.items():
        yield from _rule(str(name), value, where)


def _rule(name: str, value: Any, where: str) -> Defects:
    one = name == "exact_match" or (name == "fuzzy_match" and not isinstance(value, list))
    if name not in get_args(RuleName):
        return
    if name in LIST_RULES and not isinstance(value, list):
        yield f"{where}: {name} is no list of texts", shown(value)
    elif not all(map(_is_value, [value] if one else value if isinstance(value, list) else [])):
        yield f"{where}: {name} is no {'text' if one else 'list of texts'}", shown(value)
    elif isinstance(value, list) and not value:
        yield f"{where}: {name} is empty, so that nothing would be compared", ""
    elif name == "required_values":
        yield from _bounds(value, where)
    # A field of a page may have to be empty; an answer may not, since every agent gives that one.
    elif where != "program_html" or not one:
        for text in [value] if one else value:
            if any(map(is_blank, str(text).split(OR_SEPARATOR))):
                yield f"{where}: {name} has an empty text", shown(value)


def _bounds(values: Sequence[Any], where: str) -> Defects:
    for bound in (option for value in values for option in str(value).split(OR_SEPARATOR)):
        try:
            within(bound, "0")
        except (TaskError, ValueError):
            yield f"{where}: required_values has no bound; valid: >= 300, < 5, == 2", shown(bound)


def _reference_url(evaluation: Mapping[str, Any]) -> Defects:
    url, note = evaluation.get("reference_url"), evaluation.get("url_note")
    if not isinstance(note, str | None):
        yield "url_match: url_note is no text", shown(note)
    if url in (None, ""):
        yield "url_match without a reference_url", ""
    elif not is_text(url):
        yield "url_match: reference_url is no text", shown(url)
    elif note != "EXACT":
        # A part of an address is enough for GOLD in PRED, and where no rule is named.
        for part in url.split(OR_SEPARATOR):
            if not part.strip():
                yield "url_match: reference_url has an empty part", shown(url)
            if found := unknown_placeholder(part):
                yield "url_match: reference_url: unknown placeholder", found
    else:
        yield from _address(url, "url_match: reference_url", OR_SEPARATOR)


def _targets(targets: Any) -> Defects:
    where = "program_html"
    if not targets:
        yield f"{where} without a target: every ending would be a success", ""
        return
    if not _is_objects(targets):
        yield f"{where} is no list of targets", shown(targets)
        return
    for target in targets:
        yield from _page(target.get("url"), f"{where}: url")
        if not isinstance(target.get("locator"), str):
            yield f"{where}: locator is no text", shown(target.get("locator"))
        prepare = target.get("prep_actions") or []
        if not isinstance(prepare, list) or not all(isinstance(act, str) for act in prepare):
            yield f"{where}: prep_actions is no list of texts", shown(target["prep_actions"])
        required = target.get("required_contents")
        if not isinstance(required, Mapping) or not required:
            yield f"{where}: required_contents has no rule", shown(required)
            return
        for name in CONTENT_RULES:
            if name in required:
                yield from _rule(name, required[name], where)
        if required.get("exact_match") == "" and not target["locator"].strip():
            yield f"{where}: exact_match is empty for a whole page", ""


def _page(url: Any, name: str) -> Defects:
    """Yield the defects of a page to read: `last`, a func: that finds it, or an address."""
    known = ("func:", LAST_URL)
    if url != "last" and not (isinstance(url, str) and url.startswith(known)):
        yield from _address(url, name, OR_SEPARATOR)


def _queries(queries: Any) -> Defects:
    where = "page_image_query"
    if not queries or not _is_objects(queries):
        yield f"{where} is no list of at least one query", shown(queries)
        return
    for query in queries:
        if not any(query.get(key) for key in QUERY_TARGET):
            yield f"{where} with an empty query: the published evaluator crashes", ""
            return
        yield from _page(query.get("eval_image_url"), f"{where}: eval_image_url")
        if not isinstance(query.get("eval_image_class"), str):
            yield f"{where}: eval_image_class is no text", shown(query.get("eval_image_class"))
        asked, like = (query.get(key) for key in QUERY_TARGET)
        if asked and not _is_objects(asked):
            yield f"{where}: eval_vqa is no list of questions and answers", shown(asked)
            return
        for pair in asked or ():
            texts = pair.get("question"), pair.get("answer")
            if not all(is_text(text) and not is_blank(text) for text in texts):
                yield f"{where}: eval_vqa needs a question and an answer, both texts", shown(pair)
        if like and not (is_text(like) and all(map(str.strip, like.split(OR_SEPARATOR)))):
            yield f"{where}: eval_fuzzy_image_match is no text", shown(like)
        threshold = query.get("ssim_threshold", 0.8)
        if not (_is_value(threshold) and not isinstance(threshold, str) and 0 < threshold < 1):
            yield f"{where}: ssim_threshold is no number between 0 and 1", shown(threshold)


def is_text(value: Any) -> bool:
    """Say whether a value is a text with more than blanks."""
    return isinstance(value, str) and bool(value.strip())


def is_blank(text: str) -> bool:
    """Say whether a reference is empty once the rules have cleaned it: such a text is in every
    other one."""
    bare = unescape(text).strip()
    return not (bare[1:-1] if bare[:1] in QUOTES and bare[-1:] == bare[:1] else bare).strip()


def shown(value: Any) -> str:
    """Return a value for a message, shortened."""
    return f"{value!r:.60}"


def _is_value(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return isinstance(value, str) or number


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_text, value))


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)
