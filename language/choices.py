"""Reads which of several choices a reply names: only one that stands there by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from longhaul.language.structured import values_in

MARKUP = " \t*_`\"'#>-•.,!:"
"""Characters around a choice that are no part of it: Markdown, quotes, a list's dash, a full stop.
"""

LABEL = re.compile(
    r"(?:the |my |final )*(?:answer|verdict|choice|action|decision)(?: is)?\s*[*_]*\s*[:=]\s*[*_]*",
    re.IGNORECASE,
)

MAX_CHARS = 65_536
"""A longer reply is not searched for a choice."""


def choice_schema(choices: Sequence[str]) -> dict[str, Any]:
    """Return the JSON schema of an object whose `choice` is one of the choices."""
    return {
        "type": "object",
        "properties": {"choice": {"type": "string", "enum": list(choices)}},
        "required": ["choice"],
        "additionalProperties": False,
    }


def read_choice(text: str, choices: Sequence[str]) -> str | None:
    """Return the choice that a reply names, as an object of `choice_schema` or as a line that
    consists of it; None where it names none, or several different ones.

    Case, Markdown and a label ("Answer: ...") do not count. A sentence about a choice is none:
    "it is not correct" names another verdict than it has.
    """
    if len(text) > MAX_CHARS:
        return None
    plain = Counter(map(_plain, choices))
    by_plain = {_plain(choice): choice for choice in choices if plain[_plain(choice)] == 1}
    objects = [value for value in values_in(text) if isinstance(value, dict)]
    said = [value["choice"] for value in objects if isinstance(value.get("choice"), str)]
    said = said or [text, *text.splitlines()]
    exact = {form for line in said for form in (line, line.strip())} & set(choices)
    found = exact or {by_plain[_plain(line)] for line in said if _plain(line) in by_plain}
    return found.pop() if len(found) == 1 else None


def _plain(text: str) -> str:
    bare = text.strip(MARKUP)
    label = LABEL.match(bare)
    return " ".join(bare[label.end() if label else 0 :].strip(MARKUP).lower().split())
