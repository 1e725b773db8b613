"""Finds what a command has left: processes by a mark that they inherit, and files."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

GONE_S = 30.0
"""The most seconds until the last process of a command that has ended is gone."""


def processes(mark: str) -> dict[int, str]:
    """Return the processes whose environment or command line holds a text, by id, with their
    command lines; zombies, which their parents have still to ask about, are left out."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes()
                marked = mark.encode() in (entry / "environ").read_bytes() + b"\0" + line
                if marked and "\nState:\tZ" not in (entry / "status").read_text():
                    found[int(entry.name)] = line.replace(b"\0", b" ").decode(errors="replace")
            except OSError:  # it is gone in between, or it is not ours to read
                continue
    return found


def wait_until_gone(mark: str, seconds: float = GONE_S) -> dict[int, str]:
    """Return the processes that are there after so many seconds, as soon as there is none; those
    that stay are killed."""
    end = time.monotonic() + seconds
    while left := processes(mark):
        if time.monotonic() > end:
            for pid in left:
                kill(pid)
            return left
        time.sleep(0.1)
    return {}


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to a process, if it is there."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def files(folder: Path) -> list[str]:
    """Return every file, link and folder in a folder, by its path there."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
