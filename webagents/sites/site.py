"""What all sites have in common: a Flask application over a store, accounts, and a state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from longhaul.webagents.sites.store import Store

TEMPLATE_FOLDER = Path(__file__).parent / "templates"

MAX_FORM_BYTES = 200_000
"""The most bytes of a form that a site accepts. Chosen here."""

State = Callable[[Store, str], dict[str, Any]]
"""Maps a store and a user's name to the state by which the user's tasks are judged: plain JSON."""


@dataclass(frozen=True)
class Site:
    """A site: `host` is its host name in the browser, `account` the agent's account."""

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
    app = Flask(name, template_folder=str(TEMPLATE_FOLDER), static_folder=None)
    app.secret_key = secret
    app.config.update(SESSION_COOKIE_NAME=f"{name}_session", MAX_CONTENT_LENGTH=MAX_FORM_BYTES)
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
    """Return a redirection to the login page if the visitor is not logged in, else None."""
    if g.user is None:
        flash("Please sign in first.", "error")
        return redirect(url_for("login"))
    return None


def turn(**changes: Any) -> str:
    """Return the present request's query with some values changed; None removes a value."""
    values = {**request.args.to_dict(), **changes}
    return urlencode({key: value for key, value in values.items() if value is not None})


def page_of(items: list[Any], size: int) -> tuple[list[Any], int, int]:
    """Return the items of the page that the request asks for (`p`, clipped to the valid numbers),
    its number, and the number of pages. `size` items make a page."""
    pages = max(1, -(-len(items) // size))
    wanted = request.args.get("p", "1")
    page = min(max(int(wanted) if wanted.isdigit() else 1, 1), pages)
    return items[(page - 1) * size : page * size], page, pages


def whole_number(text: str | None, default: int, least: int = 0, most: int = 10_000) -> int:
    """Return the whole number in a text, clipped to `least` and `most`; `default` if it is none."""
    digits = (text or "").strip()
    return min(max(int(digits), least), most) if digits.isdecimal() and len(digits) < 9 else default
