"""Parses the locators of task files, which say what to read, into types.

The published evaluators run these strings. Here `func:` is parsed as one call of a known name with
literal arguments, and JavaScript is kept as text, which only the page runs.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from longhaul.errors import unknown
from longhaul.webagents.errors import TaskError, UnsupportedError
from longhaul.webagents.tasks.format import Locator, PageHtml, Reader, Script

PAGE_READERS: Mapping[str, int] = {
    "get_query_text": 1,
    "shopping_get_sku_latest_review_author": 1,
    "shopping_get_sku_latest_review_rating": 1,
    "shopping_get_sku_latest_review_text": 1,
    "shopping_get_sku_latest_review_title": 1,
    "shopping_get_product_attributes": 1,
    "shopping_get_product_price": 0,
    "shopping_get_num_reviews": 0,
    "shopping_get_rating_as_percentage": 0,
    "shopping_get_order_product_name_list": 0,
    "shopping_get_order_product_quantity": 1,
    "shopping_get_order_product_option": 2,
    "reddit_get_latest_comment_content_by_username": 1,
    "reddit_get_parent_comment_username_of_latest_comment_by_username": 1,
    "gitlab_get_project_memeber_role": 1,
}
"""The functions that read a page, with the number of texts that each takes besides the page."""

URL_READERS: Mapping[str, int] = {
    "shopping_get_latest_order_url": 0,
    "shopping_get_sku_product_page_url": 1,
    "reddit_get_post_url": 1,
}
"""The functions that find an address, with the number of texts that each takes."""

PAGE = "__page__"
LAST_URL = "__last_url__"


def parse_locator(text: str) -> Locator:
    """Return a locator in types. Raises UnsupportedError for a locator or function that is unknown,
    TaskError for a `func:` that is no plain call."""
    if not text.strip():
        return PageHtml()
    if text.startswith(("document.", "[...document.")):
        return Script(text)
    if text.startswith("lambda:"):
        return Script(text.removeprefix("lambda:"), strict=True)
    if text.startswith("func:"):
        return parse_call(text.removeprefix("func:"), PAGE_READERS)
    raise UnsupportedError(
        f"locator {text[:80]!r} is unknown; valid: empty, document..., lambda:..., func:...",
        "locator",
    )


def parse_url(text: str) -> str | Reader:
    """Return an address, `last`, or a Reader that finds one."""
    if text.startswith("func:"):
        return parse_call(text.removeprefix("func:"), URL_READERS)
    return text


def parse_call(text: str, known: Mapping[str, int]) -> Reader:
    """Return a call such as `get_query_text(__page__, '.price')` as data.

    Raises UnsupportedError naming the known functions for another, and TaskError for anything
    that is not one call with literal arguments.
    """
    try:
        call = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise TaskError(f"func:{text[:80]} is no call") from None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)) or call.keywords:
        raise TaskError(f"func:{text[:80]} is no plain call of a function")
    name = call.func.id
    if name not in known:
        raise UnsupportedError(unknown(f"func:{name}", known), "function")
    arguments = tuple(_literal(argument, text) for argument in call.args if not _is_page(argument))
    if len(arguments) != known[name]:
        raise TaskError(f"func:{text[:80]}: {name} takes {known[name]} texts, not {len(arguments)}")
    return Reader(name, arguments)


def _is_page(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == PAGE


def _literal(node: ast.expr, text: str) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float):
        return str(node.value)
    raise TaskError(f"func:{text[:80]}: an argument is no text, but {ast.unparse(node)[:40]}")
