"""A browser on pages that mean harm, for the folders of tests whose conftest.py names these."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.session import Session
from tests.security.hostile import Hostile
from tests.webagents.browser.acting import QUICK


@pytest.fixture(scope="module")
def pages() -> Iterator[Hostile]:
    server = Hostile()
    yield server
    server.close()


@pytest.fixture(scope="module")
def chromium(pages: Hostile) -> Iterator[Browser]:
    os.environ["LONGHAUL_TEST_SECRET"] = "s3cret"
    running = Browser({"hostile.localhost:80": pages.address})
    yield running
    running.close()
    del os.environ["LONGHAUL_TEST_SECRET"]


@pytest.fixture
def at(chromium: Browser) -> Iterator[Session]:
    session = Session(chromium, QUICK)
    yield session
    session.close()
