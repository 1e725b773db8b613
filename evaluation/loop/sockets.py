"""Keeps the path of the fork server's socket short: a socket's path has at most 107 bytes, but that
of a temporary folder may have thousands."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_FOLDER = 107 - len("/pymp-00000000/listener-00000000")
"""The length in bytes of the longest temporary folder in which multiprocessing can bind a socket;
the subtracted text has the length of the names that multiprocessing chooses there."""

SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")
"""Folders that replace a long temporary folder; the first one that this user may write to is taken.
"""


@contextmanager
def short_socket_paths() -> Iterator[None]:
    """Make multiprocessing place its sockets in a short folder meanwhile, if TMPDIR's path is too
    long for them."""
    before, folder = tempfile.tempdir, tempfile.gettempdir()
    if len(os.fsencode(folder)) > LONGEST_FOLDER:
        writable = [name for name in SHORT_FOLDERS if os.access(name, os.W_OK | os.X_OK)]
        tempfile.tempdir = writable[0] if writable else folder
    try:
        yield
    finally:
        tempfile.tempdir = before
