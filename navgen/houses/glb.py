"""Writes binary glTF 2.0 files: nodes with one mesh each, with unlit textures or vertex colors.

https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html defines the fields and the numbers.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from longhaul.envs.render.mesh import Mesh

FLOAT_TYPE, BYTE_TYPE, SHORT_TYPE, INT_TYPE = 5126, 5121, 5123, 5125
"""glTF's component types: float32, uint8, uint16, uint32."""

VERTEX_TARGET, INDEX_TARGET = 34962, 34963
"""glTF's buffer targets: vertex attributes and vertex indices."""

LINEAR_FILTER, TRILINEAR_FILTER, REPEAT_WRAP = 9729, 9987, 10497
"""glTF's texture filters (for magnified and for minified textures) and wrapping mode."""

UNLIT_EXTENSION = "KHR_materials_unlit"
"""The glTF extension for materials that no lamp lights."""


@dataclass(frozen=True, eq=False)
class Node:
    """A mesh in the house's frame, its name and its extras; `picture` names its texture.

    Without a picture the mesh's colors (V, 3) are written unchanged (linear).
    """

    name: str
    mesh: Mesh
    extras: dict[str, Any]
    picture: str | None = None


def glb(nodes: Sequence[Node], pictures: dict[str, NDArray[np.uint8]]) -> bytes:
    """Return the file's bytes; the same nodes and pictures (H, W, 3) give the same bytes."""
    buffer = _Buffer()
    names = [name for name in pictures if any(node.picture == name for node in nodes)]
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "longhaul"},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(nodes)))}],
        "nodes": [
            {"name": node.name, "mesh": index, "extras": node.extras}
            for index, node in enumerate(nodes)
        ],
        "meshes": [
            {"name": node.name, "primitives": [_primitive(buffer, node, names)]} for node in nodes
        ],
    }
    if names:
        document |= _materials(buffer, {name: pictures[name] for name in names})
    document |= {
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(buffer.data)}],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    chunks = [(b"JSON", text + b" " * (-len(text) % 4)), (b"BIN\0", bytes(buffer.data))]
    body = b"".join(struct.pack("<I4s", len(data), kind) + data for kind, data in chunks)
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


class _Buffer:
    """The binary chunk of a file, and the JSON entries that describe it."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, int]] = []
        self.accessors: list[dict[str, Any]] = []

    def view(self, data: bytes, target: int | None = None) -> int:
        """Append bytes, padded to a multiple of four, and return the index of their view."""
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data)}
        self.views.append(view if target is None else view | {"target": target})
        self.data += data + b"\0" * (-len(data) % 4)
        return len(self.views) - 1

    def accessor(
        self, values: NDArray[Any], component: int, kind: str, target: int, **more: Any
    ) -> int:
        """Append an array (N, ...) and return the index of its accessor."""
        view = self.view(values.tobytes(), target)
        entry = {"bufferView": view, "componentType": component, "count": len(values)}
        self.accessors.append({**entry, "type": kind, **more})
        return len(self.accessors) - 1


def _primitive(buffer: _Buffer, node: Node, pictures: Sequence[str]) -> dict[str, Any]:
    mesh = node.mesh
    points = mesh.positions.astype("<f4")
    limits = {"min": points.min(axis=0).tolist(), "max": points.max(axis=0).tolist()}
    attributes = {"POSITION": buffer.accessor(points, FLOAT_TYPE, "VEC3", VERTEX_TARGET, **limits)}
    more: dict[str, int] = {}
    if node.picture is None:
        assert mesh.colors is not None
        opaque = np.insert(mesh.colors, 3, 255, axis=1)
        attributes["COLOR_0"] = buffer.accessor(
            opaque, BYTE_TYPE, "VEC4", VERTEX_TARGET, normalized=True
        )
    else:
        assert mesh.uvs is not None
        downwards = (mesh.uvs * [1, -1] + [0, 1]).astype("<f4")
        normals = mesh.normals.astype("<f4")
        attributes["NORMAL"] = buffer.accessor(normals, FLOAT_TYPE, "VEC3", VERTEX_TARGET)
        attributes["TEXCOORD_0"] = buffer.accessor(downwards, FLOAT_TYPE, "VEC2", VERTEX_TARGET)
        more = {"material": pictures.index(node.picture)}
    small = len(points) <= 65535
    indices = mesh.faces.ravel().astype("<u2" if small else "<u4")
    index = buffer.accessor(indices, SHORT_TYPE if small else INT_TYPE, "SCALAR", INDEX_TARGET)
    return {"attributes": attributes, "indices": index, "mode": 4, **more}


def _materials(buffer: _Buffer, pictures: dict[str, NDArray[np.uint8]]) -> dict[str, Any]:
    """Return one unlit, single-sided material per picture."""
    images = [
        {"bufferView": buffer.view(_png(picture)), "mimeType": "image/png", "name": name}
        for name, picture in pictures.items()
    ]
    sampler = {
        "magFilter": LINEAR_FILTER,
        "minFilter": TRILINEAR_FILTER,
        "wrapS": REPEAT_WRAP,
        "wrapT": REPEAT_WRAP,
    }
    return {
        "extensionsUsed": [UNLIT_EXTENSION],
        "materials": [
            {
                "name": name,
                "pbrMetallicRoughness": {
                    "baseColorTexture": {"index": index},
                    "metallicFactor": 0.0,
                    "roughnessFactor": 1.0,
                },
                "doubleSided": False,
                "extensions": {UNLIT_EXTENSION: {}},
            }
            for index, name in enumerate(pictures)
        ],
        "textures": [{"sampler": 0, "source": index} for index in range(len(images))],
        "images": images,
        "samplers": [sampler],
    }


def _png(picture: NDArray[np.uint8]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG", optimize=True)
    return stream.getvalue()
