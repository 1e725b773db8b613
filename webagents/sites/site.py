"""What all sites share: a Flask application over a store, accounts, and the state it tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from longhaul.webagents.sites.store import Store

TEMPLATES = Path(__file__).parent / "templates"

LONGEST_FORM = 200_000
"""Bytes of a form that a site takes."""

State = Callable[[Store, str], dict[str, Any]]
"""Returns what a user's tasks are judged by, as plain JSON: (store, user name)."""


@dataclass(frozen=True)
class Site:
    """A site that runs: `host` is its name in the browser, `account` who a task's agent is."""

    name: str
    host: str
    account: str
    app: Flask
    store: Store
    state: State

    def cookie(self, user: str) -> str:
        """Return the value of the session cookie of a user who is logged in."""
        row = self.store.one("SELECT id FROM users WHERE name = ?", user)
        if row is None:
            raise KeyError(f"{self.name} has no user {user}")
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        return str(serializer.dumps({"user": row["id"]}))


def new_app(name: str, store: Store, secret: str) -> Flask:
    """Return an application with accounts: /login, /logout, and `g.user` (a row, or None)."""
    app = Flask(name, template_folder=str(TEMPLATES), static_folder=None)
    app.secret_key = secret
    app.config.update(SESSION_COOKIE_NAME=f"{name}_session", MAX_CONTENT_LENGTH=LONGEST_FORM)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["money"] = lambda value: f"${value:,.2f}"
    app.jinja_env.globals["turn"] = turn
    app.jinja_env.filters["day"] = lambda value: value[:10]

    @app.before_request
    def find_user() -> None:
        user = session.get("user")
        g.user = store.one("SELECT * FROM users WHERE id = ?", user) if user else None

    @app.route("/login", methods=["GET", "POST"])
    def login() -> ResponseReturnValue:
        if request.method == "POST":
            name_or_mail = request.form.get("username", "")
            user = store.one(
                "SELECT * FROM users WHERE (name = ? OR email = ?) AND password = ?",
                *(name_or_mail, name_or_mail, request.form.get("password", "")),
            )
            if user is not None:
                session["user"] = user["id"]
                return redirect("/")
            flash("Invalid credentials.", "error")
        return render_template(f"{name}/login.html")

    @app.get("/logout")
    def logout() -> ResponseReturnValue:
        session.clear()
        return redirect("/")

    @app.errorhandler(404)
    def missing(_: Exception) -> ResponseReturnValue:
        return render_template(f"{name}/missing.html"), 404

    return app


def logged_in() -> ResponseReturnValue | None:
    """Return a redirection to the login page for a visitor without an account."""
    if g.user is None:
        flash("Please sign in first.", "error")
        return redirect(url_for("login"))
    return None


def turn(**changes: Any) -> str:
    """Return the present address's query with some values changed; None takes one out."""
    values = {**request.args.to_dict(), **changes}
    return urlencode({key: value for key, value in values.items() if value is not None})


def page_of(items: list[Any], size: int) -> tuple[list[Any], int, int]:
    """Return the items of the page that the address asks for (`p`), its number and how many
    pages there are; another number is the nearest there is."""
    pages = max(1, -(-len(items) // size))
    wanted = request.args.get("p", "1")
    page = min(max(int(wanted) if wanted.isdigit() else 1, 1), pages)
    return items[(page - 1) * size : page * size], page, pages


def whole_number(text: str | None, default: int, least: int = 0, most: int = 10_000) -> int:
    """Return a whole number that a visitor wrote, within bounds."""
    digits = (text or "").strip()
    return min(max(int(digits), least), most) if digits.isdecimal() and len(digits) < 9 else default
