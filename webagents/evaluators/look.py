"""Collects in the browser what a task's evaluators need when an episode ends; `evaluate.py` judges
it, then or later."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longhaul.webagents.browser.settle import goes_on, is_lost
from longhaul.webagents.errors import TaskError
from longhaul.webagents.evaluators.fetch import fetch, open_address
from longhaul.webagents.evaluators.findings import Findings, Shown
from longhaul.webagents.evaluators.images import Picture, similarity
from longhaul.webagents.evaluators.lookup import first_found, whole_html
from longhaul.webagents.evaluators.page_images import decode, image_sources
from longhaul.webagents.evaluators.readers import Scene, Shop, read, script_value
from longhaul.webagents.evaluators.text import JUDGED_RULE, TextRules, Value
from longhaul.webagents.tasks.format import (
    OR_SEPARATOR,
    ImageQuery,
    PageHtml,
    Reader,
    Script,
    Target,
    WebTask,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

LAST_PAGE = "last"
"""The url of a target that means the tab in front, as the agent left it."""

READ_TRIES = 3
"""Attempts to read a page that goes on to another one meanwhile. Chosen here."""

MAX_KEPT_CHARS = 20_000
"""The most characters of a text for a judge that are kept, so that another judge can judge it
again; a judge is shown fewer. Chosen here."""


@dataclass(frozen=True)
class Ending:
    """How an episode ended: the agent's answer, the URL where it ended, and the tab in front, which
    is read as the agent left it and never sent elsewhere. `aside` returns a page of the same
    context that is none of the agent's tabs, the same one each time, in which other addresses are
    opened. `settle` waits until a page is quiet. `picture` returns a picture that a task names and
    no page serves; it raises TaskError if there is none. `allows` says whether a URL is of an
    allowed origin."""

    answer: str
    url: str
    tab: Page
    aside: Callable[[], Page]
    settle: Callable[[Page], None]
    picture: Callable[[str], bytes]
    allows: Callable[[str], bool]
    shop: Shop | None = None


def look(task: WebTask, ending: Ending, rules: TextRules) -> Findings:
    """Return the findings for a task's evaluators, with targets and image queries in their order.

    A locator, a reader or a query that finds nothing in the page itself is tried in its frames; the
    page's HTML has that of its frames after it.
    Targets after the first that fails by another rule than a judge's are not read, since the task
    has failed then. Raises TaskError for a picture to compare with that does not exist.
    """
    return Findings(
        answer=ending.answer,
        url=ending.url,
        targets=_targets(task, ending, rules),
        images=tuple(_shown(query, ending) for query in task.evaluation.images),
    )


def _targets(task: WebTask, ending: Ending, rules: TextRules) -> tuple[str | bool, ...]:
    found: list[str | bool] = []
    for target in task.evaluation.targets:
        text = _text_at(target, ending)
        judged = any(rule.name == JUDGED_RULE for rule in target.rules)
        if text is not None and judged:
            found.append(str(text)[:MAX_KEPT_CHARS])
            continue
        holds = text is not None and all(rules.holds_on_page(rule, text) for rule in target.rules)
        found.append(holds)
        if not holds:
            break
    return tuple(found)


def _text_at(target: Target, ending: Ending) -> Value | None:
    """Return the text or number to which a target's rules apply; None if there is no such page, or
    no value at a strict locator. A page that goes on to another one meanwhile is waited for,
    READ_TRIES times in all."""
    from playwright.sync_api import Error

    scene = _go(target.url, ending)
    if scene is None:
        return None
    for source in target.prepare:
        with suppress(Error):  # as published: a preparation may fail
            scene.page.evaluate(source)
    for _ in range(READ_TRIES):
        try:
            return _read(target, scene)
        except Error as error:
            if is_lost(scene.page):
                raise
            if not goes_on(error):
                break
            ending.settle(scene.page)
    return None if isinstance(target.locator, Script) and target.locator.strict else ""


def _read(target: Target, scene: Scene) -> Value | None:
    match target.locator:
        case PageHtml():
            return whole_html(scene.page)
        case Reader() as reader:
            return read(reader, scene)
        case Script(source, strict):
            return script_value(first_found(scene.page, f"() => ({source})"), strict)


def _shown(query: ImageQuery, ending: Ending) -> Shown:
    """Return the images that a query asks about, and whether one is like the query's image."""
    scene = _go(query.url, ending)
    if scene is None:
        return Shown(False)
    sources = image_sources(scene.page, query.css)
    read = (_picture(source, ending) for source in sources)
    pictures = tuple(picture for picture in read if picture is not None)
    goals = [_goal(name, ending) for name in query.like.split(OR_SEPARATOR)] if query.like else []
    found = (similarity(picture, goal) for goal in goals for picture in pictures)
    alike = any(value is not None and value > query.threshold for value in found)
    return Shown(alike, pictures if query.questions else ())


def _picture(source: str, ending: Ending) -> Picture | None:
    """Return an image of a page; None if it cannot be fetched or read, as published."""
    data = fetch(source, ending.aside())
    try:
        return None if data is None else decode(data, ending.aside())
    except TaskError:
        return None


def _goal(name: str, ending: Ending) -> Picture:
    data = fetch(name, ending.aside()) if ending.allows(name) else ending.picture(name)
    if data is None:
        raise TaskError(f"eval_fuzzy_image_match {name!r}: its site serves no such picture")
    return decode(data, ending.aside())


def _go(url: str | Reader, ending: Ending) -> Scene | None:
    """Return a target's page: the agent's own tab for LAST_PAGE, else a page that opens the
    address; None if there is no address or it does not answer."""
    from playwright.sync_api import Error

    if url == LAST_PAGE:
        return Scene(ending.tab, ending.url, ending.shop)
    scene = Scene(ending.aside(), ending.url, ending.shop)
    address = str(read(url, scene)) if isinstance(url, Reader) else url
    address = address.replace("__last_url__", ending.url)
    if not address:
        return None
    try:
        open_address(address, scene.page)
    except Error:
        return None
    ending.settle(scene.page)
    return scene
