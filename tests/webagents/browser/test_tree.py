"""Every text that a person sees is in the tree, but those that its own line repeats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.session import Session, ViewSettings
from longhaul.webagents.sites.running import Sites
from tests.webagents.browser.acting import act
from tests.webagents.evaluators.served import Served

LONG = "A very long story about a lamp. " * 30


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    server = Served({})
    yield server
    server.close()


@pytest.fixture(scope="module")
def at(served: Served) -> Iterator[Session]:
    browser = Browser({"a.localhost:80": served.address})
    session = Session(browser, ViewSettings())
    yield session
    browser.close()


def lines(at: Session, served: Served, page: str) -> list[str]:
    served.files["/"] = page.encode()
    at.open(["http://a.localhost/"])
    found = [re.sub(r"^\s*\[\d+\] ", "", line) for line in at.view().tree.splitlines()]
    return found[1:]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<title>Cart (2, $48.00)</title><p>$48.00</p>", ["StaticText '$48.00'"]),
        ("<div role=group aria-label='2 items'>2</div>", ["group '2 items'", "StaticText '2'"]),
        ("<nav aria-label=Shop>Shop</nav>", ["navigation 'Shop'", "StaticText 'Shop'"]),
        ("<a href=x>Lamp <b>48</b></a>", ["link 'Lamp 48'"]),
        ("<a href=x aria-label='now $8.00'>$8</a>", ["link 'now $8.00'", "StaticText '$8'"]),
        ("<button>Buy <span>2</span></button>", ["button 'Buy 2'"]),
        ("<input type=submit value=Send>", ["button 'Send'"]),
        ("<button aria-label='Go on'>Go</button>", ["button 'Go on'", "StaticText 'Go'"]),
        ("<select aria-label=S><option>2</select>", ["combobox 'S' value: '2' collapsed"]),
        ("<table><caption>All</caption><tr><td>9</table>", ["caption", "StaticText 'All'"]),
        ("<p>now <i aria-hidden=true>$9</i> only</p>", ["StaticText '$9'", "StaticText 'only'"]),
        ("<div inert>dimmed</div>", ["StaticText 'dimmed'"]),
        ("<ruby>漢<rt>kan</rt></ruby>", ["StaticText 'kan'"]),
        ("<svg><g aria-hidden=true><text y=20>drawn</text></g></svg>", ["StaticText 'drawn'"]),
        ("<input aria-label=Mail placeholder='a@b.c'>", ["textbox 'Mail' placeholder: 'a@b.c'"]),
        (f"<p>{LONG}end</p>", [f"StaticText '{LONG}end'"]),
        (f"<a href=x>{LONG}<b>end</b></a>", ["StaticText 'end'"]),
    ],
)  # fmt: skip
def test_a_text_is_shown_unless_its_own_line_has_it(
    at: Session, served: Served, page: str, expected: list[str]
) -> None:
    found = lines(at, served, page)
    assert [line for line in found if line in expected] == expected
    if expected[0].startswith(("link", "button")) and len(expected) == 1:
        assert found == expected, "nothing is said twice"


def test_what_nobody_sees_is_not_added(at: Session, served: Served) -> None:
    page = (
        "<p>seen <b aria-hidden=true>too</b></p><i aria-hidden=true style='display:none'>a</i>"
        "<i aria-hidden=true style='visibility:hidden'>b</i><svg width=9 height=9 aria-hidden=true>"
        "<text x=50 y=50>c</text></svg><i aria-hidden=true>\ue000</i>"
    )
    assert lines(at, served, page) == ["StaticText 'seen'", "StaticText 'too'"]


def words(text: str) -> Counter[str]:
    return Counter(word.casefold() for word in re.findall(r"\w+", text))


def missing(session: Session) -> Counter[str]:
    """Return the words of the visible text that the tree has fewer times."""
    view = session.view()
    return words(view.dom) - words(re.sub(r"^\s*\[\d+\] \w+", "", view.tree, flags=re.MULTILINE))


def walk(session: Session, sites: Sites, count: int) -> Iterator[str]:
    """Go to so many pages of each site, and yield their addresses."""
    for host in sites.hosts:
        base = f"http://{host.removesuffix(':80')}/"
        ahead, seen = [base], {base}
        for _ in range(count):
            url = ahead.pop(0)
            act(session, f"goto [{url}]")
            yield url
            found = session.tab.page.evaluate(
                "Array.from(document.querySelectorAll('a[href]'), a => a.href.split('#')[0])"
            )
            new = [u for u in found if u.startswith(base) and "out" not in u and u not in seen]
            seen.update(new)
            ahead += new[::3]


@pytest.mark.parametrize("count", [1, pytest.param(12, marks=pytest.mark.slow)])
def test_no_text_of_our_own_sites_is_missing(count: int) -> None:
    sites = Sites(seed=0)
    browser = Browser(sites.hosts)
    session = Session(browser, ViewSettings(characters=200_000, dom=True))
    session.open([], [sites.cookie(name) for name in sites.sites])
    lost = {url: missing(session) for url in walk(session, sites, count)}
    browser.close()
    sites.close()
    # A map that is drawn larger than its place has names beyond its edge, which nobody sees.
    assert {url for url, few in lost.items() if few and "map." not in url} == set()
    assert len(lost) == count * 5 and not lost["http://map.localhost/"]
