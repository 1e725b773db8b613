"""Folders for unfinished work that go, at the latest when the next one is made in the same place.

Whoever makes such a folder holds a file in it locked. So one that can be locked is abandoned: its
maker was killed. Nobody else's folder is touched, and no link is followed.
"""

from __future__ import annotations

import fcntl
import glob
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from longhaul.files import remove_tree

LOCK_FILE = ".lock"
"""The file that the maker of a folder holds locked."""


@contextmanager
def scratch(place: Path, prefix: str) -> Iterator[Path]:
    """Yield a new folder in `place`, which is removed at the end; those of this prefix that were
    abandoned there are removed first."""
    folder, lock = make_scratch(place, prefix)
    try:
        yield folder
    finally:
        remove_tree(folder, inside=place, ignore_errors=True)
        os.close(lock)


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
    for folder in place.glob(f"{glob.escape(prefix)}*"):
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            lock = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:  # another process removed it, or its owner is only just making it
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if remove is None:
                remove_tree(folder, inside=place)
            else:
                remove(folder)
        except OSError:  # its owner lives, or it is being removed by another process
            continue
        finally:
            os.close(lock)
