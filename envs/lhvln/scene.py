"""A scene's folder: a house as meshes, and what is in it.

    NAME/NAME.glb                 what is seen
    NAME/NAME.semantic.glb, .txt  the same by object, as HM3D has it
    NAME/NAME.stage_config.json   which way is up and how long a unit is, as habitat-sim reads it
    NAME/house.json               rooms with names, and objects: what NavGen writes beside them
    NAME/navmesh.npz              the surface to walk on, if it is given (navmesh/files.py)

Only the first is needed to draw and to walk; tasks also need the objects. Everything is transformed
into one frame: meters, right-handed, y up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.visual.color import ColorVisuals

from longhaul.documents import open_regular, read_object
from longhaul.envs.lhvln.navmesh.files import read_surface
from longhaul.envs.lhvln.navmesh.surface import Surface
from longhaul.envs.lhvln.portals import Portals
from longhaul.envs.lhvln.semantics import Labeled, label, read_descriptor
from longhaul.envs.lhvln.simulator import Object, Room
from longhaul.envs.render.glb import load_glb
from longhaul.envs.render.mesh import Mesh
from longhaul.errors import ConfigError

Array = NDArray[np.float64]

SCENE_ENDINGS = (".glb", ".basis.glb")
HM3D_PATTERN = re.compile(r"\d{5}-[0-9A-Za-z]{11}")
"""Names of HM3D's scenes, such as 00800-TEEsavR23oF, whose files have z up and y in front."""

NODE_ID_PATTERN = re.compile(r"(\d{3,})_")
"""The beginning of the name of a node that is named after an object; its digits are the id."""

BASIS_EXTENSION = b"KHR_texture_basisu"
"""glTF's extension for textures that only a GPU library can decode; HM3D's .basis.glb use it."""

MAX_JSON_BYTES = 64 * 2**20
"""Most bytes of a glb's JSON chunk that are searched for BASIS_EXTENSION."""

WHITE_RGBA = (1.0, 1.0, 1.0, 1.0)


@dataclass(frozen=True, eq=False)
class SceneMesh:
    """A mesh in the scene's frame, its color (rgba in 0..1), and the semantic id it shows."""

    mesh: Mesh
    color: tuple[float, ...]
    id: int


@dataclass(frozen=True, eq=False)
class Scene:
    """What a scene's folder holds. `labels` are the meshes that show semantic ids if `meshes` do
    not; empty otherwise. `portals` say what is out of sight if the plan of the house is known."""

    name: str
    meshes: tuple[SceneMesh, ...]
    labels: tuple[SceneMesh, ...]
    objects: tuple[Object, ...]
    rooms: tuple[Room, ...]
    navmesh: Surface | None
    portals: Portals | None

    def triangles(self) -> tuple[Array, NDArray[np.int64]]:
        """Return all vertices (V, 3) and triangles (T, 3) of `meshes`."""
        meshes = [item.mesh for item in self.meshes]
        starts = np.cumsum([0, *(len(mesh.positions) for mesh in meshes)])
        faces = [mesh.faces + start for mesh, start in zip(meshes, starts[:-1], strict=True)]
        return np.concatenate([mesh.positions for mesh in meshes]).astype(float), np.vstack(faces)


def load_scene(folder: Path) -> Scene:
    """Read a scene's folder. Raises ConfigError naming a file that is missing or broken."""
    path = scene_file(folder)
    name = scene_name(path)
    config = _json(folder / f"{name}.stage_config.json")
    meshes = tuple(_meshes(path, _frame(config, "", path)))
    if not meshes:
        raise ConfigError(f"{path} has no triangles")
    house = _json(folder / "house.json")
    labels: tuple[SceneMesh, ...] = ()
    seen: list[Labeled] = []
    descriptor, semantic = folder / f"{name}.semantic.txt", folder / f"{name}.semantic.glb"
    if descriptor.is_file() and semantic.is_file():
        named = read_descriptor(descriptor)
        semantic_meshes = _meshes(semantic, _frame(config, "semantic_", path))
        try:
            seen = label([item.mesh for item in semantic_meshes], named)
        except ValueError as error:
            raise ConfigError(f"{semantic} does not fit {descriptor.name}: {error}") from None
        if not any(item.id for item in meshes):
            labels = tuple(SceneMesh(found.mesh, WHITE_RGBA, found.id) for found in seen)
    objects = _objects(house, folder) if house else tuple(found.object for found in seen)
    rooms = _rooms(house, folder) if house else _regions(objects)
    navmesh = _navmesh(folder / "navmesh.npz")
    return Scene(name, meshes, labels, objects, rooms, navmesh, _portals(house, folder))


def scene_name(path: Path) -> str:
    """Return the name of a scene by its mesh file: 00800-TEEsavR23oF of that and .basis.glb."""
    return path.name.removesuffix(".glb").removesuffix(".basis")


def scene_file(folder: Path) -> Path:
    """Return the mesh file of a scene: the one with plain textures, if there are two. Raises
    ConfigError if there is none."""
    for end in SCENE_ENDINGS:
        path = folder / f"{folder.name}{end}"
        if path.is_file():
            return path
    others = [p for p in sorted(folder.glob("*.glb")) if not p.name.endswith(".semantic.glb")]
    if len(others) != 1:
        raise ConfigError(f"{folder} is no scene: it has no {folder.name}.glb, nor one other .glb")
    return others[0]


def _meshes(path: Path, frame: Array) -> Iterator[SceneMesh]:
    _refuse_basis(path)
    try:
        scene = load_glb(path)
    except ValueError as error:
        raise ConfigError(f"{path} cannot be read: {' '.join(str(error).split())}") from None
    except Exception as error:
        # trimesh raises whatever its readers meet in a broken file.
        raise ConfigError(f"{path} cannot be read: {' '.join(repr(error).split())}") from None
    ids = {
        edge[1]: data["metadata"]["semantic_id"]
        for edge, data in scene.graph.transforms.edge_data.items()
        if isinstance(data.get("metadata"), dict) and "semantic_id" in data["metadata"]
    }
    for node in scene.graph.nodes_geometry:
        transform, geometry = scene.graph[node]
        shape = scene.geometry[geometry]
        if not isinstance(shape, trimesh.Trimesh) or not len(shape.faces):
            continue
        number = ids.get(node)
        if number is None and (found := NODE_ID_PATTERN.match(node)):
            number = int(found[1])
        mesh, color = _mesh(shape, frame @ transform)
        yield SceneMesh(mesh, color, int(number or 0))


def _refuse_basis(path: Path) -> None:
    """Raise ConfigError for a file with Basis textures: without textures all would be gray."""
    with open_regular(path) as file:
        head = file.read(20)
        length = int.from_bytes(head[12:16], "little") if head[:4] == b"glTF" else 0
        described = file.read(min(length, MAX_JSON_BYTES))
    if BASIS_EXTENSION in described:
        raise ConfigError(
            f"{path} has Basis textures, which the builtin simulator cannot read: put the scene's "
            ".glb with plain textures there, or use env.simulator=habitat"
        )


def _mesh(shape: trimesh.Trimesh, transform: Array) -> tuple[Mesh, tuple[float, ...]]:
    """Return a shape in the scene's frame, and its color."""
    positions = shape.vertices @ transform[:3, :3].T + transform[:3, 3]
    faces = np.asarray(shape.faces, np.int32)
    if np.linalg.det(transform[:3, :3]) < 0:
        faces = faces[:, ::-1]
    material = getattr(shape.visual, "material", None)
    image = getattr(material, "baseColorTexture", None)
    factor = getattr(material, "baseColorFactor", None)
    uvs = getattr(shape.visual, "uv", None)
    mesh = Mesh(
        positions.astype(np.float32),
        np.zeros((len(positions), 3), np.float32),
        faces,
        None if uvs is None else np.asarray(uvs, np.float32),
        _vertex_colors(shape),
        None if image is None else np.asarray(image.convert("RGB")),
        closed=not getattr(material, "doubleSided", False),
    )
    return mesh, WHITE_RGBA if factor is None else tuple(np.asarray(factor) / 255.0)


def _vertex_colors(shape: trimesh.Trimesh) -> NDArray[np.uint8] | None:
    """Return the vertices' colors; those of a mesh with a material too, which its color, and its
    picture, are multiplied by."""
    visual = shape.visual
    if isinstance(visual, ColorVisuals):
        colored = visual.kind == "vertex"
        return np.asarray(visual.vertex_colors[:, :3], np.uint8) if colored else None
    found = None if visual is None else visual.vertex_attributes.get("color")
    if found is None:
        return None
    whole = np.iinfo(found.dtype).max if found.dtype.kind == "u" else 1
    return np.asarray(np.round(np.clip(found[:, :3] / whole, 0, 1) * 255), np.uint8)


def _frame(config: dict[str, Any], prefix: str, path: Path) -> Array:
    """Return the matrix (4, 4) that brings a file's axes and units to y up, -z in front, meters.

    `config` may have habitat-sim's `up`, `front`, `scale` (one factor or three) and
    `units_to_meters`. Raises ConfigError for other values.
    """
    hm3d = path.name.endswith(".basis.glb") or HM3D_PATTERN.fullmatch(path.stem)
    up = np.asarray(config.get(f"{prefix}up", (0, 0, 1) if hm3d else (0, 1, 0)), float)
    front = np.asarray(config.get(f"{prefix}front", (0, 1, 0) if hm3d else (0, 0, -1)), float)
    right = np.cross(front, up)
    if up.shape != (3,) or front.shape != (3,) or abs(np.linalg.norm(right) - 1) > 1e-6:
        raise ConfigError(f"{path}: up {up} and front {front} are no axes")
    scale = np.asarray(config.get("scale", 1.0), float) * float(config.get("units_to_meters", 1.0))
    if scale.shape not in ((), (3,)) or not (np.isfinite(scale).all() and (scale > 0).all()):
        raise ConfigError(f"{path}: scale {scale} is neither a positive factor nor three of them")
    frame = np.eye(4)
    frame[:3, :3] = np.array([right, up, -front]) @ np.diag(np.broadcast_to(scale, 3))
    return frame


def _objects(house: dict[str, Any], folder: Path) -> tuple[Object, ...]:
    try:
        return tuple(
            Object(
                int(item["id"]),
                str(item["category"]),
                -1 if item["room_id"] is None else int(item["room_id"]),
                _triple(item["aabb_center"]),
                _triple(item["aabb_size"]),
                bool(item.get("portable", False)),
            )
            for item in house["objects"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{folder / 'house.json'} is no house: {error!r}") from None


def _rooms(house: dict[str, Any], folder: Path) -> tuple[Room, ...]:
    try:
        return tuple(Room(int(room["id"]), str(room["name"])) for room in house["rooms"])
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{folder / 'house.json'} is no house: {error!r}") from None


def _portals(house: dict[str, Any], folder: Path) -> Portals | None:
    if not house.get("doors"):
        return None
    try:
        return Portals(house)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{folder / 'house.json'} is no house: {error!r}") from None


def _regions(objects: tuple[Object, ...]) -> tuple[Room, ...]:
    return tuple(Room(number, "") for number in sorted({found.room for found in objects}))


def _triple(values: Any) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _navmesh(path: Path) -> Surface | None:
    if not path.is_file():
        return None
    try:
        return read_surface(path)
    except ValueError as error:
        raise ConfigError(f"{path} cannot be used: {error}") from None


def _json(path: Path) -> dict[str, Any]:
    return read_object(path) if path.exists() else {}
