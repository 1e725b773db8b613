"""Starts worker processes by a fork server, which may itself die or be stopped."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from longhaul.interrupts import withheld
from longhaul.processes import is_stopped, owned

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}

LOOK_S = 0.5
"""How often it is looked, in seconds, whether a fork server that is waited for is stopped."""


class ForkServer:
    """The fork server of this process, which has loaded the modules named by `preload`."""

    def __init__(self, preload: Sequence[str]) -> None:
        self.context = ForkServerContext()
        self.context.set_forkserver_preload(["__main__", *preload])
        with self._ready():
            pass

    def start(self, process: ForkServerProcess) -> None:
        """Start a process, by a new fork server if the present one died or is stopped."""
        try:
            with self._ready(), self._never_stopped():
                process.start()
        except (EOFError, OSError):  # it died after it was found to be running
            with self._ready():
                process.start()

    def end_if_stopped(self) -> None:
        """Kill the fork server if it is stopped: what it starts, or tells of a process that ended,
        would be waited for forever."""
        pid: int | None = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
        if pid and is_stopped(pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    @contextmanager
    def _never_stopped(self) -> Iterator[None]:
        """Look meanwhile whether the fork server is stopped."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(LOOK_S):
                self.end_if_stopped()

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        try:
            yield
        finally:
            over.set()
            watching.join()

    @contextmanager
    def _ready(self) -> Iterator[None]:
        # The tracker ends when this process does, and would be missed before.
        resource_tracker.ensure_running()
        # Workers inherit from the fork server that a terminal's Ctrl-C does not reach them.
        with owned(**_variables()) as folder, _sockets_in(folder), withheld():
            forkserver.ensure_running()
            yield


def _variables() -> dict[str, str]:
    """Return what the fork server needs in its environment.

    Thread counts are read when a numerical library is loaded, which the fork server does for all
    workers. The path makes it load our modules from where this process has them, not from
    whatever lies in the working directory.
    """
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**ONE_THREAD, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}


@contextmanager
def _sockets_in(folder: Path) -> Iterator[None]:
    """Make multiprocessing place its sockets in a folder, unless it has a place already."""
    before: Any = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
