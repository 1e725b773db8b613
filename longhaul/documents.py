"""Reads JSON and text files that somebody else may have made: bounded in size and in depth.

A file of a run folder, a dataset or a task list can claim anything. What is larger or nested deeper
than a document of ours could be is refused before it is parsed, and only regular files are read, so
that a pipe or a device in a file's place can't hold a command up.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from longhaul.errors import ConfigError

MOST_BYTES = 64 * 2**20
"""The size limit of a document, in bytes: some ten times the largest that Longhaul writes itself,
the recording of an episode of 10,000 steps."""

MOST_LINE_BYTES = 16 * 2**20
"""The size limit of one line of a file of records, in bytes."""

MOST_DEPTH = 64
"""The limit of lists and objects inside each other. Longhaul's own documents have fewer than 12,
and Python's parser and encoder fail at about 1,000."""

MOST_YAML_BYTES, MOST_YAML_VALUES = 2**20, 100_000
"""The size limit of a YAML document, in bytes, and in values: a hundred times what Longhaul's own
have."""

MOST_VALUES = 2_000_000
"""The limit of a document's values: each takes some 100 bytes of memory, however short it is."""

_STRING = re.compile(rb'"[^"]*"')
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def read_json(path: Path, most_bytes: int = MOST_BYTES) -> Any:
    """Return what a JSON file holds.

    Raises ConfigError, which names the file, for one that is no JSON, no regular file, larger than
    `most_bytes` or nested deeper than MOST_DEPTH; raises OSError if it can't be opened.
    """
    return parse_json(read_bytes(path, most_bytes), path)


def read_packed_json(path: Path, most_bytes: int = MOST_BYTES) -> Any:
    """Return what a JSON file holds that gzip has packed; `most_bytes` is its unpacked size. Raises
    as `read_json`, and for a file that gzip can't read."""
    try:
        with open_regular(path) as file, gzip.open(file) as packed:
            data = packed.read(most_bytes + 1)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ConfigError(f"{path} is no gzip file: {error}") from None
    if len(data) > most_bytes:
        raise ConfigError(f"{path} unpacks to more than {most_bytes} bytes, its limit")
    return parse_json(data, path)


def read_object(path: Path, most_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """Return the JSON object that a file holds. Raises as `read_json`, and for any other value."""
    found = read_json(path, most_bytes)
    if not isinstance(found, Mapping):
        raise ConfigError(f"{path} holds a {type(found).__name__}, not a JSON object")
    return dict(found)


def parse_json(
    data: bytes | str,
    name: object,
    make: Callable[[list[tuple[str, Any]]], Any] | None = None,
) -> Any:
    """Return what a JSON text holds; `name` says in an error where it comes from. `make` makes an
    object of its pairs of key and value; without it that is a dict with the last value of a key.

    Raises ConfigError for a text that is no JSON, is nested deeper than MOST_DEPTH or has more than
    MOST_VALUES values.
    """
    raw = data.encode(errors="surrogatepass") if isinstance(data, str) else data
    try:
        if depth_of(raw) > MOST_DEPTH:
            raise ConfigError(f"{name}: lists and objects are nested deeper than {MOST_DEPTH}")
        if sum(map(raw.count, (b",", b"[", b"{"))) > MOST_VALUES:
            raise ConfigError(f"{name}: it has more than {MOST_VALUES} values")
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=make)
    except ConfigError:
        raise
    except ValueError as error:  # no JSON, no UTF-8, or a number of too many digits
        raise ConfigError(f"{name} is no JSON: {' '.join(str(error).split())}") from None


def read_yaml(path: Path, most_bytes: int = MOST_YAML_BYTES) -> Any:
    """Return what a YAML file holds: plain values, lists and objects.

    Raises ConfigError, which names the file, for one that is no YAML, no regular file, larger than
    `most_bytes`, nested deeper than MOST_DEPTH, or with so many repetitions (aliases) that it would
    have more than MOST_YAML_VALUES values; raises OSError if it can't be opened.
    """
    import yaml  # slow to import, and few commands need it

    try:
        text = read_bytes(path, most_bytes).decode()
        _require_small(yaml.parse(text, yaml.SafeLoader), path)
        return yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"{path} is no YAML: {' '.join(str(error).split())}") from None


def _require_small(events: Iterable[Any], path: Path) -> None:
    """Raise ConfigError unless the values in a YAML text are few and shallow, aliases resolved."""
    sizes: dict[str, int] = {}
    opened: list[tuple[str | None, int]] = []
    total = 0
    for event in events:
        kind = type(event).__name__
        if kind in ("SequenceStartEvent", "MappingStartEvent"):
            opened.append((event.anchor, total))
        elif kind in ("SequenceEndEvent", "MappingEndEvent"):
            anchor, before = opened.pop()
            if anchor:
                sizes[anchor] = total - before
        elif kind == "AliasEvent":
            total += sizes.get(event.anchor, 1)
        elif kind == "ScalarEvent":
            total += 1
        if len(opened) > MOST_DEPTH:
            raise ConfigError(f"{path}: lists and objects are nested deeper than {MOST_DEPTH}")
        if total > MOST_YAML_VALUES:
            raise ConfigError(f"{path} has more than {MOST_YAML_VALUES} values, aliases resolved")


def depth_of(data: bytes) -> int:
    """Return how many lists and objects of a JSON text lie inside each other at most.

    For a text that is no JSON the result is a bound of what a parser would enter.
    """
    if data.count(b"[") + data.count(b"{") <= MOST_DEPTH:
        return data.count(b"[") + data.count(b"{")
    unescaped = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = _STRING.sub(b"", unescaped).translate(None, _NO_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def read_text(path: Path, most_bytes: int = MOST_BYTES) -> str:
    """Return the text of a file, with a mark in place of each byte that is no UTF-8. Raises as
    `read_bytes`."""
    return read_bytes(path, most_bytes).decode(errors="replace")


def read_bytes(path: Path, most_bytes: int = MOST_BYTES) -> bytes:
    """Return the bytes of a regular file.

    Raises ConfigError for a file that is none or is larger than `most_bytes`, and OSError if it
    can't be opened.
    """
    with open_regular(path) as file:
        return read_whole(file, path, most_bytes)


def read_whole(file: BinaryIO, name: object, most_bytes: int = MOST_BYTES) -> bytes:
    """Return the rest of an open file; `name` says in an error which it is.

    Raises ConfigError if that is more than `most_bytes`.
    """
    data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise ConfigError(f"{name} is larger than {most_bytes} bytes, the limit for such a file")
    return data


def read_lines(
    file: BinaryIO, name: object, most_bytes: int = MOST_LINE_BYTES, last: bool = False
) -> Iterator[bytes]:
    """Yield the lines of an open file, each with its end; a last line without one is left out,
    unless `last` asks for it.

    Raises ConfigError for a line of more than `most_bytes`; `name` says which file that is.
    """
    while (line := file.readline(most_bytes + 1)).endswith(b"\n"):
        yield line
    if len(line) > most_bytes:
        raise ConfigError(f"{name} has a line of more than {most_bytes} bytes, the limit for one")
    if line and last:
        yield line


def require_regular(path: Path) -> None:
    """Raise ConfigError unless a path leads to a regular file, and OSError where nothing is."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise ConfigError(f"{path} is no regular file")


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading, without waiting for a pipe's writer.

    Raises ConfigError for a folder, a pipe, a socket or a device, and OSError as `open`.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    return regular(descriptor, path)


def regular(descriptor: int, name: object) -> BinaryIO:
    """Return the file of a descriptor. Raises ConfigError, and closes it, if it is no regular one;
    `name` says in the message which it is."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ConfigError(f"{name} is no regular file")
    return os.fdopen(descriptor, "rb")


def finite(data: Any) -> Any:
    """Return data as plain JSON; a number that JSON cannot hold becomes None."""
    if isinstance(data, Mapping):
        return {str(key): finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
