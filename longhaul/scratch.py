"""Folders for unfinished work that go, at the latest when the next one is made in the same place.

Whoever makes such a folder holds a file in it locked. So one that can be locked is abandoned: its
maker was killed. Nobody else's folder is touched, and no link is followed.
"""

from __future__ import annotations

import fcntl
import glob
import os
import tempfile
import time
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path

from longhaul.files import remove_tree
from longhaul.guard import OWNED_BY

MAKING_S = 3600.0
"""Seconds after which a folder without its lock is abandoned too: its maker, who gives it one at
once, was killed in between."""

LOCK_FILE = ".lock"
"""The file that the maker of a folder holds locked."""


class Scratch:
    """A new folder in `place` (None: that for temporary files), until `remove`, the end of a `with`
    block, or the end of this process; those of this prefix that were abandoned there go first."""

    def __init__(self, prefix: str, place: Path | None = None) -> None:
        self.path, lock = make_scratch(place or temporary_place(), prefix)
        self.remove = weakref.finalize(self, _remove, self.path, lock)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()


def temporary_place() -> Path:
    """Return the folder for temporary files: that of the process that this one belongs to, if it
    belongs to one (longhaul.processes), else the system's."""
    owner = os.environ.get(OWNED_BY)
    return Path(owner) if owner and os.path.isdir(owner) else Path(tempfile.gettempdir())


def make_scratch(place: Path, prefix: str) -> tuple[Path, int]:
    """Return a new folder and the descriptor that holds it locked until this process ends."""
    remove_abandoned(place, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    # The file takes its name when it is locked, so that nobody takes its owner for dead.
    lock = os.open(folder / "new", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.rename(folder / "new", folder / LOCK_FILE)
    return folder, lock


def remove_abandoned(
    place: Path, prefix: str, remove: Callable[[Path], None] | None = None
) -> None:
    """Remove the folders with this prefix whose makers have ended, by `remove` if it is given.

    Only this user's real folders count, and only those that can be locked.
    """
    remove = remove or partial(remove_tree, inside=place)
    for folder in place.glob(f"{glob.escape(prefix)}*"):
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            if not (folder / LOCK_FILE).exists() and _age_s(folder) > MAKING_S:
                remove(folder)
                continue
            lock = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:  # another process removed it, or its owner is only just making it
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(folder)
        except OSError:  # its owner lives, or it is being removed by another process
            continue
        finally:
            os.close(lock)


def _remove(folder: Path, lock: int) -> None:
    remove_tree(folder, inside=folder.parent, ignore_errors=True)
    os.close(lock)


def _age_s(folder: Path) -> float:
    """Return how many seconds ago something was added to a folder."""
    return time.time() - folder.stat().st_mtime
