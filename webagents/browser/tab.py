"""One tab: its page, its connection to Chromium, and its observation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from longhaul.webagents.browser.marks import Mark, capture, draw_marks, find_boxes, find_marks
from longhaul.webagents.browser.perform import PageActions
from longhaul.webagents.browser.settle import Isolated, Traffic, settle
from longhaul.webagents.browser.tree import Element, read_tree

if TYPE_CHECKING:
    from PIL.Image import Image
    from playwright.sync_api import Page

MAX_NODES = 20_000
"""The most DOM nodes of a page whose tree is read; that of a larger page could have hundreds of
megabytes. Chosen here."""

COUNT_SCRIPT = "most => { let n = 0; const w = document.createTreeWalker(document);" + (
    " while (n < most && w.nextNode()) n++; return n; }"
)

TEXT_SCRIPT = "most => (document.body ? document.body.innerText : '').slice(0, most)"


@dataclass
class View:
    """The observation of a page. `tree` and `dom` (its visible text) are limited in characters;
    `screenshot` is (H, W, 3) uint8 with `marks`, or None if it was not asked for."""

    url: str = ""
    title: str = ""
    tree: str = ""
    dom: str = ""
    elements: list[Element] = field(default_factory=list)
    screenshot: NDArray[Any] | None = None
    marks: list[Mark] = field(default_factory=list)


class Tab:
    """A page of a context, and its CDP session."""

    def __init__(self, page: Page, traffic: Traffic) -> None:
        self.page = page
        self.cdp = page.context.new_cdp_session(page)
        self.isolated = Isolated(self.cdp)
        target = self.cdp.send("Target.getTargetInfo")["targetInfo"]
        self.context: str = target["browserContextId"]
        self._traffic = traffic
        traffic.known.add(page)
        self.hands = PageActions(page, self.cdp, self.isolated)

    def settle(self, bound: float) -> bool:
        """Wait until the page is quiet, at most `bound` seconds; say whether it is."""
        return settle(self.isolated, lambda: self._traffic.idle(self.page), bound)

    def view(self, limit: int, screenshot: bool, dom: bool) -> View:
        """Return the observation now; texts have at most `limit` characters."""
        view = View(url=self.page.url, title=self.page.title())
        if self.isolated.call(COUNT_SCRIPT, MAX_NODES) >= MAX_NODES:
            view.tree = f"The page has more than {MAX_NODES} nodes; it is not shown."
        else:
            nodes = self.cdp.send("Accessibility.getFullAXTree")["nodes"]
            view.tree, view.elements = read_tree(nodes, limit)
        if dom:
            view.dom = str(self.isolated.call(TEXT_SCRIPT, limit) or "")
        if screenshot:
            view.screenshot, view.marks = self._marked(view.elements)
        return view

    def screenshot(self) -> NDArray[np.uint8]:
        """Return the viewport as it is now, (H, W, 3)."""
        return np.array(self._captured())

    def _captured(self) -> Image:
        size = self.page.viewport_size
        assert size is not None, "contexts are made with a viewport"
        return capture(self.cdp, size["width"], size["height"])

    def _marked(self, elements: list[Element]) -> tuple[NDArray[Any], list[Mark]]:
        picture = self._captured()
        if not elements:
            return np.asarray(picture), []
        marks = find_marks(elements, find_boxes(self.cdp), picture.size)
        return draw_marks(picture, marks), marks
