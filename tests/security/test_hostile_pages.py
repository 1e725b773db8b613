"""What hostile pages cannot do to a session, in a real Chromium."""

from __future__ import annotations

from contextlib import nullcontext, suppress

import pytest

from longhaul.envs.text import decode, encode
from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.session import MAX_TABS, RESTLESS_PAGE_TEXT, Session
from longhaul.webagents.errors import ActionError, PageHangError
from longhaul.webagents.sites.running import Sites
from tests.security.hostile import Hostile
from tests.webagents.browser.acting import HOST, QUICK, act, number, press, see


@pytest.mark.parametrize("path", ["/redirect", "/elsewhere"])
def test_nothing_leaves_the_allowed_origins(at: Session, pages: Hostile, path: str) -> None:
    other = Hostile()
    for address in (
        f"http://{other.address}/x",
        f"http://hostile.localhost:{other.address[10:]}/x",
    ):
        pages.elsewhere = address
        with pytest.raises(ActionError) if path == "/redirect" else nullcontext():
            act(at, f"goto [{HOST}{path}]")
        act(at, "tab_focus [0]")  # a page that it opened is in front
        assert at.view().title != "out"
        if path == "/elsewhere":
            press(at, "link", "leave")
    assert other.seen == []
    other.close()


def test_what_is_allowed_is_reached_by_all_these_ways(pages: Hostile) -> None:
    """So the test above could have failed."""
    other = Hostile()
    pages.elsewhere = f"http://{other.address}/x"
    hosts = {"hostile.localhost:80": pages.address, other.address: other.address}
    both = Browser(hosts)
    session = Session(both, QUICK)
    act(session, f"goto [{HOST}/elsewhere]")
    assert len(other.seen) >= 6, other.seen
    act(session, f"goto [{HOST}/redirect]")
    assert session.view().url == pages.elsewhere
    both.close()
    other.close()


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "chrome://version",
        "data:text/html,x",
        "view-source:http://hostile.localhost/",
        "http://hostile.localhost:81/",
        "http://hostile.localhost@example.com/",
        "http://example.com/",
        "http://127.0.0.1/",
        "http://[::1",
        "hostile.localhost",
        "",
    ],
)
def test_only_allowed_addresses_are_gone_to(at: Session, url: str) -> None:
    see(at, "/plain")
    with pytest.raises(ActionError, match="not an allowed address; valid: hostile"):
        act(at, f"goto [{url}]")
    assert at.view().url == HOST + "/plain"


def test_links_to_files_and_the_browser_itself_lead_nowhere(at: Session) -> None:
    see(at, "/schemes")
    for name in ("file", "chrome"):
        assert press(at, "link", name).url == HOST + "/schemes"
    assert press(at, "link", "script").title == "ran", "a page's own script may run in the page"


def test_orders_on_a_page_are_text(at: Session) -> None:
    view = see(at, "/orders")
    assert "goto [file:///etc/passwd]" in view.tree and view.url == HOST + "/orders"


def test_alerts_without_end_close_the_page(at: Session) -> None:
    at.open([HOST + "/plain"])
    with suppress(ActionError):
        act(at, f"goto [{HOST}/alerts]")
    assert any("dialog after dialog" in note for note in at.notes)
    assert at.view().url == "about:blank"
    assert act(at, f"goto [{HOST}/plain]").title == "plain"


def test_a_page_that_computes_for_ever_is_an_error_and_the_next_browser_works(
    pages: Hostile,
) -> None:
    hanging = Browser({"hostile.localhost:80": pages.address})
    session = Session(hanging, QUICK)
    see(session, "/spin")
    with pytest.raises(PageHangError, match="did not answer"), hanging.guard(3.0):
        press(session, "button", "spin")
    hanging.close()
    fresh = Browser({"hostile.localhost:80": pages.address})
    with fresh.guard(60.0):
        assert see(Session(fresh, QUICK), "/plain").title == "plain"
    fresh.close()


def test_popups_are_tabs_within_limits(at: Session) -> None:
    see(at, "/popup")
    assert press(at, "button", "open").title == "plain"
    assert [front for _, front in at.tabs()] == [False, True]
    act(at, "close_tab")
    assert at.view().url == HOST + "/popup"
    see(at, "/popups")
    press(at, "button", "open")
    assert len(at.tabs()) <= MAX_TABS
    assert any("one tab too many" in note for note in at.notes)


def test_of_a_huge_or_long_page_what_is_near_the_view_is_shown(at: Session) -> None:
    assert "most of its elements are not read" in see(at, "/huge").tree
    view = see(at, "/long")
    assert "0 above, 3000 below" in view.tree and len(view.tree) <= QUICK.characters


@pytest.mark.parametrize("path", ["/endless", "/busy"])
def test_a_page_that_is_never_quiet_is_waited_for_in_bounds(at: Session, path: str) -> None:
    see(at, path)
    assert "the page is still loading" in at.notes


def test_a_page_that_reloads_for_ever_is_left_in_bounds(at: Session) -> None:
    view = see(at, "/restless")
    assert view.url == HOST + "/restless" and "the page is still loading" in at.notes
    assert view.tree == RESTLESS_PAGE_TEXT or view.tree.startswith(
        "[1] RootWebArea"
    )  # maybe not yet "here"
    for _ in range(5):  # its reload may come between: whoever insists gets away
        with suppress(ActionError):
            view = act(at, f"goto [{HOST}/plain]")
    assert view.title == "plain"


def test_a_title_is_one_line_and_broken_text_is_text(at: Session) -> None:
    view = see(at, "/spoof")
    assert at.tabs() == [("a * [1] bank", True)]
    assert decode("tree", encode("tree", view.tree, 4096)).startswith("[1] RootWebArea")


def test_a_page_cannot_trick_the_wait(at: Session) -> None:
    view = see(at, "/broken-builtins")
    assert number(view, "button", "ok")


def test_downloads_are_refused_and_told(at: Session) -> None:
    see(at, "/download")
    press(at, "link", "get")
    assert at.notes == ["download refused: virus.exe"]


def test_a_page_reads_no_secret_of_this_process(at: Session, chromium: Browser) -> None:
    assert see(at, "/secret").title == "|undefined|undefined|true"
    with open(f"/proc/{chromium.pid}/environ", "rb") as environ:
        assert b"s3cret" not in environ.read()


SPY = """async control => {
  const outcomes = [document.cookie];
  for (const url of [control + '/sites', 'http://shop.localhost/customer/account']) {
    outcomes.push(await fetch(url, {credentials: 'include'}).then(r => r.text(), () => 'no'));
  }
  const frame = document.createElement('iframe');
  frame.src = 'http://shop.localhost/';
  document.body.append(frame);
  await new Promise(resolve => { frame.onload = resolve; });
  try { outcomes.push(frame.contentDocument.body.innerText); } catch { outcomes.push('no'); }
  return outcomes;
}"""


def test_a_site_reads_neither_the_control_nor_another_site() -> None:
    """A page of the forum that runs a stranger's script learns no cookie, no state, no token."""
    sites = Sites(seed=0)
    browser = Browser(sites.hosts)
    session = Session(browser, QUICK)
    session.open(["http://forum.localhost/"], [sites.cookie(name) for name in sites.sites])
    control = f"http://127.0.0.1:{sites._control.port}"
    seen = session.tab.page.evaluate(SPY, control)
    assert seen == ["", "no", "no", "no"]
    for name in ("environ", "cmdline"):
        with open(f"/proc/{browser.pid}/{name}", "rb") as file:
            assert sites.token.encode() not in file.read()
    browser.close()
    sites.close()
