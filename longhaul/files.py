"""Files that are either whole or not there, and what is in them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from longhaul.errors import ConfigError, disk_full
from longhaul.secrets import SHORTEST_IN_FILES, scrub

PARTIAL = ".partial"
"""The end of a file's name until the file is complete."""


def partial(path: Path) -> Path:
    """Return the name that a file bears until it is complete."""
    return path.with_name(path.name + PARTIAL)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise a full disk as an OSError that names `path`, whatever a library made of it."""
    try:
        yield
    except Exception as error:
        found = disk_full(error)
        if found is None:
            raise
        raise OSError(found.errno, found.strerror, str(path)) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the path to write to; at the end the file there takes the name `path`.

    A reader sees the old file or the new one, never a half. After an exception the old one stays
    and what was written is removed.
    """
    new = partial(path)
    new.unlink(missing_ok=True)  # it may be a link, and what it leads to is somebody else's
    try:
        with writing(path):
            yield new
            with new.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def replace_file(path: Path, text: str) -> None:
    """Write a text file, without known secrets, so that a reader sees the old one or the new one,
    never a half."""
    with replacing(path) as new:
        new.write_text(scrub(text, SHORTEST_IN_FILES), encoding="utf-8")


def remove_tree(path: Path, inside: Path, ignore_errors: bool = False) -> None:
    """Remove a folder with all that is in it, or a file; nothing happens if nothing is there.

    `inside` is the folder that the caller owns. A link is removed itself, and never what it leads
    to. With `ignore_errors` what the system refuses to remove stays. Raises ConfigError, before
    anything is removed, unless `path` lies inside that folder after all links on the way to it are
    resolved.
    """
    home = inside.resolve()
    place = path.parent.resolve() / path.name
    if path.name in ("", "..") or home == place or not place.is_relative_to(home):
        raise ConfigError(f"{path} does not lie inside {inside}: it is not removed")
    try:
        if place.is_symlink() or not place.is_dir():
            place.unlink(missing_ok=True)
        else:
            shutil.rmtree(place)
    except OSError:
        if not ignore_errors:
            raise


@contextmanager
def locked(path: Path, in_use: str = "", kept: bool = True) -> Iterator[None]:
    """Hold a lock file, which is made where it is not there; afterwards it stays if it is `kept`.

    While another process holds it, wait, or with `in_use` raise ConfigError of that sentence. The
    system takes the lock from a process that ends, however it ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with path.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if in_use else 0))
            except BlockingIOError:
                raise ConfigError(in_use) from None
            if not _is_at(file.fileno(), path):
                continue  # the process that held it has removed it since it was opened
            try:
                yield
            finally:
                if not kept:
                    path.unlink(missing_ok=True)
            return


def output_locked(out: Path) -> AbstractContextManager[None]:
    """Hold the lock of an output that is not there yet, or grows: `.NAME.lock` beside it, which is
    removed afterwards. Raises ConfigError while another process writes the same output."""
    lock = out.with_name(f".{out.name}.lock")
    return locked(lock, f"{out} is in use by another process", kept=False)


@contextmanager
def output_folder(out: Path) -> Iterator[Path]:
    """Give a new folder to write to; at the end it takes the name `out`, which must be free.

    After an exception it is removed, and what a killed process left is at the next call. Raises
    ConfigError while another process writes the same output.
    """
    with output_locked(out):
        part = partial(out)
        remove_tree(part, inside=out.parent)
        part.mkdir()
        try:
            yield part
            part.rename(out)
        finally:
            remove_tree(part, inside=out.parent, ignore_errors=True)


def _is_at(descriptor: int, path: Path) -> bool:
    """Return whether an open file is still the one at a path."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def user_cache(name: str = "") -> Path:
    """Return the folder of a kind of files that can be made again: $XDG_CACHE_HOME/longhaul/NAME,
    or ~/.cache/longhaul/NAME."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "longhaul" / name


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
