"""Identifiers of episodes, cameras and the like: what is valid, and the file name of each.

An identifier is data, often of somebody else's: any text may be one. It becomes part of a path
through `file_name` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import quote

from longhaul.errors import ConfigError
from longhaul.files import PARTIAL

MAX_FILE_NAME_BYTES = 200
"""The size limit of a file name made from an identifier, in bytes. File systems allow 255, and
suffixes such as `.mp4.partial` follow."""

LONG_MARK = "%~"
"""What stands in a shortened name before the digest. In a name that is not shortened two
hexadecimal digits follow each `%`."""

LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Matches half of a surrogate pair: JSON can hold one, UTF-8 and the tables of a dataset can't."""

SHOWN_CHARS = 80
"""The most characters of an identifier that an error message shows."""


def file_name(identifier: str) -> str:
    """Return the file name of an identifier, without a suffix: ASCII, at most MAX_FILE_NAME_BYTES.

    Two identifiers never have the same name. It has no separator, does not begin with a dot and
    does not end in `.partial`, the mark of incomplete files. A long one ends in the SHA-256 of the
    whole identifier. Lone surrogates are allowed. Raises ValueError for an empty identifier.
    """
    if not identifier:
        raise ValueError("an empty identifier has no file name")
    raw = identifier.encode("utf-8", "surrogatepass")
    name = re.sub(r"^\.", "%2E", quote(raw, safe=" ,=@+"))
    if name.endswith(PARTIAL):
        name = f"{name.removesuffix(PARTIAL)}%2E{PARTIAL[1:]}"
    if len(name) <= MAX_FILE_NAME_BYTES:
        return name
    ending = LONG_MARK + sha256(raw).hexdigest()
    return name[: MAX_FILE_NAME_BYTES - len(ending)] + ending


def is_plain_name(name: object) -> bool:
    """Return True for a text that can name a file as it is, and can't lead out of a folder."""
    return (
        isinstance(name, str)
        and name not in ("", ".", "..")
        and not re.search(r"[/\x00]", name)
        and not LONE_SURROGATE.search(name)
        and len(name.encode()) <= 255
    )


def require_identifiers(found: Iterable[object], where: str) -> None:
    """Raise ConfigError for an identifier that is empty, no text, or there twice.

    `where` says in the message what they are and where they stand, such as
    `env.dataset=houses, episode id`.
    """
    seen: set[object] = set()
    for number, identifier in enumerate(found):
        if not isinstance(identifier, str):
            raise ConfigError(f"{where} {shown(identifier)} (number {number}) must be a text")
        if not identifier:
            raise ConfigError(f"{where} '' (number {number}) must not be empty")
        if identifier in seen:
            raise ConfigError(
                f"{where} {shown(identifier)} (number {number}) is there twice: change one of them"
            )
        seen.add(identifier)


def shown(identifier: object) -> str:
    """Return an identifier for an error message: quoted, on one line, and shortened if long."""
    text = repr(identifier)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}..."
