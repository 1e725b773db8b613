"""A shop's records by Magento's REST interface; the answers have the form of its documentation."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest

from longhaul.webagents.evaluators.magento import NEWEST_ORDER, MagentoShop
from tests.webagents.evaluators.served import Served

SHOP = "http://shop.example:7770"


def review(number: int, day: str, percents: list[int] | None) -> dict[str, Any]:
    ratings = None if percents is None else [{"percent": p} for p in percents]
    created = f"2023-04-{day} 10:00:00"
    return {"id": number, "created_at": created, "nickname": f"n{number}", "ratings": ratings}


ATTRIBUTES = [
    {"attribute_code": "color", "value": "red"},
    {"attribute_code": "url_key", "value": "blue-lamp"},
    {"attribute_code": "url_key", "value": "second"},
]
ANSWERS: dict[str, Any] = {
    f"/orders?{NEWEST_ORDER}": {"items": [{"entity_id": "190"}, {"entity_id": "7"}]},
    "/products/B%2001/reviews": [
        review(3, "02", [80, 20]),
        review(2, "02", None),
        review(1, "03", []),
        review(9, "01", [60]),
    ],
    "/products/B%2001": {"custom_attributes": ATTRIBUTES},
    "/products/B02": {"custom_attributes": ATTRIBUTES[:1]},
    "/products/B03": {},
}


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    serving = Served({f"/rest/V1{path}": json.dumps(a).encode() for path, a in ANSWERS.items()})
    yield serving
    serving.close()


@pytest.fixture
def shop(server: Served) -> MagentoShop:
    return MagentoShop(SHOP + "/", "t0ken", server.address)


def test_the_newest_order_has_an_address(shop: MagentoShop) -> None:
    assert shop.latest_order_url() == f"{SHOP}/sales/order/view/order_id/190/"


def test_the_administrators_token_and_the_shops_own_name_are_sent(
    shop: MagentoShop, server: Served
) -> None:
    shop.latest_order_url()
    _, headers = server.asked[-1]
    assert headers["Authorization"] == "Bearer t0ken" and headers["Host"] == "shop.example:7770"


def test_reviews_are_in_order_and_have_their_first_rating(shop: MagentoShop) -> None:
    found = [(row["nickname"], row["rating"]) for row in shop.reviews("B 01")]
    assert found == [("n9", "60"), ("n2", ""), ("n3", "80"), ("n1", "")]
    assert shop.reviews("B 01")[0]["created_at"] == "2023-04-01 10:00:00"


def test_a_product_has_the_address_of_its_first_key(shop: MagentoShop) -> None:
    assert shop.product_url("B 01") == f"{SHOP}/blue-lamp.html"
    assert shop.product_url("B02") == shop.product_url("B03") == ""


def test_what_is_not_there_is_empty(shop: MagentoShop, server: Served) -> None:
    assert shop.reviews("none") == [] and shop.product_url("none") == ""
    empty = Served({f"/rest/V1/orders?{NEWEST_ORDER}": b'{"items": []}'})
    assert MagentoShop(f"http://{empty.address}", "t").latest_order_url() == ""
    empty.close()


def test_any_other_answer_is_an_error() -> None:
    refusing = Served({}, missing=401)
    shop = MagentoShop(f"http://{refusing.address}", "t")
    for ask in (shop.latest_order_url, lambda: shop.reviews("a"), lambda: shop.product_url("a")):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            ask()
    refusing.close()
    with pytest.raises(OSError):
        shop.latest_order_url()
