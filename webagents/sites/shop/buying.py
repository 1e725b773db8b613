"""The shop's pages of cart, lists and orders."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from longhaul.webagents.sites.shop.catalog import PRODUCTS_SQL
from longhaul.webagents.sites.site import logged_in, whole_number
from longhaul.webagents.sites.store import Store

ADDRESS_FIELDS = ("recipient", "street", "city", "postcode", "telephone")

LIST_MESSAGES = {
    "wishlist": "has been added to your Wish List.",
    "compare": "has been added to the comparison list.",
}


def register(app: Flask, store: Store) -> None:
    """Add the pages to an application."""
    _cart(app, store)
    _lists(app, store)
    _orders(app, store)


def _cart(app: Flask, store: Store) -> None:
    @app.get("/checkout/cart/")
    @app.get("/checkout/cart", endpoint="cart_plain")
    def cart() -> ResponseReturnValue:
        lines = cart_lines(store, g.user["id"] if g.user else 0)
        return render_template("shop/cart.html", lines=lines, total=total_of(lines))

    @app.post("/checkout/cart/add/<int:number>")
    def add(number: int) -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        product = _product(store, number)
        colors = product["colors"].split(",")
        color = request.form.get("color", colors[0])
        quantity = whole_number(request.form.get("qty"), 1, least=1, most=product["stock"])
        key = (g.user["id"], number, color if color in colors else colors[0])
        where = "user_id = ? AND product_id = ? AND color = ?"
        if store.one(f"SELECT id FROM cart WHERE {where}", *key):
            store.write(f"UPDATE cart SET quantity = quantity + ? WHERE {where}", quantity, *key)
        else:
            row = dict(zip(("user_id", "product_id", "color"), key, strict=True))
            store.insert("cart", {**row, "quantity": quantity})
        flash(f"You added {product['name']} to your shopping cart.", "success")
        return redirect(f"/{product['slug']}.html")

    @app.post("/checkout/cart/update/<int:line>")
    def update(line: int) -> ResponseReturnValue:
        user = g.user["id"] if g.user else 0
        if request.form.get("action") == "remove":
            store.write("DELETE FROM cart WHERE id = ? AND user_id = ?", line, user)
        else:
            quantity = whole_number(request.form.get("qty"), 1, least=1)
            store.write(
                "UPDATE cart SET quantity = ? WHERE id = ? AND user_id = ?", quantity, line, user
            )
        return redirect("/checkout/cart/")


def _lists(app: Flask, store: Store) -> None:
    @app.post("/<name>/add/<int:number>")
    def add_to(name: str, number: int) -> ResponseReturnValue:
        if name not in LIST_MESSAGES:
            abort(404)
        if (denied := logged_in()) is not None:
            return denied
        product, key = _product(store, number), {"user_id": g.user["id"], "product_id": number}
        found = store.one(
            f"SELECT id FROM {name} WHERE user_id = ? AND product_id = ?", *key.values()
        )
        if not found:
            store.insert(name, key)
        flash(f"{product['name']} {LIST_MESSAGES[name]}", "success")
        return redirect("/wishlist/" if name == "wishlist" else f"/{product['slug']}.html")

    @app.post("/<name>/remove/<int:number>")
    def remove_from(name: str, number: int) -> ResponseReturnValue:
        if name not in LIST_MESSAGES:
            abort(404)
        user = g.user["id"] if g.user else 0
        store.write(f"DELETE FROM {name} WHERE user_id = ? AND product_id = ?", user, number)
        return redirect("/wishlist/" if name == "wishlist" else "/catalog/product_compare/")

    @app.get("/wishlist/")
    def wishlist() -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        return render_template("shop/wishlist.html", products=_listed(store, "wishlist"))

    @app.get("/catalog/product_compare/")
    def compare() -> ResponseReturnValue:
        return render_template("shop/compare.html", products=_listed(store, "compare"))


def _orders(app: Flask, store: Store) -> None:
    @app.route("/checkout/", methods=["GET", "POST"])
    def checkout() -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        lines = cart_lines(store, g.user["id"])
        last = store.one("SELECT * FROM orders WHERE user_id = ? ORDER BY id", g.user["id"])
        address = {key: request.form.get(key, (last or {}).get(key, "")) for key in ADDRESS_FIELDS}
        if request.method == "POST" and lines and all(value.strip() for value in address.values()):
            number = place_order(store, g.user["id"], lines, address)
            return render_template("shop/success.html", number=number)
        if request.method == "POST":
            flash("Please fill in the whole shipping address.", "error")
        page = "shop/checkout.html" if lines else "shop/cart.html"
        return render_template(page, lines=lines, total=total_of(lines), address=address)

    @app.get("/sales/order/history/")
    def history() -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        sql = "SELECT * FROM orders WHERE user_id = ? ORDER BY id DESC"
        return render_template("shop/orders.html", orders=store.all(sql, g.user["id"]))

    @app.get("/sales/order/view/order_id/<int:number>/")
    def order(number: int) -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        found = store.one("SELECT * FROM orders WHERE id = ? AND user_id = ?", number, g.user["id"])
        if found is None:
            abort(404)
        items = store.all("SELECT * FROM order_items WHERE order_id = ?", number)
        return render_template("shop/order.html", order=found, items=items)


def cart_lines(store: Store, user: int) -> list[dict[str, Any]]:
    """Return the lines of a user's cart, each with its product."""
    return store.all(
        "SELECT c.id AS line, c.color, c.quantity, p.* FROM cart c JOIN products p "
        "ON p.id = c.product_id WHERE c.user_id = ? ORDER BY c.id",
        user,
    )


def total_of(lines: list[dict[str, Any]]) -> float:
    return round(sum(line["price"] * line["quantity"] for line in lines), 2)


def place_order(
    store: Store, user: int, lines: list[dict[str, Any]], address: dict[str, str]
) -> str:
    """Turn a cart into an order and empty it; return the order's number."""
    newest = store.one("SELECT MAX(id) AS id FROM orders")
    number = f"{((newest or {}).get('id') or 0) + 1:09}"
    order = store.insert(
        "orders",
        {
            "user_id": user,
            "number": number,
            "created": store.now,
            "status": "Pending",
            "total": total_of(lines),
            **address,
        },
    )
    for line in lines:
        kept = {key: line[key] for key in ("name", "sku", "color", "quantity", "price")}
        store.insert("order_items", {"order_id": order, "product_id": line["id"], **kept})
        store.write(
            "UPDATE products SET stock = stock - ? WHERE id = ?", line["quantity"], line["id"]
        )
    store.write("DELETE FROM cart WHERE user_id = ?", user)
    return number


def _listed(store: Store, table: str) -> list[dict[str, Any]]:
    user = g.user["id"] if g.user else 0
    return store.all(
        f"{PRODUCTS_SQL} JOIN {table} l ON l.product_id = p.id WHERE l.user_id = ? GROUP BY p.id "
        "ORDER BY l.id",
        user,
    )


def _product(store: Store, number: int) -> dict[str, Any]:
    found = store.one("SELECT * FROM products WHERE id = ?", number)
    if found is None:
        abort(404)
    return found
