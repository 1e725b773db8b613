"""A session in a real Chromium: what it does, and what hostile pages cannot do to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext, suppress

import numpy as np
import pytest

from tests.webagents.browser.hostile import Hostile
from webagents.actions import parse_action
from webagents.browser.chromium import Browser, origin
from webagents.browser.session import MOST_TABS, Look, Session
from webagents.browser.tab import View
from webagents.errors import ActionError, MissingError, PageHangError

HOST = "http://hostile.localhost"
QUICK = Look(settle_s=3.0, goto_s=60.0)


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


def see(session: Session, path: str) -> View:
    session.open([HOST + path])
    return session.view()


def act(session: Session, text: str) -> View:
    session.perform(parse_action(text))
    return session.view()


def number(view: View, role: str, name: str) -> int:
    return next(e.number for e in view.elements if (e.role, e.name) == (role, name))


def press(session: Session, role: str, name: str) -> View:
    return act(session, f"click [{number(session.view(), role, name)}]")


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


def test_dialogs_are_answered_and_told(at: Session) -> None:
    see(at, "/one-alert")
    assert press(at, "button", "ask").title == "true"
    assert at.notes == ["confirm: sure?"]
    see(at, "/prompt")
    assert press(at, "button", "ask").title == "null"


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


def test_tabs_are_opened_focused_and_closed(at: Session) -> None:
    see(at, "/plain")
    act(at, "new_tab")
    act(at, f"goto [{HOST}/form]")
    assert act(at, "tab_focus [0]").title == "plain"
    with pytest.raises(ActionError, match="tabs are 0 to 1"):
        act(at, "tab_focus [7]")
    act(at, "close_tab")
    act(at, "close_tab")
    assert at.view().url == "about:blank" and len(at.tabs()) == 1


def test_history_ends_at_the_first_page(at: Session) -> None:
    see(at, "/plain")
    press(at, "link", "next")
    assert act(at, "go_back").url == HOST + "/plain"
    assert act(at, "go_forward").url == HOST + "/popup"
    act(at, "go_back")
    with pytest.raises(ActionError, match="no page to go to"):
        act(at, "go_back")


def test_a_huge_page_is_not_shown_and_a_long_one_is_cut(at: Session) -> None:
    assert "more than 20000 nodes" in see(at, "/huge").tree
    view = see(at, "/long")
    assert len(view.tree) <= QUICK.characters + 40 and view.tree.endswith("more elements")


@pytest.mark.parametrize("path", ["/endless", "/busy"])
def test_a_page_that_is_never_quiet_is_waited_for_in_bounds(at: Session, path: str) -> None:
    see(at, path)
    assert "the page is still loading" in at.notes


def test_what_comes_late_is_waited_for(at: Session) -> None:
    assert see(at, "/late").title == "came late"


def test_a_page_cannot_trick_the_wait(at: Session) -> None:
    view = see(at, "/broken-builtins")
    assert number(view, "button", "ok")


def test_downloads_are_refused_and_told(at: Session) -> None:
    see(at, "/download")
    press(at, "link", "get")
    assert at.notes == ["download refused: virus.exe"]


def test_fields_take_text_and_choices(at: Session) -> None:
    view = see(at, "/form")
    act(at, f"type [{number(view, 'textbox', 'Name')}] [new (1) text] [0]")
    view = act(at, f"select [{number(at.view(), 'combobox', 'Size')}] [Medium]")
    assert "textbox 'Name' value: 'new (1) text'" in view.tree
    assert "combobox 'Size' value: 'Medium'" in view.tree
    view = act(at, f"type [{number(view, 'textbox', 'Rich')}] [fresh] [0]")
    assert "fresh" in view.tree and "'rich'" not in view.tree
    view = act(at, f"clear [{number(view, 'textbox', 'Name')}]")
    assert "new (1) text" not in view.tree


def test_what_is_out_of_view_is_scrolled_to(at: Session) -> None:
    see(at, "/form")
    assert press(at, "button", "deep").title == "deep"


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ("click [999]", "no such element"),
        ("click [0]", "no such element"),
        ("select [{size}] [XXL]", "no 'XXL'; valid: S, Medium"),
        ("select [{off}] [X]", "no 'X'"),
        ("select [{name}] [X]", "has no options"),
        ("type [{button}] [x] [0]", "nothing can be typed"),
    ],
)
def test_what_cannot_be_done_is_told(at: Session, action: str, problem: str) -> None:
    view = see(at, "/form")
    numbers = {
        "size": number(view, "combobox", "Size"),
        "off": number(view, "combobox", "Off"),
        "name": number(view, "textbox", "Name"),
        "button": number(view, "button", "deep"),
    }
    with pytest.raises(ActionError, match=problem):
        act(at, action.format(**numbers))


def test_an_element_that_has_gone_is_told(at: Session) -> None:
    view = see(at, "/plain")
    old = number(view, "link", "next")
    at.tab.page.evaluate("document.querySelector('a').remove()")
    with pytest.raises(ActionError, match="not visible"):
        at.perform(parse_action(f"click [{old}]"))


def test_a_session_knows_nothing_of_the_one_before(chromium: Browser) -> None:
    titles = []
    for _ in range(2):
        session = Session(chromium, QUICK)
        titles.append(see(session, "/cookie").title)
        session.close()
    assert titles == ["x", "x"]


def test_a_page_reads_no_secret_of_this_process(at: Session, chromium: Browser) -> None:
    assert see(at, "/secret").title == "|undefined|undefined|true"
    with open(f"/proc/{chromium.pid}/environ", "rb") as environ:
        assert b"s3cret" not in environ.read()


def test_a_screenshot_bears_marks(pages: Hostile, chromium: Browser) -> None:
    shots = {}
    for wanted in (False, True):
        session = Session(chromium, Look(width=640, height=480, screenshot=wanted, dom=True))
        view = see(session, "/plain")
        shots[wanted] = view
        session.close()
    assert shots[False].screenshot is None and "Plain" in shots[False].dom
    picture = shots[True].screenshot
    assert picture is not None and picture.shape == (480, 640, 3) and picture.dtype == np.uint8
    marked = np.any(np.ptp(picture.astype(int), axis=2) > 60, axis=None)
    assert marked, "a coloured box stands around the link"


def test_a_missing_browser_is_said_in_one_line() -> None:
    with pytest.raises(MissingError, match="apt-get install chromium") as raised:
        Browser({}, "/no/chromium")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://Shop.localhost/x", "shop.localhost:80"),
        ("https://a", "a:443"),
        ("http://a:7770/b", "a:7770"),
        ("file:///etc", ""),
        ("http://a:bad/", ""),
        ("x", ""),
    ],
)
def test_origins(url: str, expected: str) -> None:
    assert origin(url) == expected
