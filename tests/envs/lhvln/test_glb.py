"""What a GLB may hold beside core glTF is shown as it is meant, or refused by its name."""

from __future__ import annotations

import copy
import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from longhaul.envs.lhvln.scene import SceneMesh, load_scene
from longhaul.errors import ConfigError

CORNERS = np.array([[0, 0, 0], [2, 0, 0], [2, 0, 2], [0, 0, 2]], np.float32)
SQUARE = np.array([0, 2, 1, 0, 3, 2], np.uint16)
UVS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
TYPES = {"i2": 5122, "u1": 5121, "u2": 5123, "f4": 5126}


class Made:
    """A GLB with one square of 2 m, a red material with a picture, and one node."""

    def __init__(self) -> None:
        self.binary = b""
        self.json: dict[str, Any] = {
            "asset": {"version": "2.0"},
            **{"accessors": [], "bufferViews": [], "scene": 0, "scenes": [{"nodes": [0]}]},
            "nodes": [{"mesh": 0, "name": "square"}],
        }
        attributes = {"POSITION": self.add(CORNERS), "TEXCOORD_0": self.add(UVS)}
        part = {"attributes": attributes, "indices": self.add(SQUARE[:, None]), "material": 0}
        self.json["meshes"] = [{"name": "square", "primitives": [part]}]
        texture = {"baseColorTexture": {"index": 0}, "baseColorFactor": [1.0, 0.5, 0.25, 1.0]}
        self.json["materials"] = [{"name": "paint", "pbrMetallicRoughness": texture}]
        self.json["textures"] = [{"source": 0}]
        file = io.BytesIO()
        Image.new("RGB", (4, 4), (255, 255, 255)).save(file, "PNG")
        self.json["images"] = [{"bufferView": self.view(file.getvalue()), "mimeType": "image/png"}]

    @property
    def part(self) -> dict[str, Any]:
        return self.json["meshes"][0]["primitives"][0]  # type: ignore[no-any-return]

    @property
    def attributes(self) -> dict[str, int]:
        return self.part["attributes"]  # type: ignore[no-any-return]

    @property
    def material(self) -> dict[str, Any]:
        return self.json["materials"][0]  # type: ignore[no-any-return]

    def view(self, data: bytes) -> int:
        self.json["bufferViews"].append(
            {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)}
        )
        self.binary += data + b"\0" * (-len(data) % 4)
        return len(self.json["bufferViews"]) - 1

    def add(self, values: NDArray[Any], **more: Any) -> int:
        kind = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}[values.shape[1]]
        self.json["accessors"].append(
            {
                **{"bufferView": self.view(values.tobytes()), "count": len(values)},
                **{"componentType": TYPES[values.dtype.str[1:]], "type": kind, **more},
            }
        )
        return len(self.json["accessors"]) - 1

    def write(self, folder: Path) -> Path:
        described = copy.deepcopy(self.json) | {"buffers": [{"byteLength": len(self.binary)}]}
        text = json.dumps(described).encode()
        text += b" " * (-len(text) % 4)
        path = folder / "home" / "home.glb"
        path.parent.mkdir()
        path.write_bytes(
            struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(self.binary))
            + (struct.pack("<I", len(text)) + b"JSON" + text)
            + (struct.pack("<I", len(self.binary)) + b"BIN\0" + self.binary)
        )
        return path.parent

    def shown(self, folder: Path) -> tuple[SceneMesh, ...]:
        return load_scene(self.write(folder)).meshes


def refusal(made: Made, folder: Path) -> str:
    with pytest.raises(ConfigError) as refused:
        made.shown(folder)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def triangles(shown: SceneMesh) -> list[list[float]]:
    """Return the corners of all triangles, triangle by triangle, in a fixed order."""
    corners = shown.mesh.positions[shown.mesh.faces].reshape(len(shown.mesh.faces), 9)
    return sorted(np.round(corners, 4).tolist())


@pytest.mark.parametrize(
    "name", ["KHR_draco_mesh_compression", "EXT_meshopt_compression", "VENDOR_holes_in_walls"]
)
def test_a_required_extension_that_is_not_read_is_named(name: str, tmp_path: Path) -> None:
    made = Made()
    made.json |= {"extensionsUsed": [name], "extensionsRequired": [name]}
    told = f"home.glb cannot be read: it requires the glTF extension {name}, which is not read here"
    assert told in refusal(made, tmp_path)


@pytest.mark.parametrize("name", ["KHR_materials_unlit", "KHR_lights_punctual"])
def test_what_changes_no_base_color_may_be_required(name: str, tmp_path: Path) -> None:
    made = Made()
    made.json |= {"extensionsUsed": [name], "extensionsRequired": [name]}
    assert len(made.shown(tmp_path)) == 1


def test_quantized_positions_are_where_they_are_meant(tmp_path: Path) -> None:
    """As gltf-transform writes them: shares of the node's scale, in rows of four values."""
    made, plain = Made(), Made()
    shares = np.zeros((4, 4), np.int16)
    shares[:, :3] = np.round(CORNERS / 2 * 32767)
    number = made.add(shares)
    accessor = made.json["accessors"][number]
    accessor |= {"type": "VEC3", "normalized": True}
    made.json["bufferViews"][accessor["bufferView"]]["byteStride"] = 8
    made.attributes["POSITION"] = number
    made.json["nodes"][0]["scale"] = [2, 2, 2]
    name = "KHR_mesh_quantization"
    made.json |= {"extensionsUsed": [name], "extensionsRequired": [name]}
    (found,), (expected,) = made.shown(tmp_path), plain.shown(tmp_path / "home")
    assert found.mesh.positions == pytest.approx(expected.mesh.positions, abs=1e-4)
    assert triangles(found) == triangles(expected)


def test_whole_meters_in_integers_stay_meters(tmp_path: Path) -> None:
    made = Made()
    made.attributes["POSITION"] = made.add(CORNERS.astype(np.uint16)[:, [0, 1, 2]])
    (found,) = made.shown(tmp_path)
    assert found.mesh.positions == pytest.approx(CORNERS)


def test_a_pictures_place_is_looked_up_in_the_set_it_names(tmp_path: Path) -> None:
    made = Made()
    made.attributes["TEXCOORD_1"] = made.attributes["TEXCOORD_0"]
    made.attributes["TEXCOORD_0"] = made.add(np.zeros((4, 2), np.float32))
    made.material["pbrMetallicRoughness"]["baseColorTexture"]["texCoord"] = 1
    (found,) = made.shown(tmp_path)
    assert found.mesh.uvs is not None  # whose v points upwards
    assert found.mesh.uvs == pytest.approx(UVS * [1, -1] + [0, 1])


def test_a_set_that_the_mesh_lacks_is_named(tmp_path: Path) -> None:
    made = Made()
    made.material["pbrMetallicRoughness"]["baseColorTexture"]["texCoord"] = 2
    assert "its material 'paint' needs TEXCOORD_2, which a mesh lacks" in refusal(made, tmp_path)


def test_a_picture_is_scaled_turned_and_shifted(tmp_path: Path) -> None:
    """A quarter counter-clockwise, seen with v downwards, takes (u, v) to (v, -u)."""
    made = Made()
    made.material["pbrMetallicRoughness"]["baseColorTexture"]["extensions"] = {
        "KHR_texture_transform": {"offset": [0.5, 0], "scale": [2, 1], "rotation": np.pi / 2}
    }
    (found,) = made.shown(tmp_path)
    expected = [[0.5, 0], [0.5, -2], [1.5, -2], [1.5, 0]]
    assert found.mesh.uvs is not None
    assert found.mesh.uvs == pytest.approx(np.array(expected) * [1, -1] + [0, 1], abs=1e-6)


def test_a_diffuse_color_is_the_base_color(tmp_path: Path) -> None:
    made = Made()
    gloss = {"diffuseFactor": [0.2, 0.4, 0.6, 1.0], "diffuseTexture": {"index": 0}}
    made.material.update(
        {
            "pbrMetallicRoughness": {"baseColorFactor": [1.0, 1.0, 1.0, 1.0]},
            "extensions": {"KHR_materials_pbrSpecularGlossiness": gloss},
        }
    )
    (found,) = made.shown(tmp_path)
    assert found.color[:3] == pytest.approx([0.2, 0.4, 0.6], abs=1 / 255)
    assert found.mesh.texture is not None and found.mesh.texture.shape == (4, 4, 3)


@pytest.mark.parametrize(("kind", "whole"), [(np.uint8, 255), (np.uint16, 65535), (np.float32, 1)])
def test_vertex_colors_stand_beside_a_material(kind: type, whole: int, tmp_path: Path) -> None:
    made = Made()
    shares = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1], [0.2, 0.4, 0.6, 1]])
    made.attributes["COLOR_0"] = made.add((shares * whole).astype(kind), normalized=whole > 1)
    (found,) = made.shown(tmp_path)
    assert found.mesh.colors is not None
    assert np.abs(found.mesh.colors / 255 - shares[:, :3]).max() < 1 / 255
    assert found.color[:3] == pytest.approx([1, 0.5, 0.25], abs=1 / 255)


def test_every_instance_of_a_mesh_is_there(tmp_path: Path) -> None:
    made = Made()
    moves = np.array([[0, 0, 0], [5, 0, 0], [0, 0, -7]], np.float32)
    sizes = np.array([[1, 1, 1], [2, 2, 2], [1, 1, 1]], np.float32)
    attributes = {"TRANSLATION": made.add(moves), "SCALE": made.add(sizes)}
    made.json["nodes"][0] |= {
        "translation": [0, 1, 0],
        "extensions": {"EXT_mesh_gpu_instancing": {"attributes": attributes}},
    }
    shown = made.shown(tmp_path)
    centers = sorted(tuple(found.mesh.positions.mean(axis=0).round(3).tolist()) for found in shown)
    assert centers == [(1, 1, -6), (1, 1, 1), (7, 1, 2)]


@pytest.mark.parametrize("indexed", [True, False])
def test_a_fan_is_triangles(indexed: bool, tmp_path: Path) -> None:
    made, plain = Made(), Made()
    made.part["mode"] = 6
    if indexed:
        made.part["indices"] = made.add(np.array([[0], [3], [2], [1]], np.uint16))
    else:
        del made.part["indices"]
    (found,), (expected,) = made.shown(tmp_path), plain.shown(tmp_path / "home")
    area = np.abs(np.cross(*np.diff(found.mesh.positions[found.mesh.faces], axis=1).swapaxes(0, 1)))
    assert area.sum() / 2 == pytest.approx(4.0)
    if indexed:
        assert len(found.mesh.faces) == len(expected.mesh.faces) == 2


def test_a_texture_without_a_picture_is_named(tmp_path: Path) -> None:
    made = Made()
    made.json["textures"] = [{"extensions": {"VENDOR_texture": {"source": 0}}}]
    told = "its material 'paint' has a texture without a readable picture"
    assert told in refusal(made, tmp_path)


def test_a_mesh_without_vertices_is_named(tmp_path: Path) -> None:
    made = Made()
    del made.json["accessors"][made.attributes["POSITION"]]["bufferView"]
    told = "its mesh 'square' has no vertices that can be read"
    assert told in refusal(made, tmp_path)


def test_a_small_file_does_not_become_a_large_one(tmp_path: Path) -> None:
    """Ten thousand fans of one ring of a thousand corners: 120 MB of indices out of 1 MB."""
    made = Made()
    ring = np.arange(1000, dtype=np.uint16)[:, None]
    made.attributes["POSITION"] = made.add(np.zeros((1000, 3), np.float32))
    made.part.update(mode=6, indices=made.add(ring))
    made.json["meshes"] *= 10_000
    assert "what is computed from it takes more than" in refusal(made, tmp_path)


def test_instances_are_counted_as_what_they_show(tmp_path: Path) -> None:
    made = Made()
    made.attributes["POSITION"] = made.add(np.zeros((6000, 3), np.float32))
    made.part["indices"] = made.add(np.zeros((6000, 1), np.uint16))
    attributes = {"TRANSLATION": made.add(np.zeros((6000, 3), np.float32))}
    made.json["nodes"][0]["extensions"] = {"EXT_mesh_gpu_instancing": {"attributes": attributes}}
    assert "its nodes show 36000000 corners of triangles" in refusal(made, tmp_path)


def test_values_beyond_the_buffer_are_refused(tmp_path: Path) -> None:
    made = Made()
    number = made.add(CORNERS.astype(np.uint16))
    made.attributes["POSITION"] = number
    made.json["accessors"][number]["count"] = 4000
    assert f"its accessor {number} points beyond the buffer" in refusal(made, tmp_path)
