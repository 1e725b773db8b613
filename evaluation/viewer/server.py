"""The viewer's web server: on 127.0.0.1 only, and only for who knows the token in its address."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longhaul.errors import ConfigError, not_installed
from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.folder import VIDEOS_FOLDER
from longhaul.evaluation.viewer.recordings import RECORDINGS_FOLDER, VIDEO_SUFFIX

if TYPE_CHECKING:
    from flask import Flask, Response
    from werkzeug.serving import BaseWSGIServer

SERVER_HOST = "127.0.0.1"
STATIC_FOLDER = Path(__file__).parent / "static"
"""The folder of the viewer's pages, scripts and styles."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""The content security policy: only this server's own files, and no inline code."""

HEADERS = {
    "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def make_app(
    documents: Documents, token: str, extend: Callable[[Flask], None] | None = None
) -> Flask:
    """Return the application; every address begins with the token, and any other address gives 404.

    `extend` adds a live session's addresses. Raises ConfigError if flask is not installed.
    """
    try:
        from flask import Flask, abort, jsonify, request, send_file, send_from_directory
    except ImportError:
        raise ConfigError(not_installed("flask", "viewer")) from None
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]

    @app.before_request
    def _require_token() -> None:
        given = request.path.split("/")[1].encode()
        if not secrets.compare_digest(given, token.encode()):
            abort(404)

    @app.after_request
    def _protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    @app.get("/<key>/")
    def _page(key: str) -> Response:
        return send_from_directory(STATIC_FOLDER, "index.html")

    @app.get("/<key>/static/<name>")
    def _static(key: str, name: str) -> Response:
        return send_from_directory(STATIC_FOLDER, name)

    @app.get("/<key>/data/<path:name>.json")
    def _data(key: str, name: str) -> Response:
        try:
            return jsonify(documents.get(name, max(0, request.args.get("after", 0, int))))
        except LookupError:
            abort(404)

    @app.get("/<key>/files/<int:run>/<folder>/<path:name>")
    def _file(key: str, run: int, folder: str, name: str) -> Response:
        if run >= len(documents.runs) or folder not in (VIDEOS_FOLDER, RECORDINGS_FOLDER):
            abort(404)
        if not name.endswith(VIDEO_SUFFIX):
            abort(404)  # a page or a script of somebody else must not come from this address
        try:
            file = documents.runs[run].folder.find(f"{folder}/{name}")
        except (ConfigError, OSError):
            abort(404)
        return send_file(file.absolute(), mimetype="video/mp4")

    if extend is not None:
        extend(app)
    return app


def make_server(app: Flask, port: int) -> BaseWSGIServer:
    """Return a server bound to 127.0.0.1 with a thread for each request; port 0 takes a free port.

    Raises ConfigError for a port that can't be used.
    """
    from werkzeug.serving import WSGIRequestHandler
    from werkzeug.serving import make_server as make

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_: Any) -> None:
            """Log nothing, because each line would contain the token."""

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((SERVER_HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"--port {port} cannot be had ({error.strerror}): give another, or 0"
        ) from None
    with listener:  # the server duplicates it
        return make(
            SERVER_HOST, port, app, threaded=True, request_handler=Quiet, fd=listener.fileno()
        )
