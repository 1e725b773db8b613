"""Frames in a real Chromium, in one process and with a process for each site."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from longhaul.webagents.browser import chromium
from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.frames import Frames
from longhaul.webagents.browser.session import Session, ViewSettings
from longhaul.webagents.errors import ActionError
from tests.webagents.browser.acting import act, number
from tests.webagents.evaluators.served import Served

INNER = b"""<title>pay</title><body style='margin:0'><p>Safe &amp; sound</p>
<div style='height:300px'></div><label>Card <input id=card placeholder='1234'></label>
<select aria-label=Size><option>S<option>M</select>
<button onclick="document.title='paid'; this.textContent='Paid ' + card.value"
>Pay</button>"""
OUTER = b"""<title>shop</title><h1>Shop</h1><div style='height:1500px'></div>
<iframe title=Offers src='http://b.localhost/middle' width=600 height=300
 style='border:11px solid red; padding:5px; transform:scale(.8)'></iframe>
<iframe title=Ads src='http://ads.example/x'></iframe><iframe style='display:none' src=/inner>
</iframe><iframe srcdoc='<p>boxed</p>' sandbox></iframe>"""
PAGES = {
    "/": OUTER,
    "/middle": b"<h2>Middle</h2><div style='height:900px'></div><iframe title=Far width=500 "
    b"height=100 src='http://c.localhost/inner'></iframe>",
    "/inner": INNER,
    "/plain": b"<title>plain</title><p>plain</p>",
    "/restless": b"<title>top</title><p>steady</p><iframe src=/loop></iframe>"
    b"<iframe srcdoc=still></iframe>",
    "/loop": b"<p>loop</p><script>setTimeout(() => location.reload(), 1)</script>",
    "/wide": b"<body style='margin:0'><iframe srcdoc=\"<body style='margin:0'><button>one</button>"
    b"<div style='height:500px'></div><button>two</button>\" width=300 height=100></iframe>",
    "/full": b"<style>body{margin:0}iframe{border:0;width:100vw;height:100vh;display:block}</style>"
    b"<iframe src='http://b.localhost/tall'></iframe>",
    "/tall": b"<div style='height:3000px'>tall</div><button>end</button>",
    "/turns": b"<iframe title=one src='http://a.localhost/plain'></iframe>",
}
SITES = ("a", "b", "c")
QUICK = ViewSettings(settle_s=3.0, screenshot=True, dom=True)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    server = Served(PAGES)
    yield server
    server.close()


@pytest.fixture(scope="module", params=["one process", "site-per-process"])
def browser(request: pytest.FixtureRequest, served: Served) -> Iterator[Browser]:
    hosts = {f"{site}.localhost:80": served.address for site in SITES}
    with pytest.MonkeyPatch.context() as patch:
        if request.param != "one process":
            flags = (*chromium.CHROMIUM_FLAGS, "--site-per-process")
            patch.setattr(chromium, "CHROMIUM_FLAGS", flags)
        running = Browser(hosts)
    yield running
    running.close()


@pytest.fixture
def at(browser: Browser) -> Iterator[Session]:
    session = Session(browser, QUICK)
    yield session
    session.close()


def test_the_tree_and_the_text_reach_into_frames_in_frames(at: Session) -> None:
    at.open(["http://a.localhost/"])
    view = at.view()
    lines = [line.split("] ", 1)[1] for line in view.tree.splitlines()]
    assert lines == [
        "RootWebArea 'shop' focused",
        "heading 'Shop'",
        "Iframe 'Offers'",
        "heading 'Middle'",
        "Iframe 'Far'",
        "RootWebArea 'pay'",
        "StaticText 'Safe & sound'",
        "StaticText 'Card'",
        "textbox 'Card' placeholder: '1234'",
        "combobox 'Size' value: 'S' collapsed",
        "option 'S' selected",
        "option 'M'",
        "button 'Pay'",
        "Iframe 'Ads' (not loaded: http://ads.example/x)",
        "Iframe",
        "StaticText 'boxed'",
    ]
    assert [e.depth for e in view.elements][:7] == [0, 1, 1, 2, 2, 3, 4]
    assert "Safe & sound" in view.dom and view.dom.startswith("Shop") and "boxed" in view.dom


def test_elements_in_frames_take_text_choices_and_clicks(at: Session) -> None:
    at.open(["http://a.localhost/"])
    act(at, f"type [{number(at.view(), 'textbox', 'Card')}] [4711] [0]")
    act(at, f"select [{number(at.view(), 'combobox', 'Size')}] [M]")
    view = act(at, f"click [{number(at.view(), 'button', 'Pay')}]")
    assert "RootWebArea 'paid'" in view.tree and "combobox 'Size' value: 'M'" in view.tree
    assert number(view, "button", "Paid 4711")


def test_marks_lie_on_elements_in_frames(at: Session) -> None:
    at.open(["http://a.localhost/"])
    view = act(at, f"hover [{number(at.view(), 'button', 'Pay')}]")
    left, top, width, height = next(
        m.box for m in view.marks if m.number == number(view, "button", "Pay")
    )
    assert width == pytest.approx(height * 39.5 / 21, abs=0.5) and width < 33, "it is drawn smaller"
    for x, y in ((left + 1, top + 1), (left + width - 1, top + height - 1)):
        at.tab.page.mouse.click(x, y)
        assert "RootWebArea 'paid'" in at.view().tree
        for frame in at.tab.page.frames:
            frame.evaluate("if (document.title === 'paid') document.title = 'pay'")
    assert view.screenshot is not None and np.ptp(view.screenshot) > 0


def test_what_a_frame_has_scrolled_away_bears_no_mark(at: Session) -> None:
    at.open(["http://a.localhost/wide"])
    view = at.view()
    marked = {m.number for m in view.marks}
    assert number(view, "button", "one") in marked
    assert number(view, "button", "two") not in marked
    view = act(at, f"scroll [down] [{number(view, 'button', 'one')}]")
    for _ in range(5):
        view = act(at, f"scroll [down] [{number(view, 'button', 'one')}]")
        if number(view, "button", "two") in {m.number for m in view.marks}:
            break
    assert number(view, "button", "one") not in {m.number for m in view.marks}
    assert number(view, "button", "two") in {m.number for m in view.marks}


def test_a_frame_scrolls_where_the_page_has_nothing_to_scroll(at: Session) -> None:
    at.open(["http://a.localhost/full"])
    frame = at.tab.page.frames[1]
    act(at, "scroll [down]")
    assert frame.evaluate("scrollY") == QUICK.height
    act(at, "scroll [up]")
    assert frame.evaluate("scrollY") == 0
    with pytest.raises(ActionError, match="at its end"):
        act(at, "scroll [up]")


def test_a_frame_that_goes_on_for_ever_hides_nothing_else(browser: Browser) -> None:
    session = Session(browser, ViewSettings(settle_s=0.3, dom=True))
    session.open(["http://a.localhost/restless"])
    view = session.view()
    assert "StaticText 'steady'" in view.tree and "StaticText 'still'" in view.tree
    assert "steady" in view.dom and "the page is still loading" in session.notes
    session.close()


def test_a_frame_is_found_again_in_another_process(at: Session) -> None:
    at.open(["http://a.localhost/turns"])
    for site in ("b", "a", "c", "b"):
        at.tab.page.evaluate(
            f"document.querySelector('iframe').src = 'http://{site}.localhost/inner'"
        )
        view = act(at, "none")
        view = act(at, f"type [{number(view, 'textbox', 'Card')}] [{site}] [0]")
        assert f"textbox 'Card' value: '{site}'" in view.tree


def test_an_element_of_a_frame_that_has_gone_is_told(at: Session) -> None:
    at.open(["http://a.localhost/"])
    button = number(at.view(), "button", "Pay")
    at.tab.page.evaluate("document.querySelector('iframe').remove()")
    with pytest.raises(ActionError, match="not visible"):
        act(at, f"click [{button}]")


def test_a_page_without_frames_costs_no_call(at: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    at.open(["http://a.localhost/plain"])

    def fail(*_: object) -> None:
        raise AssertionError("a frame was asked for")

    monkeypatch.setattr(Frames, "_tree", fail)
    assert "StaticText 'plain'" in at.view().tree
    at.open(["http://a.localhost/wide"])
    with pytest.raises(AssertionError, match="asked for"):
        at.view()
