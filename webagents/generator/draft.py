"""What a template makes: a task in the benchmark's terms, in legs that can be told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from webagents.sites.store import Store

Make = Callable[[Store, np.random.Generator], "Draft"]


@dataclass(frozen=True)
class Move:
    """A step of an oracle, by what it sees: the element of a `role` that is called `name`.

    `kind` is an action's word; `text` what is typed, chosen, gone to or answered.
    """

    kind: str
    role: str = ""
    name: str = ""
    text: str = ""
    submit: bool = False


@dataclass(frozen=True)
class Fact:
    """That a site's state has, in its list `among`, an entry with these values."""

    site: str
    among: str
    has: Mapping[str, Any]

    def holds(self, state: Mapping[str, Any]) -> bool:
        """Say whether a site's state has it."""
        return any(
            all(entry.get(key) == value for key, value in self.has.items())
            for entry in state.get(self.among, ())
        )


@dataclass(frozen=True)
class Leg:
    """A part of a task: its moves, and the fact that they bring about (none: the task's end)."""

    name: str
    instruction: str
    moves: tuple[Move, ...]
    goal: Fact | None = None


@dataclass(frozen=True)
class Draft:
    """A task: `intent` with slots for `values`, where it starts (a path), how it is scored, and
    its legs. The last leg stops, and has no goal but the evaluation."""

    intent: str
    values: Mapping[str, str]
    evaluation: Mapping[str, Any]
    legs: tuple[Leg, ...]
    start: str = ""


@dataclass(frozen=True)
class Template:
    """`site` as the benchmark calls it (shopping, reddit, ...), `difficulty` easy, medium, hard."""

    name: str
    site: str
    difficulty: str
    make: Make


def click(role: str, name: str) -> Move:
    return Move("click", role, name)


def type_in(name: str, text: str, submit: bool = False, role: str = "textbox") -> Move:
    return Move("type", role, name, text, submit)


def choose(name: str, text: str) -> Move:
    return Move("select", "combobox", name, text)


def stop(answer: str = "") -> Move:
    return Move("stop", text=answer)


def finish(*moves: Move, answer: str = "") -> Leg:
    """Return the last leg: what is left to do, and the stop."""
    return Leg("finish", "Finish, and say so.", (*moves, stop(answer)))


def answer_eval(*must_include: str) -> dict[str, Any]:
    """Return an `eval` of the answer."""
    return {
        "eval_types": ["string_match"],
        "reference_answers": {"must_include": list(must_include)},
        "reference_url": "",
        "program_html": [],
        "string_note": "",
        "reference_answer_raw_annotation": ", ".join(must_include),
    }


def url_eval(url: str) -> dict[str, Any]:
    """Return an `eval` of where the agent ends."""
    return {
        "eval_types": ["url_match"],
        "reference_answers": None,
        "reference_url": url,
        "program_html": [],
        "url_note": "EXACT",
    }


def html_eval(*targets: dict[str, Any]) -> dict[str, Any]:
    """Return an `eval` of pages."""
    return {
        "eval_types": ["program_html"],
        "reference_answers": None,
        "reference_url": "",
        "program_html": list(targets),
    }


def target(url: str, locator: str, **required: Any) -> dict[str, Any]:
    """Return a target of a program_html: `must_include=[...]`, `exact_match="..."`, ..."""
    return {"url": url, "locator": locator, "required_contents": required}


def text_of(css: str) -> str:
    """Return the locator of an element's text."""
    return f"document.querySelector({css!r}).outerText"


def value_of(css: str) -> str:
    """Return the locator of a field's value."""
    return f"document.querySelector({css!r}).value"


def one_of(rows: list[dict[str, Any]], random: np.random.Generator) -> dict[str, Any]:
    """Return one of some rows. Raises ValueError where there are none."""
    if not rows:
        raise ValueError("a template found nothing to ask about in this seed's site")
    return rows[int(random.integers(len(rows)))]


def some_of(
    rows: list[dict[str, Any]], count: int, random: np.random.Generator
) -> list[dict[str, Any]]:
    """Return `count` different rows, in a random order."""
    return [rows[i] for i in random.choice(len(rows), count, replace=False)]


def read_legs(data: list[dict[str, Any]]) -> tuple[Leg, ...]:
    """Return legs from their JSON form."""
    return tuple(
        Leg(
            leg["name"],
            leg["instruction"],
            tuple(Move(**move) for move in leg["moves"]),
            None if leg["goal"] is None else Fact(**leg["goal"]),
        )
        for leg in data
    )
