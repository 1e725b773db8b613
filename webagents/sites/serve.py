"""The process that serves all sites: python -m longhaul.webagents.sites.serve

It reads one line of JSON from standard input: `seed`, `token`, `secret`. It prints one line with
its ports on 127.0.0.1: `pages`, where every site answers to its host name, and `control`, which
needs the token. It ends when standard input ends, and thus with the process that started it.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from longhaul.webagents.sites.classifieds.build import make as make_classifieds
from longhaul.webagents.sites.forge.build import make as make_forge
from longhaul.webagents.sites.forum.build import make as make_forum
from longhaul.webagents.sites.map.build import make as make_map
from longhaul.webagents.sites.shop.build import make as make_shop
from longhaul.webagents.sites.site import Site

MAKERS: Mapping[str, Callable[[int, str, str], Site]] = {
    "shop": make_shop,
    "forum": make_forum,
    "classifieds": make_classifieds,
    "forge": make_forge,
    "map": make_map,
}


class Handler(WSGIRequestHandler):
    """An HTTP handler that keeps connections open and writes no log."""

    protocol_version = "HTTP/1.1"
    # Headers and body go out in two writes; without this the second waits for the first's
    # acknowledgement, some 40 ms.
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:
        """Write nothing; every request would be a line."""


class Hosts:
    """A WSGI application that passes a request to the site with its host name."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self._apps = {site.host: site.app for site in sites}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        app = self._apps.get(environ.get("HTTP_HOST", "").partition(":")[0])
        if app is None:
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        return app(environ, start_response)


def control_app(sites: Mapping[str, Site], token: str) -> Flask:
    """Return the application that controls the sites: reset, state, session cookies."""
    app = Flask("control", static_folder=None)

    @app.before_request
    def only_with_token() -> ResponseReturnValue | None:
        if not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {token}"):
            return {"error": "the token is missing or wrong"}, 401
        return None

    @app.get("/sites")
    def describe() -> ResponseReturnValue:
        return jsonify({s.name: {"host": s.host, "account": s.account} for s in sites.values()})

    @app.post("/reset")
    def reset() -> ResponseReturnValue:
        for site in sites.values():
            site.store.reset()
        return jsonify({})

    @app.get("/state/<name>")
    def state(name: str) -> ResponseReturnValue:
        site = sites[name]
        return jsonify(site.state(site.store, request.args.get("user", site.account)))

    @app.get("/cookie/<name>/<user>")
    def cookie(name: str, user: str) -> ResponseReturnValue:
        site = sites[name]
        return jsonify({"name": f"{name}_session", "value": site.cookie(user), "host": site.host})

    return app


def start(app: Any) -> BaseWSGIServer:
    """Serve an application on a free port of 127.0.0.1, in a thread."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    server.daemon_threads = True  # type: ignore[attr-defined]  # it is a ThreadingMixIn
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> None:
    order = json.loads(sys.stdin.readline())
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    sites = {
        name: make(order["seed"], order["secret"], order["token"]) for name, make in MAKERS.items()
    }
    pages, control = start(Hosts(sites.values())), start(control_app(sites, order["token"]))
    print(json.dumps({"pages": pages.server_port, "control": control.server_port}), flush=True)
    sys.stdin.read()
    os._exit(0)  # open connections would keep their threads, and this process, alive


if __name__ == "__main__":
    main()
