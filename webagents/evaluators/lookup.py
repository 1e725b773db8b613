"""Looks something up in a page or, where that has nothing, in its frames."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from longhaul.webagents.browser.frames import MAX_FRAMES
from longhaul.webagents.browser.settle import goes_on, is_lost

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

FAILED_SCHEME = "chrome-error:"
"""The scheme of a frame whose address could not be loaded, or is not allowed."""

NOTHING: tuple[Any, ...] = (None, "", [])
"""What a look-up gives that finds nothing."""


def first_found(page: Page, source: str, argument: Any = None) -> Any:
    """Return the JSON value that JavaScript gives in the page. If it fails or finds nothing there
    (null, an empty text or list), it is that of the first frame where it finds something; of a
    frame that fails there is none.

    Raises Playwright's Error as in the page if no frame has anything either.
    """
    from playwright.sync_api import Error

    value, failure = None, None
    try:
        value = page.evaluate(source, argument)
    except Error as error:
        if is_lost(page) or goes_on(error):
            raise
        failure = error
    if value not in NOTHING:
        return value
    for frame in _inner(page):
        with suppress(Error):
            found = frame.evaluate(source, argument)
            if found not in NOTHING:
                return found
    if failure is not None:
        raise failure
    return value


def whole_html(page: Page) -> str:
    """Return the HTML of a page, followed by that of its frames. Raises Playwright's Error while
    the page goes on to another one."""
    from playwright.sync_api import Error

    texts = [page.content()]
    for frame in _inner(page):
        with suppress(Error):
            texts.append(frame.content())
    return "\n".join(texts)


def _inner(page: Page) -> Iterator[Frame]:
    frames = page.frames[1 : MAX_FRAMES + 1]
    return (frame for frame in frames if not frame.url.startswith(FAILED_SCHEME))
