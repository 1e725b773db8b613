"""Ends a request at a moment, whatever its server sends until then.

A time limit for each read is not enough: a server that sends a byte now and then never reaches it.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from threading import Lock, Timer
from types import TracebackType
from typing import Any, Self

CONNECTED = ("connect_tcp.complete", "start_tls.complete")
"""The ends of the names of httpcore's trace events that bring a connection."""


class Deadline:
    """A context in which a request is made; `watch` is its `trace` extension (httpx, httpcore).

    After `seconds` the connection is shut down, so that a read in another thread ends, and `passed`
    is true from then on.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._connection: socket.socket | None = None
        self._lock = Lock()
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of a connection as it is made; one that is made too late is ended at once."""
        if event.endswith(CONNECTED):
            with self._lock:
                self._connection = info["return_value"].get_extra_info("socket")
                if self.passed:
                    self._shut()

    def _end(self) -> None:
        with self._lock:
            self.passed = True
            self._shut()

    def _shut(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):  # it is closed already
                # SSLSocket's own method would drop the state that the reading thread uses.
                socket.socket.shutdown(self._connection, socket.SHUT_RDWR)
