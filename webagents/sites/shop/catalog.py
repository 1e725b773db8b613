"""The shop's pages of products."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from longhaul.webagents.sites.site import page_of
from longhaul.webagents.sites.store import Store

ROWS_PER_PAGE = 12

PRODUCT_ORDERS = {"position": "p.id", "name": "p.name", "price": "p.price"}
"""The orders of a list, with their columns."""

PRICE_RANGES = ((0, 20), (20, 50), (50, 100), (100, 1000))
"""The price ranges (dollars) by which a list can be filtered."""

PRODUCTS_SQL = """SELECT p.*, COUNT(r.id) AS review_count,
CAST(ROUND(20 * AVG(r.rating)) AS INTEGER) AS rating
FROM products p LEFT JOIN reviews r ON r.product_id = p.id AND r.status = 'Approved' """


def register(app: Flask, store: Store) -> None:
    """Add the pages to an application."""

    @app.context_processor
    def shared() -> dict[str, Any]:
        rows = store.all("SELECT DISTINCT category FROM products ORDER BY category")
        user = g.user["id"] if g.user else 0
        counts = {
            table: store.all(f"SELECT id FROM {table} WHERE user_id = ?", user)
            for table in ("cart", "wishlist", "compare")
        }
        return {
            "categories": [row["category"] for row in rows],
            "counts": {table: len(found) for table, found in counts.items()},
        }

    @app.get("/")
    def home() -> ResponseReturnValue:
        products = store.all(PRODUCTS_SQL + "GROUP BY p.id ORDER BY p.id LIMIT 8")
        return render_template("shop/home.html", products=products)

    @app.get("/<category>.html")
    def category(category: str) -> ResponseReturnValue:
        """Serve a category's list or a product's page: in Magento both have such an address."""
        known = store.one("SELECT category FROM products WHERE lower(category) = ?", category)
        if known is None:
            return product(category)
        return _listing(store, known["category"], "p.category = ?", known["category"])

    @app.get("/catalogsearch/result/")
    def search() -> ResponseReturnValue:
        terms = request.args.get("q", "").split()[:8]
        where = " AND ".join("p.name || ' ' || p.description LIKE ?" for _ in terms) or "1"
        title = f"Search results for: '{request.args.get('q', '')}'"
        return _listing(store, title, where, *(f"%{term}%" for term in terms))

    def product(slug: str) -> ResponseReturnValue:
        found = store.one(PRODUCTS_SQL + "WHERE p.slug = ? GROUP BY p.id", slug)
        if found is None:
            abort(404)
        reviews = store.all(
            "SELECT * FROM reviews WHERE product_id = ? AND status = 'Approved' ORDER BY id DESC",
            found["id"],
        )
        return render_template("shop/product.html", product=found, reviews=reviews)

    @app.post("/review/product/post/id/<int:number>")
    def review(number: int) -> ResponseReturnValue:
        found = store.one("SELECT * FROM products WHERE id = ?", number)
        if found is None:
            abort(404)
        form = {key: request.form.get(key, "").strip() for key in ("nickname", "title", "detail")}
        stars = request.form.get("rating", "")
        if all(form.values()) and stars in ("1", "2", "3", "4", "5"):
            rest = {"rating": int(stars), "created": store.now, "status": "Approved"}
            store.insert("reviews", {"product_id": number, **form, **rest})
            flash("You submitted your review for moderation.", "success")
        else:
            flash("Please fill in nickname, summary, review and rating.", "error")
        return redirect(f"/{found['slug']}.html")


def _listing(store: Store, title: str, where: str, *values: str) -> ResponseReturnValue:
    """Return a list of products, filtered, sorted and in pages as the request's query says."""
    order = request.args.get("product_list_order", "position")
    column = PRODUCT_ORDERS.get(order, PRODUCT_ORDERS["position"])
    way = "DESC" if request.args.get("product_list_dir") == "desc" else "ASC"
    low, _, high = request.args.get("price", "").partition("-")
    bounds: tuple[int, ...] = ()
    if low.isdecimal() and high.isdecimal():
        where, bounds = f"{where} AND p.price >= ? AND p.price < ?", (int(low), int(high))
    sql = f"{PRODUCTS_SQL} WHERE {where} GROUP BY p.id ORDER BY {column} {way}"
    products, page, pages = page_of(store.all(sql, *values, *bounds), ROWS_PER_PAGE)
    return render_template(
        "shop/list.html",
        title=title,
        products=products,
        page=page,
        pages=pages,
        order=order,
        way=way.lower(),
        orders=list(PRODUCT_ORDERS),
        prices=PRICE_RANGES,
        arguments=request.args.to_dict(),
    )
