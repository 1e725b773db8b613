"""What hostile pages cannot do to a session, in a real Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext, suppress

import pytest

from tests.security.hostile import Hostile
from tests.webagents.browser.acting import HOST, QUICK, act, number, press, see
from webagents.browser.chromium import Browser
from webagents.browser.session import MOST_TABS, Session
from webagents.errors import ActionError, PageHangError


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


@pytest.mark.parametrize("path", ["/redirect", "/elsewhere"])
def test_nothing_leaves_the_allowed_origins(at: Session, pages: Hostile, path: str) -> None:
    other = Hostile()
    for address in (
        f"http://{other.address}/x",
        f"http://hostile.localhost:{other.address[10:]}/x",
    ):
        pages.elsewhere = address
        with pytest.raises(ActionError) if path == "/redirect" else nullcontext():
            act(at, f"goto [{HOST}{path}]")
        view = at.view()
        assert view.title != "out"
        if path == "/elsewhere":
            press(at, "link", "leave")
    assert other.seen == []
    other.close()


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "chrome://version",
        "data:text/html,x",
        "view-source:http://hostile.localhost/",
        "http://hostile.localhost:81/",
        "http://hostile.localhost@example.com/",
        "http://example.com/",
        "http://127.0.0.1/",
        "http://[::1",
        "hostile.localhost",
        "",
    ],
)
def test_only_allowed_addresses_are_gone_to(at: Session, url: str) -> None:
    see(at, "/plain")
    with pytest.raises(ActionError, match="not an allowed address; valid: hostile"):
        act(at, f"goto [{url}]")
    assert at.view().url == HOST + "/plain"


def test_links_to_files_and_the_browser_itself_lead_nowhere(at: Session) -> None:
    see(at, "/schemes")
    for name in ("file", "chrome"):
        assert press(at, "link", name).url == HOST + "/schemes"
    assert press(at, "link", "script").title == "ran", "a page's own script may run in the page"


def test_orders_on_a_page_are_text(at: Session) -> None:
    view = see(at, "/orders")
    assert "goto [file:///etc/passwd]" in view.tree and view.url == HOST + "/orders"


def test_alerts_without_end_close_the_page(at: Session) -> None:
    at.open([HOST + "/plain"])
    with suppress(ActionError):
        act(at, f"goto [{HOST}/alerts]")
    assert any("dialog after dialog" in note for note in at.notes)
    assert at.view().url == "about:blank"
    assert act(at, f"goto [{HOST}/plain]").title == "plain"


def test_a_page_that_computes_for_ever_is_an_error_and_the_next_browser_works(
    pages: Hostile,
) -> None:
    hanging = Browser({"hostile.localhost:80": pages.address})
    session = Session(hanging, QUICK)
    see(session, "/spin")
    with pytest.raises(PageHangError, match="did not answer"), hanging.guard(3.0):
        press(session, "button", "spin")
    hanging.close()
    fresh = Browser({"hostile.localhost:80": pages.address})
    with fresh.guard(60.0):
        assert see(Session(fresh, QUICK), "/plain").title == "plain"
    fresh.close()


def test_popups_are_tabs_within_limits(at: Session) -> None:
    see(at, "/popup")
    assert press(at, "button", "open").title == "plain"
    assert [front for _, front in at.tabs()] == [False, True]
    act(at, "close_tab")
    assert at.view().url == HOST + "/popup"
    see(at, "/popups")
    press(at, "button", "open")
    assert len(at.tabs()) <= MOST_TABS
    assert any("one tab too many" in note for note in at.notes)


def test_a_huge_page_is_not_shown_and_a_long_one_is_cut(at: Session) -> None:
    assert "more than 20000 nodes" in see(at, "/huge").tree
    view = see(at, "/long")
    assert len(view.tree) <= QUICK.characters + 40 and view.tree.endswith("more elements")


@pytest.mark.parametrize("path", ["/endless", "/busy"])
def test_a_page_that_is_never_quiet_is_waited_for_in_bounds(at: Session, path: str) -> None:
    see(at, path)
    assert "the page is still loading" in at.notes


def test_a_page_cannot_trick_the_wait(at: Session) -> None:
    view = see(at, "/broken-builtins")
    assert number(view, "button", "ok")


def test_downloads_are_refused_and_told(at: Session) -> None:
    see(at, "/download")
    press(at, "link", "get")
    assert at.notes == ["download refused: virus.exe"]


def test_a_page_reads_no_secret_of_this_process(at: Session, chromium: Browser) -> None:
    assert see(at, "/secret").title == "|undefined|undefined|true"
    with open(f"/proc/{chromium.pid}/environ", "rb") as environ:
        assert b"s3cret" not in environ.read()
