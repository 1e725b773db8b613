"""Fields: text is typed into them, and those with a picker get its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from longhaul.webagents.browser.keyboard import type_text
from longhaul.webagents.browser.node import Node, script
from longhaul.webagents.browser.values import EXAMPLES, field_value
from longhaul.webagents.errors import ActionError

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

FIND_FIELD = script("find_field")
LOOK_FIELD = script("look_field")
FOCUS_FIELD = script("focus_field")
SET_FIELD = script("set_field")
READ_FIELD = script("read_field")
CHOOSE = script("choose")

REFUSALS = {
    "disabled": "it is disabled",
    "readonly": "it is read-only; nothing can be typed there",
    "select": "nothing can be typed there; an option is chosen by select [id] [option]",
    "file": "it takes a file, and there are no files to give here",
    "pressed": "nothing can be typed there; it takes a click",
}
"""Why nothing can be typed into a field, by the kinds of `look_field.js`."""

MAX_SHOWN_CHARS = 100
"""The most characters of a field's value that an agent is told. Chosen here."""

FOCUS_TRIES, FOCUS_MS = 6, 50
"""How often, and milliseconds apart, one looks whether a click on something that is no field has
given a field the focus. Chosen here."""


def find_field(node: Node) -> tuple[Node, str]:
    """Return the field that a node is or stands for, and its kind (`look_field.js`)."""
    field = node.find(FIND_FIELD) or node
    return field, str(field.call(LOOK_FIELD))


def set_value(field: Node, kind: str, text: str) -> str | None:
    """Give a field of one of EXAMPLES' kinds the value that a text says, and return it (None for a
    color, which the browser reads). Raises ActionError with an example of a right one."""
    value = field_value(kind, text) if text else ""
    if value is None or not field.call(SET_FIELD, value):
        what = "cannot be empty" if not text else f"does not take {text[:MAX_SHOWN_CHARS]!r}"
        raise ActionError(f"a {kind} field {what}; it takes {EXAMPLES[kind]}")
    return None if kind == "color" else value


def focused_field(page: Page, clicked: Node, kind: str) -> Node | None:
    """Return the field that has the focus after a click, with its content selected; None if there
    is none into which text can be typed."""
    for number in range(FOCUS_TRIES if kind == "other" else 1):
        if number:
            page.wait_for_timeout(FOCUS_MS)
        if (field := clicked.find(FOCUS_FIELD)) is not None:
            return field
    return None


def type_into(page: Page, cdp: CDPSession, field: Node, text: str) -> None:
    """Replace the content of the field that has the focus. In a field of one line, line breaks
    become spaces, as they do when a text is pasted."""
    state = field.call(READ_FIELD)
    if state is not None and state["tag"] == "INPUT":
        text = " ".join(text.splitlines())
    else:
        # Editors hold their text elsewhere than in the field that has the focus.
        page.keyboard.press("Control+a")
    if text:
        type_text(page, cdp, text, "Shift+Enter" if state is None or state["rich"] else "")
    else:
        page.keyboard.press("Delete")


def read_back(field: Node, text: str | None) -> list[str]:
    """Return what an agent should know of a field after `text` was typed: that it has another
    value (not looked at if `text` is None), or that its browser finds it wrong."""
    from playwright.sync_api import Error

    try:
        state = field.call(READ_FIELD)
    except Error:  # the page went on to another one
        return []
    if state is None:
        return []
    told = []
    if text is not None and not _is_same(state, text):
        told.append(_say_value(state, text))
    if state["problem"]:
        told.append(f"the browser says of the field: {state['problem']}")
    return told


def _is_same(state: Mapping[str, Any], text: str) -> bool:
    wanted, value = " ".join(text.split()), " ".join(str(state["value"]).split())
    if state["rich"]:
        wanted, value = wanted.replace(" ", ""), value.replace(" ", "")
    return wanted == value


def _say_value(state: Mapping[str, Any], text: str) -> str:
    value = str(state["value"])
    if not value:
        return "the field is empty now"
    most = state["most"]
    limit = f" (it takes {most} characters at most)" if 0 < most <= len(text) else ""
    if state["type"] == "password":
        return f"the field has {state['length']} characters now{limit}"
    shown = value if len(value) <= MAX_SHOWN_CHARS else value[: MAX_SHOWN_CHARS - 3] + "..."
    return f"the field has {shown!r} now{limit}"


def choose(node: Node, wanted: str) -> list[str]:
    """Choose an option of a list by its text or value; `node` is the list, what stands for it, or
    the very option. In a list of several it adds the option, or drops it if it was chosen. Raises
    ActionError naming options that can be chosen."""
    done = node.call(CHOOSE, wanted)
    if done is None or done["state"] == "no list":
        field = node.find(FIND_FIELD) or node
        done = field.call(CHOOSE, wanted) or {"state": "no list"}
    match done["state"]:
        case "chosen":
            return []
        case "dropped":
            return [f"{done['name']!r} was chosen and is no longer"]
        case "undone":
            return [f"the page did not keep {done['name']!r}"]
        case "disabled":
            raise ActionError("it is disabled")
        case "suggestions":
            raise ActionError("it has no options of its own, but takes text: type it")
        case "no list":
            raise ActionError("it has no options; if a click opens some, click one of them")
    barred = " that can be chosen" if done["state"] == "barred" else ""
    valid = ", ".join(done["valid"]) or "none"
    more = done["total"] - len(done["valid"])
    raise ActionError(
        f"no {(done['name'] or wanted[:MAX_SHOWN_CHARS])!r}{barred}; valid: {valid}"
        + (f" and {more} more" if more else "")
    )
