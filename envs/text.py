"""Text as arrays of fixed size: UTF-8 bytes, padded with zeros, and their number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray


def length_of(name: str) -> str:
    """Return the name of the array that says how long the text `name` is."""
    return f"{name}_length"


def text_space(name: str, size: int) -> dict[str, spaces.Box]:
    """Return the spaces of a text of at most `size` bytes: `name` (size,), `name_length` (1,)."""
    return {
        name: spaces.Box(0, 255, (size,), np.uint8),
        length_of(name): spaces.Box(0, size, (1,), np.int32),
    }


def texts_of(arrays: Mapping[str, Any], longest: int) -> dict[str, str]:
    """Return the texts among arrays by name, except those with room for over `longest` bytes."""
    return {
        name: decode(name, arrays)
        for name, array in arrays.items()
        if length_of(name) in arrays and np.size(array) <= longest
    }


def numbers_of(arrays: Mapping[str, Any], most: int) -> dict[str, Any]:
    """Return the arrays that are neither texts nor lengths of texts, and hold at most `most`
    numbers."""
    lengths = {length_of(name) for name in arrays}
    return {
        name: array
        for name, array in arrays.items()
        if name not in lengths and length_of(name) not in arrays and np.size(array) <= most
    }


def encode(name: str, text: str, size: int) -> dict[str, NDArray[Any]]:
    """Return a text as arrays; what does not fit is cut off at the end, between characters."""
    data = text.encode(errors="replace")  # pages may hold half a surrogate pair
    if len(data) > size:
        data = data[:size].decode(errors="ignore").encode()
    array = np.zeros(size, np.uint8)
    array[: len(data)] = np.frombuffer(data, np.uint8)
    return {name: array, length_of(name): np.array([len(data)], np.int32)}


def decode(name: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return the text of arrays; bytes that are no UTF-8 become the replacement character.

    Raises ValueError for a length that is negative or above the array's size.
    """
    data, length = np.asarray(arrays[name], np.uint8), int(arrays[length_of(name)][0])
    if not 0 <= length <= data.size:
        raise ValueError(f"{name}_length={length} is not between 0 and {data.size}")
    return data[:length].tobytes().decode(errors="replace")
