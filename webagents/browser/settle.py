"""Waiting until a page is quiet: loaded, nothing requested, no change of its DOM."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Error, Page, Request

QUIET_MS = 50
"""So long nothing may change: three frames at 60 Hz, in which scripts react to what loaded."""

ENDLESS = {"eventsource", "websocket", "media", "ping"}
"""Requests that go on for as long as a page is open."""

WAIT = """(quiet, bound) => new Promise(resolve => {
  const end = performance.now() + bound;
  let changed = performance.now();
  const observer = new MutationObserver(() => { changed = performance.now(); });
  observer.observe(document, {subtree: true, childList: true, attributes: true,
                              characterData: true});
  const look = () => {
    const now = performance.now();
    const still = document.readyState === 'complete' && now - changed >= quiet;
    if (still || now >= end) { observer.disconnect(); resolve(still); }
    else setTimeout(look, 10);
  };
  look();
})"""
"""Resolves to whether the DOM was quiet before the bound (both in milliseconds)."""


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
    """Counts a page's requests that are under way."""

    def __init__(self, page: Page) -> None:
        self._open: set[Request] = set()
        page.on("request", self._begin)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)

    @property
    def idle(self) -> bool:
        return not self._open

    def _begin(self, request: Request) -> None:
        if request.resource_type not in ENDLESS:
            self._open.add(request)

    def _end(self, request: Request) -> None:
        self._open.discard(request)


def is_gone(error: Error) -> bool:
    """Say whether a Playwright error means that its page is there no more. Of a page that went on
    to another document it is said that its target "navigated or closed"."""
    return "has been closed" in error.message or "crashed" in error.message


def settle(isolated: Isolated, traffic: Traffic, bound: float) -> bool:
    """Wait until a page is quiet, at most `bound` seconds; say whether it is."""
    from playwright.sync_api import Error

    end = time.monotonic() + bound
    while (left := end - time.monotonic()) > 0:
        try:
            quiet = isolated.call(WAIT, QUIET_MS, min(left, 1.0) * 1000)
        except Error as error:
            if is_gone(error):
                raise
            continue  # the document went away: the next one is waited for
        if quiet and traffic.idle:
            return True
    return False
