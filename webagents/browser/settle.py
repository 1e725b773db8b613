"""Waits until a page is quiet: it is loaded, no request is open, no timer or picture is due, its
animations are over, and its DOM does not change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from longhaul.webagents.browser.chromium import DRIVER_DIED
from longhaul.webagents.browser.clock import FRAMES_EVENT, TIMER_MS, TIMERS_EVENT

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Error, Page

QUIET_CHECKS = 5
"""Checks in a row, 10 ms apart, in which nothing may have changed on a page with scripts: three
frames at 60 Hz, in which scripts react to what has loaded. Checks are counted rather than time,
since on a busy machine a page's scripts may not run for any length of time; they run between two
checks."""

PLAIN_CHECKS = 1
"""Checks in a row for a page without scripts, which changes only by loading."""

IDLE_MS = 4
"""Milliseconds between two looks whether documents and requests are still under way. Chosen
here."""

GOES_ON = ("context was destroyed", "page is navigating", "navigated or closed", "detached")
"""Parts of Playwright's errors about a document that has made way for another one."""

NO_WORLD = "Cannot find context"
"""A part of Chromium's error for a world whose document is gone."""

WAIT_SCRIPT = (
    """(looks, plain, bound) => new Promise(resolve => {
  const end = performance.now() + bound;
  const observer = new MutationObserver(() => { still = 0; pictures = 0; });
  const watched = new Set();
  let still = 0, pictures = 0, drawn = 0, needed = plain, place = '';
  const gather = (page, found) => {
    found.push(page);
    for (const frame of page.querySelectorAll('iframe, frame')) {
      const inner = frame.contentDocument;
      if (inner) gather(inner, found); else needed = looks;
    }
    return found;
  };
  const asks = (page, kind) => !page.dispatchEvent(new Event(kind, {cancelable: true}));
  const finish = page => {
    let any = false;
    for (const animation of page.getAnimations()) {
      if (animation.playState !== 'running' || animation.timeline !== page.timeline) continue;
      const {delay, endTime} = animation.effect.getComputedTiming(), at = animation.currentTime;
      if (endTime === Infinity) animation.pause();
      else if (at >= delay || endTime - at <= TIMER_MS) {
        try { animation.finish(); any = true; } catch { animation.pause(); }
      }
    }
    return any;
  };
  const busy = page => {
    if (!watched.has(page)) {
      watched.add(page);
      observer.observe(page, {subtree: true, childList: true, attributes: true,
                              characterData: true});
    }
    if (page.scripts.length) needed = looks;
    const ordered = page.readyState !== 'complete' || asks(page, 'TIMERS_EVENT');
    // A page that draws again and again, but changes nothing, is not waited for.
    const draws = pictures < 3 && drawn < 60 && asks(page, 'FRAMES_EVENT');
    if (draws) { needed = looks; requestAnimationFrame(() => { pictures++; }); drawn++; }
    return finish(page) || ordered || draws;
  };
  // Where scripts are off, as in a sandbox, timers of this world do not run either; there the text
  // of a noscript is parsed.
  const probe = document.createElement('div');
  probe.innerHTML = '<noscript><b></b></noscript>';
  if (probe.querySelector('b')) {
    const active = gather(document, []).filter(busy).length > 0;
    observer.disconnect();
    resolve(!active);
    return;
  }
  const look = () => {
    const scrolled = `${scrollX} ${scrollY}`;
    const moved = place !== '' && scrolled !== place;
    place = scrolled;
    const active = gather(document, []).filter(busy).length > 0;
    still = active || moved ? 0 : still + 1;
    if (still > needed || performance.now() >= end) {
      observer.disconnect();
      resolve(still > needed);
    } else setTimeout(look, needed === plain ? 4 : 10);
  };
  look();
})""".replace("TIMERS_EVENT", TIMERS_EVENT)
    .replace("FRAMES_EVENT", FRAMES_EVENT)
    .replace("TIMER_MS", str(TIMER_MS))
)
"""JavaScript that resolves to whether a document and those of its frames in the same origin were
quiet before the bound (milliseconds). An animation with an end is taken there, since it says where
it ends; one without an end stops. A document without scripts is judged by one look."""


class Isolated:
    """Runs functions in a page's isolated world, which has the same DOM but its own global names,
    so that the page's scripts cannot change them; in that of a frame if its id is given."""

    def __init__(self, cdp: CDPSession, frame: str | None = None) -> None:
        self._cdp = cdp
        self.frame = frame or cdp.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self._world = 0

    def world(self) -> int:
        """Return the id of the present document's isolated world, as an execution context."""
        answer = self._cdp.send(
            "Page.createIsolatedWorld", {"frameId": self.frame, "worldName": "longhaul"}
        )
        self._world = int(answer["executionContextId"])
        return self._world

    def call(self, function: str, *arguments: Any) -> Any:
        """Return the JSON value of `function(*arguments)`, awaited if it is a promise."""
        return self._run(function, arguments, True).get("value")

    def array(self, function: str, *arguments: Any) -> str:
        """Return CDP's id of the array that `function(*arguments)` returns."""
        return str(self._run(function, arguments, False)["objectId"])

    def _run(self, function: str, arguments: Sequence[Any], by_value: bool) -> dict[str, Any]:
        from playwright.sync_api import Error

        if self._world:
            try:
                return self._in_world(function, arguments, by_value)
            except Error as error:
                if NO_WORLD not in error.message:
                    raise
        self.world()
        return self._in_world(function, arguments, by_value)

    def _in_world(self, function: str, arguments: Sequence[Any], by_value: bool) -> dict[str, Any]:
        answer = self._cdp.send(
            "Runtime.callFunctionOn",
            {
                "functionDeclaration": function,
                "executionContextId": self._world,
                "arguments": [{"value": argument} for argument in arguments],
                "awaitPromise": True,
                "returnByValue": by_value,
            },
        )
        result: dict[str, Any] = answer["result"]
        return result

    def renew(self, event: Mapping[str, Any]) -> None:
        """Forget the world after a `Page.frameNavigated`: its number may stand for another one in
        the next document's process."""
        if event["frame"]["id"] == self.frame:
            self._world = 0


def is_gone(error: Error) -> bool:
    """Say whether a Playwright error means that the page no longer exists. (For a page that went on
    to another document, the error says that the target "navigated or closed".)"""
    return any(words in error.message for words in ("has been closed", "crashed", DRIVER_DIED))


def goes_on(error: Error) -> bool:
    """Say whether a Playwright error means that the page goes on to another document."""
    return any(words in error.message for words in GOES_ON)


def is_lost(page: Page) -> bool:
    """Say whether a page's browser has ended."""
    browser = page.context.browser
    return browser is None or not browser.is_connected()


def settle(
    isolated: Isolated,
    page: Page,
    idle: Callable[[], bool],
    others: Callable[[], Iterable[Isolated]],
    bound: float,
) -> bool:
    """Wait until a page is quiet and `idle`, at most `bound` seconds; say whether it is. `others`
    returns the documents in frames of other origins."""
    from playwright.sync_api import Error

    end = time.monotonic() + bound
    while (left := end - time.monotonic()) > 0:
        try:
            if not idle():
                page.wait_for_timeout(IDLE_MS)
                continue
            quiet = _is_quiet(isolated, min(left, 1.0))
        except Error as error:
            if is_gone(error):
                raise
            continue  # the page went on to another document, which is waited for
        if quiet and all(_is_quiet_frame(other, end) for other in others()) and idle():
            return True
    return False


def _is_quiet(isolated: Isolated, bound: float) -> bool:
    return bool(isolated.call(WAIT_SCRIPT, QUIET_CHECKS, PLAIN_CHECKS, bound * 1000))


def _is_quiet_frame(isolated: Isolated, end: float) -> bool:
    """Wait at most until the time `end` for a frame to be quiet. One that is about to go is not
    waited for: requests and documents that load are known without it."""
    from playwright.sync_api import Error

    try:
        return _is_quiet(isolated, max(end - time.monotonic(), 0.0))
    except Error:
        return True
