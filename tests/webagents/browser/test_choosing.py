"""Choosing from a list takes the very option; a click says what it landed on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.session import Session
from tests.webagents.browser.acting import QUICK
from tests.webagents.browser.desk import Desk


@pytest.fixture(scope="module")
def desk(chromium: Browser) -> Iterator[Desk]:
    session = Session(chromium, QUICK)
    yield Desk(session)
    session.close()


LIST = (
    "<select aria-label=Size><option value=s>Small<option value=m>Medium<option value=m>Middle"
    "<option disabled value=l>Large<option hidden>Ghost<optgroup label=Old disabled>"
    "<option value=xl>Huge</optgroup><optgroup label=Men><option>Wide</optgroup>"
    "<optgroup label=Women><option>Wide</optgroup><option value=e>Extra  wide<br></select>"
)
CHOSEN = "[...document.querySelectorAll('option')].flatMap((o, i) => o.selected ? [i] : [])"


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ("Medium", 1),
        ("Middle", 2),
        ("m", 1),
        ("medium", 1),
        ("Extra wide", 8),
        ("Wide", 6),
        ("Women > Wide", 7),
    ],
)
def test_the_very_option_is_chosen(desk: Desk, wanted: str, index: int) -> None:
    desk.show(LIST)
    assert desk.do("select", "combobox", "Size", f"[{wanted}]") == ""
    assert desk.events("input", "change") == ["input:", "change:"]
    assert desk.read(CHOSEN) == [index]


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ("Large", "no 'Large' that can be chosen; valid: Small, Medium, Middle, Wide, Wide, Extra"),
        ("Huge", "no 'Huge' that can be chosen"),
        ("Ghost", "no 'Ghost' that can be chosen"),
        ("Tiny", "no 'Tiny'; valid: Small"),
    ],
)
def test_what_cannot_be_chosen_is_refused(desk: Desk, wanted: str, problem: str) -> None:
    desk.show(LIST)
    assert problem in desk.do("select", "combobox", "Size", f"[{wanted}]")
    assert desk.read(CHOSEN) == [0] and desk.events("input", "change") == []


def test_an_option_is_chosen_by_its_own_number(desk: Desk) -> None:
    view = desk.show(LIST)
    wide = [e.number for e in view.elements if (e.role, e.name) == ("option", "Wide")]
    assert desk.say(f"click [{wide[1]}]") == ""
    assert desk.read(CHOSEN) == [7]
    assert desk.say(f"select [{wide[0]}] [Wide]") == ""
    assert desk.read(CHOSEN) == [6]
    assert "'Huge' that can be chosen" in desk.do("click", "option", "Huge")


def test_the_same_option_again_is_no_change(desk: Desk) -> None:
    desk.show(LIST)
    assert desk.do("select", "combobox", "Size", "[Small]") == ""
    assert desk.events("input", "change") == []


def test_a_list_of_several_adds_and_drops(desk: Desk) -> None:
    desk.show("<select multiple aria-label=Tags><option>a<option>b<option>c</select>")
    for wanted in "ac":
        assert desk.do("select", "listbox", "Tags", f"[{wanted}]") == ""
    assert desk.read(CHOSEN) == [0, 2]
    assert "'a' was chosen and is no longer" in desk.do("select", "listbox", "Tags", "[a]")
    assert desk.read(CHOSEN) == [2]


def test_lists_that_are_none_and_lists_that_are_off_are_told(desk: Desk) -> None:
    desk.show(
        "<fieldset disabled><select aria-label=Off><option>a<option>b</select></fieldset>"
        "<input list=l aria-label=Town><datalist id=l><option>Bern</datalist>"
        "<div role=combobox aria-label=Own tabindex=0></div>"
    )
    assert "it is disabled" in desk.do("select", "combobox", "Off", "[b]")
    assert "type it" in desk.do("select", "combobox", "Town", "[Bern]")
    assert "click one of them" in desk.do("select", "combobox", "Own", "[x]")


def test_ten_thousand_options_are_a_short_message(desk: Desk) -> None:
    view = desk.show(
        "<select aria-label=Many></select><button>After</button><script>"
        "for (let i = 0; i < 10000; i++) document.querySelector('select').add("
        "new Option('option number ' + i + ' of the longest list that there is'))</script>"
    )
    assert len(view.tree) <= QUICK.characters + 200 and "button 'After'" in view.tree
    many = next(e.number for e in view.elements if e.name == "Many")
    problem = desk.say(f"select [{many}] [number 77 ]")
    assert "option number 77 of" in problem and "and 9980 more" in problem and len(problem) < 2000
    wanted = "option number 9999 of the longest list that there is"
    assert desk.say(f"select [{many}] [{wanted}]") == ""
    assert desk.read(CHOSEN) == [9999]


OVER = "<div style='position: fixed; inset: 0; z-index: 9; background: #0003' "


@pytest.mark.parametrize(
    ("over", "told"),
    [
        (
            f"{OVER} role=dialog aria-label=Cookies>We ask</div>",
            "dialog 'Cookies', which lies over",
        ),
        (
            f"{OVER}>We ask <button>Accept</button></div>",
            "element 'We ask Accept', which lies over",
        ),
        (f"{OVER} class=backdrop></div>", "element .backdrop, which lies over"),
        (
            f"{OVER}><button style='width: 100%; height: 100%'>Accept</button></div>",
            "button 'Accept'",
        ),
        (
            "<div id=host></div><script>host.attachShadow({mode: 'open'}).innerHTML = `"
            f"{OVER}>Within</div>`</script>",
            "element 'Within'",
        ),
    ],
)
def test_a_click_on_what_lies_over_an_element_is_told(desk: Desk, over: str, told: str) -> None:
    desk.show(f"<button onclick='document.title = 1'>Buy</button><input aria-label=Name>{over}")
    assert told in desk.do("click", "button", "Buy")
    assert desk.session.view().title == "desk"
    problem = desk.do("type", "textbox", "Name", "[x] [0]")
    assert "nothing can be typed there" in problem and told in problem
    assert told in desk.do("hover", "button", "Buy")


@pytest.mark.parametrize(
    "html",
    [
        # A header that stays, a corner that is free, a label over its control, a click that goes
        # through, an input that only its label shows, a card whose content does not take clicks.
        "<div style='position: fixed; top: 0; left: 0; right: 0; height: 300px; background: red'>"
        "</div><div style='height: 600px'></div><button onclick='document.title = 1'>Buy</button>"
        "<div style='height: 3000px'></div><script>scrollTo(0, 500)</script>",
        "<button style='width: 300px; height: 60px' onclick='document.title = 1'>Buy</button>"
        "<div style='position: absolute; top: 0; left: 100px; width: 150px; height: 99px'></div>",
        "<label style='position: relative'><input type=checkbox aria-label=Buy role=button "
        "onclick='document.title = 1'><i style='position: absolute; inset: 0'></i></label>",
        "<div onclick='document.title = 1'><button style='pointer-events: none'>Buy</button></div>",
        "<style>input { position: absolute; clip-path: inset(50%); width: 1px }</style>"
        "<input id=b type=checkbox role=button onclick='document.title = 1'>"
        "<label for=b>Buy</label>",
        "<button onclick='document.title = 1'><span><b>Buy</b></span></button>",
        "<div style='display: contents' role=button onclick='document.title = 1'>Buy</div>",
        "<div style='height: 200px; overflow: auto'><div style='height: 2000px'></div>"
        "<button onclick='document.title = 1'>Buy</button></div>",
        "<html style='scroll-behavior: smooth'><div style='height: 5000px'></div>"
        "<button onclick='document.title = 1'>Buy</button>",
    ],
)
def test_a_click_finds_a_free_place(desk: Desk, html: str) -> None:
    desk.show(html)
    assert desk.do("click", "button", "Buy") == ""
    assert desk.session.view().title == "1"


def test_a_click_on_what_is_disabled_is_told(desk: Desk) -> None:
    desk.show("<button disabled>Buy</button>")
    assert "is disabled" in desk.do("click", "button", "Buy")


def test_a_frame_is_clicked_and_typed_into(desk: Desk) -> None:
    desk.show(
        "<div style='height: 2000px'></div><iframe style='border: 7px solid' srcdoc=\"<div "
        "style='height: 900px'></div><input aria-label=Card><select aria-label=Kind><option>a"
        "<option>b</select><button onclick='parent.document.title = 1'>Pay</button>\"></iframe>"
    )
    assert desk.do("type", "textbox", "Card", "[4111] [0]") == ""
    assert desk.do("select", "combobox", "Kind", "[b]") == ""
    read = "(q => q('input').value + q('select').value)"
    inner = "document.querySelector('iframe').contentDocument"
    assert desk.read(f"{read}(s => {inner}.querySelector(s))") == "4111b"
    assert desk.do("click", "button", "Pay") == ""
    assert desk.session.view().title == "1"
