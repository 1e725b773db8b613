"""The viewer from its start to Ctrl-C."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from evaluation.viewer.documents import Documents
from evaluation.viewer.server import HOST, make_app, make_server

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.serving import BaseWSGIServer


def serve(documents: Documents, port: int) -> None:
    """Serve until Ctrl-C. Raises ConfigError as `make_server` does."""
    with serving(documents, port) as server:
        server.serve_forever()


@contextmanager
def serving(
    documents: Documents, port: int, extend: Callable[[Flask], None] | None = None
) -> Iterator[BaseWSGIServer]:
    """Make a server and print its address, where it may be reached while it serves; Ctrl-C is its
    proper end."""
    token = secrets.token_urlsafe(24)
    server = make_server(make_app(documents, token, extend), port)
    print(f"http://{HOST}:{server.socket.getsockname()[1]}/{token}/", flush=True)
    try:
        yield server
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
