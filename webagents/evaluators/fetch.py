"""Opens and fetches addresses for the evaluators, by the browser with its allow-list."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response


def open_address(
    url: str, page: Page, until: Literal["commit", "load"] = "commit"
) -> Response | None:
    """Open an address in a page. Where that fails, the page is closed, since Chromium's own page
    about the failure would come into the way of the next address, and the Error is raised."""
    from playwright.sync_api import Error

    try:
        return page.goto(url, wait_until=until)
    except Error:
        page.close()
        raise


def fetch(url: str, page: Page) -> bytes | None:
    """Return the content at an address, or that a `data:` address has in itself; None if it cannot
    be fetched."""
    from playwright.sync_api import Error

    if url.startswith("data:"):
        return embedded(url)
    try:
        # `load` comes when the whole content is there, or fails in time.
        answer = open_address(url, page, until="load")
        return answer.body() if answer is not None and answer.ok else None
    except Error:
        return None


def embedded(url: str) -> bytes | None:
    """Return the content of a `data:` address; None if it is malformed."""
    header, _, text = url.partition(",")
    content = unquote_to_bytes(text)
    if not header.endswith(";base64"):
        return content
    try:
        return base64.b64decode(content)
    except binascii.Error:
        return None
