"""Houses, navigation data, task files and pictures that claim much are refused in one line."""

from __future__ import annotations

import gzip
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image

from longhaul.documents import MOST_VALUES, parse_json, read_packed_json
from longhaul.envs.lhvln.dataset import Dataset
from longhaul.envs.lhvln.lhpr import Lhpr
from longhaul.envs.lhvln.scene import load_scene
from longhaul.errors import ConfigError
from longhaul.pictures import open_picture
from longhaul.policies.planner.experience import ExperiencePool
from longhaul.policies.planner.knowledge import KnowledgeGraph
from longhaul.webagents.errors import TaskError, VideoError
from longhaul.webagents.tasks.files import group_files, read_file
from longhaul.webagents.video.frames import sample
from tests.security.limits import memory_limit

DEEP = "[" * 100000


def picture(width: int, height: int) -> bytes:
    data = io.BytesIO()
    Image.new("1", (width, height)).save(data, "PNG")
    return data.getvalue()


def glb(path: Path, description: Any, binary: bytes = b"") -> None:
    text = description if isinstance(description, bytes) else json.dumps(description).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    chunks = len(text).to_bytes(4, "little") + b"JSON" + text
    chunks += len(binary).to_bytes(4, "little") + b"BIN\0" + binary
    head = b"glTF" + (2).to_bytes(4, "little") + (12 + len(chunks)).to_bytes(4, "little")
    path.write_bytes(head + chunks)


def triangle(nodes: list[Any], count: int = 3, **more: Any) -> dict[str, Any]:
    return {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": list(range(len(nodes)))}],
        "nodes": nodes,
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"count": count, "type": "VEC3", "componentType": 5126, "bufferView": 0}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [{"byteLength": 36}],
        **more,
    }


def textured(path: Path, copies: int, side: int) -> None:
    data = picture(side, side)
    views = [{"buffer": 0, "byteLength": 36}]
    views += [{"buffer": 0, "byteOffset": 36, "byteLength": len(data)}] * copies
    images = [{"bufferView": 1 + number, "mimeType": "image/png"} for number in range(copies)]
    size = [{"byteLength": 36 + len(data)}]
    more = {"bufferViews": views, "buffers": size, "images": images}
    glb(path, triangle([{"mesh": 0}], **more), bytes(36) + data)


GLBS: dict[str, Callable[[Path], Any]] = {
    "deep": lambda path: glb(path, b'{"asset":' + DEEP.encode() + b"}"),
    "a long chain of nodes": lambda path: glb(
        path, {"nodes": [{"children": [number + 1]} for number in range(50_000)]}
    ),
    "accessors of gigabytes": lambda path: glb(path, triangle([{"mesh": 0}], 10**9), bytes(36)),
    "a negative accessor": lambda path: glb(path, triangle([{"mesh": 0}], -1), bytes(36)),
    "one mesh many times": lambda path: glb(
        path, triangle([{"mesh": 0}] * 19_000, 3_000_000), bytes(36_000_000)
    ),
    "a picture of gigabytes": lambda path: textured(path, 1, 13000),
    "many pictures": lambda path: textured(path, 60, 4000),
    "lists for numbers": lambda path: glb(path, triangle([{"mesh": [0]}]), bytes(36)),
    "nothing": lambda path: path.write_bytes(b""),
    "pipe": os.mkfifo,
    "folder": os.mkdir,
}


@pytest.mark.parametrize("name", GLBS)
def test_a_house_is_refused(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "house"
    folder.mkdir()
    GLBS[name](folder / "house.glb")
    with memory_limit(), pytest.raises(ConfigError) as refused:
        load_scene(folder)
    assert "\n" not in str(refused.value) and str(folder) in str(refused.value)


def test_a_house_of_many_parts_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    folder.mkdir()
    scene = trimesh.Scene()
    box = trimesh.creation.box()
    texture = Image.fromarray(np.zeros((64, 64, 3), np.uint8))
    box.visual = trimesh.visual.TextureVisuals(np.zeros((8, 2)), image=texture)
    for number in range(300):
        scene.add_geometry(box.copy() if number % 2 else box, node_name=f"{number:03}_box")
    scene.export(folder / "house.glb")
    assert len(load_scene(folder).meshes) == 300


def packed(folder: Path, *parts: bytes) -> Path:
    (folder / "episode_task").mkdir()
    path = folder / "episode_task/batch_1.json.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for part in parts:
            file.write(part)
    return path


@pytest.mark.parametrize(
    "parts",
    [
        (b" " * 2**20,) * 65,
        (DEEP.encode(),),
        (b"[]," * MOST_VALUES,),
        (b"{",),
    ],
)
def test_packed_tasks_are_refused(parts: tuple[bytes, ...], tmp_path: Path) -> None:
    path = packed(tmp_path, *parts)
    with memory_limit(), pytest.raises(ConfigError, match=str(path)) as refused:
        Lhpr(tmp_path).episodes()
    assert "\n" not in str(refused.value)


def test_a_broken_or_missing_pack_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, b'{"a": 1}')
    assert read_packed_json(path) == {"a": 1}
    data = path.read_bytes()
    for broken in (data[:-9], b"nonsense", data[:-8] + b"\xff" * 8):
        path.write_bytes(broken)
        with pytest.raises(ConfigError, match=str(path)):
            read_packed_json(path)


def test_many_values_are_refused_and_a_long_recording_is_read() -> None:
    assert len(parse_json("[" + "0.25," * (MOST_VALUES - 9) + "1]", "x")) == MOST_VALUES - 8
    with pytest.raises(ConfigError, match="x: it has more than 2000000 values"):
        parse_json("[" + "{}," * MOST_VALUES + "1]", "x")


@pytest.mark.parametrize("text", [DEEP, '{"task":' * 50000, "[]", "\xff", "1" * 5000])
def test_a_line_of_a_dataset_is_refused(text: str, tmp_path: Path) -> None:
    info = {"format": "longhaul.lhvln", "version": 1, "splits": ["test"]}
    (tmp_path / "dataset.json").write_text(json.dumps(info))
    (tmp_path / "test.jsonl").write_text(text, encoding="latin-1")
    with pytest.raises(ConfigError, match=r"test\.jsonl:1"):
        Dataset(tmp_path).episodes("test")


READERS: dict[str, Callable[[Path], Any]] = {
    "tasks": read_file,
    "groups of tasks": lambda path: group_files([path]) and read_file(path),
    "knowledge": KnowledgeGraph.read,
    "experience": lambda path: ExperiencePool.read(path, lambda _: np.zeros((1, 1), np.float32)),
    "packed": read_packed_json,
    "film": lambda path: sample(path, 3),
    "picture": lambda path: open_picture(path).__enter__(),
}
MADE: dict[str, Callable[[Path], Any]] = {
    "deep": lambda path: path.write_text(DEEP + "\n"),
    "pipe": os.mkfifo,
    "folder": os.mkdir,
    "empty": lambda path: path.write_text(""),
}


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("reader", READERS)
def test_a_document_is_refused(reader: str, made: str, tmp_path: Path) -> None:
    if (reader, made) == ("experience", "empty"):
        pytest.skip("a store without a line is empty")
    path = tmp_path / "file.json"
    MADE[made](path)
    with memory_limit(), pytest.raises((ConfigError, TaskError, VideoError)) as refused:
        READERS[reader](path)
    assert "\n" not in str(refused.value) and str(path) in str(refused.value)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "TIFF"])
def test_a_large_picture_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    Image.new("1", (13000, 9000)).save(path, kind)
    with memory_limit(), pytest.raises(ConfigError, match="13000 x 9000 pixels"):
        open_picture(path).__enter__()
