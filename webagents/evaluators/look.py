"""What a task's evaluators find in the browser when an episode ends; what of it counts is judged
by `evaluate.py`, then or later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longhaul.webagents.errors import TaskError
from longhaul.webagents.evaluators.findings import Findings, Shown
from longhaul.webagents.evaluators.images import Picture, read_picture, similarity
from longhaul.webagents.evaluators.readers import Scene, Shop, read
from longhaul.webagents.evaluators.text import TextRules
from longhaul.webagents.tasks.format import (
    OR,
    ImageQuery,
    PageHtml,
    Reader,
    Script,
    Target,
    WebTask,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

LAST = "last"

JUDGED = "fuzzy_match"
"""The rule by which a judge compares texts: those are kept, so that another can judge again."""

KEPT = 20_000
"""Characters of such a text that are kept; a judge is shown fewer."""


@dataclass(frozen=True)
class Ending:
    """How an episode ended: the answer given, where, and a page of the same context, in which
    targets are looked at; `settle` waits until that page is quiet. `picture` returns a picture
    that a task names and no page serves; it raises TaskError for one that is not there."""

    answer: str
    url: str
    page: Page
    settle: Callable[[], None]
    picture: Callable[[str], bytes]
    allows: Callable[[str], bool]
    shop: Shop | None = None


def look(task: WebTask, ending: Ending, rules: TextRules) -> Findings:
    """Return what there is for a task's evaluators, each target and image query in its order.

    What cannot be true any more is not looked at: targets after the first that fails by another
    rule than a judge's. Raises TaskError for a picture to compare with that is not there.
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
        judged = any(rule.name == JUDGED for rule in target.rules)
        if text is not None and judged:
            found.append(text[:KEPT])
            continue
        holds = text is not None and all(rules.holds(rule, text) for rule in target.rules)
        found.append(holds)
        if not holds:
            break
    return tuple(found)


def _text_at(target: Target, ending: Ending) -> str | None:
    """Return the text that a target's rules are about; None where there is no such page, or no
    value at a strict locator."""
    from playwright.sync_api import Error

    scene = _go(target.url, ending)
    if scene is None:
        return None
    for source in target.prepare:
        try:
            ending.page.evaluate(source)
        except Error:  # as published: what prepares may fail, and the locator then finds nothing
            continue
    match target.locator:
        case PageHtml():
            return scene.page.content()
        case Reader() as reader:
            return read(reader, scene)
        case Script(source, strict):
            try:
                value = scene.page.evaluate(f"() => ({source})")
            except Error:
                value = None
            return (None if strict else "") if value is None else str(value)


def _shown(query: ImageQuery, ending: Ending) -> Shown:
    """Return the images that a query asks about, and whether one is like the query's own."""
    if _go(query.url, ending) is None:
        return Shown(False)
    css = f"{query.css} img" if query.css else "img"
    sources = ending.page.evaluate(
        "css => Array.from(document.querySelectorAll(css), image => image.src)", css
    )
    found = (_fetch(source, ending.page) for source in dict.fromkeys(sources))
    pictures = tuple(read_picture(data) for data in found if data is not None)
    goals = [_goal(name, ending) for name in query.like.split(OR)] if query.like else []
    alike = any(similarity(p, goal) > query.threshold for goal in goals for p in pictures)
    return Shown(alike, pictures if query.questions else ())


def _goal(name: str, ending: Ending) -> Picture:
    data = _fetch(name, ending.page) if ending.allows(name) else ending.picture(name)
    if data is None:
        raise TaskError(f"eval_fuzzy_image_match {name!r}: its site serves no such picture")
    return read_picture(data)


def _go(url: str | Reader, ending: Ending) -> Scene | None:
    """Lead the page to a target's address; None where there is none or it does not answer."""
    from playwright.sync_api import Error

    scene = Scene(ending.page, ending.url, ending.shop)
    address = read(url, scene) if isinstance(url, Reader) else url
    address = ending.url if address == LAST else address.replace("__last_url__", ending.url)
    if not address:
        return None
    try:
        ending.page.goto(address, wait_until="commit")
    except Error:
        return None
    ending.settle()
    return scene


def _fetch(url: str, page: Page) -> bytes | None:
    """Return what an address serves, through the browser and its allow-list."""
    from playwright.sync_api import Error

    try:
        answer = page.goto(url, wait_until="commit")
        return answer.body() if answer is not None and answer.ok else None
    except Error:
        return None
