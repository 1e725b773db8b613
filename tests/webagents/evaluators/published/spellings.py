"""Endings of a task in many spellings, made from its reference answers: right ones and wrong ones.

An ending is what score.py takes: `answer`, `url`, and `values`, what the page returns at each
target.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from longhaul.webagents.tasks.format import OR_SEPARATOR

Ending = dict[str, Any]

NUMBER_READERS = (
    "shopping_get_product_price",
    "shopping_get_num_reviews",
    "shopping_get_rating_as_percentage",
    "shopping_get_order_product_quantity",
)
"""The published functions that return numbers."""


def endings(raw: Mapping[str, Any], evaluator: str) -> Iterator[tuple[str, Ending]]:
    """Yield the endings of a task for one of its evaluators, each with its spelling's name."""
    made = {"string_match": _answers, "url_match": _addresses, "program_html": _pages}
    for name, part in made[evaluator](raw["eval"]):
        yield name, {"answer": "", "url": "http://localhost:1", "values": [], **part}


def _renumber(text: str, change: Callable[[str], str]) -> str:
    return re.sub(r"\d+", lambda match: change(match[0]), text)


TEXTS: Mapping[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "upper case": str.upper,
    "padded": lambda text: f"  {text} \n",
    "in quotes": lambda text: f"'{text}'",
    "in two pairs of quotes": lambda text: f"\"'{text}'\"",
    "in a sentence": lambda text: f"The answer is {text}.",
    "with other numbers": lambda text: _renumber(text, lambda number: str(int(number) + 1)),
    "with longer numbers": lambda text: _renumber(text, lambda number: f"1{number}0"),
    "cut": lambda text: text[:-1],
    "with HTML's references": html.escape,
    "inside a word": lambda text: f"x{text}x",
}
"""The spellings of one text."""


def _answers(evaluation: Mapping[str, Any]) -> Iterator[tuple[str, Ending]]:
    parts = [part for value in evaluation["reference_answers"].values() for part in _parts(value)]
    first = [part.split(OR_SEPARATOR)[0] for part in parts]
    text = ", ".join(first)
    for name, spell in TEXTS.items():
        yield name, {"answer": spell(text)}
    yield "in another order", {"answer": ", ".join(reversed(first))}
    yield "without the last part", {"answer": ", ".join(first[:-1])}
    yield "with the last alternatives", {"answer": ", ".join(_last(part) for part in parts)}
    yield "with every alternative", {"answer": ", ".join(parts)}
    yield "the reason", {"answer": str(evaluation.get("string_note") or "no reason")}


def _parts(value: Any) -> list[str]:
    return [_fulfilling(str(part)) for part in (value if isinstance(value, list) else [value])]


def _fulfilling(part: str) -> str:
    """Return a number within a bound such as `>= 3`; any other text as it is."""
    bound = re.fullmatch(r"\s*(<=|>=|==|<|>)\s*(-?[\d.]+)\s*", part)
    return part if bound is None else bound[2]


def _last(part: str) -> str:
    return part.split(OR_SEPARATOR)[-1]


def _addresses(evaluation: Mapping[str, Any]) -> Iterator[tuple[str, Ending]]:
    references = evaluation["reference_url"].split(OR_SEPARATOR)
    url = references[0]
    place, _, query = url.partition("?")
    pairs = query.split("&") if query else []
    spelled = {
        "as it is": url,
        "the last alternative": references[-1],
        "with a slash": url + "/",
        "with three slashes": url + "///",
        "parameters in another order": "?".join([place, "&".join(reversed(pairs))]),
        "a parameter after": url + ("&" if query else "?") + "extra=1",
        "a parameter before": f"{place}?extra=1&{query}",
        "without the last parameter": "?".join([place, "&".join(pairs[:-1])]),
        "a longer value": url + "0",
        "with a fragment": url + "#top",
        "a longer path": place + "/designs" + ("?" + query if query else ""),
        "a shorter path": place.rpartition("/")[0],
        "spaces encoded otherwise": url.replace("+", "%20"),
        "upper case": url.upper(),
        "as a parameter of another host": f"http://other.example/?next={url}",
        "by another scheme": url.replace("http:", "https:"),
        "with other numbers": place[:20] + _renumber(url[20:], lambda n: str(int(n) + 1)),
        "127.0.0.1 for localhost": url.replace("localhost", "127.0.0.1"),
    }
    for name, address in spelled.items():
        yield name, {"url": address}


def _pages(evaluation: Mapping[str, Any]) -> Iterator[tuple[str, Ending]]:
    targets = evaluation["program_html"]
    for name, spell in TEXTS.items():
        yield name, {"values": [_value(target, spell) for target in targets]}
    for name, amount in (("a number more", 1), ("half more", 0.5), ("zero", None)):
        yield name, {"values": [_value(target, str, amount) for target in targets]}
    yield "nothing there", {"values": [_missing(target) for target in targets]}


def _value(target: Mapping[str, Any], spell: Callable[[str], str], more: float | None = 0) -> Any:
    required = target["required_contents"]
    known = ("exact_match", "must_include", "must_exclude", "required_values", "fuzzy_match")
    name = next(name for name in known if name in required)
    parts = [part.split(OR_SEPARATOR)[0] for part in _parts(required[name])]
    if name == "required_values":
        number = 0 if more is None else float(parts[0]) + more
        number = int(number) if number == int(number) else number
        return number if _gives_numbers(target["locator"]) else spell(str(number))
    return spell("\n".join(parts))


def _gives_numbers(locator: str) -> bool:
    return locator.startswith("lambda:") or any(name in locator for name in NUMBER_READERS)


def _missing(target: Mapping[str, Any]) -> Any:
    locator = target["locator"]
    if locator.startswith("func:") or not locator.strip():
        return 0 if _gives_numbers(locator) else ""
    return None
