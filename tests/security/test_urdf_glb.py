"""URDF, GLB and what they name cannot leave their folder, in whatever spelling."""

from __future__ import annotations

import base64
import io
import json
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image

from longhaul.envs.bullet.urdf import mesh_files, require_contained
from longhaul.envs.calvin.assets import build
from longhaul.envs.calvin.bodies import Assets
from longhaul.envs.calvin.scenes import SCENES
from longhaul.envs.lhvln.scene import load_scene
from longhaul.envs.render.glb import load_glb
from longhaul.errors import ConfigError
from longhaul.navgen.houses.user_furniture import read_furniture

HEAD = '<?xml version="1.0"?>'
MESH = "<robot><link><visual><geometry>{}</geometry></visual></link></robot>"


def urdf(folder: Path, text: str | bytes) -> Path:
    path = folder / "in" / "r.urdf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    "element",
    [
        '<mesh filename="../a.obj"/>',
        "<mesh filename='../a.obj'/>",
        '<mesh filename="&#46;&#46;/a.obj"/>',
        '<mesh filename="&#x2e;&#x2e;&#x2f;a.obj"/>',
        '<mesh\n scale="1"\n filename\n=\n"../a.obj"/>',
        '<mesh filename="m/../../a.obj"/>',
        '<mesh filename="package://../a.obj"/>',
        '<mesh filename="package:///etc/passwd"/>',
        '<mesh filename="/etc/passwd"/>',
        '<mesh filename="//etc/passwd"/>',
        '<mesh filename="file:///etc/passwd"/>',
        '<mesh filename="FILE:a.obj"/>',
        '<mesh filename="PACKAGE://a.obj"/>',
        '<mesh filename="package://package://a.obj"/>',
        '<mesh filename="model://a.obj"/>',
        '<mesh filename="http://127.0.0.1/a.obj"/>',
        '<mesh filename="..\\a.obj"/>',
        '<mesh filename=" ../a.obj"/>',
        '<mesh filename="a.obj&#10;"/>',
        '<mesh filename="linked/a.obj"/>',
        '<texture filename="../a.png"/>',
        '<x><y><mesh filename="../a.obj"/></y></x>',
        '<include href="../a.xml"/>',
        '<mesh filename="m.obj"/>',
    ],
)
def test_no_path_leads_out(element: str, tmp_path: Path) -> None:
    (tmp_path / "a.obj").write_text("v 0 0 0\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/linked").symlink_to(tmp_path)
    (tmp_path / "in/m.obj").write_text("mtllib ../m.mtl\n")
    path = urdf(tmp_path, HEAD + MESH.format(element))
    with pytest.raises(ValueError, match=r"r\.urdf|m\.obj") as told:
        require_contained(path, path.parent)
    assert "outside" in str(told.value) or "no plain path" in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE r [<!ENTITY up "../a.obj">]>' + MESH.format('<mesh filename="&up;"/>'),
        '<!DOCTYPE r [<!ENTITY up SYSTEM "file:///etc/passwd">]>' + MESH.format("&up;"),
        '<!DOCTYPE r SYSTEM "http://127.0.0.1/a.dtd">' + MESH.format(""),
        MESH.format('<mesh filename="../a.obj">'),
        MESH.format('<mesh filename="a.obj" filename="../a.obj"/>'),
        MESH.format("") + MESH.format('<mesh filename="../a.obj"/>'),
        HEAD.replace("?>", ' encoding="utf-16"?>').encode("utf-16") + b"<r/>",
        MESH.format('<mesh filename="../a.obj"/>').encode("utf-16"),
        "<a>" * 1000 + "</a>" * 1000,
        "<robot>" + " " * 5_000_000 + "</robot>",
        "",
        "no XML",
    ],
)
def test_what_is_no_plain_xml_is_refused(text: str | bytes, tmp_path: Path) -> None:
    path = urdf(tmp_path, text)
    for reads in (mesh_files, lambda urdf: require_contained(urdf, urdf.parent)):
        with pytest.raises(ValueError, match="is no URDF: ") as told:
            reads(path)
        assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("obj", "mtl"),
    [
        ("mtllib ../m.mtl\n", ""),
        ("  mtllib\t/etc/passwd\n", ""),
        ("mtllib m.mtl ../m.mtl\n", ""),
        ("mtllib m.mtl\r\n", "newmtl a\r\n map_Kd ../../loot.png\r\n"),
        ("mtllib m.mtl\n", "newmtl a\nmap_Kd ..\\..\\loot.png\n"),
        ("mtllib m.mtl\n", "map_Ks -s 1 1 1 /etc/passwd\n"),
        ("mtllib m.mtl\n", "bump ../../loot.png\n"),
    ],
)
def test_materials_of_a_mesh_lead_nowhere_else(obj: str, mtl: str, tmp_path: Path) -> None:
    path = urdf(tmp_path, MESH.format('<mesh filename="a.obj"/>'))
    (path.parent / "a.obj").write_text(obj)
    (path.parent / "m.mtl").write_text(mtl)
    with pytest.raises(ValueError, match="outside"):
        require_contained(path, path.parent)


def test_what_stays_inside_is_taken(tmp_path: Path) -> None:
    text = MESH.format('<mesh filename="../meshes/a.obj"/><mesh filename="package://b c.stl"/>')
    path = urdf(tmp_path, text)
    (tmp_path / "meshes").mkdir()
    (tmp_path / "meshes/a.obj").write_text("mtllib a.mtl\n")
    (tmp_path / "meshes/a.mtl").write_text("newmtl x\nmap_Kd ../pictures/x.png\n")
    require_contained(path, tmp_path)
    assert list(mesh_files(path)) == ["../meshes/a.obj", "package://b c.stl"]


def assets(tmp_path: Path) -> Path:
    """Return a copy of the table's files, as somebody else's `env.assets` would be."""
    return Path(shutil.copytree(build("D"), tmp_path / "assets"))


@pytest.mark.parametrize("part", ["plane/plane.urdf", "franka_panda/panda_longer_finger.urdf"])
@pytest.mark.parametrize("name", ["../../loot.obj", "file:///etc/passwd", "&#46;./../loot.obj"])
def test_an_env_refuses_such_assets(part: str, name: str, tmp_path: Path) -> None:
    folder = assets(tmp_path)
    Assets.find(SCENES["D"], folder)
    (tmp_path / "loot.obj").write_text("v 0 0 0\n")
    text = (folder / part).read_text()
    mesh = '<mesh filename="'
    start = text.index(mesh) + len(mesh)
    (folder / part).write_text(text[:start] + name + text[text.index('"', start) :])
    with pytest.raises(ConfigError, match=r"outside|no plain path") as told:
        Assets.find(SCENES["D"], folder)
    assert "\n" not in str(told.value)


def test_a_mesh_that_bullet_would_look_for_elsewhere_is_missed(tmp_path: Path) -> None:
    """Bullet tries a name behind every folder above the URDF's, up to the root."""
    folder = assets(tmp_path)
    (tmp_path / "plane.obj").write_text("v 0 0 0\n")
    (folder / "plane/plane.obj").unlink()
    with pytest.raises(ConfigError, match=r"lacks plane\.obj of plane\.urdf"):
        Assets.find(SCENES["D"], folder)


def glb(change: Any) -> bytes:
    """Return a GLB of a box with a texture, its description changed."""
    box = trimesh.creation.box()
    picture = Image.new("RGB", (4, 4), (200, 0, 0))
    box.visual = trimesh.visual.TextureVisuals(np.zeros((len(box.vertices), 2)), image=picture)
    data = trimesh.Scene([box]).export(file_type="glb")
    length = struct.unpack_from("<I", data, 12)[0]
    tree = json.loads(data[20 : 20 + length])
    change(tree)
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + length :]
    whole = struct.pack("<4sII", b"glTF", 2, 20 + len(text) + len(rest))
    return whole + struct.pack("<I4s", len(text), b"JSON") + text + rest


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: tree["buffers"][0].update(uri="loot.bin"),
        lambda tree: tree["buffers"][0].update(uri="../loot.bin"),
        lambda tree: tree["images"][0].update(uri="loot.png"),
        lambda tree: tree["images"][0].update(uri="file:///etc/passwd"),
        lambda tree: tree["images"][0].update(uri="HTTP://127.0.0.1:9/loot.png"),
        lambda tree: tree["images"].append({"uri": "/etc/passwd"}),
        lambda tree: tree["images"].append("loot.png"),
        lambda tree: tree["images"][0].update(uri=["data:"]),
        lambda tree: tree.update(buffers={"uri": "x"}),
    ],
)
def test_a_glb_refers_to_no_other_file(change: Any, tmp_path: Path) -> None:
    (tmp_path / "loot.png").write_bytes(b"loot")
    scene, chair = tmp_path / "house" / "house.glb", tmp_path / "own" / "chair.glb"
    for path in (scene, chair):
        path.parent.mkdir()
        path.write_bytes(glb(change))
    with pytest.raises(ValueError, match=r"refer to .*: export it as one GLB"):
        load_glb(scene)
    with pytest.raises(ConfigError, match="export it as one GLB") as told:
        load_scene(scene.parent)
    assert "\n" not in str(told.value)
    with pytest.raises(ValueError, match="export it as one GLB"):
        read_furniture(chair)


def test_a_whole_glb_is_read(tmp_path: Path) -> None:
    def inline(tree: dict[str, Any]) -> None:
        buffer = io.BytesIO()
        Image.new("RGB", (4, 4), (200, 0, 0)).save(buffer, "PNG")
        tree["images"][0] = {
            "uri": "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
        }

    for change in (lambda tree: None, inline):
        (tmp_path / "a.glb").write_bytes(glb(change))
        assert len(load_glb(tmp_path / "a.glb").geometry) == 1
