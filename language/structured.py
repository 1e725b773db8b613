"""From a model's text to JSON that fits a schema, or a typed refusal; the text is never run.

What a model writes is untrusted: size and depth are bounded before anything is parsed, numbers
must be finite and strings must be Unicode, and references of a schema never leave it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from longhaul.language.chat import Reply, Schema
from longhaul.language.errors import one_line, optional

Reason = Literal["empty", "declined", "cut", "too_long", "too_deep", "not_json", "wrong_schema"]

MAX_CHARS = 65_536
MAX_DEPTH = 32
MAX_STARTS = 32
"""Places where JSON is looked for in one text."""

START = re.compile(r"[{\[]")
STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}\[\]]', re.DOTALL)
"""A string that never ends goes to the end of the text, which keeps the search linear."""


@dataclass(frozen=True)
class Refusal:
    """Why a text was not taken; `detail` is one line that may be sent back to the model."""

    reason: Reason
    detail: str


def read_reply(reply: Reply, schema: Schema) -> Any | Refusal:
    """Return the JSON value of a reply, or a Refusal; a model that declined gives one too, and so
    does a reply that was cut before its JSON ended."""
    if reply.finish == "refusal":
        return Refusal("declined", one_line(reply.refusal or "the model declined"))
    found = read_json(reply.text, schema)
    if isinstance(found, Refusal) and reply.finish == "length":
        return Refusal("cut", f"the reply was cut at its limit of tokens: {found.detail}")
    return found


def read_json(text: str, schema: Schema) -> Any | Refusal:
    """Return the first JSON object or array in `text` that fits `schema`, else a Refusal.

    Words and code fences around it are passed over.
    """
    if not text.strip():
        return Refusal("empty", "the reply is empty")
    if len(text) > MAX_CHARS:
        return Refusal("too_long", f"the reply has {len(text)} characters, at most {MAX_CHARS}")
    refusal = Refusal("not_json", f"the reply holds no JSON: {one_line(text, 80)}")
    for value in values_in(text):
        problem = value if isinstance(value, Refusal) else _problem(value, schema)
        if problem is None:
            return value
        if refusal.reason == "not_json":
            refusal = problem
    return refusal


def values_in(text: str) -> Iterator[Any | Refusal]:
    """Yield the JSON values in a text, and a Refusal in the place of one that is too deep."""
    decoder = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant)
    position = 0
    for _ in range(MAX_STARTS):
        match = START.search(text, position)
        if match is None:
            return
        position = match.end()
        if _depth(text, match.start()) > MAX_DEPTH:
            yield Refusal("too_deep", f"the JSON is nested more than {MAX_DEPTH} deep")
            return
        try:
            value, end = decoder.raw_decode(text, match.start())
            json.dumps(value, ensure_ascii=False).encode()
        except ValueError:  # UnicodeEncodeError is one: half a surrogate pair is no text
            continue
        position = end
        yield value


def _depth(text: str, start: int) -> int:
    """Return how deep the brackets from `start` nest, strings passed over, until they close."""
    depth = deepest = 0
    for match in STRING_OR_BRACKET.finditer(text, start):
        token = match.group()
        if token in ("{", "["):
            depth += 1
        elif token in ("}", "]"):
            depth -= 1
        deepest = max(deepest, depth)
        if depth <= 0 or deepest > MAX_DEPTH:
            break
    return deepest


def _problem(value: Any, schema: Schema) -> Refusal | None:
    """Return what is wrong with a value; None where it fits.

    An empty registry: jsonschema would otherwise fetch a schema's foreign references.
    """
    jsonschema = optional("jsonschema", "llm")
    registry = optional("referencing", "llm").Registry()
    validator = jsonschema.Draft202012Validator(schema, registry=registry)
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    if error is None:
        return None
    return Refusal("wrong_schema", one_line(f"{error.json_path}: {error.message}"))


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits} is not finite")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
