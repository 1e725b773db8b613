"""A page that would leave for an address that is not allowed stays, and the address is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.session import Session
from longhaul.webagents.errors import ActionError
from tests.security.hostile import Hostile
from tests.webagents.browser.acting import HOST, QUICK, act, press, see
from tests.webagents.browser.desk import Desk

AWAY = "http://example.com/a?b=c"

WAYS = {
    "link": f"<a href='{AWAY}'>go</a>",
    "map": "<a href='mailto:a@example.com'>go</a>",
    "file": "<a href='file:///etc/passwd'>go</a>",
    "form": "<form action='http://example.com/a' method=post><button>go</button></form>",
    "script": f"<button onclick=\"location.href = '{AWAY}'\">go</button>",
    "replace": f"<button onclick=\"setTimeout(() => location.replace('{AWAY}'), 30)\">go</button>",
    "popup": f"<button onclick=\"window.open('{AWAY}')\">go</button>",
    "blank": f"<a target=_blank href='{AWAY}'>go</a>",
    "later": "<button onclick=\"const w = window.open('about:blank'); setTimeout(() => "
    f"{{ w.location = '{AWAY}' }}, 30)\">go</button>",
    "redirect": "<a href='/redirect'>go</a>",
    "refresh": '<button onclick="document.head.innerHTML = '
    f"'<meta http-equiv=refresh content=&quot;0;url={AWAY}&quot;>'\">go</button>",
    "frame": f"<iframe srcdoc=\"<a href='{AWAY}'>go</a>\"></iframe>",
    "top": f"<iframe srcdoc=\"<a target=_top href='{AWAY}'>go</a>\"></iframe>",
}


@pytest.fixture(scope="module")
def desk(chromium: Browser) -> Iterator[Desk]:
    session = Session(chromium, QUICK)
    yield Desk(session)
    session.close()


@pytest.mark.parametrize("way", WAYS)
def test_the_page_stays_and_the_address_is_told(desk: Desk, pages: Hostile, way: str) -> None:
    pages.elsewhere, at = AWAY, desk.session
    desk.show(f"<input aria-label=Name>{WAYS[way]}")
    assert desk.do("type", "textbox", "Name", "[typed] [0]") == ""
    role = "link" if "<a" in WAYS[way] else "button"
    told = desk.do("click", role, "go")
    address = {"map": "mailto:a@example.com", "file": "file:///etc/passwd"}.get(way, AWAY[:20])
    assert f"{address}" in told and "is not an allowed address; the page stays" in told
    assert told.count("not an allowed") == 1
    if way == "later":  # the tab that it opened was blank, and may stay
        act(at, "tab_focus [0]")
        while len(at.tabs()) > 1:
            act(at, "tab_focus [1]")
            act(at, "close_tab")
    else:
        assert len(at.tabs()) == 1
    assert at.view().url == f"{HOST}/plain"
    assert at.tab.page.evaluate("document.querySelector('input').value") == "typed"


def test_what_a_page_embeds_is_no_news(desk: Desk) -> None:
    desk.show(f"<iframe src='{AWAY}'></iframe><button>ok</button>")
    assert desk.do("click", "button", "ok") == ""


def test_a_page_that_asks_for_a_file_gets_none(desk: Desk) -> None:
    desk.show("<button onclick='file.click()'>Upload</button><input id=file type=file hidden>")
    assert "asks for a file, and there are no files" in desk.do("click", "button", "Upload")


def test_goto_says_where_a_redirect_leads(desk: Desk, pages: Hostile) -> None:
    pages.elsewhere, at = AWAY, desk.session
    see(at, "/plain")
    with pytest.raises(
        ActionError, match=r"goto .*/redirect\]: http://example.com/a.b=c is not an"
    ):
        act(at, f"goto [{HOST}/redirect]")
    assert at.view().title == "plain"
    press(at, "link", "next")
    assert at.view().url == f"{HOST}/popup"
