"""The Flask application of the shop."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Flask, abort, make_response
from flask.typing import ResponseReturnValue

from longhaul.webagents.sites.pictures import draw
from longhaul.webagents.sites.shop import admin, buying, catalog
from longhaul.webagents.sites.shop.seed import CUSTOMER_ACCOUNT, PRODUCT_COLORS, build
from longhaul.webagents.sites.site import Site, new_app
from longhaul.webagents.sites.store import Store

HOST = "shop.localhost"


def make(seed: int, secret: str, token: str) -> Site:
    """Return a shop with the goods of a seed; `token` opens its REST interface."""
    store = Store(partial(build, seed=seed))
    app = new_app("shop", store, secret)
    catalog.register(app, store)
    buying.register(app, store)
    admin.register(app, store, token)
    _pictures(app, store)
    return Site("shop", HOST, CUSTOMER_ACCOUNT, app, store, state)


def state(store: Store, user: str) -> dict[str, Any]:
    """Return a customer's cart, lists and orders, and all reviews and products."""
    row = store.one("SELECT id FROM users WHERE name = ?", user)
    number = row["id"] if row else 0
    listed = "SELECT p.sku FROM {} l JOIN products p ON p.id = l.product_id WHERE l.user_id = ?"
    items = (
        "SELECT o.number, o.status, o.city, o.street, i.sku, i.color, i.quantity "
        "FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.user_id = ?"
    )
    reviews = (
        "SELECT p.sku, r.nickname, r.title, r.detail, r.rating FROM reviews r "
        "JOIN products p ON p.id = r.product_id"
    )
    lines = buying.cart_lines(store, number)
    return {
        "cart": [{key: line[key] for key in ("sku", "color", "quantity")} for line in lines],
        "wishlist": store.all(listed.format("wishlist"), number),
        "compare": store.all(listed.format("compare"), number),
        "ordered": store.all(items, number),
        "orders": store.all("SELECT number, status FROM orders"),
        "reviews": store.all(reviews),
        "products": store.all("SELECT sku, name, price, stock FROM products"),
    }


def _pictures(app: Flask, store: Store) -> None:
    @app.get("/media/catalog/product/<sku>.png")
    def picture(sku: str) -> ResponseReturnValue:
        found = store.one("SELECT * FROM products WHERE sku = ?", sku)
        if found is None:
            abort(404)
        color = found["colors"].split(",")[0]
        answer = make_response(draw(found["name"], color, PRODUCT_COLORS, found["id"]))
        answer.headers.update({"Content-Type": "image/png", "Cache-Control": "max-age=3600"})
        return answer
