"""The Flask application of the map."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Flask, abort, flash, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from longhaul.webagents.sites.map.drawing import ZOOM_FACTORS, Ground, Marker, Window, window_around
from longhaul.webagents.sites.map.routes import ROUTING_ENGINES, Router, spell_meters
from longhaul.webagents.sites.map.seed import MEMBER_ACCOUNT, PLACES_BY_KIND, build
from longhaul.webagents.sites.site import Site, logged_in, new_app, whole_number
from longhaul.webagents.sites.store import Store

HOST = "map.localhost"

MAX_RESULTS = 12
"""The most places that a search shows."""


def make(seed: int, secret: str, token: str) -> Site:
    """Return a map of a seed's town; there is no interface for a `token`."""
    store = Store(partial(build, seed=seed))
    app = new_app("map", store, secret)
    ground = Ground(store)
    app.jinja_env.globals.update(
        kinds=list(PLACES_BY_KIND), engines=ROUTING_ENGINES, ground=ground, zooms=ZOOM_FACTORS
    )
    app.jinja_env.filters["meters"] = spell_meters
    _reading(app, store)
    _routes(app, store)
    _writing(app, store)
    return Site("map", HOST, MEMBER_ACCOUNT, app, store, state)


def state(store: Store, user: str) -> dict[str, Any]:
    """Return the places that a user has saved, and all notes."""
    row = store.one("SELECT id FROM users WHERE name = ?", user)
    number = row["id"] if row else 0
    return {
        "saved": store.all("SELECT place_id AS place FROM saved WHERE user_id = ?", number),
        "notes": store.all("SELECT place_id AS place, author, body FROM notes"),
    }


def _reading(app: Flask, store: Store) -> None:
    @app.get("/")
    def home() -> ResponseReturnValue:
        return render_template("map/home.html", window=_window([]), markers=[])

    @app.get("/ground.svg")
    def ground() -> ResponseReturnValue:
        """Serve what never changes as a separate picture, which a browser fetches once."""
        answer = make_response(render_template("map/ground.svg"))
        answer.headers.update({"Content-Type": "image/svg+xml", "Cache-Control": "max-age=3600"})
        return answer

    @app.get("/search")
    def search() -> ResponseReturnValue:
        found = find(store, request.args.get("query", ""))[:MAX_RESULTS]
        markers = [Marker(str(i), p["x"], p["y"]) for i, p in enumerate(found, 1)]
        window = _window([(place["x"], place["y"]) for place in found])
        return render_template("map/search.html", places=found, window=window, markers=markers)

    @app.get("/node/<int:number>")
    def node(number: int) -> ResponseReturnValue:
        place = _place(store, number)
        me = g.user["id"] if g.user else 0
        kept = store.one("SELECT id FROM saved WHERE user_id = ? AND place_id = ?", me, number)
        return render_template(
            "map/node.html",
            **{"place": place, "kept": kept is not None},
            notes=store.all("SELECT * FROM notes WHERE place_id = ? ORDER BY id", number),
            window=_window([(place["x"], place["y"])]),
            markers=[Marker("", place["x"], place["y"])],
        )

    @app.get("/saved")
    def saved() -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        places = store.all(
            "SELECT p.* FROM places p JOIN saved s ON s.place_id = p.id WHERE s.user_id = ? "
            "ORDER BY s.id",
            g.user["id"],
        )
        window = _window([(place["x"], place["y"]) for place in places])
        markers = [Marker(str(i), p["x"], p["y"]) for i, p in enumerate(places, 1)]
        return render_template("map/saved.html", places=places, window=window, markers=markers)


def _routes(app: Flask, store: Store) -> None:
    routers = {engine: Router(store, engine) for engine in ROUTING_ENGINES}

    @app.get("/directions")
    def directions() -> ResponseReturnValue:
        asked = {key: request.args.get(key, "").strip() for key in ("route_from", "route_to")}
        engine = request.args.get("engine", "car")
        engine = engine if engine in ROUTING_ENGINES else "car"
        ends = [next(iter(find(store, text)), None) for text in asked.values()]
        route, markers = None, []
        if all(ends) and ends[0] != ends[1]:
            start, end = (place for place in ends if place is not None)
            route = routers[engine].route(start["id"], end["id"])
            points = (route.points[0], route.points[-1])
            markers = [Marker(a, *xy) for a, xy in zip("AB", points, strict=True)]
        problems = [
            f"Couldn't locate '{text}'."
            for text, place in zip(asked.values(), ends, strict=True)
            if text and place is None
        ]
        return render_template(
            "map/directions.html",
            **{"asked": asked, "ends": ends, "engine": engine},
            **{"route": route, "problems": problems, "markers": markers},
            window=_window(route.points if route else []),
        )


def _writing(app: Flask, store: Store) -> None:
    @app.post("/node/<int:number>/save")
    def save(number: int) -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        key = {"user_id": g.user["id"], "place_id": _place(store, number)["id"]}
        where = "user_id = ? AND place_id = ?"
        if store.one(f"SELECT id FROM saved WHERE {where}", *key.values()):
            store.write(f"DELETE FROM saved WHERE {where}", *key.values())
        else:
            store.insert("saved", key)
        return redirect(f"/node/{number}")

    @app.post("/node/<int:number>/note")
    def note(number: int) -> ResponseReturnValue:
        if (denied := logged_in()) is not None:
            return denied
        body = request.form.get("body", "").strip()
        if body:
            row = {"place_id": _place(store, number)["id"], "author": g.user["name"], "body": body}
            store.insert("notes", {**row, "created": store.now})
        else:
            flash("A note must not be empty.", "error")
        return redirect(f"/node/{number}")


def find(store: Store, query: str) -> list[dict[str, Any]]:
    """Return the places that have all words of a query in their name (which contains the category)
    or address. A place with exactly this name or address comes first."""
    words = query.replace(",", " ").split()[:8]
    if not words:
        return []
    text = "name || ' ' || number || ' ' || street"
    where = " AND ".join(f"{text} LIKE ? ESCAPE '!'" for _ in words)
    values = [f"%{_plain(word)}%" for word in words]
    exact = "name = ? COLLATE NOCASE OR number || ' ' || street = ? COLLATE NOCASE"
    order = f"ORDER BY ({exact}) DESC, id"
    wanted = query.strip()
    return store.all(f"SELECT * FROM places WHERE {where} {order}", *values, wanted, wanted)


def _plain(word: str) -> str:
    """Return a word for SQL's LIKE with its wildcards escaped."""
    for sign in "!%_":
        word = word.replace(sign, "!" + sign)
    return word


def _window(points: list[tuple[float, float]]) -> Window:
    """Return the window that the request's query asks for, by default the one around the points."""
    default = window_around(points)
    numbers = {key: request.args.get(key) for key in ("zoom", "x", "y")}
    return Window.over(
        whole_number(numbers["zoom"], default.zoom, most=len(ZOOM_FACTORS) - 1),
        whole_number(numbers["x"], int(default.x)),
        whole_number(numbers["y"], int(default.y)),
    )


def _place(store: Store, number: int) -> dict[str, Any]:
    found = store.one("SELECT * FROM places WHERE id = ?", number)
    if found is None:
        abort(404)
    return found
