"""Reads a GLB file that somebody else may have made; it must hold all of its parts itself."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import trimesh

from longhaul.documents import parse_json

HEAD_BYTES = 20
"""The bytes before a GLB's description: magic, version, length, and its length and type."""


def load_glb(path: Path) -> trimesh.Scene:
    """Return the scene of a GLB file.

    Raises ValueError for a file that refers to another one, or whose description is broken; what
    else is broken can make trimesh raise any exception.
    """
    data = path.read_bytes()
    require_whole(data)
    # Read from memory, so that trimesh has no folder in which it could look for other files.
    return trimesh.load_scene(io.BytesIO(data), file_type="glb", process=False)


def require_whole(data: bytes) -> None:
    """Raise ValueError unless buffers and images of a GLB are in the file itself."""
    if len(data) < HEAD_BYTES or data[:4] != b"glTF":
        raise ValueError("it is no GLB")
    (length,) = struct.unpack_from("<I", data, HEAD_BYTES - 8)
    described = parse_json(data[HEAD_BYTES : HEAD_BYTES + length].rstrip(b"\0"), "its description")
    if not isinstance(described, dict):
        raise ValueError("its description is no JSON object")
    for kind in ("buffers", "images"):
        items = described.get(kind, [])
        for item in items if isinstance(items, list) else [items]:
            uri = item.get("uri", "data:") if isinstance(item, dict) else item
            if not isinstance(uri, str) or not uri.startswith("data:"):
                raise ValueError(f"its {kind} refer to {str(uri)[:80]!r}: export it as one GLB")
