"""Types a text as a person does: by keys, and where a script has no keys, by an input method."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

KEYED_CHARS = 200
"""The most characters that are typed by keys, which takes 2 ms each: the end of a longer text. What
comes before it is put in at once, as from the clipboard. Chosen here."""

COMPOSED_SCRIPTS = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "BOPOMOFO", "YI")
"""The first words of Unicode's names of characters that are typed by an input method."""

INPUT_METHOD_KEY = {"key": "Process", "windowsVirtualKeyCode": 229}
"""The key that pages see while an input method has the keyboard."""


def type_text(page: Page, cdp: CDPSession, text: str, line_break: str) -> None:
    """Type a text into what has the focus. `line_break` is the key for a line break, or "" if it is
    put in without one: in most fields Enter would send a form off."""
    head, tail = text[:-KEYED_CHARS], text[-KEYED_CHARS:]
    if head:
        page.keyboard.insert_text(head)
    for way, run in _runs(tail):
        if way == "keys":
            page.keyboard.type(run)
        elif way == "letter":
            for letter in run:
                _press_letter(cdp, letter)
        elif way == "composed":
            _compose(cdp, run)
        elif run == "\n" and line_break:
            page.keyboard.press(line_break)
        else:
            page.keyboard.insert_text(run)


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Return the parts of a text that are typed in the same way, with that way; each line break is
    a part of its own."""
    lines = text.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines):
        if number:
            yield "put", "\n"
        for way, run in groupby(line, _way):
            yield way, "".join(run)


def _way(character: str) -> str:
    if " " <= character <= "~":
        return "keys"
    if unicodedata.name(character, "").startswith(COMPOSED_SCRIPTS):
        return "composed"
    lettered = unicodedata.category(character)[0] in "LMNP" and character <= "\uffff"
    return "letter" if lettered else "put"


def _press_letter(cdp: CDPSession, letter: str) -> None:
    """Press the key that a letter has on its own language's keyboard."""
    pressed = {"key": letter, "text": letter, "unmodifiedText": letter}
    cdp.send("Input.dispatchKeyEvent", {"type": "keyDown", **pressed})
    cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": letter})


def _compose(cdp: CDPSession, run: str) -> None:
    end = len(run.encode("utf-16-le")) // 2
    composition = {"text": run, "selectionStart": end, "selectionEnd": end}
    cdp.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **INPUT_METHOD_KEY})
    cdp.send("Input.imeSetComposition", composition)
    cdp.send("Input.insertText", {"text": run})
    cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", **INPUT_METHOD_KEY})
