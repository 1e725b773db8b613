"""Reads a shop's records by Magento's REST interface, which the local shop has too."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

TIMEOUT_S = 30.0
"""The most seconds that a request may take. Chosen here."""

NEWEST_ORDER = urllib.parse.urlencode(
    {
        "searchCriteria[sortOrders][0][field]": "created_at",
        "searchCriteria[sortOrders][0][direction]": "DESC",
        "searchCriteria[pageSize]": 1,
    }
)


class MagentoShop:
    """Fulfills longhaul.webagents.evaluators.readers.Shop. `url` is the shop's address in the
    browser, `address` (host:port) the server's, and `token` an administrator's token.

    Raises OSError if the shop does not answer.
    """

    def __init__(self, url: str, token: str, address: str = "") -> None:
        self._url, self._token = url.rstrip("/"), token
        parts = urllib.parse.urlsplit(self._url)
        self._host = parts.netloc
        self._base = f"http://{address}" if address else self._url

    def latest_order_url(self) -> str:
        """Return the address of the newest order's page; empty where there is none."""
        orders = (self._ask(f"/orders?{NEWEST_ORDER}") or {}).get("items") or []
        if not orders:
            return ""
        return f"{self._url}/sales/order/view/order_id/{int(orders[0]['entity_id'])}/"

    def reviews(self, sku: str) -> list[Mapping[str, Any]]:
        """Return a product's reviews, oldest first."""
        answer = self._ask(f"/products/{urllib.parse.quote(sku)}/reviews") or []
        reviews = sorted(answer, key=lambda review: (review["created_at"], review["id"]))
        return [{**review, "rating": _percent(review)} for review in reviews]

    def product_url(self, sku: str) -> str:
        """Return the address of a product's page; empty where there is none."""
        answer = self._ask(f"/products/{urllib.parse.quote(sku)}") or {}
        for attribute in answer.get("custom_attributes", ()):
            if attribute["attribute_code"] == "url_key":
                return f"{self._url}/{attribute['value']}.html"
        return ""

    def _ask(self, path: str) -> Any:
        """Return the interface's answer; None if it says that there is no such thing (404)."""
        headers = {"Authorization": f"Bearer {self._token}", "Host": self._host}
        request = urllib.request.Request(f"{self._base}/rest/V1{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise


def _percent(review: Mapping[str, Any]) -> str:
    ratings = review.get("ratings") or []
    return str(ratings[0]["percent"]) if ratings else ""
