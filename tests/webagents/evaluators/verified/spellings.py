"""Answers to a task of WebArena-Verified: its reference in many spellings, right and wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Change = Callable[[Any], Any]


def _of_text(change: Callable[[str], str]) -> Change:
    return lambda value: change(value) if isinstance(value, str) else value


def _of_number(change: Callable[[float], Any]) -> Change:
    def changed(value: Any) -> Any:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return change(value) if is_number else value

    return changed


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else f"{value} x9"


WIDE = {ord(c): ord(c) + 0xFEE0 for c in "abcdefghij0123456789"}
"""Letters and digits as wide as a Chinese character."""

VALUES: Mapping[str, Change] = {
    "as it is": lambda value: value,
    "upper case": _of_text(str.upper),
    "padded": _of_text(lambda text: f"  {text} "),
    "full stop": _of_text(lambda text: f"{text}."),
    "comma": _of_text(lambda text: f"{text},"),
    "quotes": _of_text(lambda text: f'"{text}"'),
    "dashes": _of_text(lambda text: text.replace("-", "–")),
    "no hyphens": _of_text(lambda text: text.replace("-", " ")),
    "hard spaces": _of_text(lambda text: text.replace(" ", "\u00a0")),
    "round quotes": _of_text(lambda text: text.replace("'", "’")),
    "wide": _of_text(lambda text: text.translate(WIDE)),
    "accents": _of_text(lambda text: text.replace("e", "é")),
    "half": _of_text(lambda text: text[: len(text) // 2]),
    "minutes": _of_text(lambda text: text.replace("min", " minutes")),
    "number as text": _of_number(str),
    "dollars": _of_number(lambda number: f"${number:,.2f}"),
    "euros": _of_number(lambda number: f"€{number:.2f}".replace(".", ",")),
    "thousands": _of_number(lambda number: f"{int(number * 1000):,}"),
    "near": _of_number(lambda number: number + 0.05),
    "farther": _of_number(lambda number: number + 0.2),
    "as words": lambda value: (
        ("Yes" if value else "no") if isinstance(value, bool) else {2: "two"}.get(value, value)
        if isinstance(value, int | float)
        else value
    ),
    "other": _other,
    "nothing": lambda value: None,
}  # fmt: skip
"""What is done to each value of the reference."""


def spellings(task: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield answers to a task, each with the name of its spelling."""
    expected = task["eval"][0]["expected"]
    reference = expected.get("retrieved_data")
    first = None if reference is None else [_pick(value, 0) for value in reference]

    def answer(data: Any, **changes: Any) -> str:
        said = {"task_type": expected["task_type"].upper(), "status": expected["status"]}
        return json.dumps(said | {"retrieved_data": data} | changes, ensure_ascii=False)

    for name, change in VALUES.items():
        yield name, answer(None if first is None else [_changed(value, change) for value in first])
    listed = first or []
    yield "last alternative", answer([_pick(value, -1) for value in reference or []])
    yield "other order", answer(listed[::-1])
    yield "one more", answer([*listed, "zzz"])
    yield "twice", answer([*listed, *listed[-1:]])
    yield "one less", answer(listed[:-1])
    yield "without a list", answer(listed[0] if len(listed) == 1 else listed)
    yield "in a block", f"Here it is: ```json\n{answer(first)}\n```"
    yield "lower case", answer(first, task_type=expected["task_type"].lower())
    yield "other status", answer(first, status="UNKNOWN_ERROR")
    other = "RETRIEVE" if expected["task_type"].upper() == "MUTATE" else "MUTATE"
    yield "other type", answer(first, task_type=other)
    yield "no status", answer(first, status=None)
    yield "one more key", answer(first, reason="x")
    yield "a sentence", f"The answer is {first}."
    yield "no answer", ""


def _pick(value: Any, place: int) -> Any:
    return value[place] if isinstance(value, list) else value


def _changed(value: Any, change: Change) -> Any:
    if isinstance(value, dict):
        return {name: _changed(item, change) for name, item in value.items()}
    return [change(item) for item in value] if isinstance(value, list) else change(value)
