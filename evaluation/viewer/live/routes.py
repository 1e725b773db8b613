"""The web addresses of a live session: its state, its pictures, and its commands."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from longhaul.errors import ConfigError
from longhaul.evaluation.viewer.live.session import LiveSession

if TYPE_CHECKING:
    from flask import Flask, Response

POLL_S = 8.0
"""How long a request for a new state waits for one, in seconds."""

VIEWER_GONE_S = 20.0
"""After so many seconds without a request a viewer counts as gone, and its controls are free."""


class Viewers:
    """The viewers of a session, and which of them has the controls."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[str, float] = {}
        self._holder = ""
        self._lock = threading.Lock()

    def watch(self, viewer: str) -> dict[str, Any]:
        """Register a viewer's request and return what it is told about all viewers."""
        with self._lock:
            now = self._clock()
            self._seen = {v: t for v, t in self._seen.items() if now - t < VIEWER_GONE_S} | {
                viewer: now
            }
            if self._holder not in self._seen:
                self._holder = ""
            yours, free = self._holder == viewer, not self._holder
            return {"viewers": len(self._seen), "yours": yours, "free": free}

    def take(self, viewer: str) -> bool:
        """Give the controls to a viewer unless another one has them."""
        self.watch(viewer)
        with self._lock:
            self._holder = self._holder or viewer
            return self._holder == viewer

    def release(self, viewer: str) -> None:
        with self._lock:
            self._holder = "" if self._holder == viewer else self._holder


def add_routes(app: Flask, session: LiveSession, episodes: list[str]) -> None:
    """Add a session's addresses to the viewer's application."""
    from flask import Response, abort, jsonify, request
    from PIL import Image

    viewers = Viewers()

    def viewer() -> str:
        return request.args.get("viewer", "")[:64]

    @app.get("/<key>/live/episodes")
    def _episodes(key: str) -> Response:
        return jsonify(episodes)

    @app.get("/<key>/live/state")
    def _state(key: str) -> Response:
        about = viewers.watch(viewer())
        state = session.wait_for(request.args.get("after", -1, int), POLL_S)
        return jsonify({**state, **about, **viewers.watch(viewer())})

    @app.get("/<key>/live/picture/<name>")
    def _picture(key: str, name: str) -> Response:
        image = session.frames.get(name)
        if image is None:
            abort(404)
        data = io.BytesIO()
        Image.fromarray(image).save(data, "JPEG", quality=90)
        return Response(data.getvalue(), mimetype="image/jpeg")

    @app.post("/<key>/live/do")
    def _do(key: str) -> Any:
        command = request.get_json(silent=True)
        if not isinstance(command, dict):
            return jsonify({"error": "a command must be a JSON object"}), 400
        if command.get("do") == "release":
            viewers.release(viewer())
            session.touch()
            return jsonify(viewers.watch(viewer()))
        had = viewers.watch(viewer())["yours"]
        if not viewers.take(viewer()):
            return jsonify({"error": "somebody else holds the controls"}), 409
        if not had:
            session.touch()
        if command.get("do") != "take":
            try:
                session.send(command)
            except ConfigError as error:
                return jsonify({"error": str(error)}), 400
        return jsonify(viewers.watch(viewer()))
