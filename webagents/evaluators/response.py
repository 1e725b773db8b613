"""Compares an agent's response with the expected one, as WebArena-Verified 1.2.3 does.

Values are compared by their kind: 1,234 is 1234, `5 min` is near `5 minutes 20 s`. Where the
package's own comparison is wrong, this one differs (the table in webagents/README.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from longhaul.documents import parse_json
from longhaul.errors import ConfigError
from longhaul.webagents.tasks.format import Response
from longhaul.webagents.tasks.verified import kind_of

BLOCK_PATTERN = re.compile(r"```(?:json)?\s*\n?(.*?)\n?```", re.DOTALL)
"""Matches a block of code around a response."""

CURRENCY_TOLERANCE = 0.1
"""The most by which amounts of money may differ, in their currency (the package's currency.py)."""

DURATION_TOLERANCE_S, DURATION_TOLERANCE = 180.0, 0.1
"""The most by which durations may differ: so many seconds, or this share of the longer one (the
package's duration.py)."""

DISTANCE_TOLERANCE_M, DISTANCE_TOLERANCE = 10.0, 0.02
"""The most by which distances may differ: so many meters, or this share of the longer one (the
package's distance.py)."""

MARKS = dict.fromkeys(map(ord, "™®℠©"))
"""Signs that mean nothing in a name."""

LOOKALIKES = {
    ord(sign): plain for signs, plain in (("‘’‚‛′", "'"), ("“”„‟″", '"')) for sign in signs
}
"""Quotes and primes, which keyboards do not have, and the signs that stand for them."""

DASHES = "[-\u2010-\u2015\u2212\u00ad]"
"""Matches a hyphen, a dash or a minus sign."""

HYPHEN_PATTERN = re.compile(f"(?<=[A-Za-z]){DASHES}|{DASHES}(?=[A-Za-z])")
"""Matches a hyphen or dash beside a letter, which counts as a blank."""

EDGES = "'\"`.,;:!?"
"""Signs at the ends of a text that do not count."""

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

DAYS = ("mon", "tue", "tues", "wed", "wednes", "thu", "thurs", "fri", "sat", "satur", "sun")
"""The beginnings of the names of the week's days, which may stand before a date."""

NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
"""The numbers that are often written as words."""

DATE_PATTERNS = (
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
    r"(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[-/.](?P<year>\d{4})",
    r"(?P<month>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:, ?| )(?P<year>\d{4})",
    r"(?P<day>\d{1,2}) (?P<month>[a-z]{3,9})\.?,? (?P<year>\d{4})",
)
"""Match a date, in lower case. The month comes first where all are numbers, as in 5/31/2023."""

TIME_PATTERN = r"(?:(?:,| at|t)? ?\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?)?"
"""Matches a time of day after a date, or nothing."""

SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
"""Seconds of a unit, by its first letter."""

DURATION_PATTERN = re.compile(
    r"(\d+(?:\.\d+)?)\s*(weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])"
)

METERS = {
    **{"m": 1.0, "meter": 1.0, "metre": 1.0, "km": 1000.0, "kilometer": 1000.0},
    **{"kilometre": 1000.0, "k": 1000.0, "mi": 1609.344, "mile": 1609.344, "ft": 0.3048},
    **{"foot": 0.3048, "feet": 0.3048, "yd": 0.9144, "yard": 0.9144, "cm": 0.01, "in": 0.0254},
    **{"centimeter": 0.01, "centimetre": 0.01, "inch": 0.0254, "inche": 0.0254},
}
"""Meters of a unit; a plural's s is left out."""


def responds(expected: Response, answer: str) -> bool:
    """Say whether an answer is the expected response."""
    found = _parse(answer)
    if not isinstance(found, Mapping):
        return False
    kind = found.get("task_type", found.get("performed_operation"))
    if (_word(kind), _word(found.get("status"))) != (expected.task_type, expected.status):
        return False
    if expected.task_type != "RETRIEVE":
        return True
    data = found.get("retrieved_data")
    if data is None or data in ("", [], {}):
        return expected.data is None
    given = data if isinstance(data, list) else [data]
    return expected.data is not None and _same_items(expected, given)


def _parse(answer: str) -> Any:
    block = BLOCK_PATTERN.search(answer)
    try:
        return parse_json((block[1] if block else answer).strip(), "answer")
    except ConfigError:
        return None


def _word(value: Any) -> str:
    return value.strip().strip(EDGES).upper() if isinstance(value, str) else ""


def _same_items(expected: Response, given: Sequence[Any]) -> bool:
    wanted = expected.data or ()
    if expected.ordered:
        return len(wanted) == len(given) and all(
            _same(one, other, expected.schema) for one, other in zip(wanted, given, strict=True)
        )
    return _all_found(wanted, given, expected.schema)


def _all_found(wanted: Sequence[Any], given: Sequence[Any], schema: Mapping[str, Any]) -> bool:
    """Say whether each value wanted has one of its own among those given, and none is left over.

    A value may fit several others (it has alternatives, or a tolerance), so a value that is taken
    goes on to another one where it can (augmenting paths of a bipartite matching).
    """
    if len(wanted) != len(given):
        return False
    fits = [[_same(one, other, schema) for other in given] for one in wanted]
    taken: dict[int, int] = {}

    def take(index: int, seen: set[int]) -> bool:
        for place, fit in enumerate(fits[index]):
            if fit and place not in seen:
                seen.add(place)
                if place not in taken or take(taken[place], seen):
                    taken[place] = index
                    return True
        return False

    return all(take(index, set()) for index in range(len(wanted)))


def _same(expected: Any, given: Any, schema: Mapping[str, Any]) -> bool:
    """Say whether a value is the expected one, or one of its alternatives."""
    kind = kind_of(schema)
    if kind == "object":
        properties = schema.get("properties") or {}
        return (
            isinstance(given, Mapping)
            and given.keys() == expected.keys()
            and all(_same_part(expected[k], given[k], properties.get(k) or {}) for k in expected)
        )
    value = read_value(given, kind)
    options = expected if isinstance(expected, list) else [expected]
    return value is not None and any(
        _near(read_value(option, kind), value, kind) for option in options
    )


def _same_part(expected: Any, given: Any, schema: Mapping[str, Any]) -> bool:
    if expected is None or given is None:
        return expected is given
    if kind_of(schema) == "array":
        return isinstance(given, list) and _all_found(expected, given, schema.get("items") or {})
    return _same(expected, given, schema)


def _near(expected: Any, given: Any, kind: str) -> bool:
    if kind == "string":
        return expected == given or expected.strip(EDGES) == given.strip(EDGES)
    if expected is None:
        return False
    if kind == "currency":
        return abs(expected - given) <= CURRENCY_TOLERANCE + 1e-9
    longest = max(expected, given) if kind in ("duration", "distance") else 0
    if kind == "duration":
        return abs(expected - given) <= max(DURATION_TOLERANCE_S, DURATION_TOLERANCE * longest)
    if kind == "distance":
        return abs(expected - given) <= max(DISTANCE_TOLERANCE_M, DISTANCE_TOLERANCE * longest)
    return bool(expected == given)


def read_value(value: Any, kind: str) -> Any:
    """Return a value of a kind (longhaul.webagents.tasks.verified.READ_KINDS) in the form in which
    it is compared; None for one that is not of this kind."""
    if isinstance(value, list | Mapping) or value is None:
        return None
    try:
        return READERS[kind](_plain(value, kind) if isinstance(value, str) else value)
    except (ValueError, OverflowError):  # a number of too many digits
        return None


def _plain(text: str, kind: str) -> str:
    """Return a text as its kind's reader takes it: signs at the end count in a string alone."""
    return plain_text(text) if kind == "string" else plain_text(text).rstrip(" .,;")


def _string(value: Any) -> str:
    return str(value).lower()


def plain_text(text: str) -> str:
    """Return a text as it is compared: without signs of trade, accents and capitals, with plain
    quotes, and with single blanks in place of hyphens beside letters."""
    text = unicodedata.normalize("NFKC", text.translate(MARKS)).translate(LOOKALIKES)
    text = re.sub(DASHES, "-", HYPHEN_PATTERN.sub(" ", text))
    letters = unicodedata.normalize("NFKD", text)
    kept = (c for c in letters if unicodedata.category(c)[0] not in "CM" or c in "\t\n\r")
    return " ".join("".join(kept).casefold().split())


def _number(value: Any) -> float | None:
    text = re.sub(r"[,\s]", "", value) if isinstance(value, str) else value
    if text in NUMBER_WORDS:
        return float(NUMBER_WORDS.index(text))
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, int | float):
        return bool(value)
    word = str(value)
    if word in ("true", "yes", "y", "1", "t", "on"):
        return True
    return False if word in ("false", "no", "n", "0", "f", "off") else None


def _currency(value: Any) -> float | None:
    """Return an amount; commas part thousands, unless one or two digits follow the last of them."""
    if isinstance(value, int | float):
        return _number(value)
    found = re.findall(r"\d[\d.,]*", value)
    if len(found) != 1:
        return None
    digits = found[0].rstrip(".,")
    if digits.rfind(",") > digits.rfind(".") and re.search(r",\d{1,2}$", digits):
        digits = digits.replace(".", "").replace(",", ".")
    number = _number(digits)
    negative = re.match(r"\D*-\D*\d", value) is not None
    return -number if number is not None and negative else number


def _month(value: Any) -> int | None:
    number = _number(value)
    if number is not None:
        return int(number) if number in range(1, 13) else None
    for index, name in enumerate(MONTHS, 1):
        if value in (name, name[:3]) or (value == "sept" and index == 9):
            return index
    return None


def _date(value: Any) -> str | None:
    """Return a day as YYYY-MM-DD."""
    text = re.sub(r"(\d)(st|nd|rd|th)\b", r"\1", str(value))
    text = re.sub(rf"^(?:{'|'.join(DAYS)})(?:day)?\.?,? ", "", text)
    for pattern in DATE_PATTERNS:
        if match := re.fullmatch(pattern + TIME_PATTERN, text):
            try:
                return date(
                    int(match["year"]), _month(match["month"]) or 0, int(match["day"])
                ).isoformat()
            except ValueError:
                return None
    return None


def _duration(value: Any) -> float | None:
    """Return seconds; `4:13` are minutes and seconds, `1:35 hours` hours and minutes."""
    text = str(value)
    if match := re.fullmatch(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)(\s*h(?:ou)?rs?)?", text):
        hours, minutes, seconds, named = match.groups()
        if named and hours is None:
            hours, minutes, seconds = minutes, seconds, "0"
        return 3600.0 * int(hours or 0) + 60.0 * float(minutes) + float(seconds)
    rest = DURATION_PATTERN.sub("", text)
    parts = DURATION_PATTERN.findall(text)
    if not parts or re.sub(r"\band\b|[\s,]", "", rest):
        return None
    return sum(float(amount) * SECONDS[unit[0]] for amount, unit in parts)


def _distance(value: Any) -> float | None:
    match = re.fullmatch(r"(\d[\d,]*(?:\.\d+)?)\s*([a-z]+)[.,]?", str(value))
    if match is None:
        return None
    unit = match[2] if match[2] in METERS else match[2].removesuffix("s")
    number = _number(match[1])
    return number * METERS[unit] if unit in METERS and number is not None else None


READERS: Mapping[str, Callable[[Any], Any]] = {
    "string": _string,
    "number": _number,
    "integer": _number,
    "boolean": _boolean,
    "currency": _currency,
    "month": _month,
    "date": _date,
    "duration": _duration,
    "distance": _distance,
}
