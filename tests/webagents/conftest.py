"""The local sites, started once for the tests of this folder, and a real Chromium for each file:
one that hung elsewhere takes its driver along."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.session import Session, ViewSettings
from longhaul.webagents.sites.running import Sites


@pytest.fixture(scope="session")
def sites() -> Iterator[Sites]:
    running = Sites(seed=0)
    yield running
    running.close()


@pytest.fixture(scope="module")
def browser(sites: Sites) -> Iterator[Browser]:
    running = Browser(sites.hosts)
    yield running
    running.close()


@pytest.fixture
def session(sites: Sites, browser: Browser) -> Iterator[Session]:
    """A fresh session, logged in everywhere, on sites as their seed made them."""
    sites.reset()
    opened = Session(browser, ViewSettings())
    opened.open(["http://shop.localhost/"], [sites.cookie(name) for name in sites.sites])
    yield opened
    opened.close()
