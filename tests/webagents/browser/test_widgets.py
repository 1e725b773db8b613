"""Fields that real JavaScript widgets drive: lists, calendars, masks, editors, controlled inputs.

npm fetches the libraries, so these tests are slow ones; they need npm and its registry.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.session import Session, ViewSettings
from tests.webagents.browser.acting import HOST
from tests.webagents.browser.desk import Desk
from tests.webagents.browser.npm import fetched
from tests.webagents.evaluators.served import Served

pytestmark = pytest.mark.slow

LIBRARIES = {
    "jquery@3.7.1": ("jquery/dist/jquery.min.js",),
    "select2@4.0.13": ("select2/dist/js/select2.min.js", "select2/dist/css/select2.min.css"),
    "choices.js@11.1.0": (
        "choices.js/public/assets/scripts/choices.min.js",
        "choices.js/public/assets/styles/choices.min.css",
    ),
    "flatpickr@4.6.13": ("flatpickr/dist/flatpickr.min.js", "flatpickr/dist/flatpickr.min.css"),
    "cleave.js@1.6.0": ("cleave.js/dist/cleave.min.js",),
    "imask@7.6.1": ("imask/dist/imask.min.js",),
    "jquery-ui-dist@1.13.3": ("jquery-ui-dist/jquery-ui.min.js",),
    "react@18.3.1": ("react/umd/react.production.min.js",),
    "react-dom@18.3.1": ("react-dom/umd/react-dom.production.min.js",),
    "quill@2.0.3": ("quill/dist/quill.js", "quill/dist/quill.snow.css"),
}
COUNTRIES = "<option>Austria<option>Belgium<option>Brazil<option>Switzerland"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Served]]:
    served = Served(fetched(tmp_path_factory.mktemp("npm"), LIBRARIES))
    served.files["/plain"] = b"<title>plain</title>"
    browser = Browser({"hostile.localhost:80": served.address})
    session = Session(browser, ViewSettings(settle_s=20.0, goto_s=60.0))
    yield Desk(session), served
    session.close()
    browser.close()
    served.close()


def show(shop: tuple[Desk, Served], files: str, html: str) -> Desk:
    desk, served = shop
    head = "".join(
        f"<link rel=stylesheet href=/{name}>"
        if name.endswith("css")
        else f"<script src=/{name}></script>"
        for name in files.split()
    )
    served.files["/"] = f"<!doctype html><title>-</title>{head}{html}".encode()
    desk.session.open([HOST + "/"])
    return desk


def test_a_list_by_select2(shop: tuple[Desk, Served]) -> None:
    page = (
        f"<select aria-label=Land style='width: 300px'>{COUNTRIES}</select><script>"
        "$('select').select2().on('change', () => { document.title = $('select').val() })</script>"
    )
    desk = show(shop, "jquery.min.js select2.min.css select2.min.js", page)
    view = desk.session.view()
    box = next(e.number for e in view.elements if e.role == "combobox" and e.name != "Land")
    assert desk.say(f"type [{box}] [switz] [1]") == ""
    assert desk.session.view().title == "Switzerland"


def test_a_list_by_choices(shop: tuple[Desk, Served]) -> None:
    page = (
        f"<select aria-label=Land>{COUNTRIES}</select><script>new Choices('select');"
        "document.querySelector('select').addEventListener('change', e => {"
        "document.title = e.detail.value })</script>"
    )
    desk = show(shop, "choices.min.css choices.min.js", page)
    view = desk.session.view()
    box = next(e.number for e in view.elements if e.role == "combobox")
    desk.say(f"click [{box}]")
    assert desk.do("click", "option", "Belgium") == ""
    assert desk.session.view().title == "Belgium"


def test_suggestions_by_jquery_ui(shop: tuple[Desk, Served]) -> None:
    page = (
        "<input aria-label=Land><script>$('input').autocomplete({source: ['Austria', 'Belgium',"
        " 'Brazil'], delay: 100, select: (e, ui) => { document.title = ui.item.value }})</script>"
    )
    desk = show(shop, "jquery.min.js jquery-ui.min.js", page)
    view = desk.session.view()
    box = next(e.number for e in view.elements if e.name == "Land")
    assert desk.say(f"type [{box}] [bra] [0]") == ""
    assert "Brazil" in desk.session.view().tree
    desk.say("press [down]")
    desk.say("press [enter]")
    assert desk.session.view().title == "Brazil"


def test_a_calendar_by_flatpickr(shop: tuple[Desk, Served]) -> None:
    page = (
        "<input aria-label=Day><input aria-label=Typed><script>const seen = (d, s) => {"
        "document.title = s }; flatpickr('[aria-label=Day]', {defaultDate: '2024-03-01',"
        " onChange: seen}); flatpickr('[aria-label=Typed]', {allowInput: true, onChange: seen});"
        "</script>"
    )
    desk = show(shop, "flatpickr.min.css flatpickr.min.js", page)
    assert "read-only" in desk.do("type", "textbox", "Day", "[2024-03-05] [0]")
    desk.do("click", "textbox", "Day")
    view = desk.session.view()
    day = next(e.number for e in view.elements if "March 5, 2024" in e.name)
    assert desk.say(f"click [{day}]") == ""
    assert desk.session.view().title == "2024-03-05"
    assert desk.do("type", "textbox", "Typed", "[2024-03-06] [1]") == ""
    assert desk.session.view().title == "2024-03-06"


@pytest.mark.parametrize(
    ("library", "mask"),
    [
        ("cleave.min.js", "new Cleave('input', {blocks: [4, 4, 4], delimiter: '-'})"),
        ("imask.min.js", "IMask(document.querySelector('input'), {mask: '0000-0000-0000'})"),
    ],
)
def test_a_number_behind_a_mask(shop: tuple[Desk, Served], library: str, mask: str) -> None:
    desk = show(shop, library, f"<input aria-label=Card><script>{mask}</script>")
    told = desk.do("type", "textbox", "Card", "[123456789012] [0]")
    assert told == "the field has '1234-5678-9012' now"
    told = desk.do("type", "textbox", "Card", "[1111-2222-3333] [0]")
    assert told == ""
    assert desk.session.tab.page.evaluate("document.querySelector('input').value") == (
        "1111-2222-3333"
    )


def test_inputs_that_react_controls(shop: tuple[Desk, Served]) -> None:
    page = """<div id=root></div><script>const h = React.createElement;
      function Form() {
        const [s, set] = React.useState({name: 'old', day: '', size: 'a', volume: '1', tint: ''});
        const on = k => ({value: s[k], onChange: e => set({...s, [k]: e.target.value})});
        return h('div', null, h('input', {'aria-label': 'Name', ...on('name')}),
          h('input', {'aria-label': 'Day', type: 'date', ...on('day')}),
          h('input', {'aria-label': 'Volume', type: 'range', ...on('volume')}),
          h('select', {'aria-label': 'Size', ...on('size')}, h('option', null, 'a'),
            h('option', null, 'b')),
          h('p', null, JSON.stringify(s)));
      }
      ReactDOM.createRoot(document.getElementById('root')).render(h(Form));</script>"""
    desk = show(shop, "react.production.min.js react-dom.production.min.js", page)
    assert desk.do("type", "textbox", "Name", "[new] [0]") == ""
    assert desk.do("type", "Date", "Day", "[2024-03-05] [0]") == ""
    assert desk.do("type", "slider", "Volume", "[40] [0]") == ""
    assert desk.do("select", "combobox", "Size", "[b]") == ""
    shown = desk.session.tab.page.evaluate("document.querySelector('p').textContent")
    assert shown == '{"name":"new","day":"2024-03-05","size":"b","volume":"40","tint":""}'


def test_an_editor_by_quill(shop: tuple[Desk, Served]) -> None:
    page = (
        "<div id=e>old text</div><script>const q = new Quill('#e', {theme: 'snow'});"
        "q.root.setAttribute('aria-label', 'Code'); q.root.role = 'textbox'</script>"
    )
    desk = show(shop, "quill.snow.css quill.js", page)
    for action, text in (("type", "new text"), ("clear", "")):
        desk.do(action, "textbox", "Code", f"[{text}] [0]" if text else "")
        assert desk.session.tab.page.evaluate("q.getText().trim()") == text
