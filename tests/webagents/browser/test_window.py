"""The text of a tree that is too long: what is near the view, and how much is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import pytest

from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.frames import Document, FrameSession
from longhaul.webagents.browser.layout import Box
from longhaul.webagents.browser.session import Session, ViewSettings
from longhaul.webagents.browser.tree import Element
from longhaul.webagents.browser.window import Scroll, fits, near_view, whole
from tests.webagents.browser.acting import act, number
from tests.webagents.evaluators.served import Served

NOWHERE = Document("main", cast(FrameSession, None))
SIZE = (1000, 100)


def element(index: int, text: str, depth: int = 1, role: str = "StaticText") -> Element:
    line = f"{'  ' * depth}[{index}] {role} '{text}'"
    return Element(index, role, text, index, line, NOWHERE, depth)


def shown(elements: list[Element], boxes: Mapping[int, Box], limit: int, **kept: int) -> list[str]:
    scroll = Scroll(kept.get("top", 0), 10_000)
    return near_view(elements, lambda e: boxes.get(e.number), SIZE, scroll, limit).splitlines()


def column(count: int, top: float) -> tuple[list[Element], dict[int, Box]]:
    """Elements in lines of 20 pixels, the first of them at `top`."""
    elements = [element(0, "page", 0, "RootWebArea")]
    elements += [element(i, f"text {i}") for i in range(1, count + 1)]
    boxes = {i: (0.0, top + 20 * (i - 1), 100.0, 20.0) for i in range(1, count + 1)}
    return elements, {0: (0.0, top, 1000.0, 20.0 * count), **boxes}


def test_a_tree_that_fits_is_shown_whole() -> None:
    elements, _ = column(3, 0)
    assert fits(elements, len(whole(elements)) + 1) and not fits(elements, len(whole(elements)))
    assert whole(elements).count("\n") == 3


def test_a_tree_of_another_script_fits_into_as_many_bytes() -> None:
    elements = [element(i, "漢字" * 5) for i in range(100)]
    characters = sum(len(e.line) + 1 for e in elements)
    assert not fits(elements, characters)
    text = near_view(elements, lambda _: (0, 0, 1, 1), SIZE, Scroll(), characters)
    assert len(text.encode()) <= 1.6 * characters


def test_what_is_nearest_to_the_view_is_shown_in_the_trees_order() -> None:
    lines = shown(*column(500, -4000), 1000, top=4000)
    numbers = [int(line.split("]")[0].split("[")[1]) for line in lines if "[" in line]
    assert numbers[0] == 0 and numbers[1:] == sorted(numbers[1:])
    assert set(range(201, 206)) <= set(numbers), "the view has 201 to 205"
    assert numbers[1] < 201 and numbers[-1] > 205
    above, below = numbers[1] - 1, 500 - numbers[-1]
    assert "pixels 4000 to 4100 of 10000" in lines[0]
    assert f"{above} above, {below} below, 0 in view" in lines[0]
    assert f"... {above} left out here" in lines
    assert sum(len(line) + 1 for line in lines) <= 1000


def test_options_of_a_closed_list_do_not_crowd_out_what_is_in_view() -> None:
    elements = [element(0, "page", 0, "RootWebArea"), element(1, "Size", 1, "combobox")]
    elements += [element(i, f"option {i}", 2, "option") for i in range(2, 1002)]
    elements += [element(1002, "after the list")]
    boxes: dict[int, Box] = {i: (0.0, 10.0, 50.0, 10.0) for i in (0, 1, 1002)}
    lines = shown(elements, boxes, 1000)
    assert lines[-1] == "  [1002] StaticText 'after the list'" and "option 2" in lines[3]


def test_a_long_text_is_shown_where_it_is_in_view() -> None:
    words = " ".join(f"w{i}" for i in range(10_000))
    elements = [element(0, "page", 0, "RootWebArea"), element(1, words)]
    boxes: dict[int, Box] = {i: (0.0, -5000.0, 1000.0, 10_000.0) for i in (0, 1)}
    text = "\n".join(shown(elements, boxes, 3000))
    assert "w5000 " in text and "w9999" not in text and "w1 " not in text


ROWS = "".join(f"<p>row {i} <a href=/{i}>open {i}</a></p>" for i in range(600))
PAGES = {
    "/rows": f"<title>rows</title><h1>Rows</h1>{ROWS}".encode(),
    "/box": f"<h1>Box</h1><div style='height:300px;overflow:auto'>{ROWS}</div>".encode(),
    "/two": f"<h1>Two</h1><div style='height:200px;overflow:auto'>{ROWS}</div>"
    f"<p style='height:3000px'>below</p>".encode(),
    "/huge": b"<title>huge</title><h1>Huge</h1><select aria-label=All></select><div id=rows></div>"
    b"<script>for (let i = 0; i < 5000; i++) { const p = document.createElement('p');"
    b"p.innerHTML = `row ${i} <a href=/${i}>open ${i}</a>`; rows.append(p); }"
    b"for (let i = 0; i < 3000; i++) document.querySelector('select').add(new Option(i));</script>",
    "/boxes": b"<div style='height:100px; overflow:hidden; position:relative'><button>in</button>"
    b"<div style='height:200px'></div><button>cut</button>"
    b"<button style='position:fixed; top:200px'>fixed</button></div>"
    b"<div style='overflow:hidden;height:30px'><button style='position:absolute; top:300px'>out"
    b"</button></div>",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    server = Served(PAGES)
    running = Browser({"a.localhost:80": server.address})
    yield running
    running.close()
    server.close()


@pytest.fixture
def at(browser: Browser) -> Iterator[Session]:
    session = Session(browser, ViewSettings(characters=4000, dom=True, screenshot=True))
    yield session
    session.close()


def test_the_tree_and_the_text_follow_the_view(at: Session) -> None:
    at.open(["http://a.localhost/rows"])
    first = at.view()
    assert "0 above" in first.tree and "open 3'" in first.tree and "open 500'" not in first.tree
    at.tab.page.evaluate("document.querySelector('[href=\"/500\"]').scrollIntoView()")
    view = at.view()
    assert "open 500'" in view.tree and "open 3'" not in view.tree
    assert "row 501 open 501" in view.dom and view.dom.startswith("... ") and len(view.dom) <= 4000
    assert act(at, f"click [{number(view, 'link', 'open 500')}]").url == "http://a.localhost/500"


def test_scrolling_goes_on_in_the_largest_box(at: Session) -> None:
    at.open(["http://a.localhost/box"])
    for _ in range(3):
        act(at, "scroll [down]")
    assert at.tab.page.evaluate("document.querySelector('div').scrollTop") == 900
    at.tab.page.evaluate("document.querySelector('div').scrollTop = 12000")
    view = act(at, "scroll [down]")
    assert "open 350'" in view.tree and "open 3'" not in view.tree
    assert len(view.tree) <= 4000


def test_the_box_around_an_element_is_scrolled(at: Session) -> None:
    at.open(["http://a.localhost/two"])
    act(at, f"scroll [down] [{number(at.view(), 'link', 'open 1')}]")
    tops = "[scrollY, document.querySelector('div').scrollTop]"
    assert at.tab.page.evaluate(tops) == [0, 200]
    act(at, "scroll [down]")
    assert at.tab.page.evaluate(tops) == [720, 200]


def test_of_a_page_with_too_many_nodes_the_part_near_the_view_can_be_used(at: Session) -> None:
    at.open(["http://a.localhost/huge"])
    view = at.view()
    assert "most of its elements are not read" in view.tree and "open 3'" in view.tree
    assert "combobox 'All' value: '0'" in view.tree and "option" not in view.tree
    at.tab.page.evaluate("document.querySelector('[href=\"/4000\"]').scrollIntoView()")
    view = at.view()
    assert "open 4000'" in view.tree and "open 3'" not in view.tree
    assert number(view, "link", "open 4000") in {mark.number for mark in view.marks}
    assert act(at, f"click [{number(view, 'link', 'open 4000')}]").url == "http://a.localhost/4000"


def test_what_a_box_cuts_off_bears_no_mark(at: Session) -> None:
    at.open(["http://a.localhost/boxes"])
    view = at.view()
    marked = [e.name for e in view.elements if e.number in {m.number for m in view.marks}]
    assert marked == ["in", "fixed", "out"]
