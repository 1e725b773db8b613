"""The names of keys, as agents write them, and Playwright's.

Agents write them as WebArena's (`ctrl+a`, `page_down`), BrowserGym's and Playwright's
(`ControlOrMeta+a`, `KeyA`), and xdotool's (`Return`, `Page_Down`) prompts do, with spaces, in any
case.
"""

from __future__ import annotations

import re
from string import ascii_lowercase, digits

from longhaul.webagents.errors import ActionError

MODIFIERS = {
    **dict.fromkeys(("control", "ctrl", "ctl", "controlormeta"), "Control"),
    # A Mac's name for the key of shortcuts, which is Control here: pages read the platform, Linux.
    **dict.fromkeys(("cmd", "command"), "Control"),
    **dict.fromkeys(("alt", "option", "opt"), "Alt"),
    **dict.fromkeys(("shift", "shft"), "Shift"),
    **dict.fromkeys(("meta", "super", "win", "windows"), "Meta"),
}
"""Playwright's name of a modifier, by the names that agents write, in lower case."""

NAMED_KEYS = (
    *("Enter", "Tab", "Escape", "Backspace", "Delete", "Insert", "Space", "Home", "End"),
    *("PageUp", "PageDown", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"),
    *(f"F{number}" for number in range(1, 13)),
    *("CapsLock", "ContextMenu", "PrintScreen", "ScrollLock", "Pause", "NumLock"),
    *("Shift", "Control", "Alt", "Meta", "AltGraph"),
    *(
        f"{side}{hand}"
        for side in ("Shift", "Control", "Alt", "Meta")
        for hand in ("Left", "Right")
    ),
    *(f"Numpad{digit}" for digit in digits),
    *("NumpadAdd", "NumpadSubtract", "NumpadMultiply", "NumpadDivide", "NumpadDecimal"),
    "NumpadEnter",
)
"""Playwright's names of the keys that are no characters."""

CHARACTER_NAMES = {
    **{f"key{letter}": letter for letter in ascii_lowercase},
    **{f"digit{digit}": digit for digit in digits},
    **{"plus": "+", "minus": "-", "hyphen": "-", "dash": "-", "equal": "=", "equals": "="},
    **{"comma": ",", "period": ".", "dot": ".", "slash": "/", "backslash": "\\"},
    **{"semicolon": ";", "colon": ":", "quote": "'", "apostrophe": "'", "backquote": "`"},
    **{"backtick": "`", "grave": "`", "bracketleft": "[", "bracketright": "]"},
    **{"asterisk": "*", "underscore": "_"},
}
"""Characters by the names of their keys, in lower case."""

OTHER_NAMES = {
    **{"esc": "Escape", "return": "Enter", "kpenter": "NumpadEnter", "spacebar": "Space"},
    **{"bksp": "Backspace", "del": "Delete", "ins": "Insert", "menu": "ContextMenu"},
    **{"pgup": "PageUp", "pgdn": "PageDown", "pgdown": "PageDown", "altgr": "AltGraph"},
    **{way: f"Arrow{way.title()}" for way in ("up", "down", "left", "right")},
    **{f"{way}arrow": f"Arrow{way.title()}" for way in ("up", "down", "left", "right")},
    **MODIFIERS,
}

KEY_NAMES = {key.lower(): key for key in NAMED_KEYS} | OTHER_NAMES
"""Playwright's name of a key, by the names that agents write, in lower case and without spaces,
hyphens and underscores inside; a single character names itself."""

SHOWN_NAMES = (
    *("Enter", "Tab", "Escape", "Backspace", "Delete", "Space", "Home", "End", "PageUp"),
    *("PageDown", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "F1 to F12"),
    "a single character, each also after ctrl+, alt+, shift+ or meta+",
)
"""The names that an error lists."""

QUOTES = ("''", '""', "<>", "``")
JOINT = re.compile(r"\s*\+\s*")
LOOSE_JOINT = re.compile(r"\s*[-+]\s*|\s+")


def key_combination(text: str) -> str:
    """Return keys such as `ctrl+a` in Playwright's spelling (`Control+a`).

    A letter after Control, Alt or Meta is a small one: `Ctrl+C` names the key, not the capital.
    Raises ActionError for an unknown key.
    """
    written = text.strip() or ("Enter" if "\n" in text else " " * bool(text))
    if len(written) > 2 and written[0] + written[-1] in QUOTES:
        written = written[1:-1].strip()
    written = re.sub(r"(?<=\w) key$", "", written, flags=re.IGNORECASE)
    modifiers, key = _parted(written)
    if key is None:
        raise ActionError(
            f"press [{text[:80]}]: it names no key; valid: {', '.join(SHOWN_NAMES)}; "
            "a text is typed by type"
        )
    if modifiers and len(key) == 1 and not (key.isascii() and key.isprintable()):
        raise ActionError(f"press [{text[:80]}]: {key!r} is on no key that takes {modifiers[0]}")
    if len(key) == 1 and set(modifiers) - {"Shift"}:
        key = key.lower()
    return "+".join((*modifiers, key))


def _parted(written: str) -> tuple[list[str], str | None]:
    """Return the modifiers and the key that a text names; None if it names none."""
    if written.endswith("+") and written[:-1].rstrip().endswith("+"):
        pieces = [*JOINT.split(written[:-1].rstrip()[:-1].strip()), "+"]
    elif "+" in written[:-1]:
        pieces = JOINT.split(written)
    else:
        # `ctrl-a`, `shift tab`, `ctrl--`: only a modifier makes it a combination.
        first = LOOSE_JOINT.split(written, maxsplit=1)
        if len(first) == 1 or first[0].lower() not in MODIFIERS or not first[1]:
            return [], _key(written)
        modifiers, key = _parted(first[1])
        return [MODIFIERS[first[0].lower()], *modifiers], key
    *names, last = pieces
    if not all(_plain(name) in MODIFIERS for name in names):
        return [], None
    return [MODIFIERS[_plain(name)] for name in names], _key(last)


def _key(name: str) -> str | None:
    """Return one key in Playwright's spelling; None if the name is unknown."""
    if len(name) == 1:
        return "Space" if name == " " else name if name.isprintable() else None
    plain = _plain(name)
    return CHARACTER_NAMES.get(plain) or KEY_NAMES.get(plain)


def _plain(name: str) -> str:
    return re.sub(r"(?<=\w)[\s_-]+(?=\w)", "", name).lower()
