"""A web task as its file says it, in types: what is parsed here is data and never run.

The same format serves WebArena, VisualWebArena and VideoWebArena; field names are the files'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

RuleName = Literal[
    "exact_match", "must_include", "must_exclude", "one_of", "required_values", "fuzzy_match"
]

UrlRule = Literal["EXACT", "GOLD in PRED"]

OR = " |OR| "
AND = " |AND| "


@dataclass(frozen=True)
class Rule:
    """What a text must be like: `name` says how it is compared with `values`."""

    name: RuleName
    values: tuple[str, ...]


@dataclass(frozen=True)
class PageHtml:
    """Reads the whole page."""


@dataclass(frozen=True)
class Script:
    """Reads the value of a JavaScript expression, in the page. `strict`: no value is a failure
    of the whole task (a `lambda:`), else an empty text (a `document.`)."""

    source: str
    strict: bool = False


@dataclass(frozen=True)
class Reader:
    """Reads by a named function of `longhaul.webagents.evaluators.readers`; `arguments` are
    texts."""

    name: str
    arguments: tuple[str, ...] = ()


Locator = PageHtml | Script | Reader


@dataclass(frozen=True)
class Target:
    """A page to look at after the episode. `url` is an address, `last` for where the agent ended,
    or a Reader that finds one; `prepare` are JavaScript expressions to run first."""

    url: str | Reader
    locator: Locator
    rules: tuple[Rule, ...]
    prepare: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImageQuery:
    """Images to look at: those under a CSS class (empty: all) of a page. Where `like` names images
    (` |OR| ` between them) one must be like one of those (structural similarity above `threshold`),
    and to each of `questions` one must have the answer."""

    url: str | Reader
    css: str
    like: str = ""
    threshold: float = 0.8
    questions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """How a task is scored: the product over `types`. `note` is the true reason of a task that
    cannot be done, for a judge."""

    types: tuple[str, ...]
    answers: tuple[Rule, ...] = ()
    urls: tuple[str, ...] = ()
    url_rule: UrlRule = "EXACT"
    targets: tuple[Target, ...] = ()
    images: tuple[ImageQuery, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Question:
    """VideoWebArena's intermediate question: asked of the video alone."""

    text: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class WebTask:
    """A task. `raw` is the JSON it was read from; addresses in it may hold placeholders such as
    `__SHOPPING__`, which `longhaul.webagents.tasks.read.fill_placeholders` replaces beforehand."""

    id: str
    sites: tuple[str, ...]
    start_urls: tuple[str, ...]
    intent: str
    evaluation: Evaluation
    require_login: bool = False
    video: str = ""
    question: Question | None = None
    images: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
