"""One tab: its page, its connection to Chromium, and its observation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from longhaul.webagents.browser.chromium import origin
from longhaul.webagents.browser.contents import read_page, survey
from longhaul.webagents.browser.frames import Frames, size_of
from longhaul.webagents.browser.layout import Layout, SingleLayout, SnapshotLayout
from longhaul.webagents.browser.loading import Lifecycle, Traffic
from longhaul.webagents.browser.marks import Mark, capture, draw_marks, find_marks
from longhaul.webagents.browser.perform import PageActions
from longhaul.webagents.browser.settle import Isolated, settle
from longhaul.webagents.browser.tree import Element, read_tree
from longhaul.webagents.browser.window import Scroll, fits, near_view, whole

if TYPE_CHECKING:
    from PIL.Image import Image
    from playwright.sync_api import Page


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
        self.frames = Frames(page, self.cdp)
        self.lifecycle = Lifecycle(self.cdp, self.isolated.frame)
        self.cdp.on("Page.frameNavigated", self.isolated.renew)
        target = self.cdp.send("Target.getTargetInfo")["targetInfo"]
        self.context: str = target["browserContextId"]
        self._traffic = traffic
        traffic.known.add(page)
        self.hands = PageActions(page, self.cdp, self.isolated, self.frames)

    def settle(self, bound: float) -> bool:
        """Wait until the page is quiet, at most `bound` seconds; say whether it is."""
        self.lifecycle.begin()
        self._traffic.begin()
        quiet = settle(self.isolated, self.page, self._idle, self._others, bound)
        if not quiet:
            self._traffic.give_up(self.page)
        return quiet

    def _idle(self) -> bool:
        return self.lifecycle.idle() and self._traffic.idle(self.page)

    def _others(self) -> list[Isolated]:
        """Return the documents in frames that the page's own scripts cannot look into."""
        own = origin(self.page.url)
        if all(origin(frame.url) in ("", own) for frame in self.page.frames):
            return []
        return [Isolated(d.session.cdp, d.frame) for d in self.frames.documents()[1:]]

    def view(self, limit: int, screenshot: bool, dom: bool) -> View:
        """Return the observation now; texts have at most `limit` characters."""
        first = survey(self.isolated, limit if dom else 0)
        documents = self.frames.documents()
        page, text, complete = read_page(documents, first, self.isolated, limit if dom else 0)
        view = View(url=self.page.url, title=first.title, dom=text, elements=read_tree(page))
        short = complete and fits(view.elements, limit)
        layout: Layout | None = None
        if screenshot or not short:
            shown = {element.document.frame for element in view.elements}
            read = [document for document in documents if document.frame in shown]
            layout = (SnapshotLayout if complete else SingleLayout)(read, size_of(self.page))
        if short or layout is None:
            view.tree = whole(view.elements)
        else:
            scroll = Scroll(first.top, first.height, complete)
            view.tree = near_view(view.elements, layout.box, size_of(self.page), scroll, limit)
        if screenshot and layout is not None:
            view.screenshot, view.marks = self._marked(view.elements, layout)
        return view

    def screenshot(self) -> NDArray[np.uint8]:
        """Return the viewport as it is now, (H, W, 3)."""
        return np.array(self._captured())

    def _captured(self) -> Image:
        return capture(self.cdp, *size_of(self.page))

    def _marked(self, elements: list[Element], layout: Layout) -> tuple[NDArray[Any], list[Mark]]:
        marks = find_marks(elements, layout)
        return draw_marks(self._captured(), marks), marks
