"""Where the fork server's socket lies: a socket's path has at most 107 bytes, a folder's may have
thousands."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_FOLDER = 107 - len("/pymp-00000000/listener-00000000")
"""Bytes of the longest temporary folder in which multiprocessing can bind a socket; the names are
those that it chooses there."""

SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")
"""Folders that take its place, the first that this user may write to."""


@contextmanager
def short_socket_paths() -> Iterator[None]:
    """Let the sockets that multiprocessing makes meanwhile lie in a short folder if TMPDIR's path
    is too long for them."""
    before, folder = tempfile.tempdir, tempfile.gettempdir()
    if len(os.fsencode(folder)) > LONGEST_FOLDER:
        writable = [name for name in SHORT_FOLDERS if os.access(name, os.W_OK | os.X_OK)]
        tempfile.tempdir = writable[0] if writable else folder
    try:
        yield
    finally:
        tempfile.tempdir = before
