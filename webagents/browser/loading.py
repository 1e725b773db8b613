"""What is still to come to a page, as Chromium's events tell it: documents that load, and requests
that are open."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, CDPSession, Frame, Page, Request

ENDLESS_REQUESTS = {"eventsource", "websocket", "media", "ping"}
"""Types of requests that stay open as long as a page does, and are not waited for."""

MAX_FRAME_LOADS = 5
"""How often during one wait a frame may go on to another document and be waited for. Chosen
here."""

MAX_DELAY_S = 2.5
"""The longest time in seconds after which a page announces to go elsewhere (a refresh) and is
waited for. Chosen here."""

SCHEDULED_S = 1.0
"""How many seconds a navigation that was announced may take to begin. Chosen here."""


class Lifecycle:
    """Follows the documents of one page by its CDP session. Chromium says that a click, a script
    or a form leads elsewhere before it answers the call that did it."""

    def __init__(self, cdp: CDPSession, main: str) -> None:
        self._main = main
        self._loading: set[str] = set()
        self._scheduled: dict[str, float] = {}
        self._starts: Counter[str] = Counter()
        self._windows = 0
        cdp.on("Page.frameScheduledNavigation", self._schedule)
        cdp.on("Page.frameClearedScheduledNavigation", self._clear)
        cdp.on("Page.frameStartedLoading", self._start)
        cdp.on("Page.frameStoppedLoading", self._stop)
        cdp.on("Page.frameDetached", self._forget)
        cdp.on("Page.windowOpen", self._open_window)
        cdp.on("Page.frameRequestedNavigation", self._request)
        cdp.send("Page.enable")

    def begin(self) -> None:
        """Begin to count how often frames go on to another document."""
        self._starts.clear()

    def idle(self) -> bool:
        """Say whether no document is loading or about to."""
        now = time.monotonic()
        return not self._loading and all(end < now for end in self._scheduled.values())

    def opens(self) -> bool:
        """Say whether the page ordered another window since the last call."""
        opened, self._windows = self._windows > 0, 0
        return opened

    def _schedule(self, event: Mapping[str, Any]) -> None:
        if float(event.get("delay", 0)) <= MAX_DELAY_S:
            wait = float(event.get("delay", 0)) + SCHEDULED_S
            self._scheduled[event["frameId"]] = time.monotonic() + wait

    def _clear(self, event: Mapping[str, Any]) -> None:
        self._scheduled.pop(event["frameId"], None)

    def _start(self, event: Mapping[str, Any]) -> None:
        frame = event["frameId"]
        self._starts[frame] += 1
        if frame == self._main or self._starts[frame] <= MAX_FRAME_LOADS:
            self._loading.add(frame)

    def _stop(self, event: Mapping[str, Any]) -> None:
        self._loading.discard(event["frameId"])

    def _forget(self, event: Mapping[str, Any]) -> None:
        self._clear(event)
        self._stop(event)

    def _open_window(self, _: Mapping[str, Any]) -> None:
        self._windows += 1

    def _request(self, event: Mapping[str, Any]) -> None:
        self._windows += event["disposition"] != "currentTab"


class Traffic:
    """Keeps a context's open requests. `known` are its pages that have a tab."""

    def __init__(self, context: BrowserContext) -> None:
        self.known: set[Page] = set()
        self._open: dict[Request, Page | None] = {}
        self._endless: set[Request] = set()
        self._loads: Counter[Frame] = Counter()
        context.on("request", self._begin)
        context.on("requestfinished", self._end)
        context.on("requestfailed", self._end)

    def begin(self) -> None:
        """Begin to count how often frames go on to another document."""
        self._loads.clear()

    def idle(self, page: Page) -> bool:
        """Say whether no request is open for a page, or for one that is about to open. Requests
        that were given up do not count."""
        return not any(
            request not in self._endless and (of is page or of not in self.known)
            for request, of in self._open.items()
        )

    def give_up(self, page: Page) -> None:
        """Do not wait again for the requests that a page's scripts have open now, since a whole
        wait was not enough for them."""
        self._endless |= {
            request
            for request, of in self._open.items()
            if of is page and not request.is_navigation_request()
        }

    def forget(self, page: Page) -> None:
        """Drop a page's requests: after it has closed, no event tells their end."""
        self._open = {request: p for request, p in self._open.items() if p is not page}
        self._endless &= self._open.keys()

    def _begin(self, request: Request) -> None:
        from playwright.sync_api import Error

        if request.resource_type in ENDLESS_REQUESTS:
            return
        try:
            frame = request.frame
            if frame.parent_frame is not None:
                self._loads[frame] += request.is_navigation_request()
                if self._loads[frame] > MAX_FRAME_LOADS:
                    return
            self._open[request] = frame.page
        except Error:  # the request that opens a page comes before the page exists
            self._open[request] = None

    def _end(self, request: Request) -> None:
        self._open.pop(request, None)
        self._endless.discard(request)
