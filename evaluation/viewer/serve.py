"""Runs the viewer's server until Ctrl-C."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.server import SERVER_HOST, make_app, make_server

if TYPE_CHECKING:
    from flask import Flask


def serve(documents: Documents, port: int, tell: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; `tell` is called with the address. Raises ConfigError as `make_server`
    does."""
    with suppress(KeyboardInterrupt), served(documents, port) as address:
        tell(address)
        threading.Event().wait()


@contextmanager
def served(
    documents: Documents, port: int = 0, extend: Callable[[Flask], None] | None = None
) -> Iterator[str]:
    """Serve from a separate thread until the block ends; yields the address, whose token nobody can
    guess. Raises ConfigError as `make_server` does."""
    token = secrets.token_urlsafe(24)
    server = make_server(make_app(documents, token, extend), port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{SERVER_HOST}:{server.socket.getsockname()[1]}/{token}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
