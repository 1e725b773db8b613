"""A headless Chromium for the viewer's tests, one a file, a fresh profile for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.folder import RunView
from longhaul.evaluation.viewer.serve import served
from longhaul.webagents.browser.chromium import driver, find_browser

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 180_000
"""A busy machine may be slow; nothing here depends on how slow."""


expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """By the Playwright that browser tasks have in this process: there can be no other one, and
    after one of theirs that hung it is started again, so that a browser serves one file's tests."""
    browser = driver().chromium.launch(
        executable_path=find_browser(), headless=True, args=OPTIONS, timeout=PATIENCE_MS
    )
    yield browser
    browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page that fails its test on an error of a script, or a breach of the security policy."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    context.set_default_timeout(PATIENCE_MS)
    page, wrong = context.new_page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    yield page
    context.close()
    assert not wrong


@pytest.fixture
def opened(page: Page) -> Iterator[Callable[..., Page]]:
    """Open the viewer on run folders at an address within it."""
    servers = []

    def open_page(*folders: Path, at: str = "") -> Page:
        server = served(Documents([RunView(folder) for folder in folders]))
        page.goto(server.__enter__() + at)
        servers.append(server)
        return page

    yield open_page
    page.goto("about:blank")
    for server in servers:
        server.__exit__(None, None, None)
