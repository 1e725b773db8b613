"""A session in a real Chromium: what it does and what it sees."""

from __future__ import annotations

import numpy as np
import pytest

from longhaul.webagents.actions import parse_action
from longhaul.webagents.browser.chromium import Browser, origin
from longhaul.webagents.browser.session import Session, ViewSettings
from longhaul.webagents.errors import ActionError, MissingError
from tests.security.hostile import Hostile
from tests.webagents.browser.acting import HOST, QUICK, act, number, press, see


def test_dialogs_are_answered_and_told(at: Session) -> None:
    see(at, "/one-alert")
    assert press(at, "button", "ask").title == "true"
    assert at.notes == ["confirm: sure?"]
    see(at, "/prompt")
    assert press(at, "button", "ask").title == "null"


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


def test_what_comes_late_is_waited_for(at: Session) -> None:
    assert see(at, "/late").title == "came late"


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


def test_a_screenshot_bears_marks(pages: Hostile, chromium: Browser) -> None:
    shots = {}
    for wanted in (False, True):
        session = Session(
            chromium, ViewSettings(width=640, height=480, screenshot=wanted, dom=True)
        )
        view = see(session, "/plain")
        shots[wanted] = view
        session.close()
    assert shots[False].screenshot is None and "Plain" in shots[False].dom
    picture = shots[True].screenshot
    assert picture is not None and picture.shape == (480, 640, 3) and picture.dtype == np.uint8
    marked = np.any(np.ptp(picture.astype(int), axis=2) > 60, axis=None)
    assert marked, "a colored box stands around the link"
    assert shots[False].marks == []
    (mark,) = shots[True].marks
    assert mark.number == number(shots[True], "link", "next")


def test_marks_are_where_playwright_has_their_elements(pages: Hostile, chromium: Browser) -> None:
    session = Session(chromium, ViewSettings(width=640, height=480, screenshot=True))
    view = see(session, "/form")
    places = {mark.number: mark.box for mark in view.marks}
    for role, name in (("textbox", "Name"), ("combobox", "Size")):
        box = session.tab.page.get_by_role(role, name=name).bounding_box()  # type: ignore[arg-type]
        assert box is not None
        expected = (box["x"], box["y"], box["width"], box["height"])
        assert places[number(view, role, name)] == pytest.approx(expected, abs=1)
    session.close()


def test_a_missing_browser_is_said_in_one_line() -> None:
    with pytest.raises(MissingError, match="apt-get install chromium-headless-shell") as raised:
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
