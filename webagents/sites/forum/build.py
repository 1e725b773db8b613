"""The Flask application of the forum."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Flask, abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from longhaul.webagents.sites.forum.seed import MEMBER_ACCOUNT, build
from longhaul.webagents.sites.site import Site, logged_in, new_app, page_of
from longhaul.webagents.sites.store import Store

HOST = "forum.localhost"
PER_PAGE = 15

POST_ORDERS = {
    "hot": "comments * 40 + p.score DESC, p.id",
    "new": "p.created DESC",
    "top": "p.score DESC",
    "most_commented": "comments DESC, p.id",
}
"""The orders of a list of posts, with their SQL."""

POSTS_SQL = """SELECT p.*, f.name AS forum, u.name AS author, v.choice AS vote,
(SELECT COUNT(*) FROM comments c WHERE c.post_id = p.id) AS comments
FROM posts p JOIN forums f ON f.id = p.forum_id JOIN users u ON u.id = p.user_id
LEFT JOIN votes v ON v.post_id = p.id AND v.user_id = ? """


def make(seed: int, secret: str, token: str) -> Site:
    """Return a forum with a seed's posts; it has no interface for a `token`."""
    store = Store(partial(build, seed=seed))
    app = new_app("forum", store, secret)
    app.jinja_env.globals["forums"] = lambda: store.all("SELECT * FROM forums ORDER BY name")
    _lists(app, store)
    _posts(app, store)
    _forums(app, store)
    return Site("forum", HOST, MEMBER_ACCOUNT, app, store, state)


def state(store: Store, user: str) -> dict[str, Any]:
    """Return a member's votes, comments, posts, subscriptions and profile."""
    row = store.one("SELECT * FROM users WHERE name = ?", user) or {"id": 0, "bio": ""}
    number = row["id"]
    return {
        "votes": store.all("SELECT post_id AS post, choice FROM votes WHERE user_id = ?", number),
        "comments": store.all(
            "SELECT post_id AS post, parent_id AS parent, body FROM comments WHERE user_id = ?",
            number,
        ),
        "posts": store.all(
            "SELECT f.name AS forum, p.title, p.body FROM posts p JOIN forums f "
            "ON f.id = p.forum_id WHERE p.user_id = ?",
            number,
        ),
        "subscriptions": store.all(
            "SELECT f.name AS forum FROM subscriptions s JOIN forums f ON f.id = s.forum_id "
            "WHERE s.user_id = ?",
            number,
        ),
        "profile": [{"bio": row["bio"]}],
    }


def _lists(app: Flask, store: Store) -> None:
    @app.get("/")
    def home() -> ResponseReturnValue:
        return _listing(store, "Featured forums", None, "1")

    @app.get("/f/<name>")
    def forum(name: str) -> ResponseReturnValue:
        found = _forum(store, name)
        return _listing(store, found["title"], found, "f.id = ?", found["id"])

    @app.get("/search")
    def search() -> ResponseReturnValue:
        text = request.args.get("q", "")
        where = " AND ".join("p.title LIKE ?" for _ in text.split()[:8]) or "0"
        terms = [f"%{term}%" for term in text.split()[:8]]
        return _listing(store, f"Search results for {text}", None, where, *terms)

    @app.get("/user/<name>")
    def user(name: str) -> ResponseReturnValue:
        member = store.one("SELECT * FROM users WHERE name = ?", name)
        if member is None:
            abort(404)
        posts = store.all(POSTS_SQL + "WHERE u.name = ? ORDER BY p.created DESC", _me(), name)
        comments = store.all(
            "SELECT c.*, p.title, p.slug, f.name AS forum FROM comments c "
            "JOIN posts p ON p.id = c.post_id JOIN forums f ON f.id = p.forum_id "
            "WHERE c.user_id = ? ORDER BY c.created DESC",
            member["id"],
        )
        return render_template("forum/user.html", member=member, posts=posts, comments=comments)

    @app.route("/user/<name>/edit_biography", methods=["GET", "POST"])
    def biography(name: str) -> ResponseReturnValue:
        if g.user is None or g.user["name"] != name:
            abort(404)
        if request.method == "POST":
            bio = request.form.get("biography", "").strip()
            store.write("UPDATE users SET bio = ? WHERE id = ?", bio, g.user["id"])
            return redirect(f"/user/{name}")
        return render_template("forum/biography.html")


def _posts(app: Flask, store: Store) -> None:
    @app.get("/f/<name>/<int:number>/<slug>")
    @app.get("/f/<name>/<int:number>/", endpoint="post_plain")
    def post(name: str, number: int, slug: str = "") -> ResponseReturnValue:
        found = _post(store, number)
        rows = store.all(
            "SELECT c.*, u.name AS author FROM comments c JOIN users u ON u.id = c.user_id "
            "WHERE c.post_id = ? ORDER BY c.id",
            number,
        )
        return render_template("forum/post.html", post=found, comments=in_threads(rows))

    @app.post("/sv/<int:number>")
    def vote(number: int) -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        found, choice = _post(store, number), 1 if request.form.get("choice") == "up" else -1
        taken_back = found["vote"] == choice
        store.write("DELETE FROM votes WHERE user_id = ? AND post_id = ?", g.user["id"], number)
        if not taken_back:
            store.insert("votes", {"user_id": g.user["id"], "post_id": number, "choice": choice})
        change = (0 if taken_back else choice) - (found["vote"] or 0)
        store.write("UPDATE posts SET score = score + ? WHERE id = ?", change, number)
        back = request.form.get("next", "")
        return redirect(back if back.startswith("/") and not back.startswith("//") else "/")

    @app.post("/comment/<int:number>")
    def comment(number: int) -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        found, body = _post(store, number), request.form.get("comment", "").strip()
        parent = request.form.get("parent", "")
        row = {"post_id": number, "parent_id": int(parent) if parent.isdecimal() else None}
        if body:
            written = {"user_id": g.user["id"], "body": body, "score": 1, "created": store.now}
            store.insert("comments", {**row, **written})
        else:
            flash("A comment must not be empty.", "error")
        return redirect(f"/f/{found['forum']}/{number}/{found['slug']}")

    @app.route("/submit/<name>", methods=["GET", "POST"])
    def submit(name: str) -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        chosen = _forum(store, request.form.get("forum", name))
        title = request.form.get("title", "").strip()
        if request.method == "POST" and title:
            slug = "".join(c if c.isalnum() else "-" for c in title.lower()).strip("-") or "-"
            rest = {"title": title, "slug": slug, "body": request.form.get("body", "").strip()}
            owner = {"forum_id": chosen["id"], "user_id": g.user["id"], "score": 1}
            number = store.insert("posts", {**owner, **rest, "created": store.now})
            return redirect(f"/f/{chosen['name']}/{number}/{slug}")
        if request.method == "POST":
            flash("A title is needed.", "error")
        return render_template("forum/submit.html", chosen=chosen)


def _forums(app: Flask, store: Store) -> None:
    @app.get("/forums")
    def forums() -> ResponseReturnValue:
        return render_template("forum/forums.html")

    @app.post("/f/<name>/subscribe")
    def subscribe(name: str) -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        key = {"user_id": g.user["id"], "forum_id": _forum(store, name)["id"]}
        if _subscribed(store, key["forum_id"]):
            where = "user_id = ? AND forum_id = ?"
            store.write(f"DELETE FROM subscriptions WHERE {where}", *key.values())
        else:
            store.insert("subscriptions", key)
        return redirect(f"/f/{name}")


def in_threads(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return comments in reading order, each answer below its parent, with their `level` from 1."""
    children: dict[int | None, list[dict[str, Any]]] = {}
    for row in rows:
        children.setdefault(row["parent_id"], []).append(row)
    ordered: list[dict[str, Any]] = []
    stack = [(row, 1) for row in reversed(children.get(None, []))]
    while stack:
        row, level = stack.pop()
        ordered.append({**row, "level": level})
        stack += [(child, level + 1) for child in reversed(children.get(row["id"], []))]
    return ordered


def _listing(
    store: Store, title: str, forum: dict[str, Any] | None, where: str, *values: Any
) -> ResponseReturnValue:
    sort = request.args.get("sort", "hot")
    order = POST_ORDERS.get(sort, POST_ORDERS["hot"])
    found = store.all(f"{POSTS_SQL} WHERE {where} ORDER BY {order}", _me(), *values)
    posts, page, pages = page_of(found, PER_PAGE)
    return render_template(
        "forum/list.html",
        **{"title": title, "forum": forum, "posts": posts, "page": page, "pages": pages},
        **{"sort": sort, "sorts": list(POST_ORDERS)},
        subscribed=_subscribed(store, forum["id"]) if forum else False,
    )


def _subscribed(store: Store, forum: int) -> bool:
    sql = "SELECT id FROM subscriptions WHERE user_id = ? AND forum_id = ?"
    return store.one(sql, _me(), forum) is not None


def _me() -> int:
    return int(g.user["id"]) if g.user else 0


def _forum(store: Store, name: str) -> dict[str, Any]:
    found = store.one("SELECT * FROM forums WHERE lower(name) = lower(?)", name)
    if found is None:
        abort(404)
    return found


def _post(store: Store, number: int) -> dict[str, Any]:
    found = store.one(POSTS_SQL + "WHERE p.id = ?", _me(), number)
    if found is None:
        abort(404)
    return found
