"""The Flask application of the code forge."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Flask, abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from longhaul.webagents.sites.forge.seed import MEMBER_ACCOUNT, MEMBER_ROLES, build
from longhaul.webagents.sites.forge.tracker import register as register_tracker
from longhaul.webagents.sites.site import Site, logged_in, new_app, page_of
from longhaul.webagents.sites.store import Store

HOST = "forge.localhost"
PER_PAGE = 8

PROJECT_ORDERS = {
    "latest_activity_desc": "updated DESC",
    "name_asc": "name",
    "stars_desc": "stars DESC",
    "forks_desc": "forks DESC",
}
"""The orders of a list of projects, with their SQL."""

PROJECTS_SQL = """SELECT p.*, s.id IS NOT NULL AS starred FROM projects p
LEFT JOIN stars s ON s.project_id = p.id AND s.user_id = ? """


def make(seed: int, secret: str, token: str) -> Site:
    """Return a forge with a seed's projects; it has no interface for a `token`."""
    store = Store(partial(build, seed=seed))
    app = new_app("forge", store, secret)
    _people(app, store)
    _projects(app, store)
    register_tracker(app, store)
    return Site("forge", HOST, MEMBER_ACCOUNT, app, store, state)


def state(store: Store, user: str) -> dict[str, Any]:
    """Return a member's stars and profile, and all issues, merge requests, notes, members."""
    row = store.one("SELECT * FROM users WHERE name = ?", user) or {"id": 0, "status": ""}
    project = "p.owner || '/' || p.name AS project"
    join = "JOIN projects p ON p.id = x.project_id"
    return {
        "starred": store.all(f"SELECT {project} FROM stars x {join} WHERE user_id = ?", row["id"]),
        "issues": store.all(
            f"SELECT {project}, x.number, x.title, x.body, x.assignee, x.label, x.state "
            f"FROM issues x {join}"
        ),
        "merge_requests": store.all(
            f"SELECT {project}, x.number, x.title, x.reviewer, x.state FROM merge_requests x {join}"
        ),
        "members": store.all(f"SELECT {project}, x.account, x.role FROM members x {join}"),
        "projects": store.all(f"SELECT {project}, p.description FROM projects p"),
        "notes": store.all(
            "SELECT n.kind, n.author, n.body, i.title FROM notes n LEFT JOIN issues i "
            "ON n.kind = 'issues' AND i.id = n.thing_id"
        ),
        "profile": [{"status": row["status"]}],
    }


def _people(app: Flask, store: Store) -> None:
    @app.get("/")
    def home() -> ResponseReturnValue:
        where, mine = "p.owner = ?", g.user["name"] if g.user else ""
        return _listing(store, "Your projects", where, mine) if g.user else redirect("/explore")

    @app.get("/explore")
    def explore() -> ResponseReturnValue:
        text = f"%{request.args.get('name', '')}%"
        return _listing(store, "Explore projects", "p.name LIKE ?", text)

    @app.get("/search")
    def search() -> ResponseReturnValue:
        text = f"%{request.args.get('search', '')}%"
        where = "p.name || ' ' || p.description LIKE ?"
        return _listing(store, "Search results", where, text)

    @app.get("/users/<name>/starred")
    def starred(name: str) -> ResponseReturnValue:
        where = (
            "p.id IN (SELECT x.project_id FROM stars x JOIN users u ON u.id = x.user_id "
            "WHERE u.name = ?)"
        )
        return _listing(store, "Starred projects", where, name)

    @app.get("/<name>")
    def profile(name: str) -> ResponseReturnValue:
        member = store.one("SELECT * FROM users WHERE name = ?", name)
        if member is None:
            abort(404)
        projects = store.all(PROJECTS_SQL + "WHERE p.owner = ? ORDER BY p.name", _me(), name)
        return render_template("forge/profile.html", member=member, projects=projects)

    @app.route("/-/profile", methods=["GET", "POST"])
    def own_profile() -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        if request.method == "POST":
            status = request.form.get("status", "").strip()[:100]
            store.write("UPDATE users SET status = ? WHERE id = ?", status, g.user["id"])
            return redirect(f"/{g.user['name']}")
        return render_template("forge/status.html")


def _projects(app: Flask, store: Store) -> None:
    @app.get("/<owner>/<name>")
    def project(owner: str, name: str) -> ResponseReturnValue:
        return render_template("forge/project.html", project=find_project(store, owner, name))

    @app.post("/<owner>/<name>/-/star")
    def star(owner: str, name: str) -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        found = find_project(store, owner, name)
        key = {"user_id": g.user["id"], "project_id": found["id"]}
        if found["starred"]:
            store.write("DELETE FROM stars WHERE user_id = ? AND project_id = ?", *key.values())
        else:
            store.insert("stars", key)
        change = -1 if found["starred"] else 1
        store.write("UPDATE projects SET stars = stars + ? WHERE id = ?", change, found["id"])
        return redirect(f"/{owner}/{name}")

    @app.route("/<owner>/<name>/edit", methods=["GET", "POST"])
    def edit(owner: str, name: str) -> ResponseReturnValue:
        found = find_project(store, owner, name)
        if g.user is None or g.user["name"] != owner:
            abort(404)
        if request.method == "POST":
            text = request.form.get("description", "").strip()
            store.write("UPDATE projects SET description = ? WHERE id = ?", text, found["id"])
            return redirect(f"/{owner}/{name}")
        return render_template("forge/edit.html", project=found)

    @app.route("/<owner>/<name>/-/project_members", methods=["GET", "POST"])
    def members(owner: str, name: str) -> ResponseReturnValue:
        found = find_project(store, owner, name)
        mine = g.user is not None and g.user["name"] == owner
        if request.method == "POST" and mine:
            account, role = request.form.get("account", ""), request.form.get("role", "")
            if role in MEMBER_ROLES and store.one("SELECT id FROM users WHERE name = ?", account):
                store.write(
                    "DELETE FROM members WHERE project_id = ? AND account = ? AND role != 'Owner'",
                    *(found["id"], account),
                )
                row = {"project_id": found["id"], "account": account, "role": role}
                store.insert("members", row)
            else:
                flash("There is no such user.", "error")
        rows = store.all("SELECT * FROM members WHERE project_id = ? ORDER BY id", found["id"])
        return render_template(
            "forge/members.html", project=found, members=rows, roles=MEMBER_ROLES, mine=mine
        )


def find_project(store: Store, owner: str, name: str) -> dict[str, Any]:
    """Return a project's row; aborts with 404 if there is none."""
    found = store.one(PROJECTS_SQL + "WHERE p.owner = ? AND p.name = ?", _me(), owner, name)
    if found is None:
        abort(404)
    return found


def _listing(store: Store, title: str, where: str, *values: Any) -> ResponseReturnValue:
    sort = request.args.get("sort", "latest_activity_desc")
    order = PROJECT_ORDERS.get(sort, PROJECT_ORDERS["latest_activity_desc"])
    found = store.all(f"{PROJECTS_SQL} WHERE {where} ORDER BY {order}", _me(), *values)
    projects, page, pages = page_of(found, PER_PAGE)
    return render_template(
        "forge/list.html",
        **{"title": title, "projects": projects, "page": page, "pages": pages},
        **{"sort": sort, "sorts": list(PROJECT_ORDERS), "arguments": request.args.to_dict()},
    )


def _me() -> int:
    return int(g.user["id"]) if g.user else 0
