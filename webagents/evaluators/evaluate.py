"""The score of a task: the product of its evaluators, each 0 or 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from webagents.errors import UnsupportedError
from webagents.evaluators.images import read_image, similarity
from webagents.evaluators.readers import Scene, Shop, read
from webagents.evaluators.text import TextRules
from webagents.evaluators.urls import matches
from webagents.tasks.format import Evaluation, ImageQuery, PageHtml, Reader, Script, Target, WebTask

if TYPE_CHECKING:
    from playwright.sync_api import Page

LAST = "last"


@dataclass(frozen=True)
class Ending:
    """How an episode ended: the answer given, where, and a page of the same context, in which
    targets are looked at; `settle` waits until that page is quiet."""

    answer: str
    url: str
    page: Page
    settle: Callable[[], None]
    shop: Shop | None = None


def evaluate(task: WebTask, ending: Ending, rules: TextRules) -> dict[str, bool]:
    """Return the verdict of each evaluator of a task; the task is solved if all hold.

    Raises UnsupportedError for a question about an image, which takes a vision model.
    """
    rules = replace(rules, question=task.intent, note=task.evaluation.note)
    checks: Mapping[str, Callable[[], bool]] = {
        "string_match": lambda: answers(task.evaluation, ending.answer, rules),
        "url_match": lambda: matches(ending.url, task.evaluation.urls, task.evaluation.url_rule),
        "program_html": lambda: all(look(t, ending, rules) for t in task.evaluation.targets),
        "page_image_query": lambda: all(shows(q, ending) for q in task.evaluation.images),
    }
    return {name: checks[name]() for name in task.evaluation.types}


def answers(evaluation: Evaluation, answer: str, rules: TextRules) -> bool:
    """Say whether an answer keeps all rules of a string_match."""
    return all(rules.holds(rule, answer) for rule in evaluation.answers)


def look(target: Target, ending: Ending, rules: TextRules) -> bool:
    """Say whether a page has what a target requires of it."""
    from playwright.sync_api import Error

    scene = _go(target.url, ending)
    if scene is None:
        return False
    for source in target.prepare:
        try:
            ending.page.evaluate(source)
        except Error:  # as published: what prepares may fail, and the locator then finds nothing
            continue
    text = _locate(target, scene)
    return text is not None and all(rules.holds(rule, text) for rule in target.rules)


def shows(query: ImageQuery, ending: Ending) -> bool:
    """Say whether a page shows an image like the query's."""
    if query.questions:
        raise UnsupportedError("page_image_query with eval_vqa needs a vision model")
    if _go(query.url, ending) is None:
        return False
    css = f"{query.css} img" if query.css else "img"
    sources = ending.page.evaluate(
        "css => Array.from(document.querySelectorAll(css), image => image.src)", css
    )
    wanted = _fetch(query.like, ending.page)
    if wanted is None:
        return False
    found = (_fetch(source, ending.page) for source in dict.fromkeys(sources))
    goal = read_image(wanted)
    return any(
        similarity(read_image(data), goal) > query.threshold for data in found if data is not None
    )


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


def _locate(target: Target, scene: Scene) -> str | None:
    """Return the text at a locator: None where a strict one has no value."""
    from playwright.sync_api import Error

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


def _fetch(url: str, page: Page) -> bytes | None:
    """Return what an address serves, through the browser and its allow-list."""
    from playwright.sync_api import Error

    try:
        answer = page.goto(url, wait_until="commit")
        return answer.body() if answer is not None and answer.ok else None
    except Error:
        return None
