"""The forge's pages of issues and merge requests."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from longhaul.webagents.sites.forge.seed import ISSUE_LABELS
from longhaul.webagents.sites.site import logged_in
from longhaul.webagents.sites.store import Store

TRACKED_TABLES = ("issues", "merge_requests")
"""The tables of what is tracked; addresses have the same names."""


def register(app: Flask, store: Store) -> None:
    """Add the pages to an application."""
    _lists(app, store)
    _things(app, store)


def _lists(app: Flask, store: Store) -> None:
    @app.get("/<owner>/<name>/-/<kind>")
    def things(owner: str, name: str, kind: str) -> ResponseReturnValue:
        project = _project(store, owner, name, kind)
        state = request.args.get("state", "open")
        text = f"%{request.args.get('search', '')}%"
        rows = store.all(
            f"SELECT * FROM {kind} WHERE project_id = ? AND ? IN (state, 'all') AND title LIKE ? "
            "ORDER BY number DESC",
            *(project["id"], state, text),
        )
        return render_template(
            "forge/tracker.html", project=project, kind=kind, things=rows, state=state
        )

    @app.route("/<owner>/<name>/-/issues/new", methods=["GET", "POST"])
    def new_issue(owner: str, name: str) -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        project = _project(store, owner, name, "issues")
        title = request.form.get("title", "").strip()
        if request.method == "POST" and title:
            newest = store.one(
                "SELECT MAX(number) AS number FROM issues WHERE project_id = ?", project["id"]
            )
            number = ((newest or {}).get("number") or 0) + 1
            label, assignee = request.form.get("label", ""), request.form.get("assignee", "")
            row = {"project_id": project["id"], "number": number, "title": title, "state": "open"}
            rest = {
                "body": request.form.get("description", "").strip(),
                "author": g.user["name"],
                "assignee": assignee if assignee in _accounts(store) else "",
                "label": label if label in ISSUE_LABELS else "",
                "created": store.now,
            }
            store.insert("issues", {**row, **rest})
            return redirect(f"/{owner}/{name}/-/issues/{number}")
        if request.method == "POST":
            flash("A title is needed.", "error")
        return render_template(
            "forge/new_issue.html", project=project, labels=ISSUE_LABELS, accounts=_accounts(store)
        )


def _things(app: Flask, store: Store) -> None:
    @app.get("/<owner>/<name>/-/<kind>/<int:number>")
    def thing(owner: str, name: str, kind: str, number: int) -> ResponseReturnValue:
        project = _project(store, owner, name, kind)
        found = _thing(store, project, kind, number)
        notes = store.all(
            "SELECT * FROM notes WHERE kind = ? AND thing_id = ? ORDER BY id", kind, found["id"]
        )
        return render_template(
            "forge/thing.html",
            **{"project": project, "kind": kind, "thing": found, "notes": notes},
            accounts=_accounts(store),
        )

    @app.post("/<owner>/<name>/-/<kind>/<int:number>")
    def change(owner: str, name: str, kind: str, number: int) -> ResponseReturnValue:
        """Comment, close, reopen or merge, or set the assignee or reviewer."""
        if (denied := logged_in()) is not None:
            return denied
        found = _thing(store, _project(store, owner, name, kind), kind, number)
        body = request.form.get("note", "").strip()
        if body:
            key = {"kind": kind, "thing_id": found["id"], "author": g.user["name"]}
            store.insert("notes", {**key, "body": body, "created": store.now})
        wanted = {"close": "closed", "reopen": "open", "merge": "merged"}
        state = wanted.get(request.form.get("action", ""))
        if state and not (state == "merged" and kind == "issues"):
            store.write(f"UPDATE {kind} SET state = ? WHERE id = ?", state, found["id"])
        person, column = request.form.get("person"), "assignee"
        if kind == "merge_requests":
            column = "reviewer"
        if person is not None and (not person or person in _accounts(store)):
            store.write(f"UPDATE {kind} SET {column} = ? WHERE id = ?", person, found["id"])
        return redirect(f"/{owner}/{name}/-/{kind}/{number}")


def _accounts(store: Store) -> list[str]:
    return [row["name"] for row in store.all("SELECT name FROM users ORDER BY id")]


def _project(store: Store, owner: str, name: str, kind: str) -> dict[str, Any]:
    found = store.one("SELECT * FROM projects WHERE owner = ? AND name = ?", owner, name)
    if found is None or kind not in TRACKED_TABLES:
        abort(404)
    return found


def _thing(store: Store, project: dict[str, Any], kind: str, number: int) -> dict[str, Any]:
    sql = f"SELECT * FROM {kind} WHERE project_id = ? AND number = ?"
    found = store.one(sql, project["id"], number)
    if found is None:
        abort(404)
    return found
