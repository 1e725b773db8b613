"""What a process of the suite starts ends with it, and its temporary files go, after `kill -9` too.

A process that starts others owns one folder for temporary files, and all that it starts has the
folder's path in its environment. A guard, a small process, waits for the owner's end; then it kills
what still bears the mark and removes the folder. Where the guard was killed too, the next owner
does this for a folder that nobody holds locked any more.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from longhaul import guard
from longhaul.guard import OWNED_BY, clean_up, pids
from longhaul.scratch import make_scratch, remove_abandoned

WORKER = "LONGHAUL_WORKER"
"""The environment variable by which what an env worker started is known, once the worker is gone.
"""

PREFIX = f"longhaul-{os.getuid()}-"
"""What the name of an owner's folder begins with: every user removes only their own."""

LONGEST_FOLDER = 107 - len(f"/{PREFIX}00000000/pymp-00000000/listener-00000000")
"""The length in bytes of the longest folder for temporary files in which multiprocessing can bind a
socket, whose path has at most 107; the subtracted text is as long as the names that follow."""

SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")
"""Folders that replace a longer one; the first one that this user may write to is taken."""


def home() -> Path:
    """Return the folder for temporary files of this process, or of the one that it belongs to.

    The first call removes what owners that are dead have left, and starts the guard.
    """
    inherited = os.environ.get(OWNED_BY)
    return Path(inherited) if inherited and os.path.isdir(inherited) else _own(os.getpid())


@contextmanager
def owned(**variables: str) -> Iterator[Path]:
    """Have what is started meanwhile belong to this process, with these variables in its
    environment too; yields this process's folder."""
    folder = home()
    ours = {**variables, OWNED_BY: str(folder)}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield folder
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def marks() -> dict[str, str]:
    """Return the variables for a process that does not get all of this environment."""
    worker = {WORKER: os.environ[WORKER]} if WORKER in os.environ else {}
    return {OWNED_BY: str(home()), **worker}


def worker_mark(pid: int) -> str:
    """Return the value of WORKER for what an env worker of this process's owner starts."""
    return f"{home()}:{pid}"


def has_ended(pid: int) -> bool:
    """Say whether a process is no more; one that its parent has still to ask about has ended."""
    return _field(pid, "State")[:1] in ("", "Z", "X")


def is_stopped(pid: int) -> bool:
    """Say whether a process was stopped by a signal (SIGSTOP)."""
    return _field(pid, "State")[:1] == "T"


def parent(pid: int) -> int:
    """Return the id of a process's parent; 0 if the process has ended."""
    return int(_field(pid, "PPid") or 0)


def group(leader: int) -> list[int]:
    """Return the processes of a process group."""
    found = []
    for pid in pids():
        with suppress(ProcessLookupError, PermissionError):
            if os.getpgid(pid) == leader:
                found.append(pid)
    return found


@cache
def _own(process: int) -> Path:
    """Make this process an owner; after a fork the child is another one."""
    place = _place()
    remove_abandoned(place, PREFIX, clean_up)
    folder, _ = make_scratch(place, PREFIX)
    waits = subprocess.Popen(
        [sys.executable, "-I", "-S", guard.__file__, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # a terminal's Ctrl-C is none of its business
    )
    # Behind multiprocessing's own, which removes its folder of sockets (-100).
    Finalize(None, _end, (process, folder, waits), exitpriority=-200)
    return folder


def _place() -> Path:
    folder = tempfile.gettempdir()
    if len(os.fsencode(folder)) <= LONGEST_FOLDER:
        return Path(folder)
    writable = [name for name in SHORT_FOLDERS if os.access(name, os.W_OK | os.X_OK)]
    return Path(writable[0] if writable else folder)


def _end(process: int, folder: Path, waits: subprocess.Popen[bytes]) -> None:
    if os.getpid() == process:
        clean_up(folder)
        waits.kill()
        waits.wait()


def _field(pid: int, name: str) -> str:
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith(f"{name}:"):
                    return line.partition(":")[2].strip()
    except OSError:  # it has ended
        pass
    return ""
