"""Pages that real JavaScript libraries drive: debounced fields, animated menus, a map.

npm fetches the libraries, so these tests are slow ones; they need npm and its registry.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.session import Session, ViewSettings
from tests.webagents.browser.acting import act, number, press
from tests.webagents.browser.npm import fetched
from tests.webagents.evaluators.served import Served

pytestmark = pytest.mark.slow

HOST = "http://shop.localhost"
LIBRARIES = {
    "lodash@4.17.21": ("lodash/lodash.min.js",),
    "underscore@1.13.7": ("underscore/underscore-umd-min.js",),
    "jquery@3.7.1": ("jquery/dist/jquery.min.js",),
    "leaflet@1.9.4": ("leaflet/dist/leaflet.js", "leaflet/dist/leaflet.css"),
}
SQUARE = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='256' height='256'>"
    "<rect width='256' height='256' fill='green'/></svg>"
)


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, Served]]:
    served = Served(fetched(tmp_path_factory.mktemp("npm"), LIBRARIES))
    browser = Browser({"shop.localhost:80": served.address})
    session = Session(browser, ViewSettings(settle_s=20.0, goto_s=60.0))
    yield session, served
    session.close()
    browser.close()
    served.close()


def show(at: tuple[Session, Served], library: str, page: str) -> Session:
    session, served = at
    served.files["/"] = f"<title>-</title><script src=/{library}></script>{page}".encode()
    session.open([HOST + "/"])
    return session


@pytest.mark.parametrize("library", ["lodash.min.js", "underscore-umd-min.js"])
@pytest.mark.parametrize("name", ["debounce", "throttle"])
def test_a_search_by_underscores_kind(at: tuple[Session, Served], library: str, name: str) -> None:
    page = f"""<input aria-label=Search><ul id=hits></ul><script>
      const field = document.querySelector('input');
      const find = () => {{ hits.innerHTML = `<li>Hit for ${{field.value}}</li>` }};
      field.oninput = _.{name}(find, 400);
      </script>"""
    session = show(at, library, page)
    for text in ("xbox", "lamp"):
        field = number(session.view(), "textbox", "Search")
        assert f"Hit for {text}" in act(session, f"type [{field}] [{text}] [0]").tree
    assert session.notes == []


@pytest.mark.parametrize("effect", ["slideDown", "fadeIn", "show", "delay(700).fadeIn"])
def test_a_menu_by_jquery(at: tuple[Session, Served], effect: str) -> None:
    page = f"""<button>Departments</button><nav style='display:none'><a href=/>Toys</a></nav>
      <script>$('button').on('click', () => $('nav').{effect}(600, () => {{
      document.title = 'open'; }}));</script>"""
    session = show(at, "jquery.min.js", page)
    view = press(session, "button", "Departments")
    assert view.title == "open" and "link 'Toys'" in view.tree and session.notes == []


def test_a_map_by_leaflet(at: tuple[Session, Served]) -> None:
    page = f"""<link rel=stylesheet href=/leaflet.css><div id=map style='height:500px'></div>
      <script>
      const map = L.map('map').setView([40.4, -79.9], 13);
      L.tileLayer(`data:image/svg+xml,{SQUARE.replace("#", "%23")}`).addTo(map);
      map.on('zoomend', () => {{ document.title = 'zoom ' + map.getZoom(); }});
      const shown = () => [...document.querySelectorAll('.leaflet-tile')].map(t => t.style.opacity);
      </script>"""
    session = show(at, "leaflet.js", page)
    assert set(session.tab.page.evaluate("shown()")) == {"1"}
    assert press(session, "button", "Zoom in").title == "zoom 14"
    assert set(session.tab.page.evaluate("shown()")) == {"1"} and session.notes == []
