"""Kills what belongs to a process that has ended, and removes its folder.

This file is also a program: python -I -S guard.py FOLDER waits until nobody holds the other end of
its standard input, and then does that. It needs the standard library alone.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

OWNED_BY = "LONGHAUL_OWNED_BY"
"""The environment variable that holds the folder of the process that something belongs to."""

GONE_S = 10.0
"""The most seconds to wait until killed processes are gone."""


def clean_up(folder: Path) -> None:
    """Kill what bears a folder's mark, and remove the folder."""
    kill_marked(OWNED_BY, {str(folder)})
    shutil.rmtree(folder, ignore_errors=True)


def kill_marked(variable: str, values: Collection[str], seconds: float = GONE_S) -> None:
    """Kill this user's processes that got one of these values as a variable; return when they are
    gone, at the latest after so many seconds."""
    wanted = {f"{variable}={value}".encode() for value in values}
    end = time.monotonic() + seconds
    while found := [pid for pid in pids() if not wanted.isdisjoint(_environment(pid))]:
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > end:
            return
        time.sleep(0.01)


def pids() -> list[int]:
    """Return the ids of all processes but this one."""
    ours = os.getpid()
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != ours]


def _environment(pid: int) -> set[bytes]:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return set(file.read().split(b"\0"))
    except OSError:  # it has ended, or it is another user's
        return set()


def main() -> None:
    """Wait for the end of the process that started this one; then clean up."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):  # sent to all that a job started
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    clean_up(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
