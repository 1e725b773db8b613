"""Reads the headers of safetensors files that somebody else may have made, before a library does.

The library itself checks that every tensor's bytes are there. It builds whatever a header lists,
which for 100 MB of a header are a million tensors without a byte and a gigabyte of memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from longhaul.documents import open_regular, parse_json
from longhaul.errors import ConfigError

MOST_HEADER_BYTES = 4 * 2**20
"""The size limit of a header, in bytes: some 40,000 tensors. Those of large language models list
fewer than 3,000."""

LENGTH_BYTES = 8
"""The bytes that say how long the header behind them is."""

ZIP_HEAD = b"PK\x03\x04"
"""How files of torch.save begin, which are zip archives."""

OLD_TORCH_NUMBER = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
"""What files of torch.save before torch 1.6 have near their beginning: the end of a pickle of
torch's MAGIC_NUMBER, of any protocol."""

HEAD_BYTES = 24
"""The bytes in which that pickle ends."""

TORCH_SUFFIXES = frozenset({".pth", ".pt", ".bin", ".ckpt"})
"""How the names of files of torch.save usually end."""


def is_of_torch(path: Path) -> bool:
    """Return whether a file that is no safetensors file is one of torch.save, as its first bytes or
    the end of its name tell. Raises OSError if it can't be read."""
    with open_regular(path) as file:
        head = file.read(HEAD_BYTES)
    told = head.startswith(ZIP_HEAD) or OLD_TORCH_NUMBER in head
    return told or path.suffix.lower() in TORCH_SUFFIXES


def read_header(path: Path) -> dict[str, Any]:
    """Return the header of a safetensors file: each tensor's dtype, shape and place by its name,
    and `__metadata__`.

    Raises ConfigError, which names the file, for one that is no regular file or whose header is
    too large, too deep or no JSON object; raises OSError if it can't be opened.
    """
    with open_regular(path) as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        if length > MOST_HEADER_BYTES:
            raise ConfigError(
                f"{path}: no safetensors file (a header of {length} bytes, the limit is "
                f"{MOST_HEADER_BYTES})"
            )
        data = file.read(length)
    if len(data) != length:
        raise ConfigError(
            f"{path}: no safetensors file (a header of {len(data)} bytes of {length})"
        )
    header = parse_json(data, f"{path}: no safetensors file: its header")
    if not isinstance(header, dict):
        raise ConfigError(f"{path}: no safetensors file: its header is no JSON object")
    return header


def largest_side(header: Mapping[str, Any]) -> int:
    """Return the longest side of the tensors in a header, those without a byte left out."""
    shapes = [item.get("shape") for item in header.values() if isinstance(item, Mapping)]
    whole = [s for s in shapes if isinstance(s, list) and all(type(n) is int for n in s)]
    return max((max(shape, default=1) for shape in whole if math.prod(shape)), default=1)
