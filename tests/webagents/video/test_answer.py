"""A page is read as one: without its menus, with its title, at the moment that was asked about."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from longhaul.webagents.video.answer import Extractive, tells
from longhaul.webagents.video.contract import Evidence, Line
from longhaul.webagents.video.pages import read_pages
from tests.webagents.video.made import embed

MENU = ("Search", "Saved places", "Log out")
CAFE = ("Blue Kettle Cafe", "Kind", "Phone 555-7781", "Place saved")
BANK = ("Harvest Bank", "Kind", "Phone 555-1200", "Directions to here")
INN = ("Red Lion Inn", "Kind", "Phone 555-3456", "Directions to here")
SHOP = ("Daily Crate Shop", "Address", "Phone 555-9003", "Report this page")


def page(start: float, texts: Sequence[str]) -> list[Line]:
    """Return a page: its menu, its texts, and, the last of these, its caption."""
    return [
        Line(start, start + 4, "screen", text, (20, 40 * row, 200, 40 * row + 20))
        for row, text in enumerate((*MENU, *texts))
    ]


FILM = Evidence((*page(0, BANK), *page(4, INN), *page(8, CAFE), *page(12, SHOP)))


def test_menus_are_left_out_and_what_came_up_is_known() -> None:
    pages = read_pages(FILM.lines)
    assert [x.text for x in pages[2].lines] == ["Blue Kettle Cafe", *CAFE[2:]]
    assert pages[2].new == {"Blue Kettle Cafe", "Phone 555-7781", "Place saved"}
    assert [line.text for line in pages[2].captions] == ["Place saved"]


def test_a_page_that_stays_in_view_is_no_menu() -> None:
    long = [line for start in range(12, 52, 4) for line in page(start, SHOP)]
    shown = read_pages((*page(0, BANK), *page(4, INN), *page(8, CAFE), *long))
    assert [line.text for line in shown[-1].lines] == list(SHOP)


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), max_size=9))
@settings(deadline=None)
def test_nothing_is_added_and_few_pages_are_whole(texts: list[list[str]]) -> None:
    lines = [Line(i, i + 1, "screen", text) for i, page in enumerate(texts) for text in page]
    pages = read_pages(lines)
    kept = [line for page in pages for line in page.lines]
    assert set(kept) <= set(lines) and [p.start for p in pages] == sorted({x.start for x in lines})
    if len(pages) < 4:
        assert len(kept) == len(lines)


def test_the_answer_is_the_title_of_the_page_that_was_asked_about() -> None:
    extract = Extractive(embed)
    assert extract("Which place was saved?", FILM) == "Blue Kettle Cafe"
    assert extract("What is the phone number of the saved place?", FILM) == "Phone 555-7781"


def test_two_are_named_where_two_are_asked_for() -> None:
    found = Extractive(embed)("Which two places have directions to here?", FILM)
    assert set(found.split(" / ")) == {"Harvest Bank", "Red Lion Inn"}


def test_without_captions_the_nearest_line_tells_the_moment() -> None:
    bare = Evidence(tuple(Line(x.start, x.end, "screen", x.text) for x in FILM.lines))
    assert Extractive(embed)("Which place was saved?", bare) == "Blue Kettle Cafe"


def test_a_line_that_tells_nothing_new_is_no_answer() -> None:
    assert not tells("Saved places", "Which place was saved?")
    assert tells("Saved cafes", "Which place was saved?")
