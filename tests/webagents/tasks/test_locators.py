"""Locators are parsed as data; whatever would run something is refused."""

from __future__ import annotations

import pytest

from longhaul.webagents.errors import TaskError, UnsupportedError
from longhaul.webagents.tasks.format import PageHtml, Reader, Script
from longhaul.webagents.tasks.locators import PAGE_READERS, parse_call, parse_locator, parse_url


@pytest.mark.parametrize(
    ("text", "locator"),
    [
        ("", PageHtml()),
        ("document.title", Script("document.title")),
        ("lambda:(() => { return 1 })()", Script("(() => { return 1 })()", strict=True)),
        ("lambda:lambda_(1)", Script("lambda_(1)", strict=True)),
        ("func:get_query_text(__page__, '.price')", Reader("get_query_text", (".price",))),
        (
            "func:shopping_get_order_product_option(__page__, 'B00', 'Flavor Name')",
            Reader("shopping_get_order_product_option", ("B00", "Flavor Name")),
        ),
    ],
)
def test_each_form(text: str, locator: object) -> None:
    assert parse_locator(text) == locator


def test_addresses() -> None:
    assert parse_url("last") == "last"
    assert parse_url("func:shopping_get_latest_order_url()") == Reader(
        "shopping_get_latest_order_url"
    )


@pytest.mark.parametrize(
    "text",
    [
        "func:__import__('os').system('id')",
        "func:get_query_text(__page__, open('/etc/passwd').read())",
        "func:get_query_text(__page__, *['a'])",
        "func:get_query_text(__page__, css='a')",
        "func:get_query_text(__page__, f'{1}')",
        "func:get_query_text",
        "func:get_query_text(__page__, 'a', 'b')",
        "func:(lambda: 1)()",
        "func:get_query_text(__page__, 'a'); import os",
        "func:" + "(" * 5000,
        "page.evaluate('1')",
        "import os",
    ],
)
def test_code_is_refused(text: str) -> None:
    with pytest.raises(TaskError) as raised:
        parse_locator(text)
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 900


def test_an_unknown_function_is_told_from_a_malformed_one() -> None:
    with pytest.raises(UnsupportedError, match="valid: get_query_text"):
        parse_call("reddit_get_karma(__page__)", PAGE_READERS)
