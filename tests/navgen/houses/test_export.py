"""The files of a house: read by trimesh, laid out as the reference house is, and reproducible."""

import hashlib
import json
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from longhaul.navgen.houses import export
from longhaul.navgen.houses.export import house_files, write_house
from longhaul.navgen.houses.instances import CHANNEL_LEVELS, instances, linear_color, srgb_hex
from tests.navgen.houses.made import THINGS, small_house
from tests.shared import golden, golden_folders


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("houses") / "small"
    write_house(small_house(), path)
    return path


def document(path: Path) -> tuple[dict[str, Any], bytes]:
    """Return the JSON and the binary chunk of a glb file, by the glTF specification."""
    data = path.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    size, kind = struct.unpack_from("<I4s", data, 12)
    rest, binary = struct.unpack_from("<I4s", data, 20 + size)
    assert kind == b"JSON" and binary == b"BIN\0" and 28 + size + rest == len(data)
    return json.loads(data[20 : 20 + size]), data[28 + size :]


def described(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "house.json").read_text())


def test_the_folder_holds_what_simulators_need(folder: Path) -> None:
    names = {"small.glb", "small.semantic.glb", "small.semantic.txt", "small.stage_config.json"}
    assert {path.name for path in folder.iterdir()} == names | {"house.json"}
    stage = json.loads((folder / "small.stage_config.json").read_text())
    assets = [value for key, value in stage.items() if key.endswith(("_asset", "_filename"))]
    assert set(assets) == names - {"small.stage_config.json"}


def test_trimesh_reads_every_instance_where_it_stands(folder: Path) -> None:
    scene = trimesh.load_scene(folder / "small.glb", process=False)
    objects = described(folder)["objects"]
    assert set(scene.graph.nodes_geometry) == {item["node"] for item in objects}
    for item in objects:
        transform, name = scene.graph[item["node"]]
        shape = scene.geometry[name]
        assert np.array_equal(transform, np.eye(4))
        low, high = shape.bounds
        assert (low + high) / 2 == pytest.approx(item["aabb_center"], abs=1e-4)
        assert high - low == pytest.approx(item["aabb_size"], abs=1e-4)
        extras = scene.graph.transforms.edge_data["world", item["node"]]["metadata"]
        assert extras == {"semantic_id": item["id"]}


def test_pictures_appear_where_they_belong(folder: Path) -> None:
    scene = trimesh.load_scene(folder / "small.glb", process=False)
    house = small_house()
    found, pictures = instances(house)
    for item in found:
        shape = scene.geometry[item.node]
        image = np.asarray(shape.visual.material.baseColorTexture.convert("RGB"))
        assert np.array_equal(image, pictures[item.piece.picture])
        assert shape.visual.uv == pytest.approx(item.piece.mesh.uvs, abs=1e-6)


def test_materials_are_unlit_and_single_sided(folder: Path) -> None:
    seen = document(folder / "small.glb")[0]
    assert seen["extensionsUsed"] == ["KHR_materials_unlit"]
    for material in seen["materials"]:
        assert material["extensions"] == {"KHR_materials_unlit": {}}
        assert material["doubleSided"] is False
    scene = trimesh.load_scene(folder / "small.glb", process=False)
    sizes = {shape.visual.material.baseColorTexture.size for shape in scene.geometry.values()}
    assert max(max(size) for size in sizes) <= 512


def test_semantic_colors_are_what_the_text_says(folder: Path) -> None:
    lines = (folder / "small.semantic.txt").read_text().splitlines()
    assert lines[0] == "HM3D Semantic Annotations"
    rows = [re.fullmatch(r'(\d+),([0-9A-F]{6}),"([a-z ]+)",(\d+)', line) for line in lines[1:]]
    objects = described(folder)["objects"]
    assert len({row[2] for row in rows}) == len(rows) == len(objects)
    scene = trimesh.load_scene(folder / "small.semantic.glb", process=False)
    for row, item in zip(rows, objects, strict=True):
        assert (int(row[1]), row[3]) == (item["id"], item["category"])
        assert int(row[4]) == (4 if item["room_id"] is None else item["room_id"])
        colors = scene.geometry[item["node"]].visual.vertex_colors
        assert (colors[:, :3] == linear_color(item["id"])).all()
        assert srgb_hex(linear_color(item["id"])) == row[2] == item["semantic_hex"]


@pytest.mark.golden
@pytest.mark.parametrize("name", golden_folders("habitat"))
def test_the_text_and_the_colors_agree_as_in_the_reference_houses(name: str) -> None:
    folder = golden(name)
    lines = (folder / "house.semantic.txt").read_text().splitlines()[1:]
    scene, data = document(folder / "house.semantic.glb")
    for line, mesh in zip(lines, scene["meshes"], strict=True):
        accessor = scene["accessors"][mesh["primitives"][0]["attributes"]["COLOR_0"]]
        start = scene["bufferViews"][accessor["bufferView"]]["byteOffset"]
        assert srgb_hex(list(data[start : start + 3])) == line.split(",")[1]


@pytest.mark.golden
@pytest.mark.parametrize("name", golden_folders("habitat"))
def test_files_have_the_reference_houses_structure(folder: Path, name: str) -> None:
    reference = golden(name)
    for ours, theirs in (("small.glb", "house.glb"), ("small.semantic.glb", "house.semantic.glb")):
        mine, yours = document(folder / ours)[0], document(reference / theirs)[0]
        assert set(mine) - {"extensionsUsed"} == set(yours)
        for key in ("nodes", "meshes", "accessors"):
            assert set(mine[key][0]) == set(yours[key][0]), key
        first, second = (document["meshes"][0]["primitives"] for document in (mine, yours))
        assert len(first) == len(second) == 1
        assert set(first[0]) == set(second[0])
        assert set(first[0]["attributes"]) == set(second[0]["attributes"])
    stage = json.loads((reference / "house.stage_config.json").read_text())
    mine = json.loads((folder / "small.stage_config.json").read_text())
    assert {key: str(value).replace("small", "house") for key, value in mine.items()} == {
        key: str(value) for key, value in stage.items()
    }
    house, ours = json.loads((reference / "house.json").read_text()), described(folder)
    assert set(house["rooms"][0]) | {"storey"} == set(ours["rooms"][0])
    assert set(house["doors"][0]) <= set(ours["doors"][0])
    kept = set(house["objects"][0]) - {"boxes", "material"}
    assert kept <= set(ours["objects"][0])


def test_house_json_says_who_stands_on_whom(folder: Path) -> None:
    objects = described(folder)["objects"]
    furniture = [item for item in objects if item["furniture"]]
    assert [item["category"] for item in furniture] == [thing[0] for thing in THINGS]
    vase = next(item for item in objects if item["category"] == "vase")
    below = next(item for item in objects if item["id"] == vase["on"])
    assert below["category"] == "coffee table"
    assert vase["portable"] and not below["portable"]
    top = below["aabb_center"][1] + below["aabb_size"][1] / 2
    assert vase["aabb_center"][1] - vase["aabb_size"][1] / 2 == pytest.approx(top, abs=1e-3)
    assert vase["room"] == "living room" and vase["room_id"] == 0


def test_every_id_has_its_own_color() -> None:
    colors = [linear_color(number) for number in range(1, CHANNEL_LEVELS**3)]
    assert len({srgb_hex(color) for color in colors}) == len(colors)
    steps = np.abs(np.diff(np.array(colors), axis=0)).max(axis=1)
    assert steps.min() >= 18


HASHES = """
import hashlib
from longhaul.navgen.houses.export import house_files
from tests.navgen.houses.made import small_house
for name, data in house_files(small_house()).items():
    print(name, hashlib.sha256(data).hexdigest())
"""


def test_another_process_writes_the_same_bytes() -> None:
    command = [sys.executable, "-c", HASHES]
    root = Path(__file__).parents[3]
    other = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    files = house_files(small_house())
    mine = [f"{name} {hashlib.sha256(data).hexdigest()}" for name, data in files.items()]
    assert other.stdout.splitlines() == mine
    assert house_files(small_house(4)) != files


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    with pytest.raises(FileExistsError, match="small exists: remove it or choose another"):
        write_house(small_house(), tmp_path / "small")
    assert list(tmp_path.rglob("*")) == [tmp_path / "small"]


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write: Callable[[Path, bytes], int] = Path.write_bytes

    def fail_at_json(path: Path, data: bytes) -> int:
        if path.name == "house.json":
            raise OSError("No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", fail_at_json)
    with pytest.raises(OSError, match="No space left"):
        write_house(small_house(), tmp_path / "small")
    assert list(tmp_path.iterdir()) == []


def test_more_instances_than_colors_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    house = small_house()
    crowd = replace(house, objects=house.objects[:1] * CHANNEL_LEVELS**3)
    with pytest.raises(ValueError, match="house small: 2785 instances; at most 2743"):
        export.instances(crowd)
