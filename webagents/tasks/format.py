"""The types of a web task as its file has it; they are data and never run.

WebArena, VisualWebArena and VideoWebArena have the same format; field names follow their files.
WebArena-Verified has one of its own (`verified.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

RuleName = Literal[
    "exact_match", "must_include", "must_exclude", "one_of", "required_values", "fuzzy_match"
]

UrlRule = Literal["EXACT", "GOLD in PRED"]

OR_SEPARATOR = " |OR| "
"""Separates alternatives in a text of a task file."""

AND_SEPARATOR = " |AND| "
"""Separates the start URLs in a task file."""


@dataclass(frozen=True)
class Rule:
    """A requirement on a text: `name` says how the text is compared with `values`."""

    name: RuleName
    values: tuple[str, ...]


@dataclass(frozen=True)
class PageHtml:
    """Reads the whole page."""


@dataclass(frozen=True)
class Script:
    """Reads the value of a JavaScript expression, in the page. If there is no value, the whole task
    fails if `strict` (a `lambda:`), else the text is empty (a `document.`)."""

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
    """A page to read after the episode. `url` is an address, `last` for the page where the agent
    ended, or a Reader that finds an address; `prepare` are JavaScript expressions to run first."""

    url: str | Reader
    locator: Locator
    rules: tuple[Rule, ...]
    prepare: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImageQuery:
    """The images below a CSS selector (empty: all) on a page. If `like` names images (separated by
    OR_SEPARATOR), some image must be like one of them (structural similarity above `threshold`).
    For each of `questions`, pairs of question and answer, some image must have the answer."""

    url: str | Reader
    css: str
    like: str = ""
    threshold: float = 0.8
    questions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Response:
    """The answer that WebArena-Verified asks for: a JSON object that says what kind of work it was
    (`task_type`), how it ended (`status`), and what was found (`data`).

    `data` are the values in the file's form: each item is a value, a list of values of which any is
    right, or an object of such; None where nothing is to be found. `schema` is the JSON schema of
    an item. With `ordered` the items must come in this order.
    """

    task_type: str
    status: str
    data: tuple[Any, ...] | None = None
    schema: Mapping[str, Any] = field(default_factory=dict)
    ordered: bool = False


@dataclass(frozen=True)
class Evaluation:
    """The evaluation of a task: the product of the evaluators `types`. `note` is the reason why a
    task cannot be done, for a judge. `url_rule` None means the rule that each version of the rules
    has when a task names none. `response` belongs to the evaluator agent_response."""

    types: tuple[str, ...]
    answers: tuple[Rule, ...] = ()
    urls: tuple[str, ...] = ()
    url_rule: UrlRule | None = None
    targets: tuple[Target, ...] = ()
    images: tuple[ImageQuery, ...] = ()
    note: str = ""
    response: Response | None = None


@dataclass(frozen=True)
class Question:
    """VideoWebArena's intermediate question, which is about the video alone."""

    text: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class WebTask:
    """A task. `raw` is the JSON that it was read from; its addresses may have placeholders such as
    `__SHOPPING__`, which `longhaul.webagents.tasks.addresses.localize` replaces beforehand.
    `viewport` is the task's own `width` and `height` in pixels, where it has them."""

    id: str
    sites: tuple[str, ...]
    start_urls: tuple[str, ...]
    intent: str
    evaluation: Evaluation
    require_login: bool = False
    video: str = ""
    question: Question | None = None
    images: tuple[str, ...] = ()
    viewport: Mapping[str, int] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
