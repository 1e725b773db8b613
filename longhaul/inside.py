"""A folder that somebody else made: nothing outside it is ever read.

A run's folder may come from another machine. A link in it may lead anywhere, a name in one of its
documents may be an absolute path or hold `..`, and a pipe may stand where a file should. What is
read of such a folder is read through a `Folder`.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from longhaul.documents import MOST_BYTES, parse_json, read_whole, regular
from longhaul.errors import ConfigError
from longhaul.identifiers import is_plain_name, shown

LINKED = (errno.ELOOP, errno.ENOTDIR)
"""What the system says where a link stands in place of a file or a folder."""


class Folder:
    """Opens regular files of a folder. `path` itself may be a link, since the user named it.

    Names are relative to it. Every method raises ConfigError, in one line, for a name that leads
    out, for a link anywhere on the way, and for a pipe, a device or a folder in a file's place; and
    FileNotFoundError for a file that is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading."""
        *folders, last = self._parts(name)
        place = self._enter(folders, name)
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(last, flags, dir_fd=place)
        except OSError as error:
            raise self._refusal(error, name) from None
        finally:
            os.close(place)
        return regular(descriptor, self.path / name)

    def find(self, name: str) -> Path:
        """Return the path of a file, for a library that opens it itself."""
        self.open(name).close()
        return self.path / name

    def has(self, name: str) -> bool:
        """Return True for a file, and False for one that is not there."""
        try:
            self.open(name).close()
        except FileNotFoundError:
            return False
        return True

    def entries(self, name: str) -> list[os.DirEntry[str]]:
        """Return what lies in a folder inside this one; nothing if it is not there.

        There may be links among it; ask an entry with follow_symlinks=False.
        """
        try:
            place = self._enter(self._parts(name), name)
        except FileNotFoundError:
            return []
        try:
            with os.scandir(place) as found:
                return list(found)
        finally:
            os.close(place)

    def read(self, name: str, most_bytes: int = MOST_BYTES) -> bytes:
        """Return the bytes of a file. Raises ConfigError for one of more than `most_bytes`."""
        with self.open(name) as file:
            return read_whole(file, self.path / name, most_bytes)

    def read_object(self, name: str) -> dict[str, Any]:
        """Return the JSON object in a file. Raises ConfigError for anything else, and for one that
        is nested too deep (longhaul.documents)."""
        found = parse_json(self.read(name), self.path / name)
        if not isinstance(found, dict):
            kind = type(found).__name__
            raise ConfigError(f"{self.path / name} holds a {kind}, not a JSON object")
        return found

    def _parts(self, name: str) -> tuple[str, ...]:
        parts = PurePosixPath(name).parts
        if not parts or not all(map(is_plain_name, parts)):
            raise ConfigError(f"{self.path}: {shown(name)} is no name of a file inside this folder")
        return parts

    def _enter(self, folders: tuple[str, ...] | list[str], name: str) -> int:
        """Return the descriptor of a folder inside this one, which the caller closes."""
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        place = os.open(self.path, flags)
        for folder in folders:
            above = place
            try:
                place = os.open(folder, flags | os.O_NOFOLLOW, dir_fd=above)
            except OSError as error:
                raise self._refusal(error, name) from None
            finally:
                os.close(above)
        return place

    def _refusal(self, error: OSError, name: str) -> Exception:
        if error.errno in LINKED:
            return ConfigError(f"{self.path}: {shown(name)} is a link or lies behind one: left out")
        error.filename = str(self.path / name)
        return error
