"""Waits until a page is quiet: it is loaded, no request is open, and its DOM does not change."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, CDPSession, Error, Page, Request

QUIET_CHECKS = 5
"""Checks in a row, 10 ms apart, in which nothing may have changed: three frames at 60 Hz, in which
scripts react to what has loaded. Checks are counted rather than time, since on a busy machine a
page's scripts may not run for any length of time; they run between two checks."""

ENDLESS_REQUESTS = {"eventsource", "websocket", "media", "ping"}
"""Types of requests that stay open as long as a page does, and are not waited for."""

GOES_ON = ("context was destroyed", "page is navigating", "navigated or closed", "detached")
"""Parts of Playwright's errors about a document that has made way for another one."""

WAIT_SCRIPT = """(looks, bound) => new Promise(resolve => {
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
"""JavaScript that resolves to whether the DOM was quiet before the bound (milliseconds)."""


class Isolated:
    """Runs functions in a page's isolated world, which has the same DOM but its own global names,
    so that the page's scripts cannot change them; in that of a frame if its id is given."""

    def __init__(self, cdp: CDPSession, frame: str | None = None) -> None:
        self._cdp = cdp
        self._frame = frame or cdp.send("Page.getFrameTree")["frameTree"]["frame"]["id"]

    def call(self, function: str, *arguments: Any) -> Any:
        """Return the JSON value of `function(*arguments)`, awaited if it is a promise."""
        return self._run(function, arguments, True).get("value")

    def array(self, function: str, *arguments: Any) -> str:
        """Return CDP's id of the array that `function(*arguments)` returns."""
        return str(self._run(function, arguments, False)["objectId"])

    def _run(self, function: str, arguments: Sequence[Any], by_value: bool) -> dict[str, Any]:
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
                "returnByValue": by_value,
            },
        )
        result: dict[str, Any] = answer["result"]
        return result


class Traffic:
    """Keeps a context's open requests. `known` are its pages that have a tab."""

    def __init__(self, context: BrowserContext) -> None:
        self.known: set[Page] = set()
        self._open: dict[Request, Page | None] = {}
        context.on("request", self._begin)
        context.on("requestfinished", self._end)
        context.on("requestfailed", self._end)

    def idle(self, page: Page) -> bool:
        """Say whether no request is open for a page, or for one that is about to open."""
        return not any(p is page or p not in self.known for p in self._open.values())

    def forget(self, page: Page) -> None:
        """Drop a page's requests: after it has closed, no event tells their end."""
        self._open = {request: p for request, p in self._open.items() if p is not page}

    def _begin(self, request: Request) -> None:
        from playwright.sync_api import Error

        if request.resource_type in ENDLESS_REQUESTS:
            return
        try:
            self._open[request] = request.frame.page
        except Error:  # the request that opens a page comes before the page exists
            self._open[request] = None

    def _end(self, request: Request) -> None:
        self._open.pop(request, None)


def is_gone(error: Error) -> bool:
    """Say whether a Playwright error means that the page no longer exists. (For a page that went on
    to another document, the error says that the target "navigated or closed".)"""
    return "has been closed" in error.message or "crashed" in error.message


def goes_on(error: Error) -> bool:
    """Say whether a Playwright error means that the page goes on to another document."""
    return any(words in error.message for words in GOES_ON)


def is_lost(page: Page) -> bool:
    """Say whether a page's browser has ended."""
    browser = page.context.browser
    return browser is None or not browser.is_connected()


def settle(isolated: Isolated, idle: Callable[[], bool], bound: float) -> bool:
    """Wait until a page is quiet and `idle`, at most `bound` seconds; say whether it is."""
    from playwright.sync_api import Error

    end = time.monotonic() + bound
    while (left := end - time.monotonic()) > 0:
        try:
            quiet = isolated.call(WAIT_SCRIPT, QUIET_CHECKS, min(left, 1.0) * 1000)
        except Error as error:
            if is_gone(error):
                raise
            continue  # the page went on to another document, which is waited for
        if quiet and idle():
            return True
    return False
