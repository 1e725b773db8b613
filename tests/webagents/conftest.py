"""A real Chromium and the local sites, started once for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from webagents.browser.chromium import Browser
from webagents.browser.session import Look, Session
from webagents.sites.running import Sites


@pytest.fixture(scope="session")
def sites() -> Iterator[Sites]:
    running = Sites(seed=0)
    yield running
    running.close()


@pytest.fixture(scope="session")
def browser(sites: Sites) -> Iterator[Browser]:
    running = Browser(sites.hosts)
    yield running
    running.close()


@pytest.fixture
def session(sites: Sites, browser: Browser) -> Iterator[Session]:
    """A fresh session, logged in everywhere, on sites as their seed made them."""
    sites.reset()
    opened = Session(browser, Look())
    opened.open(["http://shop.localhost/"], [sites.cookie(name) for name in sites.sites])
    yield opened
    opened.close()
