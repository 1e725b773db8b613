"""Keeps a tab where it is when its page is about to leave for an address that is not allowed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

MAX_URL_CHARS = 200
"""The most characters of an address that an agent is told."""

DOCUMENTS = {"urlPattern": "*", "resourceType": "Document", "requestStage": "Request"}
"""What Chromium asks about before it requests it: pages, by links, forms, scripts or redirects."""

ERROR_PAGE = "chrome-error://chromewebdata/"
"""The address of the page that Chromium shows in place of one that it cannot load."""

MAX_STOPPED = 100
"""The most stopped requests of frames that are kept. Chosen here."""


class Border:
    """Stops requests for pages that `allows` refuses, and tells the agent (`tell`) their addresses.

    Chromium's resolver keeps from other addresses whatever is asked for; it would show a page of
    the error instead of the page that was left.
    """

    def __init__(self, allows: Callable[[str], bool], tell: Callable[[str], None]) -> None:
        self._allows, self._tell = allows, tell
        self._stopped: list[str] = []

    def guard(self, cdp: CDPSession) -> None:
        """Watch the tab of a CDP session from now on."""
        top = cdp.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        shown = {top}
        cdp.on("Page.frameNavigated", lambda event: shown.add(event["frame"]["id"]))
        cdp.on("Fetch.requestPaused", lambda event: self._decide(cdp, top, shown, event))
        cdp.send("Fetch.enable", {"patterns": [DOCUMENTS]})

    def turn_back(self, page: Page) -> bool:
        """Close a page that was opened for an address that is not allowed, and tell it; say whether
        it was one."""
        if page.url != ERROR_PAGE:
            return False
        frames = page.context.new_cdp_session(page).send("Page.getFrameTree")
        url = str(frames["frameTree"]["frame"].get("unreachableUrl") or "")
        if not url or self._allows(url):
            return False
        self._tell(refusal(url))
        page.close()
        return True

    def tell_of(self, link: str) -> None:
        """Tell of a link or form inside a frame that the agent used, if it was stopped. (What pages
        load into frames by themselves is no news for the agent.)"""
        if link and any(_path(url) == _path(link) for url in self._stopped):
            self._tell(refusal(link))
        self._stopped.clear()

    def _decide(
        self, cdp: CDPSession, top: str, shown: Collection[str], event: Mapping[str, Any]
    ) -> None:
        """Let a request pass or stop it.

        What a frame that shows nothing yet asks for passes: the resolver refuses it, and the frame
        then says what it lacks. This runs in Playwright's event handler while another call waits.
        Nothing may be asked of the page here: it answers when its request has gone on.
        """
        from playwright.sync_api import Error

        key, url = event["requestId"], str(event["request"]["url"])
        with suppress(Error):  # the page went away with its request
            if self._allows(url) or event["frameId"] not in shown:
                cdp.send("Fetch.continueRequest", {"requestId": key})
                return
            if event["frameId"] == top:
                self._tell(refusal(url))
            else:
                self._stopped = [*self._stopped[-MAX_STOPPED:], url]
            cdp.send("Fetch.failRequest", {"requestId": key, "errorReason": "Aborted"})


def refusal(url: str) -> str:
    """Return the sentence for an address that was not gone to."""
    return f"{url[:MAX_URL_CHARS]} is not an allowed address; the page stays"


def _path(url: str) -> str:
    return url.split("#")[0].split("?")[0]
