"""Scenes' folders: ours, HM3D's and broken ones."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from longhaul.envs.lhvln.builtin import BuiltinSimulator
from longhaul.envs.lhvln.scene import load_scene
from longhaul.envs.lhvln.semantics import read_descriptor
from longhaul.envs.lhvln.simulator import Cameras
from longhaul.errors import ConfigError
from tests.shared import golden, golden_folders

RED, BLUE = (255, 0, 0), (0, 0, 255)


def room(up: str = "y") -> dict[str, trimesh.Trimesh]:
    """Return a floor of 4 x 4 m about the origin and a box on it, 1 m in front (-z)."""
    parts = {
        "floor": trimesh.creation.box((4, 0.2, 4)).apply_translation((0, -0.1, 0)),
        "box": trimesh.creation.box((1, 1, 1)).apply_translation((0, 0.5, -1.5)),
    }
    if up == "z":
        turn = trimesh.transformations.rotation_matrix(np.pi / 2, [1, 0, 0])
        parts = {name: part.apply_transform(turn) for name, part in parts.items()}
    return parts


def export(path: Path, parts: dict[str, trimesh.Trimesh]) -> None:
    path.parent.mkdir(exist_ok=True)
    scene = trimesh.Scene()
    for name, part in parts.items():
        scene.add_geometry(part, node_name=name, geom_name=name)
    scene.export(path)


def painted(part: trimesh.Trimesh, color: tuple[int, int, int]) -> trimesh.Trimesh:
    """Return a part with a texture of one color, as HM3D's semantic meshes have."""
    image = Image.new("RGB", (4, 4), color)
    uv = np.full((len(part.vertices), 2), 0.5)
    part.visual = trimesh.visual.TextureVisuals(uv, image=image)
    return part


@pytest.mark.golden
@pytest.mark.parametrize("name", golden_folders("habitat"))
def test_a_golden_house_is_read_whole(name: str) -> None:
    folder = golden(name)
    scene = load_scene(folder)
    house = json.loads((folder / "house.json").read_text())
    assert [o.id for o in scene.objects] == [item["id"] for item in house["objects"]]
    assert {item.id for item in scene.meshes} == {o.id for o in scene.objects}
    assert [r.name for r in scene.rooms] == [item["name"] for item in house["rooms"]]


@pytest.mark.golden
@pytest.mark.parametrize("name", golden_folders("habitat"))
def test_without_house_json_objects_come_from_the_semantic_mesh(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "house"
    shutil.copytree(golden(name), folder, copy_function=shutil.copyfile)
    folder.chmod(0o755)
    reported = json.loads((folder / "semantic_scene.json").read_text())["objects"]
    reported = [item for item in reported if item["semantic_id"]]
    (folder / "house.json").unlink()
    found = {o.id: o for o in load_scene(folder).objects}
    assert set(found) == {item["semantic_id"] for item in reported}
    for item in reported:
        ours = found[item["semantic_id"]]
        assert ours.category == item["category"]
        if item["category"] not in ("table", "desk"):
            # habitat-sim's box of these covers their top alone.
            assert ours.center == pytest.approx(item["aabb_center"], abs=2e-3)
            assert ours.size == pytest.approx(item["aabb_size"], abs=2e-3)


def test_hm3d_files_stand_on_z_and_have_their_ids_in_a_texture(tmp_path: Path) -> None:
    folder = tmp_path / "00800-abc"
    export(folder / "00800-abc.basis.glb", room("z"))
    named = {"floor": RED, "box": BLUE}
    export(
        folder / "00800-abc.semantic.glb", {n: painted(p, named[n]) for n, p in room("z").items()}
    )
    lines = ["HM3D Semantic Annotations", '3,FF0000,"floor",0', '8,0000FF,"big, blue box",2']
    (folder / "00800-abc.semantic.txt").write_text("\n".join(lines) + "\n")
    scene = load_scene(folder)
    boxes = {o.id: o for o in scene.objects}
    assert boxes[8].category == "big, blue box" and boxes[8].room == 2
    assert boxes[8].center == pytest.approx((0, 0.5, -1.5), abs=1e-6)
    simulator = BuiltinSimulator(folder, Cameras(size=32, ids=True))
    simulator.set_pose((0, 0, 0), 0.0)
    front = simulator.observe()["front"]
    simulator.close()
    assert front.ids is not None and front.depth is not None
    assert front.ids[16, 16] == 8 and front.ids[31, 16] == 3 and front.ids[0, 16] == 0
    assert front.depth[16, 16] == pytest.approx(1.0, abs=1e-4)
    assert front.depth[0, 16] == 0.0


def test_a_bare_glb_is_seen_and_walked(tmp_path: Path) -> None:
    export(tmp_path / "some" / "any_name.glb", room())
    simulator = BuiltinSimulator(tmp_path / "some", Cameras(size=16))
    simulator.set_pose((0, 0, 1.0), 0.0)
    moves = [simulator.act("move_forward") for _ in range(8)]
    assert simulator.pose.position[2] == pytest.approx(-0.9, abs=0.06)
    assert moves[0] is False and moves[-1] is True
    assert simulator.objects == () and simulator.observe()["left"].ids is None
    simulator.close()


def test_a_navmesh_that_is_given_is_used(tmp_path: Path) -> None:
    export(tmp_path / "one" / "one.glb", room())
    corners = [[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1]]
    np.savez(tmp_path / "one" / "navmesh.npz", vertices=corners, triangles=[[0, 1, 2], [0, 2, 3]])
    navigation = BuiltinSimulator(tmp_path / "one").navigation
    assert navigation.surface.areas.sum() == pytest.approx(1.0)


def broken(folder: Path, fault: str) -> None:
    export(folder / "one.glb", room())
    match fault:
        case "no_glb":
            (folder / "one.glb").unlink()
        case "cut":
            (folder / "one.glb").write_bytes((folder / "one.glb").read_bytes()[:500])
        case "basis":
            data = (folder / "one.glb").read_bytes()
            named = data.replace(b'"generator"', b'"KHR_texture_basisu"')
            assert named != data
            longer = len(named) - len(data)
            size = int.from_bytes(data[12:16], "little") + longer
            (folder / "one.glb").write_bytes(named[:12] + size.to_bytes(4, "little") + named[16:])
        case "no_triangles":
            export(folder / "one.glb", {"nothing": trimesh.PointCloud([[0, 0, 0], [1, 1, 1]])})
        case "house":
            (folder / "house.json").write_text('{"rooms": [], "objects": [{"id": 1}]}')
        case "json":
            (folder / "house.json").write_text("{")
        case "axes":
            (folder / "one.stage_config.json").write_text('{"up": [0, 1, 0], "front": [0, 1, 0]}')
        case "colors":
            export(folder / "one.semantic.glb", room())
            (folder / "one.semantic.txt").write_text("HM3D Semantic Annotations\n1,GG,box,0\n")
        case "navmesh":
            np.savez(folder / "navmesh.npz", vertices=np.zeros((3, 3)), triangles=[[0, 1, 2]])


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("no_glb", "no one.glb"),
        ("cut", "cannot be read"),
        ("no_triangles", "no triangles"),
        ("basis", "has Basis textures"),
        ("house", "house.json is no house"),
        ("json", "house.json is no JSON"),
        ("axes", "are no axes"),
        ("colors", "semantic.txt:2 is no object"),
        ("navmesh", "no area to walk on"),
    ],
)
def test_a_broken_scene_is_one_line(tmp_path: Path, fault: str, says: str) -> None:
    broken(tmp_path / "one", fault)
    with pytest.raises(ConfigError, match=says) as raised:
        BuiltinSimulator(tmp_path / "one")
    assert "\n" not in str(raised.value)


SEMANTICS = ["HM3D Semantic Annotations", '3,FF0000,"Fußboden",0', '8,0000FF,"box",2']


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_list_of_objects_may_have_empty_lines_and_another_encoding(
    encoding: str, tmp_path: Path
) -> None:
    text = "\r\n".join([SEMANTICS[0], "", *SEMANTICS[1:], "  ", ""])
    (tmp_path / "a.semantic.txt").write_bytes(text.encode(encoding))
    found = read_descriptor(tmp_path / "a.semantic.txt")
    assert [item.category for item in found.values()] == ["Fußboden", "box"]
    assert found[BLUE].region == 2


def colored(part: trimesh.Trimesh, shared: bool) -> trimesh.Trimesh:
    """Return a box with a red top and blue sides, by face; or with corners that no face shares."""
    if not shared:
        part.unmerge_vertices()
    up = part.face_normals[:, 1] > 0.5
    part.visual.face_colors = np.where(up[:, None], (*RED, 255), (*BLUE, 255)).astype(np.uint8)
    return part


def test_colors_that_were_blended_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    export(folder / "one.glb", room())
    (folder / "one.semantic.txt").write_text("\n".join([*SEMANTICS, '9,00FF00,"door",1']) + "\n")
    export(folder / "one.semantic.glb", {"box": colored(room()["box"], shared=False)})
    assert {o.id for o in load_scene(folder).objects} == {3, 8}  # the list has a door too many
    export(folder / "one.semantic.glb", {"box": colored(room()["box"], shared=True)})
    with pytest.raises(ConfigError) as told:
        load_scene(folder)
    found = "one.semantic.glb does not fit one.semantic.txt: 2 of 3 listed objects have no triangle"
    assert found in str(told.value)
    assert "colors differ within triangles, so they were blended at vertices" in str(told.value)


def test_a_mesh_of_other_colors_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    export(folder / "one.glb", room())
    (folder / "one.semantic.txt").write_text("\n".join(SEMANTICS) + "\n")
    export(folder / "one.semantic.glb", {"box": painted(room()["box"], (9, 9, 9))})
    told = "2 of 2 listed objects have no triangle, and 12 triangles have 1 colors .* 090909"
    with pytest.raises(ConfigError, match=told):
        load_scene(folder)


def test_hm3ds_plain_file_has_hm3ds_axes_and_goes_first(tmp_path: Path) -> None:
    folder = tmp_path / "00800-TEEsavR23oF"
    export(folder / "00800-TEEsavR23oF.glb", room("z"))
    (folder / "00800-TEEsavR23oF.basis.glb").write_bytes(b"")
    positions, _ = load_scene(folder).triangles()
    assert positions.min(axis=0) == pytest.approx((-2, -0.2, -2), abs=1e-6)
    assert positions.max(axis=0) == pytest.approx((2, 1, 2), abs=1e-6)


@pytest.mark.parametrize("config", ['{"units_to_meters": 0.01}', '{"scale": [0.01, 0.01, 0.01]}'])
def test_a_house_in_centimeters_is_refused_or_scaled(config: str, tmp_path: Path) -> None:
    parts = {name: part.apply_scale(100) for name, part in room().items()}
    export(tmp_path / "one" / "one.glb", parts)
    with pytest.raises(ConfigError) as told:
        BuiltinSimulator(tmp_path / "one")
    assert "it measures 400.0 x 120.0 x 400.0 m (x, y, z)" in str(told.value)
    assert '"units_to_meters": 0.01} into one.stage_config.json' in str(told.value)
    (tmp_path / "one" / "one.stage_config.json").write_text(config)
    export(tmp_path / "two" / "two.glb", room())
    areas = [BuiltinSimulator(tmp_path / n).navigation.surface.areas.sum() for n in ("one", "two")]
    assert areas[0] == pytest.approx(areas[1], abs=1e-3)


def test_a_sky_is_named(tmp_path: Path) -> None:
    sky = trimesh.creation.icosphere(radius=60)
    export(tmp_path / "one" / "one.glb", {**room(), "sky": sky})
    with pytest.raises(ConfigError, match=r"its largest mesh measures 1\d\d\.\d x 1\d\d\.\d x"):
        BuiltinSimulator(tmp_path / "one")


@pytest.mark.parametrize("scale", ["0", "[1, 2]", "[1, -1, 1]"])
def test_a_scale_that_is_none_is_one_line(scale: str, tmp_path: Path) -> None:
    export(tmp_path / "one" / "one.glb", room())
    (tmp_path / "one" / "one.stage_config.json").write_text(f'{{"scale": {scale}}}')
    with pytest.raises(ConfigError, match="is neither a positive factor nor three of them"):
        load_scene(tmp_path / "one")
