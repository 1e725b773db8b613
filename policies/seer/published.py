"""Reads the weights that torch.save has written, without torch's reader and without running them.

Such a file is an archive: a pickle that describes the tensors, and beside it one file of numbers
for each storage. Before torch 1.6 it was a row of pickles and the storages behind them; torch.save
still writes that format where it is asked to. The description is read by longhaul.plain_pickle,
which imports nothing; what its names stand for says policies/seer/stored.py. Numbers are mapped
into memory when a tensor is asked for.
"""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any

from longhaul.errors import single_line
from longhaul.plain_pickle import PickleError, loads, loads_first
from longhaul.policies.checkpoint import CheckpointError
from longhaul.policies.seer.stored import Storage, called, stored_storage
from longhaul.tensors import HEAD_BYTES, OLD_TORCH_NUMBER, ZIP_HEAD

MOST_DESCRIPTION_BYTES = 64 * 2**20
"""The size limit of the pickle, in bytes; that of Seer-Large has less than one million."""

LFS_HEAD = b"version https"
"""How a small text file begins that Git LFS leaves in place of a large one."""

LOCAL_HEADER_BYTES = 30
"""The size of the fixed part of the header before each file of a zip archive."""

COUNT_BYTES = 8
"""The size of the number before each storage of the old format, which says how many follow."""

MOST_REASON = 1200
"""The longest reason of a refusal, in characters: two names of the longest that a pickle may
have."""

REMEDY = (
    "; save the weights alone, by torch.save({'model_state_dict': model.state_dict()}, FILE) where "
    "the file is trusted"
)
"""What to do about a file that holds more than weights."""


def read_published(path: Path) -> Any:
    """Return what a file of torch.save holds, with a Weight for each dense tensor.

    Raises CheckpointError for a file that is broken, that torch.save has not written, or that holds
    anything but tensors, numbers, text and containers.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            if OLD_TORCH_NUMBER in head:
                return _OldFile(path, file).read()
            if head.startswith(LFS_HEAD):
                raise PickleError(
                    "it is a pointer of Git LFS, for which git lfs pull gets the file"
                )
            if not head.startswith(ZIP_HEAD):
                raise PickleError("torch.save has not written this file")
            with zipfile.ZipFile(path) as archive:
                return _Archive(path, archive, file).read()
    except zipfile.BadZipFile:
        reason = "this archive is broken or not whole: was it fully downloaded?"
    except (OSError, ValueError, LookupError, TypeError, struct.error) as error:
        reason = single_line(error, MOST_REASON) or type(error).__name__
    remedy = REMEDY if reason.startswith(("it holds ", "it names ")) else ""
    raise CheckpointError(f"{path}: unsafe or unreadable, refused ({reason}){remedy}")


class _Archive:
    def __init__(self, path: Path, archive: zipfile.ZipFile, file: Any) -> None:
        self._path, self._archive, self._file = path, archive, file
        names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(names) != 1:
            raise PickleError(f"{len(names)} files data.pkl, one is expected")
        self._prefix = names[0].removesuffix("data.pkl")
        if f"{self._prefix}constants.pkl" in archive.namelist():
            raise PickleError("it holds a program of TorchScript, not weights alone")

    def read(self) -> Any:
        if f"{self._prefix}byteorder" in self._archive.namelist():
            start, size = self._place("byteorder", len(b"little"))
            if self._bytes(start, size) != b"little":
                raise PickleError("numbers whose first byte is the highest")
        start, size = self._place("data.pkl", MOST_DESCRIPTION_BYTES)
        return loads(self._bytes(start, size), called, self._storage)

    def _bytes(self, start: int, size: int) -> bytes:
        self._file.seek(start)
        data: bytes = self._file.read(size)
        return data

    def _place(self, name: str, most: int | None = None) -> tuple[int, int]:
        """Return where a file of the archive begins, and its size in bytes."""
        info = self._archive.getinfo(self._prefix + name)
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            raise PickleError(f"{name} is compressed")
        if most is not None and info.file_size > most:
            raise PickleError(f"{name} has {info.file_size} bytes, the limit is {most}")
        header = self._bytes(info.header_offset, LOCAL_HEADER_BYTES)
        start = info.header_offset + LOCAL_HEADER_BYTES + sum(struct.unpack("<HH", header[26:]))
        if start + info.file_size > self._path.stat().st_size:
            raise PickleError(f"{name} ends behind the file's end")
        return start, info.file_size

    def _storage(self, reference: Any) -> Storage:
        kind, name, key, _, count = reference
        if kind != "storage":
            raise PickleError(f"it refers to {kind} {name}")
        dtype = stored_storage(name)
        start, size = self._place(f"data/{key}")
        if not isinstance(count, int) or not 0 <= count * dtype.itemsize <= size:
            raise PickleError(f"storage {key} has {size} bytes, not {count} numbers")
        return Storage(self._path, start, dtype, count)


class _OldFile:
    """The format before torch 1.6: five pickles (a constant, a version, facts of the machine, the
    content, and the storages' keys in their order), and behind them the storages."""

    def __init__(self, path: Path, file: Any) -> None:
        self._path, self._file = path, file
        file.seek(0)
        self._data: bytes = file.read(MOST_DESCRIPTION_BYTES)
        self._storages: dict[str, Storage] = {}

    def read(self) -> Any:
        at = 0
        for _ in range(3):
            value, at = loads_first(self._data, at, called)
        if not isinstance(value, dict) or value.get("little_endian") is not True:
            raise PickleError("numbers whose first byte is the highest")
        # Where a storage lies is known from the keys behind the content, which is then read again.
        _, keys_at = loads_first(self._data, at, called, self._named)
        keys, end = loads_first(self._data, keys_at, called)
        self._storages = self._placed(keys, end)
        return loads_first(self._data, at, called, self._storage)[0]

    def _named(self, reference: Any) -> Storage:
        """Note a storage's dtype and length; its place is not known yet."""
        if reference[0] != "storage":
            raise PickleError(f"it holds {getattr(reference[1], 'text', reference[1])}")
        _, name, key, _, count, _ = reference
        if type(count) is not int or count < 0:
            raise PickleError(f"storage {key} has {count} numbers")
        named = Storage(self._path, 0, stored_storage(name), count)
        if self._storages.setdefault(key, named) != named:
            raise PickleError(f"storage {key} has two types or sizes")
        return self._part(named, reference[5])

    def _placed(self, keys: Any, at: int) -> dict[str, Storage]:
        """Return the storages by their keys, with their places in the file from byte `at` on."""
        found, end = {}, self._path.stat().st_size
        for key in keys:
            if key not in self._storages:
                raise PickleError(f"nothing refers to storage {key}")
            dtype, count = self._storages[key].dtype, self._storages[key].count
            self._file.seek(at)
            stored = int.from_bytes(self._file.read(COUNT_BYTES), "little")
            found[key] = Storage(self._path, at + COUNT_BYTES, dtype, count)
            at += COUNT_BYTES + count * dtype.itemsize
            if at > end:
                raise PickleError(f"storage {key} ends behind the file's end")
            if stored != count:
                raise PickleError(f"storage {key} has {stored} numbers, not {count}")
        return found

    def _storage(self, reference: Any) -> Storage:
        if reference[2] not in self._storages:
            raise PickleError(f"storage {reference[2]} is missing")
        return self._part(self._storages[reference[2]], reference[5])

    def _part(self, whole: Storage, part: Any) -> Storage:
        """Return a storage, or the part of it that files of torch before 0.4 refer to."""
        if part is None:
            return whole
        _, offset, count = part
        whole_numbers = type(offset) is int and type(count) is int
        if not whole_numbers or not 0 <= offset <= offset + count <= whole.count:
            raise PickleError("a part of a storage reaches beyond it")
        return Storage(whole.path, whole.start + offset * whole.dtype.itemsize, whole.dtype, count)
