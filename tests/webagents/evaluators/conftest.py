"""Pages that a real Chromium opens, which a test fills in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.session import Session, ViewSettings
from tests.webagents.evaluators.served import Served


@pytest.fixture(scope="package")
def served() -> Iterator[Served]:
    serving = Served({})
    yield serving
    serving.close()


@pytest.fixture(scope="package")
def at(served: Served) -> Iterator[Session]:
    running = Browser({"shop.localhost:80": served.address})
    yield Session(running, ViewSettings(settle_s=3.0, goto_s=60.0))
    running.close()
