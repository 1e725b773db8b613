"""Waiting until a page is quiet: loaded, nothing requested, no change of its DOM."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, CDPSession, Error, Page, Request

LOOKS = 5
"""So often nothing may have changed, looked at every 10 ms: three frames at 60 Hz, in which
scripts react to what loaded. Looks are counted, since a page on a busy machine may get no turn for
longer than any time; each of its turns comes between two looks."""

ENDLESS = {"eventsource", "websocket", "media", "ping"}
"""Requests that go on for as long as a page is open."""

WAIT = """(looks, bound) => new Promise(resolve => {
  const end = performance.now() + bound;
  let still = 0;
  const observer = new MutationObserver(() => { still = 0; });
  observer.observe(document, {subtree: true, childList: true, attributes: true,
                              characterData: true});
  const look = () => {
    still = document.readyState === 'complete' ? still + 1 : 0;
    if (still > looks || performance.now() >= end) {
      observer.disconnect();
      resolve(still > looks);
    } else setTimeout(look, 10);
  };
  look();
})"""
"""Resolves to whether the DOM was quiet before the bound (milliseconds)."""


class Isolated:
    """Runs functions in a page's isolated world: the same DOM, and names that the page's own
    scripts cannot change."""

    def __init__(self, cdp: CDPSession) -> None:
        self._cdp = cdp
        tree = cdp.send("Page.getFrameTree")
        self._frame = tree["frameTree"]["frame"]["id"]

    def call(self, function: str, *arguments: Any) -> Any:
        """Return the JSON value of `function(*arguments)`, awaited if it is a promise."""
        world = self._cdp.send(
            "Page.createIsolatedWorld", {"frameId": self._frame, "worldName": "longhaul"}
        )
        answer = self._cdp.send(
            "Runtime.callFunctionOn",
            {
                "functionDeclaration": function,
                "executionContextId": world["executionContextId"],
                "arguments": [{"value": argument} for argument in arguments],
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
        return answer["result"].get("value")


class Traffic:
    """Counts a context's requests that are under way. `known` are its pages that have a tab."""

    def __init__(self, context: BrowserContext) -> None:
        self.known: set[Page] = set()
        self._open: dict[Request, Page | None] = {}
        context.on("request", self._begin)
        context.on("requestfinished", self._end)
        context.on("requestfailed", self._end)

    def idle(self, page: Page) -> bool:
        """Say whether nothing is under way for a page, or for one that is about to open."""
        return not any(p is page or p not in self.known for p in self._open.values())

    def forget(self, page: Page) -> None:
        """Take a page's requests for done: of one that closed no end is told."""
        self._open = {request: p for request, p in self._open.items() if p is not page}

    def _begin(self, request: Request) -> None:
        from playwright.sync_api import Error

        if request.resource_type in ENDLESS:
            return
        try:
            self._open[request] = request.frame.page
        except Error:  # what opens a page comes before the page
            self._open[request] = None

    def _end(self, request: Request) -> None:
        self._open.pop(request, None)


def is_gone(error: Error) -> bool:
    """Say whether a Playwright error means that its page is there no more. Of a page that went on
    to another document it is said that its target "navigated or closed"."""
    return "has been closed" in error.message or "crashed" in error.message


def settle(isolated: Isolated, idle: Callable[[], bool], bound: float) -> bool:
    """Wait until a page is quiet and `idle`, at most `bound` seconds; say whether it is."""
    from playwright.sync_api import Error

    end = time.monotonic() + bound
    while (left := end - time.monotonic()) > 0:
        try:
            quiet = isolated.call(WAIT, LOOKS, min(left, 1.0) * 1000)
        except Error as error:
            if is_gone(error):
                raise
            continue  # the document went away: the next one is waited for
        if quiet and idle():
            return True
    return False
