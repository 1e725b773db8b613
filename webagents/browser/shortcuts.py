"""Keys that a browser itself answers. They do not reach it here, so their work is done for them."""

from __future__ import annotations

from longhaul.webagents.actions import Action

RELOADS = frozenset({"F5", "Control+F5", "Shift+F5", "Control+r", "Control+Shift+r"})
"""Keys that load the page again."""

BROWSER_KEYS = {
    "Alt+ArrowLeft": Action("go_back"),
    "Alt+ArrowRight": Action("go_forward"),
    "Control+t": Action("new_tab"),
    "Control+w": Action("close_tab"),
    "Control+F4": Action("close_tab"),
}
"""What keys do that have an action of the same effect."""

WITHOUT_EFFECT = {
    **dict.fromkeys(("Control++", "Control+=", "Control+-", "Control+0"), "a page has one size"),
    **dict.fromkeys(("Control+l", "F6"), "an address is gone to by goto [url]"),
    **dict.fromkeys(("Control+Tab", "Control+Shift+Tab"), "tabs are changed by tab_focus [number]"),
    **dict.fromkeys(("Control+n", "Control+Shift+n"), "there is one window; new_tab opens a tab"),
    **dict.fromkeys(("Control+f", "F3", "Control+g"), "there is no search in the page"),
}
"""Why other keys of a browser do nothing here."""

WATCH = """() => {
  if (!('pressed' in globalThis))
    addEventListener('keydown', event => { globalThis.pressed = event; }, {capture: true});
  globalThis.pressed = null;
}"""
"""JavaScript that keeps the last key's event."""

TAKEN = "() => Boolean(globalThis.pressed && globalThis.pressed.defaultPrevented)"
"""JavaScript that says whether the page has used that key for itself."""


def is_browsers(keys: str) -> bool:
    """Say whether a browser would answer these keys, if the page does not."""
    return keys in RELOADS or keys in BROWSER_KEYS or keys in WITHOUT_EFFECT
