"""A session: the browser context of one episode, with its tabs, observations and actions."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from longhaul.errors import ConfigError
from longhaul.webagents.actions import Action
from longhaul.webagents.browser.border import Border
from longhaul.webagents.browser.chromium import Browser, first_line
from longhaul.webagents.browser.clock import page_script
from longhaul.webagents.browser.loading import Traffic
from longhaul.webagents.browser.tab import Tab, View
from longhaul.webagents.browser.tree import Element
from longhaul.webagents.errors import ActionError

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Download, Page

MAX_TABS = 10
"""The most tabs of a session; further ones are closed. Chosen here."""

MAX_DIALOGS = 20
"""The most dialogs during one action; then the page is closed, since it may open them forever.
Chosen here."""

BLANK = "about:blank"

MAX_TITLE_CHARS = 120
"""The most characters of a tab's title that an agent is told."""

VIEW_TRIES = 4
"""Attempts to observe a page that goes on to another one. Chosen here."""

RESTLESS_PAGE_TEXT = "The page goes on to another again and again; it is not shown."

POLL_MS = 20
"""Milliseconds between two checks whether a page has opened. Chosen here."""


@dataclass(frozen=True)
class ViewSettings:
    """What a session observes: a viewport of `width` x `height` pixels, texts of at most
    `characters`, a `screenshot`, the `dom` (visible text). `settle_s` is the most seconds to wait
    for a quiet page, `goto_s` for a page's first byte."""

    width: int = 1280
    height: int = 720
    characters: int = 20_000
    screenshot: bool = False
    dom: bool = False
    settle_s: float = 5.0
    goto_s: float = 30.0


class Session:
    """A fresh context: it has no cookie, storage or permission of an earlier one.

    Dialogs are accepted (prompts dismissed) and downloads are refused; both are reported in
    `notes`, which has what happened since the last action. A page that opens becomes a tab and
    comes to the front.
    """

    def __init__(self, browser: Browser, look: ViewSettings) -> None:
        self._browser, self._look = browser, look
        self._context = browser.running.new_context(
            viewport={"width": look.width, "height": look.height},
            accept_downloads=False,
            service_workers="block",
            reduced_motion="reduce",
            locale="en-US",
            timezone_id="UTC",
        )
        self._context.set_default_timeout(1000 * look.goto_s)
        self._begun = False
        self._tabs: list[Tab] = []
        self._current = 0
        self.notes: list[str] = []
        self._dialogs = 0
        self._view: View | None = None
        self._titles: dict[Tab, str] = {}
        self._context.on("dialog", self._answer)
        self._traffic = Traffic(self._context)
        self._border = Border(browser.allows, self._tell)
        self._beside: set[Page] = set()
        self._aside: Tab | None = None
        self._keep_tabs()

    def open(
        self,
        urls: Sequence[str],
        cookies: Sequence[dict[str, Any]] = (),
        state: Mapping[str, Any] | None = None,
    ) -> None:
        """Open a tab for each URL, the first in front, with these cookies and a storage state as
        Playwright saves it (cookies and, for each origin, localStorage and IndexedDB). The pages'
        clocks begin with the first call.

        Raises ActionError if a URL cannot be reached, ConfigError for a state that is none.
        """
        if not self._begun:
            self._context.add_init_script(page_script())
            self._begun = True
        self._titles = {}
        if state is not None:
            self._bring(state)
        if cookies:
            self._context.add_cookies(cookies)  # type: ignore[arg-type]  # Playwright's own dict
        for number, url in enumerate(urls):
            if number:
                self._context.new_page()
                self._keep_tabs()
            self._goto(url)
        self._current = 0
        self._settle()

    def _bring(self, state: Mapping[str, Any]) -> None:
        from playwright.sync_api import Error

        try:
            self._context.set_storage_state(state)  # type: ignore[arg-type]  # Playwright's dict
        except Error as error:
            if not self._browser.running.is_connected():
                raise
            raise ConfigError(f"env.auth: no storage state: {first_line(error)}") from None

    @property
    def tab(self) -> Tab:
        """The tab in front."""
        return self._tabs[self._current]

    def aside(self) -> Page:
        """Return a page that is not among the agent's tabs, for an evaluator; it is made at the
        first call, and again after it was closed."""
        if self._aside is None or self._aside.page.is_closed():
            if self._aside is not None:
                self._traffic.forget(self._aside.page)
            page = self._context.new_page()
            page.on("crash", self._crash)
            self._beside.add(page)
            self._aside = Tab(page, self._traffic)
        return self._aside.page

    def settle_page(self, page: Page) -> None:
        """Wait until a tab's page, or that of `aside`, is quiet."""
        tabs = self._tabs if self._aside is None else [*self._tabs, self._aside]
        next(tab for tab in tabs if tab.page is page).settle(self._look.settle_s)

    def perform(self, action: Action) -> None:
        """Carry out an action (not `stop`) and wait until the page is quiet.

        Raises ActionError with a sentence for the agent if it cannot be done; the page is quiet
        then too.
        """
        from playwright.sync_api import Error

        self.notes, self._dialogs, self._titles = [], 0, {}
        acted, before = self.tab, len(self._tabs)
        hands = acted.hands
        hands.link = ""
        try:
            self._do(action)
        except Error as error:
            raise ActionError(f"{action.kind}: {first_line(error)}") from None
        finally:
            self._settle()
            if len(self._tabs) > before and acted in self._tabs:
                self._settle_opener(acted)
            self._border.tell_of(hands.link)

    def view(self) -> View:
        """Return the observation of the tab in front. If its page goes on to another one meanwhile,
        that one is waited for; after VIEW_TRIES such pages the text says that none is shown."""
        from playwright.sync_api import Error

        look = self._look
        for _ in range(VIEW_TRIES):
            try:
                self._view = self.tab.view(look.characters, look.screenshot, look.dom)
                self._titles = {self.tab: self._view.title}  # a call to the page less
                return self._view
            except Error:
                if not self._browser.running.is_connected():
                    raise
                self._settle()
        blank = self._nothing() if look.screenshot else None
        self._view = View(
            self.tab.page.url, tree=RESTLESS_PAGE_TEXT, dom=RESTLESS_PAGE_TEXT, screenshot=blank
        )
        return self._view

    def screenshot(self) -> NDArray[np.uint8]:
        """Return the viewport of the tab in front, (H, W, 3); black where the page shows none."""
        from playwright.sync_api import Error

        try:
            return self.tab.screenshot()
        except Error:
            if not self._browser.running.is_connected():
                raise
            return self._nothing()

    def tabs(self) -> list[tuple[str, bool]]:
        """Return the title of every tab, in one line, and whether it is in front."""
        return [
            (_title(tab.page, self._titles.get(tab))[:MAX_TITLE_CHARS], i == self._current)
            for i, tab in enumerate(self._tabs)
        ]

    def close(self) -> None:
        self._context.close()

    def _nothing(self) -> NDArray[np.uint8]:
        return np.zeros((self._look.height, self._look.width, 3), np.uint8)

    def _do(self, action: Action) -> None:
        match action.kind:
            case "none":
                pass
            case "goto":
                self._goto(action.text)
            case "go_back":
                self._travel("go_back", -1)
            case "go_forward":
                self._travel("go_forward", 1)
            case "new_tab":
                self._context.new_page()
            case "tab_focus":
                self._focus(action.number)
            case "close_tab":
                self.tab.page.close()
            case _:
                hands = self.tab.hands
                follow = hands.do(action, self._element(action))
                self.notes += hands.told
                if follow is not None:
                    self._do(follow)

    def _goto(self, url: str) -> None:
        from playwright.sync_api import Error

        if not self._browser.allows(url):
            valid = ", ".join(sorted(self._browser.hosts))
            raise ActionError(f"goto [{url[:200]}]: not an allowed address; valid: {valid}")
        before = len(self.notes)
        try:
            self.tab.page.goto(url, wait_until="commit")
        except Error as error:
            reasons, self.notes = self.notes[before:] or [first_line(error)], self.notes[:before]
            raise ActionError(f"goto [{url[:200]}]: {'; '.join(reasons)}") from None

    def _travel(self, kind: str, step: int) -> None:
        """Go a page back (`step` -1) or forward (1); the blank page that a tab begins with does
        not count."""
        history = self.tab.cdp.send("Page.getNavigationHistory")
        index = history["currentIndex"] + step
        entries = history["entries"]
        if not 0 <= index < len(entries) or entries[index]["url"] == BLANK:
            raise ActionError(f"{kind}: there is no page to go to")
        page = self.tab.page
        move = page.go_back if step < 0 else page.go_forward
        move(wait_until="commit")

    def _focus(self, number: int) -> None:
        if not 0 <= number < len(self._tabs):
            raise ActionError(f"tab_focus [{number}]: tabs are 0 to {len(self._tabs) - 1}")
        self._current = number
        self.tab.page.bring_to_front()

    def _element(self, action: Action) -> Element | None:
        """Return the element that an action names; None if it names none."""
        if action.element < 0:
            return None
        elements = self._view.elements if self._view else []
        if not 1 <= action.element <= len(elements):
            raise ActionError(f"{action.kind} [{action.element}]: no such element")
        return elements[action.element - 1]

    def _settle(self) -> None:
        """Wait until the tab in front is quiet; a page that opens meanwhile comes to the front."""
        from playwright.sync_api import Error

        for _ in range(MAX_TABS):
            self._keep_tabs()
            front = self.tab
            try:
                quiet = front.settle(self._look.settle_s)
            except Error:
                if not self._browser.running.is_connected() or not front.page.is_closed():
                    raise
                continue
            if self._border.turn_back(front.page):  # it was still blank when it opened
                continue
            self._await_pages(front)
            self._keep_tabs()
            if front is self.tab:
                break
        if not quiet:
            self.notes.append("the page is still loading")

    def _settle_opener(self, opener: Tab) -> None:
        """Wait until a tab that has opened others is quiet too: it may send them elsewhere."""
        from playwright.sync_api import Error

        with suppress(Error):  # it may have gone; whether the browser has, the next wait tells
            opener.settle(self._look.settle_s)
        self._settle()

    def _await_pages(self, front: Tab) -> None:
        """Wait until the pages that are about to open are there, as long as for a quiet page."""
        end = time.monotonic() + self._look.settle_s
        if not front.lifecycle.opens():
            return
        while time.monotonic() < end and not front.page.is_closed():
            if self._browser.count_pages(front.context) <= len(self._context.pages):
                return
            front.page.wait_for_timeout(POLL_MS)

    def _keep_tabs(self) -> None:
        """Update the tabs after pages opened or closed; if there is none left, open a blank one.

        This is not done in handlers of Playwright's events, where no call to a page is possible.
        """
        known = {tab.page: tab for tab in self._tabs}
        before = self.tab if self._tabs else None
        pages = [p for p in self._context.pages if p not in self._beside and not p.is_closed()]
        pages = [page for page in pages if page in known or not self._border.turn_back(page)]
        for page in pages[MAX_TABS:]:
            self.notes.append("a page opened one tab too many; it was closed")
            page.close()
        pages = pages[:MAX_TABS] or [self._context.new_page()]
        self._tabs = [known.get(page) or Tab(page, self._traffic) for page in pages]
        for page in known.keys() - set(pages):
            self._traffic.forget(page)
        opened = [tab for tab in self._tabs if tab.page not in known]
        for tab in opened:
            self._border.guard(tab.cdp)
            tab.page.on("download", self._refuse)
            tab.cdp.on("Page.fileChooserOpened", self._choose_no_file)
            tab.cdp.send("Page.setInterceptFileChooserDialog", {"enabled": True})
            tab.page.on("crash", self._crash)
        if opened:
            self._current = self._tabs.index(opened[-1])
        elif before in self._tabs:
            self._current = self._tabs.index(before)
        else:
            self._current = min(self._current, len(self._tabs) - 1)

    def _answer(self, dialog: Dialog) -> None:
        """Answer a dialog. This runs in Playwright's event handler while another call waits."""
        from playwright.sync_api import Error

        self._dialogs += 1
        page = dialog.page
        try:
            if self._dialogs > MAX_DIALOGS and page is not None:
                self.notes.append("the page opened dialog after dialog; it was closed")
                page.close()
                return
            self.notes.append(f"{dialog.type}: {dialog.message[:200]}")
            if dialog.type == "prompt":
                dialog.dismiss()
            else:
                dialog.accept()
        except Error:  # the page went away with its dialog
            pass

    def _refuse(self, download: Download) -> None:
        self.notes.append(f"download refused: {download.suggested_filename[:100]}")

    def _choose_no_file(self, _: object) -> None:
        self._tell("the page asks for a file, and there are no files to give here")

    def _tell(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _crash(self, page: Page) -> None:
        """Kill the browser: a crashed page answers no call, and a waiting call gets no error."""
        self._browser.kill(f"a page crashed: {page.url[:200]}")


def _title(page: Page, seen: str | None) -> str:
    """Return a page's title in one line; its address if it has no title or is going elsewhere.
    `seen` is the title if it is known."""
    from playwright.sync_api import Error

    try:
        return " ".join((page.title() if seen is None else seen).split()) or page.url
    except Error:
        if page.is_closed():
            raise
        return page.url
