"""The local sites: they keep state apart, go back to their start, and trust nobody."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from longhaul.errors import LostError
from longhaul.webagents.actions import parse_action
from longhaul.webagents.browser.session import Session
from longhaul.webagents.sites.running import Sites

HOSTS = ("shop", "forum", "classifieds", "forge", "map")


def ask(sites: Sites, host: str, path: str, method: str = "GET", body: str = "") -> tuple[int, str]:
    """Return status and text of a request to a site, without an account."""
    connection = http.client.HTTPConnection(sites.address, timeout=60)
    headers = {"Host": host, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


@pytest.mark.parametrize("name", HOSTS)
def test_each_site_answers_to_its_own_name(sites: Sites, name: str) -> None:
    status, text = ask(sites, f"{name}.localhost", "/login")
    assert status == 200 and "<h1>" in text
    assert ask(sites, "127.0.0.1", "/")[0] == 404


@pytest.mark.parametrize("name", HOSTS)
def test_what_is_not_there_is_a_page_of_its_own(sites: Sites, name: str) -> None:
    for path in ("/nothing/at/all", "/x.html", "/item/1/edit", "/f/none", "/a/b"):
        status, text = ask(sites, f"{name}.localhost", path)
        assert status in (302, 404) and "Traceback" not in text


def test_a_purchase_is_state_until_the_reset(sites: Sites, session: Session) -> None:
    before = sites.state("shop")
    press(session, "link", "Office")
    shown = {element.name for element in session.view().elements}
    product = next(product for product in before["products"] if product["name"] in shown)
    press(session, "link", product["name"])
    press(session, "button", "Add to Cart")
    assert [line["sku"] for line in sites.state("shop")["cart"]] == [product["sku"]]
    press(session, "link", "My Cart (1)")
    press(session, "link", "Proceed to Checkout")
    press(session, "button", "Place Order")
    after = sites.state("shop")
    assert after["cart"] == [] and len(after["orders"]) == len(before["orders"]) + 1
    sites.reset()
    assert sites.state("shop") == before


def test_what_a_visitor_writes_is_text(sites: Sites, session: Session) -> None:
    """A comment with markup is shown as it was written, and runs nothing."""
    text = "<script>document.title='taken'</script><b>bold</b>"
    session.perform(parse_action("goto [http://forum.localhost/f/books]"))
    links = [e for e in session.view().elements if e.role == "link" and "comment" in e.name]
    session.perform(parse_action(f"click [{links[-1].number}]"))
    view = session.view()
    box = next(e for e in view.elements if e.role == "textbox" and e.name == "Comment")
    session.perform(parse_action(f"type [{box.number}] [{text}] [0]"))
    press(session, "button", "Post")
    view = session.view()
    assert view.title != "taken" and text in view.tree


def test_control_asks_for_the_token(sites: Sites) -> None:
    host, port = sites._control.host, sites._control.port
    for header in ({}, {"Authorization": "Bearer guess"}):
        connection = http.client.HTTPConnection(host, port, timeout=60)
        connection.request("POST", "/reset", headers={**header, "Content-Length": "0"})
        assert connection.getresponse().status == 401
        connection.close()


def test_the_shops_interface_asks_for_the_token_too(sites: Sites) -> None:
    assert ask(sites, "shop.localhost", "/rest/V1/orders")[0] == 401
    assert ask(sites, "shop.localhost", "/admin/")[0] == 302


def test_a_seed_makes_the_same_sites(sites: Sites) -> None:
    again = Sites(seed=0)
    other = Sites(seed=1)
    try:
        sites.reset()
        for name in HOSTS:
            assert again.state(name) == sites.state(name)
        assert other.state("shop") != sites.state("shop")
    finally:
        again.close()
        other.close()


def test_the_process_ends_with_the_one_that_started_it() -> None:
    program = (
        "import os; from longhaul.webagents.sites.running import Sites; "
        "s = Sites(); print(s.pid, flush=True); os._exit(9)"
    )
    root = Path(__file__).parents[3]
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=root
    )
    stat = Path(f"/proc/{int(result.stdout)}/stat")
    deadline = time.monotonic() + 300
    while stat.exists() and stat.read_text().split()[2] != "Z" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not stat.exists() or stat.read_text().split()[2] == "Z"


def test_sites_that_are_gone_are_an_error_in_one_line() -> None:
    running = Sites()
    running.close()
    with pytest.raises(LostError) as raised:
        running.reset()
    assert "\n" not in str(raised.value)


def test_state_is_plain_json(sites: Sites) -> None:
    for name in HOSTS:
        assert json.loads(json.dumps(sites.state(name))) == sites.state(name)


def press(session: Session, role: str, name: str) -> None:
    """Click the element of a role and a name."""
    element = next(e for e in session.view().elements if (e.role, e.name) == (role, name))
    session.perform(parse_action(f"click [{element.number}]"))
