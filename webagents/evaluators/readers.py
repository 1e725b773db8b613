"""The functions that task files name: each reads one text from a page or from a shop's records.

The registry is closed: a task file chooses from it and brings no code. The page structure is that
of the benchmark's sites (Magento, Postmill, GitLab), which the local sites share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

from longhaul.webagents.evaluators.lookup import first_found
from longhaul.webagents.evaluators.text import Value
from longhaul.webagents.tasks.format import OR_SEPARATOR, Reader

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Shop(Protocol):
    """A shop's records, read by its administrator's interface."""

    def latest_order_url(self) -> str:
        """Return the address of the newest order's page; empty where there is none."""

    def reviews(self, sku: str) -> list[Mapping[str, Any]]:
        """Return a product's reviews, oldest first: `nickname`, `title`, `detail`, `rating` in
        per cent."""

    def product_url(self, sku: str) -> str:
        """Return the address of a product's page; empty where there is none."""


@dataclass(frozen=True)
class Scene:
    """What a reader may read: a page, the URL where the agent ended, and the shop."""

    page: Page
    last_url: str
    shop: Shop | None


TEXT_SCRIPT = "css => document.querySelector(css)?.textContent ?? ''"

ORDER_ROW = """sku => {
  const rows = Array.from(document.querySelectorAll('.order-details-items tbody tr'));
  return rows.find(row => row.querySelector('.sku')?.textContent.trim() === sku);
}"""

ORDER_QUANTITY = f"""sku => {{
  const row = ({ORDER_ROW})(sku);
  return row?.querySelector('.qty .content')?.textContent.trim() ?? '';
}}"""

ORDER_OPTION = f"""([sku, option]) => {{
  const row = ({ORDER_ROW})(sku);
  const terms = Array.from(row?.querySelectorAll('.item-options dt') ?? []);
  const term = terms.find(t => t.textContent.trim().replace(/:$/, '') === option);
  return term?.nextElementSibling?.textContent.trim() ?? '';
}}"""

ORDER_NAMES = """() => {
  const names = document.querySelectorAll('.order-details-items .product-item-name');
  return Array.from(names, name => name.textContent.trim()).join(' |OR| ');
}"""

PRICE = """() => {
  const main = document.querySelector('.product-info-price [data-price-amount]');
  return Number(main?.getAttribute('data-price-amount') ?? '') || '';
}"""

REVIEW_COUNT = """() => document.querySelector('.reviews-actions .view')?.textContent
  .match(/\\d+/)?.[0] ?? '0'"""

RATING = """() => document.querySelector('.product-reviews-summary .rating-result')
  ?.getAttribute('title')?.match(/\\d+/)?.[0] ?? '0'"""

ATTRIBUTE = """names => {
  const rows = Array.from(document.querySelectorAll('table tr, .product.attribute li'));
  for (const row of rows) {
    const [label, ...rest] = row.textContent.trim().split(/[:\\n\\u200e]+/).map(t => t.trim())
      .filter(t => t);
    if (label && names.includes(label.toLowerCase())) return rest.join(' ');
  }
  return '';
}"""

COMMENTS = """() => Array.from(document.querySelectorAll('.comment'), (comment, index) => ({
  author: comment.querySelector('.comment__info a[href*="/user/"]')?.textContent.trim() ?? '',
  text: comment.querySelector('.comment__body')?.textContent.trim() ?? '',
  time: comment.querySelector('.comment__info time')?.getAttribute('datetime') ?? '',
  level: Number(comment.getAttribute('data-level') ?? 1),
  index: index,
}))"""

MEMBER_ROLE = """account => {
  const rows = Array.from(document.querySelectorAll('tr'));
  const row = rows.find(r => Array.from(r.querySelectorAll('*'))
    .some(e => e.textContent.trim() === '@' + account));
  const cell = row?.querySelector('[data-label="Max role"], .max-role');
  return cell?.textContent.trim() ?? '';
}"""


def read(reader: Reader, scene: Scene) -> Value:
    """Return the text that a Reader finds, empty where there is none, or its number."""
    return REGISTRY[reader.name](scene, *reader.arguments)


def script_value(value: Any, strict: bool) -> Value | None:
    """Return what a task's script returned as its rules are to see it: a text. If the script is
    `strict`, a number stays a number, and null, false, 0 and the empty text are no value (None), as
    published: the scripts return 0 where a page has no price."""
    if not strict:
        return "" if value is None else str(value)
    if not value:
        return None
    return value if is_number(value) else str(value)


def is_number(value: Any) -> TypeGuard[int | float]:
    """Say whether a script returned a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _script(source: str) -> Callable[..., Value]:
    """Return a reader that calls a function in the page, with its texts as one argument."""

    def run(scene: Scene, *texts: str) -> Value:
        argument = texts[0] if len(texts) == 1 else list(texts)
        value = first_found(scene.page, source, argument)
        return value if is_number(value) else str(value)

    return run


def _review(field: str) -> Callable[..., str]:
    def run(scene: Scene, sku: str) -> str:
        reviews = scene.shop.reviews(sku) if scene.shop else []
        return str(reviews[-1][field]) if reviews else ""

    return run


def _attributes(scene: Scene, names: str) -> str:
    return str(
        first_found(scene.page, ATTRIBUTE, [n.strip().lower() for n in names.split(OR_SEPARATOR)])
    )


def _latest_comment(scene: Scene, user: str) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    comments = first_found(scene.page, COMMENTS)
    own = [comment for comment in comments if comment["author"] == user]
    return comments, max(own, key=lambda comment: comment["time"], default=None)


def _comment(scene: Scene, user: str) -> str:
    _, latest = _latest_comment(scene, user)
    return str(latest["text"]) if latest else ""


def _comment_parent(scene: Scene, user: str) -> str:
    """Return the author of the comment that a user's latest comment answers: the nearest comment
    above it with a lower level."""
    comments, latest = _latest_comment(scene, user)
    if latest is None:
        return ""
    above = [c for c in comments[: latest["index"]] if c["level"] < latest["level"]]
    return str(above[-1]["author"]) if above else ""


def _post_url(scene: Scene, url: str) -> str:
    """Return the address of the post to which a forum's address belongs: `/f/<forum>/<id>/`."""
    url = url.replace("__last_url__", scene.last_url)
    base, _, rest = url.partition("/f/")
    names = rest.split("/")
    return f"{base}/f/{names[0]}/{names[1]}/" if len(names) > 1 and names[1].isdigit() else url


REGISTRY: Mapping[str, Callable[..., Value]] = {
    "get_query_text": _script(TEXT_SCRIPT),
    "shopping_get_sku_latest_review_author": _review("nickname"),
    "shopping_get_sku_latest_review_rating": _review("rating"),
    "shopping_get_sku_latest_review_text": _review("detail"),
    "shopping_get_sku_latest_review_title": _review("title"),
    "shopping_get_product_attributes": _attributes,
    "shopping_get_product_price": _script(PRICE),
    "shopping_get_num_reviews": _script(REVIEW_COUNT),
    "shopping_get_rating_as_percentage": _script(RATING),
    "shopping_get_order_product_name_list": _script(ORDER_NAMES),
    "shopping_get_order_product_quantity": _script(ORDER_QUANTITY),
    "shopping_get_order_product_option": _script(ORDER_OPTION),
    "reddit_get_latest_comment_content_by_username": _comment,
    "reddit_get_parent_comment_username_of_latest_comment_by_username": _comment_parent,
    "gitlab_get_project_memeber_role": _script(MEMBER_ROLE),
    "shopping_get_latest_order_url": lambda scene: (
        scene.shop.latest_order_url() if scene.shop else ""
    ),
    "shopping_get_sku_product_page_url": lambda scene, sku: (
        scene.shop.product_url(sku) if scene.shop else ""
    ),
    "reddit_get_post_url": _post_url,
}
