"""The shop's administration, and its REST interface."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Flask, abort, flash, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from longhaul.webagents.sites.shop.catalog import ROWS_PER_PAGE
from longhaul.webagents.sites.site import page_of, whole_number
from longhaul.webagents.sites.store import Store

ORDER_STATUSES = ("Pending", "Processing", "Complete", "Canceled")


def register(app: Flask, store: Store, token: str) -> None:
    """Add the pages and the interface, which asks for `token`, to an application."""
    _orders(app, store)
    _products(app, store)
    _interface(app, store, token)


def _orders(app: Flask, store: Store) -> None:
    @app.before_request
    def only_administrators() -> ResponseReturnValue | None:
        inside = request.path == "/admin" or request.path.startswith("/admin/")
        if inside and (g.user is None or g.user["role"] != "admin"):
            flash("Sign in as an administrator.", "error")
            return redirect("/login")
        return None

    @app.get("/admin/")
    @app.get("/admin", endpoint="dashboard_plain")
    def dashboard() -> ResponseReturnValue:
        best = store.all(
            "SELECT name, SUM(quantity) AS quantity, price FROM order_items GROUP BY sku "
            "ORDER BY quantity DESC, name LIMIT 5"
        )
        orders = store.all("SELECT * FROM orders ORDER BY id DESC LIMIT 5")
        return render_template("shop/admin_home.html", best=best, orders=orders)

    @app.get("/admin/sales/order/")
    def admin_orders() -> ResponseReturnValue:
        status = request.args.get("status", "")
        sql = "SELECT * FROM orders WHERE ? IN ('', status) ORDER BY id DESC"
        orders, page, pages = page_of(store.all(sql, status), ROWS_PER_PAGE)
        return render_template(
            "shop/admin_orders.html",
            **{"orders": orders, "page": page, "pages": pages},
            **{"status": status, "statuses": ORDER_STATUSES},
        )

    @app.route("/admin/sales/order/view/order_id/<int:number>/", methods=["GET", "POST"])
    def admin_order(number: int) -> ResponseReturnValue:
        status = request.form.get("status")
        if status in ORDER_STATUSES:
            store.write("UPDATE orders SET status = ? WHERE id = ?", status, number)
            flash("You saved the order.", "success")
        order = _row(store, "orders", number)
        items = store.all("SELECT * FROM order_items WHERE order_id = ?", number)
        return render_template(
            "shop/admin_order.html", order=order, items=items, statuses=ORDER_STATUSES
        )


def _products(app: Flask, store: Store) -> None:
    @app.get("/admin/catalog/product/")
    def admin_products() -> ResponseReturnValue:
        text = f"%{request.args.get('search', '')}%"
        found = store.all("SELECT * FROM products WHERE name || sku LIKE ? ORDER BY id", text)
        products, page, pages = page_of(found, ROWS_PER_PAGE)
        return render_template(
            "shop/admin_products.html",
            **{"products": products, "page": page, "pages": pages},
            search=request.args.get("search", ""),
        )

    @app.route("/admin/catalog/product/edit/id/<int:number>/", methods=["GET", "POST"])
    def admin_product(number: int) -> ResponseReturnValue:
        product = _row(store, "products", number)
        if request.method == "POST":
            price, name = _price(request.form.get("price", "")), request.form.get("name", "")
            if price is None or not name.strip():
                flash("Name and a price are needed.", "error")
            else:
                stock = whole_number(request.form.get("stock"), product["stock"])
                sql = "UPDATE products SET name = ?, price = ?, stock = ? WHERE id = ?"
                store.write(sql, name.strip(), price, stock, number)
                flash("You saved the product.", "success")
            product = _row(store, "products", number)
        return render_template("shop/admin_product.html", product=product)

    @app.route("/admin/review/product/", methods=["GET", "POST"])
    def admin_reviews() -> ResponseReturnValue:
        if request.method == "POST":
            number = whole_number(request.form.get("review"), 0)
            store.write("DELETE FROM reviews WHERE id = ?", number)
            flash("The review has been deleted.", "success")
        sql = (
            "SELECT r.*, p.name AS product FROM reviews r JOIN products p ON p.id = r.product_id "
            "WHERE ? IN ('', CAST(r.rating AS TEXT)) ORDER BY r.id DESC"
        )
        reviews, page, pages = page_of(
            store.all(sql, request.args.get("rating", "")), ROWS_PER_PAGE
        )
        return render_template(
            "shop/admin_reviews.html",
            **{"reviews": reviews, "page": page, "pages": pages},
            rating=request.args.get("rating", ""),
        )


def _interface(app: Flask, store: Store, token: str) -> None:
    """Add the part of Magento's REST interface that the benchmark's evaluators use: the newest
    order, a product's reviews and address."""

    @app.before_request
    def only_with_token() -> ResponseReturnValue | None:
        given = request.headers.get("Authorization", "")
        if request.path.startswith("/rest/") and not hmac.compare_digest(given, f"Bearer {token}"):
            return {"message": "The consumer isn't authorized to access this."}, 401
        return None

    @app.get("/rest/V1/orders")
    def rest_orders() -> ResponseReturnValue:
        orders = store.all("SELECT * FROM orders ORDER BY created DESC, id DESC LIMIT 1")
        items = [
            {"entity_id": o["id"], "created_at": o["created"], "increment_id": o["number"]}
            for o in orders
        ]
        return jsonify({"items": items})

    @app.get("/rest/V1/products/<sku>/reviews")
    def rest_reviews(sku: str) -> ResponseReturnValue:
        reviews = store.all(
            "SELECT r.* FROM reviews r JOIN products p ON p.id = r.product_id "
            "WHERE p.sku = ? ORDER BY r.id",
            sku,
        )
        return jsonify([_told(review) for review in reviews])

    @app.get("/rest/V1/products/<sku>")
    def rest_product(sku: str) -> ResponseReturnValue:
        found = store.one("SELECT * FROM products WHERE sku = ?", sku)
        if found is None:
            return {"message": "The product that was requested doesn't exist."}, 404
        attributes = [{"attribute_code": "url_key", "value": found["slug"]}]
        return jsonify({"sku": sku, "custom_attributes": attributes})


def _told(review: dict[str, Any]) -> dict[str, Any]:
    told = {key: review[key] for key in ("id", "nickname", "title", "detail")}
    ratings = [{"percent": 20 * review["rating"], "rating_name": "Rating"}]
    return {**told, "created_at": review["created"], "ratings": ratings}


def _row(store: Store, table: str, number: int) -> dict[str, Any]:
    found = store.one(f"SELECT * FROM {table} WHERE id = ?", number)
    if found is None:
        abort(404)
    return found


def _price(text: str) -> float | None:
    """Return the price that a text says, rounded to cents; None if it is none."""
    whole, _, cents = text.strip().removeprefix("$").partition(".")
    good = whole.isdecimal() and len(whole) < 7 and (not cents or cents.isdecimal())
    return round(float(f"{whole}.{cents or 0}"), 2) if good else None
