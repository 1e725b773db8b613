"""Writes safetensors files: equal content gives equal bytes, with the mode of any other file.

`safetensors.torch.save_file` writes the metadata in an order that differs from process to process,
and a file that only its owner may read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import save
from torch import Tensor

LENGTH_BYTES = 8
"""The bytes of a safetensors file before its header: the header's length, little-endian. The header
is padded with blanks to a multiple of as many bytes."""


def write_tensors(
    path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> None:
    """Write tensors and metadata to a file. Raises OSError."""
    path.write_bytes(_with_metadata(path, save(dict(tensors)), metadata or {}))


def add_metadata(path: Path, more: Mapping[str, str]) -> None:
    """Add to the metadata of a safetensors file. Raises OSError, and ValueError for another file.

    The file is made again, with the usual mode: whoever must not see a half writes to another name
    first (longhaul.files.replacing).
    """
    data = _with_metadata(path, path.read_bytes(), more)
    path.unlink()
    path.write_bytes(data)


def _with_metadata(path: Path, data: bytes, more: Mapping[str, str]) -> bytes:
    """Return the content of a safetensors file with `more` metadata, in order of the names."""
    end = LENGTH_BYTES + int.from_bytes(data[:LENGTH_BYTES], "little")
    header = json.loads(data[LENGTH_BYTES:end])
    if not isinstance(header, dict):
        raise ValueError(f"{path} is no safetensors file")
    metadata = {**header.pop("__metadata__", {}), **more}
    if metadata:
        header = {"__metadata__": dict(sorted(metadata.items())), **header}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % LENGTH_BYTES)
    return len(text).to_bytes(LENGTH_BYTES, "little") + text + data[end:]
