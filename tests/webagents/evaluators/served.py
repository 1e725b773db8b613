"""Files that a real HTTP server serves on a free port, for tests of what reads them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TYPES = {"png": "image/png", "svg": "image/svg+xml"}
"""Content types by a path's ending; others are HTML."""


class Served:
    """Serves `files`, bytes by path with its query, the type by the path's ending; other paths are
    answered by `missing`, and every POST by a page that says thank you. `asked` holds the path and
    the headers of each request."""

    def __init__(self, files: Mapping[str, bytes], missing: int = 404) -> None:
        self.files = dict(files)
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(b"<p>thank you</p>")

            def do_GET(self) -> None:
                self.answer(outer.files.get(self.path))

            def answer(self, body: bytes | None) -> None:
                outer.asked.append((self.path, dict(self.headers)))
                self.send_response(missing if body is None else 200)
                ending = self.path.rpartition(".")[2]
                self.send_header("Content-Type", TYPES.get(ending, "text/html; charset=utf-8"))
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
