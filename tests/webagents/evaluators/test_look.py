"""What is collected in a real browser for the evaluators, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from longhaul.webagents.browser.session import Session
from longhaul.webagents.errors import TaskError
from longhaul.webagents.evaluators.judge import same_words
from longhaul.webagents.evaluators.look import MAX_KEPT_CHARS, Ending, look
from longhaul.webagents.evaluators.text import TextRules
from longhaul.webagents.tasks.format import (
    Evaluation,
    ImageQuery,
    PageHtml,
    Reader,
    Rule,
    Script,
    Target,
    WebTask,
)
from tests.webagents.evaluators.served import Served
from tests.webagents.evaluators.test_images import NOISE, png

HOST = "http://shop.localhost"
RULES = TextRules("videowa-2024", same_words)
OTHER = np.rot90(NOISE, 2).copy()


@pytest.fixture
def ending(at: Session, served: Served) -> Ending:
    served.files = {
        "/a": b"<title>a page</title><b>one</b>",
        "/b": b"<title>b page</title><p>two</p>",
        "/long": b"<p>" + b"lamp " * 9000 + b"</p>",
        "/pictures": b"<img src=/other.png><div id=x><img src=/noise.png><img src=/gone.png></div>",
        "/noise.png": png(NOISE),
        "/other.png": png(OTHER),
    }
    at.open([HOST + "/b"])
    served.asked.clear()
    pictures: dict[str, bytes] = {"noise": png(NOISE)}

    def picture(name: str) -> bytes:
        if name not in pictures:
            raise TaskError(f"no {name}")
        return pictures[name]

    return Ending(
        answer="done",
        url=HOST + "/b",
        tab=at.tab.page,
        aside=at.aside,
        settle=at.settle_page,
        picture=picture,
        allows=lambda url: url.startswith(HOST),
    )


def task(**evaluation: Any) -> WebTask:
    return WebTask("1", ("shop",), (HOST,), "?", Evaluation((), **evaluation))


def include(text: str) -> tuple[Rule, ...]:
    return (Rule("must_include", (text,)),)


def test_the_answer_and_the_address_are_kept(ending: Ending) -> None:
    found = look(task(), ending, RULES)
    assert (found.answer, found.url, found.targets, found.images) == ("done", HOST + "/b", (), ())


@pytest.mark.parametrize(
    ("url", "locator", "rules", "holds"),
    [
        (HOST + "/a", PageHtml(), include("one"), True),
        (HOST + "/a", PageHtml(), include("two"), False),
        ("last", PageHtml(), include("two"), True),
        ("__last_url__", PageHtml(), include("two"), True),
        (HOST + "/a", Script("document.title"), (Rule("exact_match", ("a page",)),), True),
        (HOST + "/a", Script("document.title"), (*include("a"), *include("b")), False),
        (HOST + "/a", Script("40 + 2"), (Rule("exact_match", ("42",)),), True),
        (HOST + "/a", Reader("get_query_text", ("b",)), include("one"), True),
        (HOST + "/a", Script("document.none.title"), (Rule("exact_match", ("",)),), True),
        (HOST + "/a", Script("document.none.title", strict=True), (), False),
        (HOST + "/a", Script("null", strict=True), (), False),
        (HOST + "/a", Script("0", strict=True), (Rule("exact_match", ("0",)),), False),
        (HOST + "/a", Script("9.5", strict=True), (Rule("required_values", ("< 10",)),), True),
        (HOST + "/a", Script("9.5", strict=True), (Rule("required_values", ("<= 9",)),), False),
        ("http://elsewhere.example/", PageHtml(), (), False),
        (Reader("shopping_get_latest_order_url"), PageHtml(), (), False),  # there is no shop
    ],
)
def test_a_target(ending: Ending, url: Any, locator: Any, rules: Any, holds: bool) -> None:
    assert look(task(targets=(Target(url, locator, rules),)), ending, RULES).targets == (holds,)


def test_targets_after_one_that_fails_are_not_read(ending: Ending, served: Served) -> None:
    a, b = (Target(HOST + path, PageHtml(), include("one")) for path in ("/a", "/b"))
    assert look(task(targets=(a, b, a)), ending, RULES).targets == (True, False)
    assert [path for path, _ in served.asked if path != "/favicon.ico"] == ["/a", "/b"]


def test_a_judges_texts_are_kept_up_to_a_limit_and_the_rest_is_read(ending: Ending) -> None:
    judged = (Rule("fuzzy_match", ("chair",)), *include("nothing"))
    long = Target(HOST + "/long", Script("document.body.innerText"), judged)
    gone = Target("http://elsewhere.example/", PageHtml(), judged)
    a = Target(HOST + "/a", PageHtml(), include("one"))
    kept, held, none = look(task(targets=(long, a, gone, a)), ending, RULES).targets
    assert isinstance(kept, str) and len(kept) == MAX_KEPT_CHARS and kept.startswith("lamp lamp")
    assert (held, none) == (True, False)


def test_preparations_run_first_and_may_fail(ending: Ending) -> None:
    prepare = ("document.none.click()", "document.title = 'made'")
    rules = (Rule("exact_match", ("made",)),)
    target = Target(HOST + "/a", Script("document.title"), rules, prepare)
    assert look(task(targets=(target,)), ending, RULES).targets == (True,)


@pytest.mark.parametrize(
    ("css", "like", "threshold", "alike"),
    [
        ("", "noise", 0.9, True),
        ("#x", "noise", 0.9, True),
        ("#x", f"{HOST}/other.png", 0.9, False),
        ("", f"{HOST}/other.png", 0.9, True),
        ("#x", f"{HOST}/other.png |OR| noise", 0.9, True),
        ("", "noise", 1.0, False),  # the likeness must be greater than the threshold
        ("#y", "noise", 0.1, False),
        ("", "", 0.1, False),
    ],
)
def test_an_image_is_like_one(
    ending: Ending, css: str, like: str, threshold: float, alike: bool
) -> None:
    query = ImageQuery(HOST + "/pictures", css, like, threshold)
    (shown,) = look(task(images=(query,)), ending, RULES).images
    assert (shown.alike, shown.pictures) == (alike, ())


def test_pictures_are_kept_for_questions(ending: Ending) -> None:
    query = ImageQuery(HOST + "/pictures", "", questions=(("what?", "noise"),))
    (shown,) = look(task(images=(query,)), ending, RULES).images
    assert [p.tolist() for p in shown.pictures] == [OTHER.tolist(), NOISE.tolist()]
    elsewhere = replace(query, url="http://elsewhere.example/")
    (shown,) = look(task(images=(elsewhere,)), ending, RULES).images
    assert not shown.alike and shown.pictures == ()


@pytest.mark.parametrize(
    ("like", "words"), [("none", "no none"), (HOST + "/gone.png", "serves no such picture")]
)
def test_a_picture_to_compare_with_must_be_there(ending: Ending, like: str, words: str) -> None:
    query = ImageQuery(HOST + "/pictures", "", like)
    with pytest.raises(TaskError, match=words):
        look(task(images=(query,)), ending, RULES)


def test_the_page_is_quiet_before_it_is_read(at: Session, ending: Ending, served: Served) -> None:
    served.files["/late"] = (
        b"<p>early</p><script>addEventListener('load', () => setTimeout(() => {"
        b"document.querySelector('p').textContent = 'late'}, 20))</script>"
    )
    calls: list[Page] = []
    watched = replace(ending, settle=lambda page: (calls.append(page), ending.settle(page))[1])
    target = Target(HOST + "/late", PageHtml(), (Rule("must_include", (">late<",)),))
    old = TextRules("webarena-2023", same_words)
    assert look(task(targets=(target,)), watched, old).targets == (True,)
    assert calls == [at.aside()]


FORM = b"""<title>form</title><form method=post action=/sent><textarea></textarea></form>
<script>sessionStorage.setItem('step', 2); history.replaceState(null, '', '/b#3')</script>"""


def test_the_last_page_is_the_tab_as_the_agent_left_it(
    at: Session, ending: Ending, served: Served
) -> None:
    served.files["/form"] = FORM
    at.open([HOST + "/form"])
    at.tab.page.fill("textarea", "a refund")
    served.asked.clear()
    state = "[document.querySelector('textarea').value, document.title, location.hash].join()"
    kept = "sessionStorage.getItem('step')"
    targets = tuple(
        Target("last", Script(source), (Rule("exact_match", (text,)),))
        for source, text in ((state, "a refund,form,#3"), (kept, "2"))
    )
    last = replace(ending, tab=at.tab.page, url=at.tab.page.url)
    assert look(task(targets=targets), last, RULES).targets == (True, True)
    assert served.asked == []


def test_the_last_page_may_be_the_answer_to_a_post(
    at: Session, ending: Ending, served: Served
) -> None:
    served.files["/form"] = FORM
    at.open([HOST + "/form"])
    at.tab.page.evaluate("document.forms[0].submit()")
    at.tab.page.wait_for_url(HOST + "/sent")
    last = replace(ending, tab=at.tab.page, url=at.tab.page.url)
    target = Target("last", Reader("get_query_text", ("p",)), include("thank you"))
    assert look(task(targets=(target,)), last, RULES).targets == (True,)
    assert [path for path, _ in served.asked].count("/sent") == 1


def test_another_address_leaves_the_tab_alone(at: Session, ending: Ending) -> None:
    other = Target(HOST + "/a", PageHtml(), include("one"))
    own = Target("last", PageHtml(), include("two"))
    query = ImageQuery("last", "", f"{HOST}/noise.png")
    found = look(task(targets=(other, own), images=(query,)), ending, RULES)
    assert found.targets == (True, True) and at.tab.page.url == HOST + "/b"


def test_images_of_the_last_page_are_those_in_the_tab(at: Session, ending: Ending) -> None:
    at.open([HOST + "/pictures"])
    at.tab.page.evaluate("document.querySelector('img').remove()")
    query = ImageQuery("last", "", questions=(("what?", "noise"),))
    (shown,) = look(task(images=(query,)), ending, RULES).images
    assert [p.tolist() for p in shown.pictures] == [NOISE.tolist()]


def test_a_last_page_that_goes_on_is_read_when_it_is_there(at: Session, ending: Ending) -> None:
    at.tab.page.evaluate("setTimeout(() => location.assign('/a'), 0)")
    target = Target(
        "last", Script("new Promise(r => setTimeout(r, 100, document.title))"), include("a page")
    )
    assert look(task(targets=(target,)), ending, RULES).targets == (True,)


FRAMED = b"""<title>top</title><p class=own>mine</p><iframe src=/inner></iframe>
<iframe src='http://ads.example/'></iframe>"""
INNER = b"<title>inner</title><p class=own>theirs</p><p id=total>$48.00</p><img src=/noise.png>"


@pytest.mark.parametrize(
    ("locator", "text"),
    [
        (Script("document.querySelector('#total').outerText"), "$48.00"),
        (Script("document.querySelector('#total')?.outerText"), "$48.00"),
        (Script("[...document.querySelectorAll('#total')].map(e => e.outerText).join()"), "$48.00"),
        (Script("document.querySelector('.own').outerText"), "mine"),
        (Script("document.title"), "top"),
        (Script("document.querySelector('#none').outerText"), ""),
        (Reader("get_query_text", ("#total",)), "$48.00"),
        (Reader("get_query_text", (".own",)), "mine"),
    ],
)
def test_what_the_page_has_not_is_looked_up_in_its_frames(
    at: Session, ending: Ending, served: Served, locator: Script | Reader, text: str
) -> None:
    served.files |= {"/framed": FRAMED, "/inner": INNER}
    target = Target(HOST + "/framed", locator, (Rule("exact_match", (text,)),))
    assert look(task(targets=(target,)), ending, RULES).targets == (True,)


def test_the_html_and_the_images_of_frames_count(
    at: Session, ending: Ending, served: Served
) -> None:
    served.files |= {"/framed": FRAMED, "/inner": INNER}
    target = Target(HOST + "/framed", PageHtml(), include("$48.00") + include("mine"))
    query = ImageQuery(HOST + "/framed", "", f"{HOST}/noise.png")
    found = look(task(targets=(target,), images=(query,)), ending, RULES)
    assert found.targets == (True,) and found.images[0].alike
