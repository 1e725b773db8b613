"""Reads and writes CALVIN's lang_annotations, which are published as a pickled object array.

A pickle is a program. Here it may build only arrays of plain numbers and text, dicts, lists,
strings and numbers (longhaul.plain_pickle); a pickle that names anything else is refused. Not even
NumPy's functions are called by name: what an array is built from is recorded, and checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from longhaul.demos.source import DatasetError
from longhaul.plain_pickle import Called, Name, PickleError, Unfinished, dumps, loads

PLAIN_DTYPE_KINDS = "biufSUO"
"""The kinds of dtype (numpy.dtype.kind) that are admitted."""


class _Dtype(Unfinished):
    """A numpy.dtype: the text it is created with, until its byte order is there."""

    def __init__(self, text: Any) -> None:
        self._text = str(text)

    def finish(self, state: Any) -> np.dtype[Any]:
        order = state[1] if isinstance(state, tuple) and state[1] in ("<", ">") else ""
        try:
            found = np.dtype(order + self._text.lstrip("<>|="))
        except TypeError as error:
            raise PickleError(str(error)) from None
        if found.kind not in PLAIN_DTYPE_KINDS:
            raise PickleError(f"an array of {self._text}")
        return found


class _Array(Unfinished):
    """An array, until its shape, dtype and data are there."""

    def finish(self, state: Any) -> NDArray[Any]:
        _, shape, dtype, fortran, data = state
        return _array(data, dtype, shape, "F" if fortran else "C")


def _array(data: Any, dtype: Any, shape: Any, order: Any) -> NDArray[Any]:
    if not isinstance(dtype, np.dtype) or not isinstance(shape, tuple) or order not in ("C", "F"):
        raise PickleError("an array without a shape or dtype")
    if dtype.kind != "O":
        return np.frombuffer(data, dtype).reshape(shape, order=order)
    if not isinstance(data, list):
        raise PickleError("an array of objects without a list")
    flat = np.empty(len(data), object)
    flat[:] = data
    return flat.reshape(shape, order=order)


def _call(name: str, arguments: tuple[Any, ...]) -> Any:
    """Return what the names stand for that a pickle of plain arrays uses."""
    for prefix in ("numpy.core.", "numpy._core."):
        name = name.removeprefix(prefix)
    if name == "numpy.dtype":
        return _Dtype(arguments[0])
    if name == "multiarray._reconstruct" and arguments[0] == Name("numpy.ndarray"):
        return _Array()
    if name == "multiarray.scalar" and len(arguments) == 2:
        return _array(arguments[1], arguments[0], (), "C").item()
    if name == "numeric._frombuffer" and len(arguments) == 4:
        return _array(*arguments)
    # Protocol 2 writes bytes as text.
    if name == "_codecs.encode" and arguments[1:] == ("latin1",):
        return str(arguments[0]).encode("latin1")
    raise PickleError(f"it names {name}")


def read_annotations(path: Path) -> dict[str, Any]:
    """Return the dict in an npy file of one object, which must consist of plain values.

    Raises DatasetError for a missing or broken file, and for one that contains anything else.
    """
    try:
        with path.open("rb") as file:
            version = npy.read_magic(file)
            header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _, dtype = header(file)
            if shape != () or not dtype.hasobject:
                raise ValueError("not an array of one object")
            found = loads(file.read(), _call)
    except FileNotFoundError:
        raise DatasetError(f"{path}: this file is missing") from None
    except (ValueError, TypeError, LookupError, OverflowError, MemoryError) as error:
        raise DatasetError(f"{path}: refused ({' '.join(str(error).split())})") from None
    if isinstance(found, np.ndarray) and found.shape == ():
        found = found.item()
    if not isinstance(found, dict):
        raise DatasetError(f"{path}: holds {type(found).__name__}, not a dict")
    return found


def write_annotations(path: Path, value: Mapping[str, Any]) -> None:
    """Write a dict of plain values and arrays of numbers as numpy.save does: an array of one
    object, which CALVIN's tools read with allow_pickle=True."""
    held = _ndarray((), _dtype("O8", "|", 63), [_plain(dict(value))])
    with path.open("wb") as file:
        header = {"descr": "|O", "fortran_order": False, "shape": ()}
        npy.write_array_header_1_0(file, header)
        file.write(dumps(held))


def _plain(value: Any) -> Any:
    """Return a value in which what an array is built from stands for the array."""
    if isinstance(value, np.ndarray):
        array = np.ascontiguousarray(value)
        return _ndarray(value.shape, _dtype(array.dtype.str[1:], array.dtype.str[0]), array)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    return type(value)(map(_plain, value)) if isinstance(value, list | tuple) else value


def _dtype(text: str, order: str, flags: int = 0) -> Called:
    state = (3, order, None, None, None, -1, -1, flags)
    return Called(Name("numpy.dtype"), (text, False, True), state)


def _ndarray(shape: tuple[int, ...], dtype: Called, data: NDArray[Any] | list[Any]) -> Called:
    kept = data if isinstance(data, list) else data.tobytes()
    empty = (Name("numpy.ndarray"), (0,), b"b")
    rebuild = Name("numpy.core.multiarray._reconstruct")  # as NumPy 1 and 2 know it
    return Called(rebuild, empty, (1, shape, dtype, False, kept))
