"""Reads HDF5 files that somebody else may have made: only what a file itself holds, of a size that
is checked first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
from numpy.typing import NDArray

from longhaul.demos.source import DatasetError
from longhaul.documents import require_regular
from longhaul.errors import single_line

MOST_BYTES, MOST_GROWTH = 64 * 2**20, 1000
"""The size limit in bytes of a picture, of a chunk and of an array of states or actions. Pictures
may also take so many times their bytes in the file: deflate reaches about 1,000."""

KNOWN_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
KNOWN_FILTERS |= {h5py.h5z.FILTER_LZF, h5py.h5z.FILTER_SZIP, h5py.h5z.FILTER_SCALEOFFSET}
"""The numbers of the filters that HDF5 and h5py bring; others are programs of somebody else."""

MOST_NAMES_SHOWN = 20
"""How many names of a group an error lists. Chosen here."""


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """Open a file for reading. Raises DatasetError, which names it, for whatever is wrong in it."""
    try:
        require_regular(path)
        with h5py.File(path, "r") as file:
            yield file
    except DatasetError:
        raise
    except (OSError, RuntimeError, LookupError, ValueError, TypeError) as error:
        raise DatasetError(f"{path}: no readable HDF5 ({single_line(error)})") from None


def inside(file: h5py.File, name: str) -> Any:
    """Return a group or an array of a file by its path.

    Raises DatasetError where there is none, naming what is there instead, and for a link, which can
    lead to another file.
    """
    found = file
    for part in name.split("/"):
        link = found.get(part, getlink=True) if isinstance(found, h5py.Group) else None
        if link is None:
            raise DatasetError(f"{file.filename}: there is no {name}{_instead(found)}")
        if not isinstance(link, h5py.HardLink):
            raise DatasetError(f"{file.filename}: {name} is a link, which is not followed")
        found = found[part]
    return found


def group(file: h5py.File, name: str) -> h5py.Group:
    """Return a group of a file by its path. Raises DatasetError where there is none."""
    found = inside(file, name)
    if not isinstance(found, h5py.Group):
        raise DatasetError(f"{file.filename}: {name} is an array, no group")
    return found


def array(file: h5py.File, name: str) -> h5py.Dataset:
    """Return an array of numbers that the file itself holds, of a modest size. Raises
    DatasetError."""
    found, what = inside(file, name), f"{file.filename}: {name}"
    if not isinstance(found, h5py.Dataset) or found.dtype.kind not in "biuf" or not found.ndim:
        raise DatasetError(f"{what} is no array of numbers")
    _require_modest(found, what)
    return found


def vectors(file: h5py.File, name: str) -> NDArray[Any]:
    """Return the whole of an array of states or actions: (frames, size)."""
    found = array(file, name)
    if found.nbytes > MOST_BYTES:
        raise DatasetError(f"{file.filename}: {name} has {found.nbytes} bytes, not {MOST_BYTES}")
    values: NDArray[Any] = found[()]
    return values.reshape(len(values), -1)


def texts(file: h5py.File, name: str) -> list[str]:
    """Return an array of texts, of UTF-8 bytes of a fixed or of any length. Raises DatasetError."""
    found, what = inside(file, name), f"{file.filename}: {name}"
    if not isinstance(found, h5py.Dataset) or found.ndim != 1:
        raise DatasetError(f"{what} is no list of texts")
    if found.dtype.kind != "S" and h5py.check_string_dtype(found.dtype) is None:
        raise DatasetError(f"{what} is no list of texts")
    _require_modest(found, what)
    read: list[str] = []
    size = 0
    for number in range(len(found)):
        text = bytes(found[number])
        size += len(text)
        if size > MOST_BYTES:  # texts of any length can lie in the same bytes
            raise DatasetError(f"{what} holds more than {MOST_BYTES} bytes")
        read.append(text.decode(errors="replace"))
    return read


def attribute(holder: Any, name: str) -> str:
    """Return the text of an attribute of a group or an array, "" where there is no such text."""
    try:
        if holder.attrs.get_id(name).shape:
            return ""
        value = holder.attrs[name]
    except (KeyError, TypeError):
        return ""
    text = value.decode(errors="replace") if isinstance(value, bytes) else value
    return text if isinstance(text, str) else ""


def _require_modest(found: h5py.Dataset, what: str) -> None:
    if found.is_virtual or found.external:
        raise DatasetError(f"{what} lies in another file, which is not read")
    plan = found.id.get_create_plist()
    filters = {plan.get_filter(number)[0] for number in range(plan.get_nfilters())}
    if not filters <= KNOWN_FILTERS:
        raise DatasetError(f"{what} is packed by a filter of number {max(filters)}, not HDF5's own")
    row = math.prod(found.shape[1:]) * found.dtype.itemsize
    chunk = math.prod(found.chunks or ()) * found.dtype.itemsize
    stored = found.id.get_storage_size()
    if max(row, chunk) > MOST_BYTES or row * len(found) > MOST_BYTES + MOST_GROWTH * stored:
        raise DatasetError(f"{what} claims shape {found.shape} and stores {stored} bytes")


def _instead(found: Any) -> str:
    """Return a clause on the names in a group."""
    if not isinstance(found, h5py.Group):
        return ""
    names = sorted(found)
    more = f" and {len(names) - MOST_NAMES_SHOWN} more" * (len(names) > MOST_NAMES_SHOWN)
    shown = ", ".join(map(repr, names[:MOST_NAMES_SHOWN])) or "nothing"
    return f"; {found.name} holds {shown}{more}"
