"""Carries out each action in a page by real mouse and keyboard events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from longhaul.webagents.actions import Action
from longhaul.webagents.browser.frames import Frames, Quad, size_of
from longhaul.webagents.browser.scrolling import scroll_around, scroll_page
from longhaul.webagents.browser.settle import Isolated
from longhaul.webagents.browser.tree import Element
from longhaul.webagents.errors import ActionError

if TYPE_CHECKING:
    from playwright.sync_api import Page

SELECT_TEXT = """function() {
  if (this.isContentEditable) { document.execCommand('selectAll'); return true; }
  if (typeof this.select !== 'function' || this.disabled || this.readOnly) return false;
  this.select();
  return true;
}"""
"""JavaScript that selects the content of a field, so that typing replaces it. It returns false if
the element is no field."""

CHOOSE_OPTION = """function(wanted) {
  if (!(this instanceof HTMLSelectElement)) return null;
  const options = Array.from(this.options);
  const found = options.find(o => o.label.trim() === wanted)
    || options.find(o => o.value === wanted);
  if (!found || found.disabled) return options.map(o => o.label.trim());
  if (this.multiple) found.selected = !found.selected; else this.value = found.value;
  this.dispatchEvent(new Event('input', {bubbles: true}));
  this.dispatchEvent(new Event('change', {bubbles: true}));
  return true;
}"""
"""JavaScript that chooses an option by its label or value. It returns true, or the valid options,
or null if the element is no select."""


class PageActions:
    """Carries out actions on the elements of one page and its frames. Points are those of the
    page's viewport also for what lies in a frame.

    An action that cannot be done raises ActionError with a sentence for the agent.
    """

    def __init__(self, page: Page, isolated: Isolated, frames: Frames) -> None:
        self._page, self._isolated, self._frames = page, isolated, frames
        self._on_element: Mapping[str, Callable[[Action, Element], None]] = {
            "click": self._click,
            "hover": self._hover,
            "type": self._type,
            "clear": self._type,
            "select": self._select,
        }

    def do(self, action: Action, element: Element | None) -> None:
        """Carry out an action on a page (not one on tabs), on the element that it names."""
        if action.kind == "press":
            self._page.keyboard.press(action.text)
        elif action.kind == "scroll":
            self._scroll(action, element)
        else:
            assert element is not None, "other actions name an element"
            self._on_element[action.kind](action, element)

    def _scroll(self, action: Action, element: Element | None) -> None:
        if element is not None:
            scroll_around(action, element)
        else:
            scroll_page(action, self._frames.documents(), self._isolated, size_of(self._page))

    def _click(self, action: Action, element: Element) -> None:
        self._page.mouse.click(*self._center(action, element))

    def _hover(self, action: Action, element: Element) -> None:
        self._page.mouse.move(*self._center(action, element))

    def _type(self, action: Action, element: Element) -> None:
        self._page.mouse.click(*self._center(action, element))
        if not self._call(element, SELECT_TEXT):
            raise ActionError(f"{action.kind} [{action.element}]: nothing can be typed there")
        if action.text:
            self._page.keyboard.insert_text(action.text)
        else:
            self._page.keyboard.press("Delete")
        if action.submit:
            self._page.keyboard.press("Enter")

    def _select(self, action: Action, element: Element) -> None:
        outcome = self._call(element, CHOOSE_OPTION, action.text)
        if outcome is None:
            raise ActionError(f"select [{action.element}]: it has no options")
        if outcome is not True:
            valid = ", ".join(map(str, outcome))[:300]
            raise ActionError(f"select [{action.element}]: no {action.text!r}; valid: {valid}")

    def _center(self, action: Action, element: Element) -> tuple[float, float]:
        """Return the center of an element in the viewport, after scrolling it there."""
        from playwright.sync_api import Error

        try:
            quads = element.document.session.reveal(element.backend)
        except Error:  # the node is gone, or has no layout
            quads = []
        areas = [(_area(quad), quad) for quad in quads]
        if not any(area for area, _ in areas):
            hint = "; an option is chosen by select" if action.kind == "click" else ""
            raise ActionError(f"{action.kind} [{action.element}]: it is not visible{hint}")
        quad = max(areas, key=lambda pair: pair[0])[1]
        return sum(quad[0::2]) / 4, sum(quad[1::2]) / 4

    def _call(self, element: Element, function: str, *arguments: Any) -> Any:
        cdp = element.document.session.cdp
        node = cdp.send("DOM.resolveNode", {"backendNodeId": element.backend})
        answer = cdp.send(
            "Runtime.callFunctionOn",
            {
                "objectId": node["object"]["objectId"],
                "functionDeclaration": function,
                "arguments": [{"value": argument} for argument in arguments],
                "returnByValue": True,
            },
        )
        return answer["result"].get("value")


def _area(quad: Quad) -> float:
    xs, ys = quad[0::2], quad[1::2]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))
