"""Typing is a person's: the events that widgets listen to, and what a field takes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.keyboard import KEYED_CHARS
from longhaul.webagents.browser.session import Session
from longhaul.webagents.keys import NAMED_KEYS
from tests.webagents.browser.acting import QUICK
from tests.webagents.browser.desk import Desk


@pytest.fixture(scope="module")
def desk(chromium: Browser) -> Iterator[Desk]:
    session = Session(chromium, QUICK)
    yield Desk(session)
    session.close()


NAME = "<input aria-label=Name value=old>"


def test_each_letter_is_a_key(desk: Desk) -> None:
    desk.show(NAME)
    assert desk.do("type", "textbox", "Name", "[aB] [1]") == ""
    assert desk.events("keydown", "keypress", "keyup", "input", "change") == [
        *("keydown:a", "keypress:a", "input:a", "keyup:a"),
        *("keydown:B", "keypress:B", "input:B", "keyup:B"),
        *("keydown:Enter", "keypress:Enter", "change:", "keyup:Enter"),
    ]
    assert desk.read("document.querySelector('input').value") == "aB"


def test_a_long_text_has_keys_at_its_end(desk: Desk) -> None:
    desk.show("<textarea aria-label=Note></textarea>")
    text = "a" * 1000 + "b" * KEYED_CHARS
    assert desk.do("type", "textbox", "Note", f"[{text}] [0]") == ""
    pressed = [key for key in desk.events("keyup") if key not in ("keyup:a", "keyup:Control")]
    assert pressed == ["keyup:b"] * KEYED_CHARS
    assert desk.read("document.querySelector('textarea').value") == text


def test_other_scripts_have_their_letters_keys_or_an_input_method(desk: Desk) -> None:
    desk.show(NAME)
    assert desk.do("type", "textbox", "Name", "[é日本👍] [0]") == ""
    assert desk.events("keydown", "compositionstart", "compositionend", "keyup") == [
        *("keydown:é", "keyup:é"),
        *("keydown:Process", "compositionstart:", "compositionend:日本", "keyup:Process"),
    ]
    assert desk.read("document.querySelector('input').value") == "é日本👍"


def test_line_breaks_send_no_form(desk: Desk) -> None:
    desk.show(
        "<form><input aria-label=One><textarea aria-label=More>"
        "</textarea></form><div contenteditable role=textbox aria-label=Rich>old</div>"
        "<script>addEventListener('keydown', e => {"
        "if (e.key === 'Enter' && !e.shiftKey) document.title = 'sent'})</script>"
    )
    for name in ("One", "More", "Rich"):
        assert desk.do("type", "textbox", name, "[a\nb] [0]") == ""
    values = "[...document.querySelectorAll('input, textarea')].map(e => e.value)"
    assert desk.read(values) == ["a b", "a\nb"]
    assert desk.read("document.querySelector('[contenteditable]').innerText") == "a\nb"
    assert desk.session.view().title == "desk"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("date", "2024-03-05", "2024-03-05"),
        ("date", "03/05/2024", "2024-03-05"),
        ("date", "March 5, 2024", "2024-03-05"),
        ("time", "2:30 PM", "14:30"),
        ("datetime-local", "03/05/2024 02:30 PM", "2024-03-05T14:30"),
        ("month", "March 2024", "2024-03"),
        ("week", "week 10, 2024", "2024-W10"),
        ("range", "70", "70"),
        ("color", "Red", "#ff0000"),
        ("color", "#0F0", "#00ff00"),
        ("number", "-12.5", "-12.5"),
        ("email", "a@b.org", "a@b.org"),
    ],
)
def test_a_field_with_a_picker_takes_its_value(
    desk: Desk, kind: str, text: str, value: str
) -> None:
    desk.show(f"<label for=f>Field</label><input id=f type={kind} step=any>")
    assert _type_in_field(desk, text) == ""
    assert desk.read("document.querySelector('#f').value") == value


def _type_in_field(desk: Desk, text: str) -> str:
    """Type into what is called Field: the field, or its label, which stands for it."""
    named = [e for e in desk.session.view().elements if e.name == "Field"]
    return desk.say(f"type [{named[-1].number}] [{text}] [0]")


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("type=date", "31/12/2024", "does not take '31/12/2024'; it takes 2024-03-05 or"),
        ("type=date", "2024-02-30", "it takes 2024-03-05"),
        ("type=date min=2030-01-01", "2024-03-05", "Value must be 01/01/2030 or later"),
        ("type=time", "25:00", "it takes 14:30 or 2:30 PM"),
        ("type=week", "2024-W60", "it takes 2024-W10"),
        ("type=range", "much", "it takes a number"),
        ("type=range max=10", "70", "the field has '10' now"),
        ("type=range", "", "cannot be empty"),
        ("type=color", "reddish", "it takes #1f77b4"),
        ("type=number", "twelve", "the field is empty now"),
        ("type=number", "$1,200.50", "the field has '1200.50' now"),
        ("type=email", "me", "Please include an '@'"),
        ("type=file", "/etc/passwd", "takes a file, and there are no files"),
        ("readonly", "x", "read-only"),
        ("disabled", "x", "disabled"),
        ("maxlength=3", "abcdef", "has 'abc' now .it takes 3 characters at most"),
        ("type=checkbox", "x", "nothing can be typed there; it takes a click"),
        ("onkeydown='return false'", "x", "the field is empty now"),
        ("oninput='value = value.toUpperCase()'", "abc", "the field has 'ABC' now"),
        ("type=password maxlength=4", "secret", "has 4 characters now"),
    ],
)
def test_what_a_field_does_not_take_is_told(
    desk: Desk, field: str, text: str, problem: str
) -> None:
    desk.show(f"<label for=f>Field</label><input id=f {field} step=any>")
    told = _type_in_field(desk, text)
    assert problem.replace(".it", "(it") in told and len(told) < 300
    assert "secret" not in told


def test_a_picked_value_is_no_blow_to_a_page_that_keeps_its_own_setter(desk: Desk) -> None:
    """React and others replace `value` on the element, and look whether it differs on `input`."""
    desk.show(
        "<input type=date aria-label=Day><script>const day = document.querySelector('input');"
        "const native = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');"
        "let kept = ''; Object.defineProperty(day, 'value', {"
        "get() { return native.get.call(this) }, set(v) { kept = v; native.set.call(this, v) }});"
        "day.addEventListener('input', () => {"
        "if (day.value !== kept) document.title = 'changed to ' + day.value })</script>"
    )
    assert desk.do("type", "Date", "Day", "[2024-03-05] [0]") == ""
    assert desk.session.view().title == "changed to 2024-03-05"


def test_fields_in_shadow_trees_and_editors_are_typed_into(desk: Desk) -> None:
    desk.show(
        "<div id=open></div><div id=closed></div>"
        "<div contenteditable role=textbox aria-label=Rich><p>one</p><p>two</p></div><script>"
        "for (const mode of ['open', 'closed']) document.getElementById(mode).attachShadow({mode})"
        ".innerHTML = `<input aria-label=${mode} value=old oninput='document.title = value'>`"
        "</script>"
    )
    for name in ("open", "closed"):
        assert desk.do("type", "textbox", name, f"[in {name}] [0]") == ""
        assert desk.session.view().title == f"in {name}"
    assert desk.do("type", "textbox", "Rich", "[three] [0]") == ""
    assert desk.read("document.querySelector('[contenteditable]').innerText").strip() == "three"
    assert desk.do("clear", "textbox", "Rich") == ""
    assert desk.read("document.querySelector('[contenteditable]').innerText").strip() == ""


def test_what_opens_a_field_is_typed_into_it(desk: Desk) -> None:
    desk.show(
        "<button onclick='setTimeout(() => { found.hidden = false; found.focus() }, 30)'>Search"
        "</button><input id=found hidden aria-label=Query><button>Other</button>"
    )
    assert desk.do("type", "button", "Search", "[shoes] [0]") != "", "a button takes no text"
    desk.show(
        "<div role=button tabindex=0 onclick='setTimeout(() => { found.hidden = false;"
        "found.focus() }, 30)'>Search</div><input id=found hidden aria-label=Query>"
        "<div role=button tabindex=0>Other</div>"
    )
    assert desk.do("type", "button", "Search", "[shoes] [0]") == ""
    assert desk.read("found.value") == "shoes"
    assert "nothing can be typed there" in desk.do("type", "button", "Other", "[boots] [0]")
    assert desk.read("found.value") == "shoes"


def test_every_named_key_is_a_key_of_the_keyboard(desk: Desk) -> None:
    desk.show(NAME)
    for key in NAMED_KEYS:
        desk.session.tab.page.keyboard.press(key)
    assert len(desk.events("keydown")) == len(NAMED_KEYS)


def test_keys_that_a_browser_answers_do_their_work(desk: Desk) -> None:
    desk.say("goto [http://hostile.localhost/plain]")
    desk.read("document.title = 'old'")
    assert desk.say("press [F5]") == "" and desk.session.view().title == "plain"
    desk.read("document.title = 'old'; addEventListener('keydown', e => e.preventDefault())")
    assert desk.say("press [ctrl + r]") == "" and desk.session.view().title == "old"
    desk.say("goto [http://hostile.localhost/form]")
    assert desk.say("press [alt+left]") == ""
    assert desk.session.view().url == "http://hostile.localhost/plain"
    assert "one size" in desk.say("press [ctrl++]")
    desk.say("press [ctrl+t]")
    assert len(desk.session.tabs()) == 2
    desk.say("press [ctrl+w]")
    assert len(desk.session.tabs()) == 1
