"""Reads NumPy's files that somebody else may have made: what they claim is checked first.

A header of 100 bytes can claim an array of terabytes, and a zip archive of a megabyte can unpack to
a gigabyte. An array is read if its bytes are there, if it holds numbers or short texts, and if it
is not larger than the reader expects.
"""

from __future__ import annotations

import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Collection
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from longhaul.documents import open_regular
from longhaul.errors import ConfigError, single_line

MOST_BYTES = 64 * 2**20
"""The size limit of the arrays that are read from one file, in bytes: some 60 frames of CALVIN."""

MOST_HEADER_BYTES = 10_000
"""The size limit of an array's header, in bytes, as in NumPy."""

MOST_ROWS_OF_NOTHING = 2**20
"""The length limit of an array without a byte, along each axis."""

MOST_DIRECTORY_BYTES = 2**20
"""The size limit of a zip archive's directory, in bytes: some 10,000 members."""

PLAIN_KINDS = "?biufcSU"
"""The kinds of NumPy types that an array may have: truth values, numbers and texts."""

_END, _LOCATOR, _END_BYTES = b"PK\x05\x06", b"PK\x06\x07", 22
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, KeyError),
    *(RuntimeError, OverflowError, NotImplementedError, SyntaxError),
    tokenize.TokenError,
)


def read_array(path: Path, most_bytes: int = MOST_BYTES) -> NDArray[Any]:
    """Return the array of an .npy file.

    Raises ConfigError, which names the file, for one that is broken, that is no regular file, or
    that holds objects or more than `most_bytes`; raises OSError if it can't be opened.
    """
    with open_regular(path) as file:
        return load_array(file, path, most_bytes)


def load_array(file: BinaryIO, name: object, most_bytes: int = MOST_BYTES) -> NDArray[Any]:
    """Return the array of an open .npy file. Raises as `read_array`; `name` says which file it
    is."""
    size = file.seek(0, 2)
    file.seek(0)
    try:
        return _read(file, size, most_bytes)
    except _BROKEN as error:
        raise _refusal(name, "npy", error) from None


def map_array(path: Path) -> np.memmap[Any, Any]:
    """Return the array of an .npy file memory-mapped for reading, whatever its size. Raises as
    `read_array`, and for a file that is not as long as its header says."""
    with open_regular(path) as file:
        size = file.seek(0, 2)
        file.seek(0)
        try:
            shape, fortran, dtype = _header(file)
            start = file.tell()
            _require_there(shape, dtype, size - start, size)
            order: Any = "F" if fortran else "C"
            return np.memmap(path, dtype, "r", start, shape, order)
        except _BROKEN as error:
            raise _refusal(path, "npy", error) from None


def read_arrays(
    path: Path, names: Collection[str] | None = None, most_bytes: int = MOST_BYTES
) -> dict[str, NDArray[Any]]:
    """Return the arrays of these names of an .npz file, or all of them. Raises as `read_array`, and
    for a name that is not there."""
    with open_regular(path) as file:
        try:
            _require_small_directory(file)
            with zipfile.ZipFile(file) as archive:
                members = {m.filename.removesuffix(".npy"): m for m in archive.infolist()}
                missing = [name for name in names or () if name not in members]
                if missing:
                    raise ValueError(f"there is no {missing[0]}")
                wanted = {n: m for n, m in members.items() if names is None or n in names}
                total = sum(member.file_size for member in wanted.values())
                if total > most_bytes:
                    raise ValueError(f"{total} bytes, the limit is {most_bytes}")
                return {name: _member(archive, member) for name, member in wanted.items()}
        except _BROKEN as error:
            raise _refusal(path, "npz", error) from None


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{member.filename} is packed as NumPy packs nothing")
    with archive.open(member) as file:
        return _read(file, member.file_size, member.file_size)


def _read(file: Any, size: int, most_bytes: int) -> NDArray[Any]:
    """Return the array of an open file of `size` bytes."""
    shape, fortran, dtype = _header(file)
    wanted = _require_there(shape, dtype, size, most_bytes)
    data = bytearray(file.read(wanted))
    if len(data) != wanted:
        raise ValueError(f"{len(data)} bytes of {wanted}")
    flat = np.frombuffer(data, dtype)
    return flat.reshape(shape, order="F" if fortran else "C")


def _header(file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return shape, Fortran's order and type. Raises ValueError for anything but plain values."""
    version = npy.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"version {version} of the format; valid: 1.0 and 2.0")
    told = file.read(2 if version == (1, 0) else 4)
    length = int.from_bytes(told, "little")
    if length > MOST_HEADER_BYTES:
        raise ValueError(f"a header of {length} bytes, the limit is {MOST_HEADER_BYTES}")
    head = BytesIO(told + file.read(length))
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = read(head)
    if dtype.kind not in PLAIN_KINDS or not dtype.itemsize:
        raise ValueError(f"an array of {dtype}; valid are numbers and texts")
    return shape, fortran, dtype


def _require_there(shape: tuple[int, ...], dtype: np.dtype[Any], size: int, most_bytes: int) -> int:
    """Return the bytes of an array; raise ValueError where they are too many, or not there."""
    wanted = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or (not wanted and max(shape) > MOST_ROWS_OF_NOTHING):
        raise ValueError(f"an array of shape {shape}")
    if wanted > most_bytes:
        raise ValueError(f"an array of {wanted} bytes, the limit is {most_bytes}")
    if wanted > size:
        raise ValueError(f"an array of {wanted} bytes in a file of {size}")
    return wanted


def _require_small_directory(file: BinaryIO) -> None:
    """Raise ValueError for a zip archive with a directory that is large, as its end says."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 2**16 - _END_BYTES))
    tail = file.read()
    at = max(0, len(tail) - _END_BYTES)
    if tail[at : at + 4] != _END or tail[-2:] != b"\0\0":
        at = tail.rfind(_END)
    end = tail[at : at + _END_BYTES]
    if at < 0 or len(end) < _END_BYTES:
        raise ValueError("no zip archive")
    directory = int.from_bytes(end[12:16], "little")
    if directory > MOST_DIRECTORY_BYTES or tail[max(0, at - 20) : at][:4] == _LOCATOR:
        raise ValueError(f"more members than {MOST_DIRECTORY_BYTES} bytes of a directory can list")


def _refusal(name: object, kind: str, error: Exception) -> ConfigError:
    return ConfigError(f"{name}: no readable {kind} ({single_line(error) or type(error).__name__})")
