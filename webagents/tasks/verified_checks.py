"""The checks of a task in the format of WebArena-Verified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from longhaul.webagents.evaluators.response import read_value
from longhaul.webagents.tasks.addresses import is_address, unknown_placeholder
from longhaul.webagents.tasks.checks import Defects, head_defects, is_text, shown
from longhaul.webagents.tasks.verified import (
    FULL_ADDRESS,
    READ_KINDS,
    RESPONSE_EVALUATOR,
    STATUSES,
    TASK_TYPES,
    is_pattern,
    kind_of,
    task_type_of,
)


def verified_defects(raw: Mapping[str, Any]) -> Defects:
    """Yield the defects of a task, the gravest first; the later checks of a part rely on the
    earlier ones, so that only the first counts."""
    yield from head_defects(raw)
    starts = raw.get("start_urls")
    if not isinstance(starts, list) or not starts or not all(map(is_text, starts)):
        yield "start_urls is no list of addresses", shown(starts)
        return
    for url in starts:
        if found := unknown_placeholder(url):
            yield "start_urls: unknown placeholder", found
        elif not is_address(url):
            yield "start_urls: no address", shown(url)
    evaluators = raw.get("eval")
    if not isinstance(evaluators, list) or not evaluators:
        yield "no eval: nothing says when the task is solved", shown(evaluators)
        return
    for item in evaluators:
        if not isinstance(item, Mapping):
            yield "eval holds something else than evaluators", shown(item)
            return
        if item.get("evaluator") == RESPONSE_EVALUATOR:
            yield from _response(item)
    if not any(item.get("evaluator") == RESPONSE_EVALUATOR for item in evaluators):
        yield f"eval has no {RESPONSE_EVALUATOR}", ""


def _response(item: Mapping[str, Any]) -> Defects:
    where = RESPONSE_EVALUATOR
    expected, schema = item.get("expected"), item.get("results_schema")
    if not isinstance(expected, Mapping):
        yield f"{where} without an expected response", shown(expected)
        return
    kind, status = task_type_of(expected), expected.get("status")
    if str(kind).upper() not in TASK_TYPES:
        yield f"{where}: task_type is none of {', '.join(TASK_TYPES)}", shown(kind)
    if str(status).upper() not in STATUSES:
        yield f"{where}: status is none of the package's", shown(status)
    data = expected.get("retrieved_data")
    if not isinstance(data, list | None):
        yield f"{where}: retrieved_data is no list", shown(data)
        return
    if (str(kind).upper(), str(status).upper()) == ("RETRIEVE", "SUCCESS") and not data:
        yield f"{where}: nothing is to be retrieved, so that nothing would be compared", ""
    items = schema.get("items") if isinstance(schema, Mapping) else None
    if schema is not None and not _is_schema(schema):
        yield f"{where}: results_schema is no schema of a list", shown(schema)
    elif data and not isinstance(items, Mapping):
        yield f"{where}: retrieved_data without a schema of its values", shown(schema)
    elif data and isinstance(items, Mapping):
        for value in data:
            yield from _value(value, items, where)


def _is_schema(schema: Any) -> bool:
    if not isinstance(schema, Mapping):
        return False
    listed = schema.get("type", "array") == "array" and isinstance(schema.get("items"), Mapping)
    return schema.get("type") == "null" or (listed and _is_sound(schema["items"]))


def _is_sound(schema: Any) -> bool:
    """Say whether a schema of values has names of kinds, and schemas where it must have them."""
    if not isinstance(schema, Mapping):
        return False
    named = all(isinstance(schema.get(key), str | None) for key in ("type", "format", "title"))
    parts = schema.get("properties") or {}
    inner = [*parts.values()] if isinstance(parts, Mapping) else [None]
    inner += [schema["items"]] if schema.get("items") is not None else []
    return named and all(map(_is_sound, inner))


def _value(value: Any, schema: Mapping[str, Any], where: str) -> Defects:
    """Yield why a value is not of its schema's kind; kinds that are not compared here are left to
    the parser."""
    kind = kind_of(schema)
    if kind == "array":
        if not isinstance(value, list) or not value:
            yield f"{where}: a value is no list of its schema", shown(value)
            return
        for item in value:
            yield from _value(item, schema.get("items") or {}, where)
    elif kind == "object":
        properties = schema.get("properties")
        if not isinstance(value, Mapping) or not value or not isinstance(properties, Mapping):
            yield f"{where}: a value is no object of its schema", shown(value)
        elif schema.get("title") != FULL_ADDRESS:
            for name, item in value.items():
                if item is not None:  # what is to be found may not be there
                    yield from _value(item, properties.get(name) or {}, where)
    elif kind in READ_KINDS:
        for option in value if isinstance(value, list) else [value]:
            if not is_pattern(option) and read_value(option, kind) in (None, ""):
                yield f"{where}: a value is no {kind}", shown(option)
        if value == []:
            yield f"{where}: a value has no alternative", ""
