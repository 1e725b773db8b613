"""Reads the sentences of CALVIN's lang_annotations, which are published as a pickled object array.

A pickle is a program. Here it may build only arrays of plain numbers and text, dicts, lists,
strings and numbers; a pickle that names anything else is refused before that runs. Not even NumPy's
functions are called: stand-ins record what an array is built from.
"""

from __future__ import annotations

import io
import pickle  # read by `_Reader` alone, which admits the five names in ADMITTED_NAMES
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from longhaul.demos.source import DatasetError

PLAIN_DTYPE_KINDS = "biufSUO"
"""The kinds of dtype (numpy.dtype.kind) that are admitted."""


class _Dtype:
    """The stand-in for a numpy.dtype: the text it is created with, and its byte order."""

    def __init__(self, text: str, *_: Any) -> None:
        self._text, self._order = str(text), ""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._order = state[1] if state[1] in ("<", ">") else ""

    def real(self) -> np.dtype[Any]:
        found = np.dtype(self._order + self._text.lstrip("<>|="))
        if found.kind not in PLAIN_DTYPE_KINDS:
            raise pickle.UnpicklingError(f"an array of {self._text}")
        return found


class _Array:
    """The stand-in for an array: its data, dtype, shape and order."""

    def __init__(self, *fields: Any) -> None:
        self._fields = fields

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, dtype, fortran, data = state
        self._fields = (data, dtype, shape, "F" if fortran else "C")

    def real(self) -> NDArray[Any]:
        data, dtype, shape, order = self._fields
        kind = dtype.real()
        if kind.kind == "O":
            flat = np.empty(len(data), object)
            for place, item in enumerate(data):
                flat[place] = _real(item)
        else:
            flat = np.frombuffer(data, kind)
        return flat.reshape(shape, order=order)


def _encode(text: str, encoding: str) -> bytes:
    """Return text as bytes: pickle's protocol 2 writes bytes as latin1 text."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"text in {encoding}")
    return text.encode("latin1")


def _scalar(dtype: _Dtype, data: bytes) -> _Array:
    return _Array(data, dtype, (), "C")


ADMITTED_NAMES: dict[str, Any] = {
    "numpy.dtype": _Dtype,
    "numpy.ndarray": "the class of an array, which is not to be called",
    "multiarray._reconstruct": lambda *_: _Array(),
    "multiarray.scalar": _scalar,
    "numeric._frombuffer": _Array,
    "_codecs.encode": _encode,
}
"""The names that the pickle may use, and what they stand for here."""


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        for prefix in ("numpy.core.", "numpy._core."):
            module = module.removeprefix(prefix)
        if f"{module}.{name}" not in ADMITTED_NAMES:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        return ADMITTED_NAMES[f"{module}.{name}"]

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("it refers to something outside")


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
            found = _real(_Reader(io.BytesIO(file.read())).load())
    except FileNotFoundError:
        raise DatasetError(f"{path}: this file is missing") from None
    except Exception as error:  # a broken or hostile pickle can raise any exception
        raise DatasetError(f"{path}: refused ({error})") from None
    if isinstance(found, np.ndarray):
        found = found.item()
    if not isinstance(found, dict):
        raise DatasetError(f"{path}: holds {type(found).__name__}, not a dict")
    return found


def _real(value: Any) -> Any:
    """Return a value in which arrays replace their stand-ins."""
    if isinstance(value, _Array):
        array = value.real()
        return array.item() if array.shape == () and array.dtype != object else array
    if isinstance(value, dict):
        return {_real(key): _real(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_real(item) for item in value)
    if value is None or isinstance(value, str | bytes | int | float):
        return value
    raise pickle.UnpicklingError(f"it holds {type(value).__name__}")
