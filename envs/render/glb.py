"""Reads a GLB file that somebody else may have made; it must hold all of its parts itself."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import trimesh

from longhaul.documents import parse_json, read_bytes
from longhaul.envs.render.gltf import Gltf
from longhaul.pictures import open_picture

MOST_BYTES = 2**30
"""The size limit of a file, in bytes: a house of HM3D has up to 100 MB."""

MOST_NODES = 20_000
"""The limit of the nodes, meshes, accessors and images of a file."""

MOST_PICTURE_BYTES, MOST_GROWTH = 2**28, 64
"""What all textures may take in memory, in bytes, and how many bytes more for each of their own."""

MOST_SHARED = 4
"""How many values a byte of a file may stand for: parts of a mesh share their vertices."""

MOST_CORNERS = 30_000_000
"""The limit of the corners of triangles that all nodes show: a house of HM3D has some 3 million."""

CHUNK_BYTES = 8
"""The bytes before a chunk behind the description: its length and its type."""

HEAD_BYTES = 20
"""The bytes before a GLB's description: magic, version, length, and its length and type."""


def load_glb(path: Path) -> trimesh.Scene:
    """Return the scene of a GLB file.

    Raises ValueError for a file that refers to another one, whose description is broken, or that
    requires an extension of glTF that is not read (longhaul.envs.render.gltf); what else is broken
    can raise any exception, of trimesh too.
    """
    data = read_bytes(path, MOST_BYTES)
    described, binary = Gltf(*require_whole(data)).plain()
    _require_few_triangles(described)  # once more, with the copies of instanced nodes
    plain = _packed(described, binary)
    # Read from memory, so that trimesh has no folder in which it could look for other files.
    return trimesh.load_scene(io.BytesIO(plain), file_type="glb", process=False)


def _packed(described: dict[str, Any], binary: bytes) -> bytes:
    """Return a GLB of a description and a binary buffer."""
    text = json.dumps(described).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    size = HEAD_BYTES + len(text) + CHUNK_BYTES + len(binary)
    head = struct.pack("<4sII", b"glTF", 2, size) + struct.pack("<I4s", len(text), b"JSON")
    return b"".join([head, text, struct.pack("<I4s", len(binary), b"BIN\0"), binary])


def require_whole(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return description and buffer of a GLB.

    Raises ValueError unless buffers and images are in the file itself, and no larger than claimed.
    """
    if len(data) < HEAD_BYTES or data[:4] != b"glTF":
        raise ValueError("it is no GLB")
    (length,) = struct.unpack_from("<I", data, HEAD_BYTES - 8)
    described = parse_json(data[HEAD_BYTES : HEAD_BYTES + length].rstrip(b"\0"), "its description")
    if not isinstance(described, dict):
        raise ValueError("its description is no JSON object")
    binary = data[HEAD_BYTES + length + CHUNK_BYTES :]
    _require_modest(described, binary)
    for kind in ("buffers", "images"):
        items = described.get(kind, [])
        for item in items if isinstance(items, list) else [items]:
            uri = item.get("uri", "data:") if isinstance(item, dict) else item
            if not isinstance(uri, str) or not uri.startswith("data:"):
                raise ValueError(f"its {kind} refer to {str(uri)[:80]!r}: export it as one GLB")
    return described, binary


def _require_modest(described: dict[str, Any], binary: bytes) -> None:
    """Raise ValueError for a description that claims far more than its file holds."""
    for kind in ("nodes", "meshes", "accessors", "images", "materials", "scenes"):
        if len(described.get(kind, ())) > MOST_NODES:
            raise ValueError(f"it has {len(described[kind])} {kind}, the limit is {MOST_NODES}")
    values = sum(int(item["count"]) for item in described.get("accessors", ()))
    if not 0 <= values <= MOST_BYTES // 4 or values > MOST_SHARED * (len(binary) + 2**20):
        raise ValueError(f"its accessors have {values} values in {len(binary)} bytes")
    _require_few_triangles(described)
    pixels = largest = 0
    for image in described.get("images", ()):
        if isinstance(image, dict) and isinstance(image.get("bufferView"), int):
            view = described["bufferViews"][image["bufferView"]]
            start, length = int(view.get("byteOffset", 0)), int(view["byteLength"])
            with open_picture(binary[start : start + length]) as picture:
                pixels += picture.width * picture.height
            largest += length
    if 3 * pixels > MOST_PICTURE_BYTES + MOST_GROWTH * largest:
        raise ValueError(f"its textures have {pixels} pixels in {largest} bytes")


def _require_few_triangles(described: dict[str, Any]) -> None:
    """Raise ValueError where nodes repeat meshes until there are more than MOST_CORNERS."""
    accessors, corners = described.get("accessors", ()), []
    for mesh in described.get("meshes", ()):
        used = [part.get("indices", part["attributes"]["POSITION"]) for part in mesh["primitives"]]
        corners.append(sum(int(accessors[number]["count"]) for number in used))
    shown = sum(corners[node["mesh"]] for node in described.get("nodes", ()) if "mesh" in node)
    if shown > MOST_CORNERS:
        raise ValueError(f"its nodes show {shown} corners of triangles, the limit {MOST_CORNERS}")
