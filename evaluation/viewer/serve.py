"""The viewer from its start to Ctrl-C."""

from __future__ import annotations

import secrets

from evaluation.viewer.documents import Documents
from evaluation.viewer.server import HOST, make_app, make_server


def serve(documents: Documents, port: int) -> None:
    """Serve until Ctrl-C, after printing the address. Raises ConfigError as `make_server` does."""
    token = secrets.token_urlsafe(24)
    server = make_server(make_app(documents, token), port)
    print(f"http://{HOST}:{server.socket.getsockname()[1]}/{token}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
