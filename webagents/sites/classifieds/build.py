"""The Flask application of the classified advertisements."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Flask, abort, flash, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from longhaul.webagents.sites.classifieds.seed import (
    LISTING_COLORS,
    LISTING_KINDS,
    MEMBER_ACCOUNT,
    build,
)
from longhaul.webagents.sites.pictures import draw
from longhaul.webagents.sites.site import Site, logged_in, new_app, page_of, whole_number
from longhaul.webagents.sites.store import Store
from longhaul.webagents.sites.words import CITY_NAMES

HOST = "classifieds.localhost"
PER_PAGE = 10

LISTING_ORDERS = {
    "newest": "created DESC",
    "lowest": "price",
    "highest": "price DESC",
}


def make(seed: int, secret: str, token: str) -> Site:
    """Return classifieds with a seed's advertisements; there is no interface for a `token`."""
    store = Store(partial(build, seed=seed))
    app = new_app("classifieds", store, secret)
    app.jinja_env.globals.update(categories=list(LISTING_KINDS), cities=CITY_NAMES)
    _reading(app, store)
    _own(app, store)
    _writing(app, store)
    return Site("classifieds", HOST, MEMBER_ACCOUNT, app, store, state)


def state(store: Store, user: str) -> dict[str, Any]:
    """Return a member's advertisements and favorites, and all comments."""
    row = store.one("SELECT id FROM users WHERE name = ?", user)
    number = row["id"] if row else 0
    own = "SELECT id, title, category, city, price, description FROM items WHERE user_id = ?"
    return {
        "items": store.all(own, number),
        "favorites": store.all("SELECT item_id AS item FROM favorites WHERE user_id = ?", number),
        "comments": store.all("SELECT item_id AS item, author, title, body FROM comments"),
    }


def _reading(app: Flask, store: Store) -> None:
    @app.get("/")
    def home() -> ResponseReturnValue:
        items = store.all("SELECT * FROM items ORDER BY created DESC LIMIT 8")
        return render_template("classifieds/home.html", items=items)

    @app.get("/index.php")
    def index() -> ResponseReturnValue:
        """Serve an item or a search: Osclass has this address for all pages; `page` says which."""
        if request.args.get("page") == "item":
            return item(whole_number(request.args.get("id"), 0, most=10**7))
        if request.args.get("page") == "search":
            return search()
        return redirect("/")

    def item(number: int) -> ResponseReturnValue:
        found = _item(store, number)
        comments = store.all("SELECT * FROM comments WHERE item_id = ? ORDER BY id", number)
        me = g.user["id"] if g.user else 0
        sql = "SELECT id FROM favorites WHERE user_id = ? AND item_id = ?"
        kept = store.one(sql, me, number) is not None
        return render_template(
            "classifieds/item.html", item=found, comments=comments, kept=kept, mine=_mine(found)
        )

    def search() -> ResponseReturnValue:
        ask = request.args
        terms = ask.get("sPattern", "").split()[:8]
        where = ["title || ' ' || description LIKE ?" for _ in terms]
        values: list[Any] = [f"%{term}%" for term in terms]
        for key, condition in (("sCategory", "category = ?"), ("sCity", "city = ?")):
            if ask.get(key):
                where.append(condition)
                values.append(ask[key])
        for key, condition in (("sPriceMin", "price >= ?"), ("sPriceMax", "price <= ?")):
            if ask.get(key, "").isdecimal():
                where.append(condition)
                values.append(int(ask[key]))
        order = ask.get("sOrder", "newest")
        column = LISTING_ORDERS.get(order, LISTING_ORDERS["newest"])
        condition = " AND ".join(where) or "1"
        found = store.all(f"SELECT * FROM items WHERE {condition} ORDER BY {column}", *values)
        items, page, pages = page_of(found, PER_PAGE)
        return render_template(
            "classifieds/search.html",
            **{"items": items, "page": page, "pages": pages, "count": len(found)},
            **{"order": order, "orders": list(LISTING_ORDERS)},
        )

    @app.get("/oc-content/uploads/<int:number>.png")
    def picture(number: int) -> ResponseReturnValue:
        item = _item(store, number)
        answer = make_response(draw(item["title"], item["color"], LISTING_COLORS, number))
        answer.headers.update({"Content-Type": "image/png", "Cache-Control": "max-age=3600"})
        return answer


def _own(app: Flask, store: Store) -> None:
    @app.get("/user/items")
    def own_items() -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        mine = store.all("SELECT * FROM items WHERE user_id = ? ORDER BY id", g.user["id"])
        kept = store.all(
            "SELECT i.* FROM items i JOIN favorites f ON f.item_id = i.id WHERE f.user_id = ? "
            "ORDER BY f.id",
            g.user["id"],
        )
        return render_template("classifieds/own.html", mine=mine, kept=kept)


def _writing(app: Flask, store: Store) -> None:
    @app.post("/item/<int:number>/comment")
    def comment(number: int) -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        _item(store, number)
        form = {key: request.form.get(key, "").strip() for key in ("title", "body")}
        if form["body"]:
            rest = {"author": g.user["full_name"], "created": store.now}
            store.insert("comments", {"item_id": number, **form, **rest})
        else:
            flash("A comment must not be empty.", "error")
        return redirect(f"/index.php?page=item&id={number}")

    @app.post("/item/<int:number>/favorite")
    def favorite(number: int) -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        key = {"user_id": g.user["id"], "item_id": _item(store, number)["id"]}
        where = "user_id = ? AND item_id = ?"
        if store.one(f"SELECT id FROM favorites WHERE {where}", *key.values()):
            store.write(f"DELETE FROM favorites WHERE {where}", *key.values())
        else:
            store.insert("favorites", key)
        return redirect(f"/index.php?page=item&id={number}")

    @app.route("/item/new", methods=["GET", "POST"], defaults={"number": 0})
    @app.route("/item/<int:number>/edit", methods=["GET", "POST"])
    def edit(number: int) -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        found = _item(store, number) if number else {"color": "Blue"}
        if number and not _mine(found):
            abort(404)
        if request.method == "POST":
            row = _written()
            if row is None:
                flash("Title, description and a price in whole dollars are needed.", "error")
            elif number:
                pairs = ", ".join(f"{key} = ?" for key in row)
                store.write(f"UPDATE items SET {pairs} WHERE id = ?", *row.values(), number)
                return redirect(f"/index.php?page=item&id={number}")
            else:
                owner = {"user_id": g.user["id"], "seller": g.user["full_name"], "color": "Blue"}
                number = store.insert("items", {**row, **owner, "created": store.now})
                return redirect(f"/index.php?page=item&id={number}")
        return render_template("classifieds/edit.html", item=found)

    @app.post("/item/<int:number>/delete")
    def delete(number: int) -> ResponseReturnValue:
        if not _mine(_item(store, number)):
            abort(404)
        store.write("DELETE FROM items WHERE id = ?", number)
        flash("Your listing has been deleted.", "success")
        return redirect("/user/items")


def _written() -> dict[str, Any] | None:
    """Return the row that a form describes, or None where something is missing."""
    form = {key: request.form.get(key, "").strip() for key in ("title", "description")}
    price = request.form.get("price", "").strip()
    category, city = request.form.get("category"), request.form.get("city")
    if not all(form.values()) or not price.isdecimal() or len(price) > 7:
        return None
    if category not in LISTING_KINDS or city not in CITY_NAMES:
        return None
    return {**form, "price": float(price), "category": category, "city": city}


def _mine(item: dict[str, Any]) -> bool:
    return g.user is not None and item["user_id"] == g.user["id"]


def _item(store: Store, number: int) -> dict[str, Any]:
    found = store.one("SELECT * FROM items WHERE id = ?", number)
    if found is None:
        abort(404)
    return found
