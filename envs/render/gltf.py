"""Rewrites a glTF description to what trimesh reads right: core glTF, one set of texture
coordinates, floating-point positions.

Extensions of glTF 2.0 that change what is seen are applied here (KHR_mesh_quantization,
KHR_texture_transform, KHR_materials_pbrSpecularGlossiness, EXT_mesh_gpu_instancing), as are second
sets of texture coordinates and fans of triangles. trimesh 5.2.0 passes over all of these without a
word, and shows meshes that it cannot decompress as a point.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import cos, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

READ_EXTENSIONS = frozenset(
    {
        *("KHR_mesh_quantization", "KHR_texture_transform", "EXT_mesh_gpu_instancing"),
        *("EXT_texture_webp", "KHR_lights_punctual", "KHR_xmp", "KHR_xmp_json_ld"),
    }
)
"""Extensions that a file may require. Those of materials (MATERIAL_PREFIX) may be required too:
nothing but the base color is drawn."""

MATERIAL_PREFIX = "KHR_materials_"
GLOSS = "KHR_materials_pbrSpecularGlossiness"
TRANSFORM = "KHR_texture_transform"
INSTANCING = "EXT_mesh_gpu_instancing"
WEBP = "EXT_texture_webp"

COMPONENTS: Mapping[int, str] = {
    **{5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2"},
    **{5125: "<u4", 5126: "<f4"},
}
"""NumPy's names of accessors' component types (glTF 2.0, section 5.1.3)."""

WIDTHS: Mapping[str, int] = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
FLOAT, UNSIGNED = 5126, 5125
FAN, TRIANGLES = 6, 4

MOST_GROWTH, SPARE_BYTES = 8, 2**24
"""How many bytes a byte of the buffer may become, and how many more the whole. Chosen here."""

MOST_INSTANCES = 20_000
"""The limit of the copies that instancing makes of all nodes. Chosen here."""


class Gltf:
    """A description and its binary buffer, which grows by the values that are computed here.

    Raises ValueError in one line for a file that requires an unknown extension, that lacks vertices
    or pictures, or whose accessors point beyond its buffer.
    """

    def __init__(self, described: dict[str, Any], binary: bytes) -> None:
        self.described, self._binary = described, binary
        self._more: list[bytes] = []
        self._size = len(binary)
        self._floats: dict[int, int] = {}

    def plain(self) -> tuple[dict[str, Any], bytes]:
        """Return description and buffer in core glTF."""
        require_readable(self.described)
        for material in self.described.get("materials", ()):
            _base_color_of_gloss(material)
        self._spread_instances()
        for mesh in self.described.get("meshes", ()):
            for part in mesh["primitives"]:
                self._require_vertices(mesh, part)
                self._make_float(part)
                self._place_texture(part)
                self._split_fan(part)
        binary = b"".join([self._binary, *self._more])
        if self._more:
            self.described["buffers"][0]["byteLength"] = len(binary)
        self.described.pop("extensionsRequired", None)
        return self.described, binary

    def values(self, number: int) -> NDArray[Any]:
        """Return an accessor's values (count, width); normalized integers as their fractions."""
        accessor = self.described["accessors"][number]
        kind, width = np.dtype(COMPONENTS[accessor["componentType"]]), WIDTHS[accessor["type"]]
        if "sparse" in accessor or "bufferView" not in accessor:
            raise ValueError(f"its accessor {number} is sparse or empty")
        view = self.described["bufferViews"][accessor["bufferView"]]
        if view.get("buffer", 0) != 0:
            raise ValueError("it has more than one buffer")
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        count, row = accessor["count"], width * kind.itemsize
        stride = view.get("byteStride", row)
        whole = self._binary[start : start + (count - 1) * stride + row]
        if count < 1 or start < 0 or stride < row or len(whole) < (count - 1) * stride + row:
            raise ValueError(f"its accessor {number} points beyond the buffer")
        rows = np.lib.stride_tricks.as_strided(
            np.frombuffer(whole, np.uint8), (count, row), (stride, 1)
        )
        found = np.ascontiguousarray(rows).view(kind)
        if accessor.get("normalized") and kind.kind in "iu":
            found = np.maximum(found / np.iinfo(kind).max, -1.0).astype("<f4")
        return found

    def add(self, values: NDArray[Any]) -> int:
        """Keep values (count, width) as a new accessor and return its number."""
        whole = values.dtype.kind in "iu"
        data = np.ascontiguousarray(values, "<u4" if whole else "<f4").tobytes()
        padding = -self._size % 4
        if self._size + len(data) > MOST_GROWTH * len(self._binary) + SPARE_BYTES:
            most = MOST_GROWTH * len(self._binary) + SPARE_BYTES
            raise ValueError(f"what is computed from it takes more than {most} bytes")
        self._more += [b"\0" * padding, data]
        views = self.described.setdefault("bufferViews", [])
        views.append({"buffer": 0, "byteOffset": self._size + padding, "byteLength": len(data)})
        self._size += padding + len(data)
        name = next(name for name, width in WIDTHS.items() if width == values.shape[1])
        self.described["accessors"].append(
            {
                "bufferView": len(views) - 1,
                "componentType": UNSIGNED if whole else FLOAT,
                "count": len(values),
                "type": name,
                "min": values.min(axis=0).tolist(),
                "max": values.max(axis=0).tolist(),
            }
        )
        return len(self.described["accessors"]) - 1

    def _require_vertices(self, mesh: dict[str, Any], part: dict[str, Any]) -> None:
        accessor = self.described["accessors"][part["attributes"]["POSITION"]]
        if "bufferView" not in accessor and "sparse" not in accessor:
            name = mesh.get("name", "")
            raise ValueError(f"its mesh {name!r} has no vertices that can be read")

    def _make_float(self, part: dict[str, Any]) -> None:
        """Replace quantized attributes of a primitive: trimesh takes integers as they are."""
        attributes = part["attributes"]
        for name in [n for n in attributes if n in ("POSITION", "NORMAL") or n[:8] == "TEXCOORD"]:
            if self.described["accessors"][attributes[name]]["componentType"] != FLOAT:
                number = attributes[name]
                if number not in self._floats:
                    self._floats[number] = self.add(self.values(number).astype("<f4"))
                attributes[name] = self._floats[number]

    def _place_texture(self, part: dict[str, Any]) -> None:
        """Make a primitive's first texture coordinates those at which its picture is looked up."""
        if "material" not in part:
            return
        material = self.described["materials"][part["material"]]
        info = material.get("pbrMetallicRoughness", {}).get("baseColorTexture")
        if info is None:
            return
        moved = info.get("extensions", {}).get(TRANSFORM, {})
        number = moved.get("texCoord", info.get("texCoord", 0))
        if not moved and number == 0:
            return
        if f"TEXCOORD_{number}" not in part["attributes"]:
            name = material.get("name", "")
            raise ValueError(f"its material {name!r} needs TEXCOORD_{number}, which a mesh lacks")
        found = self.values(part["attributes"][f"TEXCOORD_{number}"])
        part["attributes"]["TEXCOORD_0"] = self.add(_moved(found, moved))

    def _split_fan(self, part: dict[str, Any]) -> None:
        if part.get("mode", TRIANGLES) != FAN:
            return
        count = self.described["accessors"][part["attributes"]["POSITION"]]["count"]
        corners = np.arange(count) if "indices" not in part else self.values(part["indices"])[:, 0]
        first = np.full(len(corners) - 2, corners[0])
        triangles = np.stack([first, corners[1:-1], corners[2:]], axis=1)
        part["indices"] = self.add(triangles.reshape(-1, 1).astype("<u4"))
        part["mode"] = TRIANGLES

    def _spread_instances(self) -> None:
        """Give each instance of a node a node of its own."""
        nodes = self.described.get("nodes", [])
        for node in list(nodes):
            instances = node.get("extensions", {}).pop(INSTANCING, None)
            if instances is None or "mesh" not in node:
                continue
            placed = list(self._instances(instances["attributes"]))
            if len(nodes) + len(placed) > MOST_INSTANCES:
                raise ValueError(f"its nodes have more than {MOST_INSTANCES} instances")
            mesh, name = node.pop("mesh"), node.get("name", "instance")
            for number, place in enumerate(placed):
                node.setdefault("children", []).append(len(nodes))
                nodes.append({"mesh": mesh, "name": f"{name}_{number}", **place})

    def _instances(self, attributes: Mapping[str, int]) -> Iterator[dict[str, Any]]:
        names = {"TRANSLATION": "translation", "ROTATION": "rotation", "SCALE": "scale"}
        found = {names[n]: self.values(i).tolist() for n, i in attributes.items() if n in names}
        for number in range(len(next(iter(found.values()), ()))):
            yield {name: rows[number] for name, rows in found.items()}


def require_readable(described: Mapping[str, Any]) -> None:
    """Raise ValueError for a file that cannot be shown without an extension that is unknown here,
    and for one whose base color has no picture."""
    for name in described.get("extensionsRequired", ()):
        if name not in READ_EXTENSIONS and not str(name).startswith(MATERIAL_PREFIX):
            raise ValueError(
                f"it requires the glTF extension {str(name)[:80]}, which is not read here: export "
                "it without (compressed geometry and textures uncompressed)"
            )
    textures, images = described.get("textures", ()), described.get("images", ())
    for material in described.get("materials", ()):
        gloss = material.get("extensions", {}).get(GLOSS, {})
        base = material.get("pbrMetallicRoughness", {})
        for info in (gloss.get("diffuseTexture"), base.get("baseColorTexture")):
            if info is not None and not _has_picture(info["index"], textures, images):
                name = material.get("name", "")
                raise ValueError(f"its material {name!r} has a texture without a readable picture")


def _has_picture(number: int, textures: Any, images: Any) -> bool:
    if not 0 <= number < len(textures):
        return False
    texture = textures[number]
    webp = texture.get("extensions", {}).get(WEBP, {}).get("source", -1)
    return any(0 <= source < len(images) for source in (webp, texture.get("source", -1)))


def _base_color_of_gloss(material: dict[str, Any]) -> None:
    """Take a material's diffuse color of the specular-glossiness extension as its base color."""
    gloss = material.get("extensions", {}).pop(GLOSS, None)
    if gloss is None:
        return
    base = material["pbrMetallicRoughness"] = {
        "baseColorFactor": gloss.get("diffuseFactor", [1.0, 1.0, 1.0, 1.0])
    }
    if "diffuseTexture" in gloss:
        base["baseColorTexture"] = gloss["diffuseTexture"]


def _moved(uvs: NDArray[Any], transform: Mapping[str, Any]) -> NDArray[np.float32]:
    """Return texture coordinates (n, 2) after KHR_texture_transform: scaled, turned, shifted."""
    scale, offset = transform.get("scale", (1, 1)), transform.get("offset", (0, 0))
    angle = float(transform.get("rotation", 0.0))
    u, v = (uvs * np.asarray(scale, float)).T
    turned = np.stack([cos(angle) * u + sin(angle) * v, cos(angle) * v - sin(angle) * u], axis=1)
    return np.asarray(turned + np.asarray(offset, float), np.float32)
