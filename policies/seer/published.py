"""Reads the weights that torch.save has written, without torch's reader and without running them.

Such a file is an archive: a pickle that describes the tensors, and beside it one file of numbers
for each storage. The description is read by longhaul.plain_pickle, which knows a dozen names here
and imports none; numbers are mapped into memory when a tensor is asked for.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from longhaul.plain_pickle import Name, PickleError, loads
from longhaul.policies.checkpoint import CheckpointError

MOST_DESCRIPTION_BYTES = 64 * 2**20
"""The size limit of the pickle, in bytes; that of Seer-Large has less than one million."""

STORAGES: Mapping[str, torch.dtype] = {
    "torch.DoubleStorage": torch.float64,
    "torch.FloatStorage": torch.float32,
    "torch.HalfStorage": torch.float16,
    "torch.BFloat16Storage": torch.bfloat16,
    "torch.LongStorage": torch.int64,
    "torch.IntStorage": torch.int32,
    "torch.ShortStorage": torch.int16,
    "torch.CharStorage": torch.int8,
    "torch.ByteStorage": torch.uint8,
    "torch.BoolStorage": torch.bool,
}
"""The dtypes of the numbers of a storage by its class."""

OTHER_NAMES = ("torch._utils._rebuild_sparse_tensor", "torch.serialization._get_layout")
"""Names that stand in files beside weights, and for nothing here."""

LOCAL_HEADER_BYTES = 30
"""The size of the fixed part of the header before each file of a zip archive."""


@dataclass(frozen=True)
class Storage:
    """The numbers of a storage: `count` of `dtype` from byte `start` of a file on."""

    path: Path
    start: int
    dtype: torch.dtype
    count: int


@dataclass(frozen=True)
class Weight:
    """A dense tensor in a storage; the numbers are read when `tensor` is called."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    def tensor(self) -> Tensor:
        """Return the tensor, on the CPU, its numbers mapped into memory."""
        size = self.storage.count * self.storage.dtype.itemsize
        if not size or not prod(self.shape):
            return torch.empty(self.shape, dtype=self.storage.dtype)
        numbers = np.memmap(self.storage.path, np.uint8, "c", self.storage.start, (size,))
        flat = torch.frombuffer(numbers, dtype=self.storage.dtype)
        return flat.as_strided(self.shape, self.stride, self.offset)


def read_published(path: Path) -> Any:
    """Return what a file of torch.save holds, with a Weight for each dense tensor.

    Raises CheckpointError for a file that is broken, of a format before torch 1.6, or that holds
    anything but tensors, numbers, text and containers.
    """
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            return _Archive(path, archive, file).read()
    except (OSError, ValueError, LookupError, TypeError, zipfile.BadZipFile, struct.error) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CheckpointError(f"{path}: unsafe or unreadable, refused ({reason})") from None


class _Archive:
    def __init__(self, path: Path, archive: zipfile.ZipFile, file: Any) -> None:
        self._path, self._archive, self._file = path, archive, file
        names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(names) != 1:
            raise PickleError(f"{len(names)} files data.pkl, one is expected")
        self._prefix = names[0].removesuffix("data.pkl")

    def read(self) -> Any:
        if f"{self._prefix}byteorder" in self._archive.namelist():
            start, size = self._place("byteorder", len(b"little"))
            if self._bytes(start, size) != b"little":
                raise PickleError("numbers whose first byte is the highest")
        start, size = self._place("data.pkl", MOST_DESCRIPTION_BYTES)
        return loads(self._bytes(start, size), self._call, self._storage)

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
        if kind != "storage" or not isinstance(name, Name) or name.text not in STORAGES:
            raise PickleError(f"it refers to {kind} {name}")
        dtype = STORAGES[name.text]
        start, size = self._place(f"data/{key}")
        if not isinstance(count, int) or not 0 <= count * dtype.itemsize <= size:
            raise PickleError(f"storage {key} has {size} bytes, not {count} numbers")
        return Storage(self._path, start, dtype, count)

    def _call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        if name == "collections.OrderedDict" and not arguments:
            return {}
        if name == "torch._utils._rebuild_tensor_v2":
            return _weight(*arguments[:4])
        if name == "torch._utils._rebuild_parameter" and isinstance(arguments[0], Weight):
            return arguments[0]
        if name == "torch.Size":
            return tuple(arguments[0])
        if name in OTHER_NAMES:
            return Name(name)
        raise PickleError(f"it names {name}")


def _weight(storage: Any, offset: Any, shape: Any, stride: Any) -> Weight:
    """Return a Weight. Raises PickleError for one that reaches beyond its storage."""
    whole = isinstance(shape, tuple) and isinstance(stride, tuple) and len(shape) == len(stride)
    if not whole or not isinstance(storage, Storage):
        raise PickleError("a tensor without storage, shape or stride")
    if any(not isinstance(n, int) or n < 0 for n in (offset, *shape, *stride)):
        raise PickleError("a tensor of negative size")
    steps = zip(shape, stride, strict=True)
    last = offset + sum((size - 1) * step for size, step in steps if size)
    if prod(shape) and last >= storage.count:
        raise PickleError("a tensor reaches beyond its storage")
    return Weight(storage, offset, shape, stride)
