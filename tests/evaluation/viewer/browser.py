"""What the viewer's tests do with a server and a page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator

from evaluation.viewer.documents import Documents
from evaluation.viewer.folder import RunView
from evaluation.viewer.server import HOST, make_app, make_server


@contextmanager
def serving(*folders: Path) -> Iterator[str]:
    server = make_server(make_app(Documents([RunView(f) for f in folders]), "token"), 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{HOST}:{server.socket.getsockname()[1]}/token/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settle(video: Locator) -> None:
    """Wait until a video shows the frame that was asked for."""
    wait = "while (v.readyState < 2 || v.seeking) await new Promise((go) => setTimeout(go, 20));"
    video.evaluate(f"async (v) => {{ {wait} }}")
