"""Time goes on in pages, and what is to come shortly is waited for before a page is observed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.session import Session, ViewSettings
from tests.webagents.browser.acting import act, number, press
from tests.webagents.evaluators.served import Served

HOST = "http://shop.localhost"
STILL_LOADING = "the page is still loading"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    serving = Served({})
    yield serving
    serving.close()


@pytest.fixture(scope="module")
def running(served: Served) -> Iterator[Browser]:
    names = ("shop.localhost:80", "forum.localhost:80")
    browser = Browser(dict.fromkeys(names, served.address))
    yield browser
    browser.close()


@pytest.fixture
def at(running: Browser) -> Iterator[Session]:
    session = Session(running, ViewSettings(settle_s=20.0, goto_s=60.0))
    yield session
    session.close()


def show(at: Session, served: Served, page: str) -> str:
    served.files["/"] = f"<title>-</title>{page}".encode()
    at.notes.clear()
    at.open([HOST + "/"])
    return at.view().tree


CLOCKS = """[
  new Date().toISOString(), new Date(Date.now()).toISOString(), new Date(Date()).toISOString(),
  new (class extends Date {})().toISOString(), Date.prototype.constructor.now() - Date.now() < 99,
  new Date(performance.timeOrigin).toISOString(), Temporal.Now.instant().toString(),
  Temporal.Now.plainDateTimeISO('UTC').toString(),
  new Intl.DateTimeFormat('sv', {dateStyle: 'short', timeStyle: 'medium'}).format(),
  new Date(2020, 1, 2) instanceof Date, new Date(5).getTime(), Date.UTC(1970, 0, 1),
]"""


def test_the_clock_starts_at_the_episodes_date_and_goes_on(at: Session, served: Served) -> None:
    show(at, served, "clock")
    read = at.tab.page.evaluate(CLOCKS)
    assert read[-3:] == [True, 5, 0] and read.pop(4) is True
    assert {str(text).replace("T", " ")[:14] for text in read[:8]} == {"2024-03-01 12:"}
    first, later = (at.tab.page.evaluate("Date.now()") for _ in range(2))
    at.tab.page.wait_for_timeout(20)
    assert first <= later < at.tab.page.evaluate("Date.now()")


def test_the_clock_does_not_start_again_with_the_next_page(at: Session, served: Served) -> None:
    show(at, served, "clock")
    first = at.tab.page.evaluate("Date.now()")
    at.tab.page.wait_for_timeout(20)
    at.tab.page.reload()
    assert at.tab.page.evaluate("performance.timeOrigin") > first


DEBOUNCED = """<input aria-label=Search oninput=order()><ul id=hits></ul><script>
let last, timer;
const later = () => {
  const past = Date.now() - last;
  if (past < 300) timer = setTimeout(later, 300 - past);
  else { timer = 0; hits.innerHTML = '<li>Hit</li>'; }
};
const order = () => { last = Date.now(); if (!timer) timer = setTimeout(later, 300); };
</script>"""


def test_a_search_that_waits_for_the_last_letter_is_seen(at: Session, served: Served) -> None:
    show(at, served, DEBOUNCED)
    field = number(at.view(), "textbox", "Search")
    assert "Hit" in act(at, f"type [{field}] [lamp] [0]").tree


ANIMATIONS = {
    "timers": "(function tick() { if (part() < 1) setTimeout(tick, 13); })();",
    "interval": "const id = setInterval(() => { if (part() == 1) clearInterval(id); }, 13);",
    "pictures": "(function tick() { if (part() < 1) requestAnimationFrame(tick); })();",
    "picture without a change": "requestAnimationFrame(() => requestAnimationFrame(() => {"
    "document.title = 'open'}));",
    "in steps": "const next = n => n ? setTimeout(() => next(n - 1), 200 + n)"
    " : (document.title = 'open'); next(3);",
    "in a shadow": "const root = menu.attachShadow({mode: 'closed'}); let n = 0;"
    "const id = setInterval(() => { root.innerHTML = ++n; if (n == 20) { clearInterval(id);"
    "document.title = 'open'; } }, 30);",
    "transition": "panel.ontransitionend = () => { document.title = 'open'; };"
    "panel.style.transition = 'opacity 1.5s .5s'; panel.style.opacity = 1;",
    "keyframes": "panel.animate({opacity: [0, 1]}, 60000).onfinish = () => {"
    "document.title = 'open'; };",
}


@pytest.mark.parametrize("how", ANIMATIONS)
def test_an_animation_is_over_before_one_looks(at: Session, served: Served, how: str) -> None:
    page = f"""<button onclick="open()">Menu</button><p id=menu></p><nav id=panel style='opacity:0'
      >Toys</nav><script>const open = () => {{ const start = Date.now(); const part = () => {{
      const done = Math.min(1, (Date.now() - start) / 400); panel.style.opacity = done;
      if (done == 1) document.title = 'open'; return done; }}; {ANIMATIONS[how]} }};</script>"""
    show(at, served, page.replace("open()", "play()").replace("const open", "const play"))
    assert press(at, "button", "Menu").title == "open"
    assert STILL_LOADING not in at.notes


LATE = {
    "a timer": "setTimeout(() => { here.textContent = 'late'; }, 1500);",
    "a timer once it is loaded": "addEventListener('load', () => setTimeout(() => {"
    "here.textContent = 'late'; }, 1500));",
    "a promise of a timer": "new Promise(r => setTimeout(r, 1500)).then(() => {"
    "here.textContent = 'late'; });",
    "looking again and again": "const look = () => Date.now() - start > 250 ? "
    "here.textContent = 'late' : setTimeout(look, 90); const start = Date.now(); look();",
    "a frame": "const inner = document.createElement('iframe'); inner.srcdoc = "
    "'<script>setTimeout(() => { parent.here.textContent = \"late\" }, 700)<\\/script>';"
    "document.body.append(inner);",
}


@pytest.mark.parametrize("why", LATE)
def test_text_that_comes_shortly_is_waited_for(at: Session, served: Served, why: str) -> None:
    assert "late" in show(at, served, f"<p id=here>early</p><script>{LATE[why]}</script>")
    assert STILL_LOADING not in at.notes


ROUND = {
    "a timer": "(function tick() { setTimeout(tick, 40); })();",
    "a second's timer that changes the page": "(function tick() { n.textContent++;"
    "setTimeout(tick, 1000); })();",
    "an interval": "setInterval(() => {}, 40);",
    "a far timer": "setTimeout(() => { n.textContent = 'over'; }, 30000);",
    "pictures": "(function draw() { requestAnimationFrame(draw); })();",
    "an endless animation": "n.animate({opacity: [0, 1]}, {duration: 500, iterations: Infinity});",
}


@pytest.mark.parametrize("why", ROUND)
def test_what_goes_round_and_round_is_not_waited_for(at: Session, served: Served, why: str) -> None:
    show(at, served, f"<p id=n>0</p><script>{ROUND[why]}</script>")
    act(at, "press [a]")
    assert STILL_LOADING not in at.notes and "over" not in at.view().tree


def test_text_in_a_frame_of_another_site_is_waited_for(at: Session, served: Served) -> None:
    served.files["/in"] = (
        b"<p id=here>early</p><script>setTimeout(() => { here.textContent = 'late'; }, 1500)"
        b"</script>"
    )
    show(at, served, "<p>around</p><iframe src=http://forum.localhost/in></iframe>")
    assert "late" in at.view().tree and STILL_LOADING not in at.notes


@pytest.mark.slow
def test_a_frame_that_goes_on_for_ever_is_let_go(at: Session, served: Served) -> None:
    served.files["/in"] = b"<p>in</p><script>setTimeout(() => location.reload(), 1)</script>"
    show(at, served, "<p>around</p><iframe src=/in></iframe>")
    assert STILL_LOADING not in at.notes and "around" in at.view().tree


def test_a_cookie_lives_by_the_pages_clock(at: Session, served: Served) -> None:
    ends = "document.cookie = `${name}; expires=${new Date(when).toUTCString()}`;"
    page = f"""<script>for (const [name, when] of [['tomorrow=1', Date.now() + 864e5],
      ['gone=1', Date.now() + 864e5], ['gone=1', 0], ['far=1', 1e14]]) {ends}</script>"""
    show(at, served, page)
    assert at.tab.page.evaluate("document.cookie") == "tomorrow=1; far=1"


def test_a_storage_state_is_there_before_the_page(running: Browser, served: Served) -> None:
    served.files["/"] = b"<title>-</title><script>document.title = localStorage.token</script>"
    state = {
        "cookies": [],
        "origins": [{"origin": HOST, "localStorage": [{"name": "token", "value": "emma"}]}],
    }
    session = Session(running, ViewSettings())
    served.asked.clear()
    session.open([HOST + "/"], state=json.loads(json.dumps(state)))
    assert session.view().title == "emma"
    assert [path for path, _ in served.asked if path != "/favicon.ico"] == ["/"]
    session.tab.page.evaluate("localStorage.clear()")
    session.tab.page.reload()
    assert session.view().title == "undefined"
    session.close()
