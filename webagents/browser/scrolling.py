"""Scrolls a page, a box in it, or a frame, by one view."""

from __future__ import annotations

from collections.abc import Sequence

from longhaul.webagents.actions import Action
from longhaul.webagents.browser.frames import Document, place
from longhaul.webagents.browser.scripts import SCROLL
from longhaul.webagents.browser.settle import Isolated
from longhaul.webagents.browser.tree import Element
from longhaul.webagents.errors import ActionError


def scroll_page(
    action: Action, documents: Sequence[Document], isolated: Isolated, size: tuple[int, int]
) -> None:
    """Scroll the page; where that is at its end, the scrolled box or else the frame with the
    largest part in view. `isolated` is the page's world, `size` its viewport in pixels.

    Raises ActionError if nothing can be scrolled that way.
    """
    from playwright.sync_api import Error

    way = 1 if action.down else -1
    if isolated.call(SCROLL, way):
        return
    areas = {
        frame: max(right - left, 0) * max(bottom - top, 0)
        for frame, (left, top, right, bottom) in (
            (frame, placement.clip) for frame, placement in place(documents, size).items()
        )
    }
    seen = [document for document in documents[1:] if areas.get(document.frame)]
    for document in sorted(seen, key=lambda document: -areas[document.frame]):
        try:
            if Isolated(document.session.cdp, document.frame).call(SCROLL, way):
                return
        except Error:  # the frame has gone on to another document
            continue
    raise ActionError(
        f"{_said(action)}: the page is at its end, and so is what can be scrolled in it"
    )


def scroll_around(action: Action, element: Element) -> None:
    """Scroll the innermost box around an element that can go on, which may be its whole frame.

    Raises ActionError if there is none, or if the element is gone.
    """
    from playwright.sync_api import Error

    cdp = element.document.session.cdp
    way = 1 if action.down else -1
    try:
        node = cdp.send("DOM.resolveNode", {"backendNodeId": element.backend})
        answer = cdp.send(
            "Runtime.callFunctionOn",
            {
                "objectId": node["object"]["objectId"],
                "functionDeclaration": SCROLL,
                "arguments": [{"value": way}],
                "returnByValue": True,
            },
        )
        moved = answer["result"].get("value")
    except Error:
        moved = False
    if not moved:
        raise ActionError(f"{_said(action)}: nothing around it can be scrolled that way")


def _said(action: Action) -> str:
    way = f"scroll [{'down' if action.down else 'up'}]"
    return way if action.element < 0 else f"{way} [{action.element}]"
