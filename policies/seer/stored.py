"""What stands for a tensor of a file of torch.save until its numbers are read.

Nothing of torch's reader is used: the pickle that describes the tensors names a dozen functions
and classes, and here is what each of them stands for. Anything else is refused by its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from longhaul.plain_pickle import Name, PickleError, Unfinished

STORAGES: Mapping[str, torch.dtype] = {
    "torch.DoubleStorage": torch.float64,
    "torch.FloatStorage": torch.float32,
    "torch.HalfStorage": torch.float16,
    "torch.BFloat16Storage": torch.bfloat16,
    "torch.ComplexDoubleStorage": torch.complex128,
    "torch.ComplexFloatStorage": torch.complex64,
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

NUMPY_KINDS = {"f": "float", "i": "int", "u": "uint", "c": "complex"}
"""The letters with which NumPy writes the kinds of numbers, and their names."""


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
        """Return the tensor, on the CPU, its numbers mapped into memory.

        Numbers that do not begin at a multiple of their size are copied, as in the old format.
        """
        size = self.storage.count * self.storage.dtype.itemsize
        if not size or not prod(self.shape):
            return torch.empty(self.shape, dtype=self.storage.dtype)
        numbers: Any = np.memmap(self.storage.path, np.uint8, "c", self.storage.start, (size,))
        if self.storage.start % self.storage.dtype.itemsize:
            numbers = np.array(numbers)
        flat = torch.frombuffer(numbers, dtype=self.storage.dtype)
        return flat.as_strided(self.shape, self.stride, self.offset)


class _NumpyType(Unfinished):
    """A numpy.dtype, which is told by the name of its numbers' class alone."""

    def __init__(self, text: Any) -> None:
        self._text = str(text)

    def finish(self, state: Any) -> Name:
        found = re.fullmatch(r"([fiuc])(\d{1,2})", self._text)
        name = f"{NUMPY_KINDS[found[1]]}{8 * int(found[2])}" if found else "generic"
        return Name("numpy.bool" if self._text == "b1" else f"numpy.{name}")


def stored_storage(name: Any) -> torch.dtype:
    """Return the dtype of a class of storages. Raises PickleError for an unknown one."""
    if not isinstance(name, Name) or name.text not in STORAGES:
        raise PickleError(f"it refers to storage {name.text if isinstance(name, Name) else name}")
    return STORAGES[name.text]


def called(name: str, arguments: tuple[Any, ...]) -> Any:
    """Return what a name stands for that a file of torch.save calls; see longhaul.plain_pickle."""
    if name == "torch._utils._rebuild_tensor_v2":
        return _weight(*arguments[:4])
    if name == "torch._utils._rebuild_tensor" and len(arguments) == 4:
        return _weight(*arguments)
    parameter = name.startswith("torch._utils._rebuild_parameter")
    if parameter and isinstance(arguments[0], Weight):
        return arguments[0]
    if name == "torch.Size":
        return tuple(arguments[0])
    if name == "torch.device":
        return ":".join(map(str, arguments))
    if name == "_codecs.encode" and arguments[1:] == ("latin1",):
        return str(arguments[0]).encode("latin1")
    if name == "collections.defaultdict" or (name == "collections.OrderedDict" and not arguments):
        return {}
    if name == "collections.Counter" and isinstance(arguments[0], dict):
        return dict(arguments[0])
    if name in OTHER_NAMES:
        return Name(name)
    return _foreign(name, arguments)


def _foreign(name: str, arguments: tuple[Any, ...]) -> Any:
    """Refuse what is no tensor and no plain value. A dtype of NumPy's stays, until a number or an
    array of it is refused by its class."""
    first = arguments[0] if arguments else None
    if name == "numpy.dtype":
        return _NumpyType(first)
    if name.endswith(("multiarray.scalar", "multiarray._reconstruct")) and isinstance(first, Name):
        raise PickleError(f"it holds {first.text}")
    if name.endswith("numeric._frombuffer"):
        raise PickleError("it holds numpy.ndarray")
    if re.fullmatch(r"copy_?reg\._.*", name) and isinstance(first, Name):
        raise PickleError(f"it holds {first.text}")
    raise PickleError(f"it names {name}")


def _weight(storage: Any, offset: Any, shape: Any, stride: Any) -> Weight:
    """Return a Weight. Raises PickleError for one that reaches beyond its storage."""
    whole = isinstance(shape, tuple) and isinstance(stride, tuple) and len(shape) == len(stride)
    if not whole or not isinstance(storage, Storage):
        raise PickleError("a tensor without storage, shape or stride")
    if any(type(n) is not int or n < 0 for n in (offset, *shape, *stride)):
        raise PickleError("a tensor of negative size")
    steps = zip(shape, stride, strict=True)
    last = offset + sum((size - 1) * step for size, step in steps if size)
    if prod(shape) and last >= storage.count:
        raise PickleError("a tensor reaches beyond its storage")
    return Weight(storage, offset, shape, stride)
