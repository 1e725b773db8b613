"""page_image_query on pages as they are: pictures of every kind, and some that are none."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from longhaul.webagents.browser.session import Session
from longhaul.webagents.errors import TaskError
from longhaul.webagents.evaluators.findings import Shown
from longhaul.webagents.evaluators.images import similarity
from longhaul.webagents.evaluators.judge import same_words
from longhaul.webagents.evaluators.look import Ending, look
from longhaul.webagents.evaluators.page_images import MAX_DRAWN_SIDE, decode
from longhaul.webagents.evaluators.text import TextRules
from longhaul.webagents.tasks.format import Evaluation, ImageQuery, WebTask
from tests.webagents.evaluators.served import Served
from tests.webagents.evaluators.test_images import NOISE, png

HOST = "http://shop.localhost"
DOT = np.zeros((1, 1, 3), np.uint8)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="60">'
    '<rect width="40" height="30" fill="#c00"/><rect x="40" y="30" width="40" height="30"/></svg>'
)
DRAWN = np.full((60, 80, 3), 255, np.uint8)
DRAWN[:30, :40], DRAWN[30:, 40:] = (0xCC, 0, 0), 0

Query = Callable[..., Shown]


@pytest.fixture
def query(at: Session, served: Served) -> Iterator[Query]:
    """Return what a query finds on a page of this HTML."""
    served.files = {
        "/noise.png": png(NOISE),
        "/dot.png": png(DOT),
        "/cut.png": png(NOISE)[:90],
        "/logo.svg": SVG.encode(),
        "/bad.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><rect",
        "/page": b"<html><svg></svg>no picture</html>",
        "/framed": b"<img src=/noise.png>",
    }
    at.open([HOST + "/page"])
    goals = {"noise": png(NOISE), "drawn": png(DRAWN), "vector": SVG.encode(), "dot": png(DOT)}

    def find(html: str, css: str = "", like: str = "noise") -> Shown:
        served.files["/query"] = html.encode()
        ending = Ending(
            answer="",
            url=HOST + "/page",
            tab=at.tab.page,
            aside=at.aside,
            settle=at.settle_page,
            picture=goals.__getitem__,
            allows=lambda url: url.startswith(HOST),
        )
        asked = ImageQuery(HOST + "/query", css, like, 0.9, (("what?", "noise"),))
        task = WebTask("1", ("shop",), (HOST,), "?", Evaluation((), images=(asked,)))
        return look(task, ending, TextRules("videowa-2024", same_words)).images[0]

    yield find


@pytest.mark.parametrize(
    ("html", "css", "alike"),
    [
        ("<img class=p src=/noise.png>", ".p", True),
        ("<div class=p><b><img src=/noise.png></b></div>", ".p", True),
        ("<div class=p></div><img class='q p' src=/noise.png>", ".p", True),
        ("<img class=q src=/noise.png>", ".p", False),
        ("<div class=p><img class=p src=/noise.png></div>", ".p", True),
        ("<iframe src=/framed></iframe>", "", True),
        ("<img srcset='/noise.png 1x'>", "", True),
    ],
)
def test_the_class_is_on_the_image_or_above_it(
    query: Query, html: str, css: str, alike: bool
) -> None:
    shown = query(html, css)
    assert shown.alike == alike and len(shown.pictures) == alike


@pytest.mark.parametrize(
    "other", ["/dot.png", "/cut.png", "/page", "/gone.png", "/bad.svg", "data:,x", "data:;base64,x"]
)
def test_what_cannot_be_compared_is_skipped(query: Query, other: str) -> None:
    assert query(f"<img src='{other}'><img><img src=/noise.png>").alike
    assert not query(f"<img src='{other}'>").alike


def test_a_picture_in_the_address_itself_is_seen(query: Query) -> None:
    text = base64.b64encode(png(NOISE)).decode()
    assert query(f"<img src='data:image/png;base64,{text}'>").alike


@pytest.mark.parametrize("like", ["drawn", "vector", f"{HOST}/logo.svg"])
def test_a_vector_picture_is_drawn(query: Query, like: str) -> None:
    shown = query("<img src=/noise.png><img src=/logo.svg>", like=like)
    assert shown.alike
    (drawn,) = shown.pictures[1:]
    assert drawn.shape == DRAWN.shape and similarity(drawn, DRAWN) > 0.99  # type: ignore[operator]
    assert not query("<img src=/noise.png>", like=like).alike


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ("width='99999' height='100'", (2, MAX_DRAWN_SIDE)),
        ("viewBox='0 0 20 10'", None),
        ("", None),
    ],
)
def test_a_vector_picture_of_any_size_is_drawn(
    at: Session, size: str, shape: tuple[int, int] | None
) -> None:
    picture = decode(f"<svg xmlns='http://www.w3.org/2000/svg' {size}/>".encode(), at.aside())
    assert (picture == 255).all()
    assert picture.shape[:2] == shape or (shape is None and max(picture.shape) <= MAX_DRAWN_SIDE)


def test_a_vector_picture_runs_and_loads_nothing(at: Session, served: Served) -> None:
    served.asked.clear()
    hostile = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9' onload='x=1'>"
        f"<script>fetch('{HOST}/framed')</script><image href='{HOST}/noise.png'/></svg>"
    )
    decode(hostile.encode(), at.aside())
    at.settle_page(at.aside())
    assert served.asked == []


def test_what_is_no_selector_is_named(query: Query) -> None:
    with pytest.raises(TaskError, match=r"eval_image_class '\.\.' is no CSS selector"):
        query("<img src=/noise.png>", "..")
