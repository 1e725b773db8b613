"""Carries out each action in a page by real mouse and keyboard events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from longhaul.webagents.actions import Action
from longhaul.webagents.browser.border import refusal
from longhaul.webagents.browser.fields import (
    REFUSALS,
    choose,
    find_field,
    focused_field,
    read_back,
    set_value,
    type_into,
)
from longhaul.webagents.browser.frames import Frames, size_of
from longhaul.webagents.browser.keyboard import type_text
from longhaul.webagents.browser.node import Node, resolve, script
from longhaul.webagents.browser.scrolling import scroll_around, scroll_page
from longhaul.webagents.browser.settle import Isolated
from longhaul.webagents.browser.shortcuts import (
    BROWSER_KEYS,
    RELOADS,
    TAKEN,
    WATCH,
    WITHOUT_EFFECT,
    is_browsers,
)
from longhaul.webagents.browser.tree import Element
from longhaul.webagents.browser.values import EXAMPLES
from longhaul.webagents.errors import ActionError

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

AIM = script("aim")

IS_FOLDED = "function() { return this.tagName === 'OPTION' && !this.getClientRects().length; }"
"""JavaScript that says whether a node is an option of a list that is not unfolded."""

FOLLOWED_SCHEMES = ("", "http", "https", "javascript", "about", "blob")
"""Schemes of links that a page may follow; of http and https, the allowed addresses."""


class PageActions:
    """Carries out actions on the elements of one page and its frames. Points are those of the
    page's viewport also for what lies in a frame.

    An action that cannot be done raises ActionError with a sentence for the agent. `told` has what
    it should know of one that was done, and `link` where the clicked link or form leads.
    """

    def __init__(self, page: Page, cdp: CDPSession, isolated: Isolated, frames: Frames) -> None:
        self._page, self._cdp = page, cdp
        self._isolated, self._frames = isolated, frames
        self.told: list[str] = []
        self.link = ""
        self._on_element: Mapping[str, Callable[[Action, Element], None]] = {
            "click": self._click,
            "hover": self._hover,
            "type": self._type,
            "clear": self._type,
            "select": self._select,
        }

    def do(self, action: Action, element: Element | None) -> Action | None:
        """Carry out an action on a page (not one on tabs), on the element that it names. Return the
        action that a browser itself would carry out by the keys that were pressed, if there is
        one."""
        self.told, self.link = [], ""
        if action.kind == "press":
            return self._press(action.text)
        if action.kind == "scroll":
            self._scroll(action, element)
            return None
        assert element is not None, "other actions name an element"
        try:
            self._on_element[action.kind](action, element)
        except ActionError as error:
            raise ActionError(f"{action.kind} [{action.element}]: {error}") from None
        return None

    def _scroll(self, action: Action, element: Element | None) -> None:
        if element is not None:
            scroll_around(action, element)
        else:
            scroll_page(action, self._frames.documents(), self._isolated, size_of(self._page))

    def _click(self, action: Action, element: Element) -> None:
        node = self._node(element)
        if node.call(IS_FOLDED):
            self.told += choose(node, "")
        else:
            self._page.mouse.click(*self._aim(node, element))

    def _hover(self, action: Action, element: Element) -> None:
        self._page.mouse.move(*self._aim(self._node(element), element))

    def _type(self, action: Action, element: Element) -> None:
        field, kind = find_field(self._node(element))
        if kind in REFUSALS:
            raise ActionError(REFUSALS[kind])
        if kind in EXAMPLES:
            self.told += read_back(field, set_value(field, kind, action.text))
        else:
            self._page.mouse.click(*self._aim(field, element))
            field = self._focused(field, kind)
            type_into(self._page, self._cdp, field, action.text)
            self.told += read_back(field, action.text)
        if action.submit:
            self._page.keyboard.press("Enter")

    def _focused(self, clicked: Node, kind: str) -> Node:
        """Return the field that has the focus after a click. Raises ActionError, which says what
        was clicked instead."""
        covers, self.told = self.told, []
        field = focused_field(self._page, clicked, kind)
        if field is None:
            raise ActionError("; ".join(("nothing can be typed there", *covers)))
        return field

    def _select(self, action: Action, element: Element) -> None:
        self.told += choose(self._node(element), action.text)

    def _press(self, keys: str) -> Action | None:
        ours = is_browsers(keys)
        if ours:
            self._isolated.call(WATCH)
        if len(keys) == 1 and not keys.isascii():
            type_text(self._page, self._cdp, keys, "")
        else:
            self._page.keyboard.press(keys)
        if not ours or self._isolated.call(TAKEN):
            return None
        if keys in RELOADS:
            self._page.reload(wait_until="commit")
        if keys in WITHOUT_EFFECT:
            self.told.append(f"press [{keys}] does nothing: {WITHOUT_EFFECT[keys]}")
        return BROWSER_KEYS.get(keys)

    def _node(self, element: Element) -> Node:
        node = resolve(element)
        if node is None:
            raise ActionError("it is not visible: it is no longer on the page")
        return node

    def _aim(self, node: Node, element: Element) -> tuple[float, float]:
        """Return the point (pixels of the page's viewport) at which a node is clicked that stands
        for an element, after scrolling it there; `told` gets what lies over it, and where a link
        leads that is not followed."""
        from playwright.sync_api import Error

        document, number = element.document, element.number
        if document.parent is not None:
            with suppress(Error):  # the node says below what is wrong
                document.session.reveal(element.backend)
        found = node.call(AIM)
        if found is None:
            raise ActionError("it is not visible")
        if found["cover"]:
            place = "around" if found["around"] else "over"
            self.told.append(f"the click landed on {found['cover']}, which lies {place} [{number}]")
        if found["disabled"]:
            self.told.append(f"[{number}] is disabled")
        self.link = found["link"]
        if urlsplit(self.link).scheme not in FOLLOWED_SCHEMES:
            self.told.append(refusal(self.link))
        return document.to_viewport(float(found["x"]), float(found["y"]))
