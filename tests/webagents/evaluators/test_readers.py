"""What the named readers find in pages of the benchmark's sites, and in a shop's records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from longhaul.webagents.browser.session import Session
from longhaul.webagents.evaluators.readers import Scene, read
from longhaul.webagents.tasks.format import Reader

if TYPE_CHECKING:
    from playwright.sync_api import Page

ORDER = """<table class="order-details-items"><tbody>
<tr><td class="product-item-name"> Mug </td><td class="sku"> B1 </td>
  <td class="item-options"><dt>Size:</dt><dd> Small </dd><dt>Color</dt><dd>red</dd></td>
  <td class="qty"><span class="content"> 3 </span></td></tr>
<tr><td class="product-item-name">Lamp</td><td class="sku">B12</td>
  <td class="qty"><span class="content">1</span></td></tr></tbody></table>"""
PRODUCT = """<div class="product-info-price"><span data-price-amount="29.99"></span></div>
<div class="product-reviews-summary"><div class="rating-result" title="64%"></div>
<div class="reviews-actions"><a class="view">12 Reviews</a></div></div>
<table><tr><th>Brand</th><td>: Acme</td></tr><tr><td>Item Weight</td><td>\u200e: 2 kg</td></tr>
<tr><td>Empty</td></tr></table>"""


def comment(author: str, text: str, time: str, level: int) -> str:
    return (
        f'<article class="comment" data-level="{level}"><p class="comment__info">'
        f'<a href="/user/{author}">{author}</a><time datetime="{time}"></time></p>'
        f'<div class="comment__body"> {text} </div></article>'
    )


THREAD = "".join(
    [
        comment("ann", "root", "2023-01-01", 1),
        comment("bob", "answer", "2023-01-02", 2),
        comment("eve", "deep", "2023-01-03", 3),
        comment("cat", "newest of cat", "2023-01-09", 2),
        comment("cat", "older of cat", "2023-01-08", 3),
        comment("dan", "alone", "2023-01-04", 1),
    ]
)
MEMBERS = """<table><tr><td><i>@ann</i></td><td data-label="Max role"> Owner </td></tr>
<tr><td>@anna</td><td class="max-role">Guest</td></tr><tr><td>@bob</td></tr></table>"""


class Records:
    """A shop's records, as a Shop has them."""

    def latest_order_url(self) -> str:
        return "http://shop/order/9/"

    def reviews(self, sku: str) -> list[Mapping[str, Any]]:
        first = {"nickname": "ann", "title": "t1", "detail": "d1", "rating": "20"}
        last = {"nickname": "bob", "title": "t2", "detail": "d2", "rating": "80"}
        return [first, last] if sku == "B1" else []

    def product_url(self, sku: str) -> str:
        return f"http://shop/{sku}.html"


@pytest.fixture(scope="module")
def page(at: Session) -> Page:
    page = at.aside()
    page.goto("about:blank")
    return page


@pytest.mark.parametrize(
    ("html", "name", "arguments", "text"),
    [
        ("<b> x </b><b>y</b>", "get_query_text", ("b",), " x "),
        ("<b>x</b>", "get_query_text", ("i",), ""),
        (ORDER, "shopping_get_order_product_name_list", (), "Mug |OR| Lamp"),
        (ORDER, "shopping_get_order_product_quantity", ("B1",), "3"),
        (ORDER, "shopping_get_order_product_quantity", ("B12",), "1"),
        (ORDER, "shopping_get_order_product_quantity", ("B",), ""),
        (ORDER, "shopping_get_order_product_option", ("B1", "Size"), "Small"),
        (ORDER, "shopping_get_order_product_option", ("B1", "Color"), "red"),
        (ORDER, "shopping_get_order_product_option", ("B12", "Size"), ""),
        (PRODUCT, "shopping_get_product_price", (), 29.99),
        ("", "shopping_get_product_price", (), ""),
        (PRODUCT, "shopping_get_num_reviews", (), "12"),
        ("", "shopping_get_num_reviews", (), "0"),
        (PRODUCT, "shopping_get_rating_as_percentage", (), "64"),
        ("", "shopping_get_rating_as_percentage", (), "0"),
        (PRODUCT, "shopping_get_product_attributes", ("Brand",), "Acme"),
        (PRODUCT, "shopping_get_product_attributes", ("Size |OR| item weight ",), "2 kg"),
        (PRODUCT, "shopping_get_product_attributes", ("Empty",), ""),
        (PRODUCT, "shopping_get_product_attributes", ("Maker",), ""),
        (MEMBERS, "gitlab_get_project_memeber_role", ("ann",), "Owner"),
        (MEMBERS, "gitlab_get_project_memeber_role", ("anna",), "Guest"),
        (MEMBERS, "gitlab_get_project_memeber_role", ("bob",), ""),
        (THREAD, "reddit_get_latest_comment_content_by_username", ("cat",), "newest of cat"),
        (THREAD, "reddit_get_latest_comment_content_by_username", ("ca",), ""),
    ],
)
def test_in_a_page(
    page: Page, html: str, name: str, arguments: tuple[str, ...], text: str | float
) -> None:
    page.set_content(html)
    assert read(Reader(name, arguments), Scene(page, "", None)) == text


@pytest.mark.parametrize(
    ("user", "parent"),
    [("ann", ""), ("bob", "ann"), ("eve", "bob"), ("cat", "ann"), ("dan", ""), ("nobody", "")],
)
def test_the_comment_above_is_the_parent(page: Page, user: str, parent: str) -> None:
    page.set_content(THREAD)
    name = "reddit_get_parent_comment_username_of_latest_comment_by_username"
    assert read(Reader(name, (user,)), Scene(page, "", None)) == parent


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("shopping_get_latest_order_url", (), "http://shop/order/9/"),
        ("shopping_get_sku_product_page_url", ("B1",), "http://shop/B1.html"),
        ("shopping_get_sku_latest_review_author", ("B1",), "bob"),
        ("shopping_get_sku_latest_review_rating", ("B1",), "80"),
        ("shopping_get_sku_latest_review_text", ("B1",), "d2"),
        ("shopping_get_sku_latest_review_title", ("B1",), "t2"),
        ("shopping_get_sku_latest_review_title", ("B2",), ""),
    ],
)
def test_in_the_shops_records(page: Page, name: str, arguments: tuple[str, ...], text: str) -> None:
    reader = Reader(name, arguments)
    assert read(reader, Scene(page, "", Records())) == text
    assert read(reader, Scene(page, "", None)) == ""


@pytest.mark.parametrize(
    ("url", "post"),
    [
        ("http://r/f/books/7/a-title/-/comment/3", "http://r/f/books/7/"),
        ("http://r/f/books/7", "http://r/f/books/7/"),
        ("__last_url__/x", "http://r/f/cats/12/"),
        ("http://r/f/books", "http://r/f/books"),
        ("http://r/f/books/new", "http://r/f/books/new"),
        ("http://r/user/ann", "http://r/user/ann"),
    ],
)
def test_the_address_of_a_post(page: Page, url: str, post: str) -> None:
    scene = Scene(page, "http://r/f/cats/12", None)
    assert read(Reader("reddit_get_post_url", (url,)), scene) == post
