"""Triangle meshes: boxes, planes, and what mesh files hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import ArrayLike, NDArray

from longhaul.pictures import open_picture

SMOOTH_ANGLE = np.radians(30.0)
"""Faces of a file without normals that meet at less than this are shaded as one surface."""

MAX_HOLES = 0.005
"""The part of its surface that a closed mesh may lack: decimation leaves slits."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in their own frame (meters), ready to be uploaded.

    `positions` and `normals` are (V, 3) float32, `faces` (F, 3) int32, `uvs` (V, 2) float32 with
    v upwards, `colors` (V, 3) uint8, `texture` (H, W, 3) uint8 with row 0 at the top. `closed`
    says whether the backs of triangles are never drawn; None: as `is_closed` finds it.
    """

    positions: NDArray[np.float32]
    normals: NDArray[np.float32]
    faces: NDArray[np.int32]
    uvs: NDArray[np.float32] | None = None
    colors: NDArray[np.uint8] | None = None
    texture: NDArray[np.uint8] | None = None
    closed: bool | None = None

    def scaled(self, scale: ArrayLike) -> Mesh:
        """Return this mesh stretched along its axes (one factor or three; negative mirrors)."""
        return _moved(self, np.diag([*np.broadcast_to(np.asarray(scale, float), 3), 1.0]))

    def bounding_sphere(self) -> tuple[NDArray[np.float32], float]:
        """Return the center (3,) of the bounding box and the radius of a sphere about it."""
        center = (self.positions.min(axis=0) + self.positions.max(axis=0)) / 2
        return center, float(np.linalg.norm(self.positions - center, axis=1).max())

    def is_closed(self) -> bool:
        """Return whether every part faces outwards and has next to no holes.

        Nobody outside can see the back of such a mesh's triangles. The holes are what keeps the
        area vectors from summing to zero; edges shared by more than two faces do no harm.
        """
        if self.closed is not None:
            return self.closed
        shape = trimesh.Trimesh(self.positions, self.faces, process=False)
        shape.merge_vertices(merge_tex=True, merge_norm=True)
        points = shape.vertices - shape.centroid
        part = trimesh.graph.connected_component_labels(shape.edges, node_count=len(points))
        corners = points[shape.faces]
        volumes = np.einsum("fi,fi->f", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
        if (np.bincount(part[shape.faces[:, 0]], volumes, part.max() + 1) < 0.0).any():
            return False
        pairs, pair = np.unique(np.sort(shape.edges, axis=1), axis=0, return_inverse=True)
        forth = np.where(shape.edges[:, 0] < shape.edges[:, 1], 1.0, -1.0)
        surplus = np.bincount(pair.ravel(), forth, len(pairs))
        rims, surplus = pairs[surplus != 0.0], surplus[surplus != 0.0]
        rim = trimesh.graph.connected_component_labels(rims, node_count=len(points))[rims[:, 0]]
        areas = surplus[:, None] * np.cross(points[rims[:, 0]], points[rims[:, 1]]) / 2
        holes = np.zeros((len(points), 3))
        np.add.at(holes, rim, areas)
        return bool(np.linalg.norm(holes, axis=1).sum() <= MAX_HOLES * shape.area)


def box(size: ArrayLike) -> Mesh:
    """Return a box of the given full extents; every face carries the whole texture."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    positions, normals = [], []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            face = np.zeros((4, 3))
            face[:, axis] = sign
            face[:, (axis + 1) % 3] = corners[:, 0] * sign
            face[:, (axis + 2) % 3] = corners[:, 1]
            positions.append(face)
            normals.append(np.repeat(np.eye(3)[axis : axis + 1] * sign, 4, axis=0))
    quads = 4 * np.arange(6)[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])
    return Mesh(
        (np.concatenate(positions) * np.asarray(size) / 2).astype(np.float32),
        np.concatenate(normals).astype(np.float32),
        quads.reshape(-1, 3).astype(np.int32),
        np.tile((corners + 1) / 2, (6, 1)).astype(np.float32),
    )


def plane(normal: ArrayLike, extent: float = 100.0) -> Mesh:
    """Return a square of side `extent` (m) through the origin, across `normal`."""
    quad = box([extent, extent, 0.0])
    turn = trimesh.geometry.align_vectors([0, 0, 1], np.asarray(normal, float))[:3, :3]
    top = slice(20, 24)
    assert quad.uvs is not None
    return Mesh(
        (quad.positions[top] @ turn.T).astype(np.float32),
        (quad.normals[top] @ turn.T).astype(np.float32),
        np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        quad.uvs[top] * extent,
    )


def from_trimesh(shape: trimesh.Trimesh, creased: bool = False) -> Mesh:
    """Return a trimesh as a Mesh; `creased` replaces its normals by those of its facets."""
    if creased:
        shape = shape.copy()
        shape.merge_vertices()
        shape = trimesh.graph.smooth_shade(shape, angle=SMOOTH_ANGLE, facet_minarea=None)
    uvs = getattr(shape.visual, "uv", None)
    return Mesh(
        np.asarray(shape.vertices, np.float32),
        np.asarray(shape.vertex_normals, np.float32),
        np.asarray(shape.faces, np.int32),
        None if uvs is None else np.asarray(uvs, np.float32),
    )


def load_mesh(path: Path) -> Mesh:
    """Read a mesh file (obj, stl, ply, glb, ...) as one mesh with at most one texture.

    The texture of an obj is the first one among its materials, as in Bullet. Raises
    FileNotFoundError if the file is missing and ValueError if it holds no triangle.
    """
    if not path.is_file():
        raise FileNotFoundError(f"mesh file {path} does not exist")
    scene = trimesh.load_scene(path, process=False)
    is_obj = path.suffix.lower() == ".obj"
    text = path.read_text(errors="replace") if is_obj else ""
    creased = path.suffix.lower() == ".stl" or (is_obj and "\nvn " not in text)
    parts = []
    for node in scene.graph.nodes_geometry:
        transform, name = scene.graph[node]
        shape = scene.geometry[name]
        if isinstance(shape, trimesh.Trimesh) and len(shape.faces):
            parts.append(_moved(from_trimesh(shape, creased), transform))
    if not parts:
        raise ValueError(f"{path}: no triangles in this mesh file")
    image = _texture_file(path.parent, text) if is_obj else None
    return replace(join(parts), texture=None if image is None else load_image(image))


def load_image(path: Path) -> NDArray[np.uint8]:
    """Return an image file as (H, W, 3) uint8, row 0 at the top."""
    with open_picture(path) as image:
        return np.asarray(image.convert("RGB"))


def join(meshes: list[Mesh]) -> Mesh:
    """Return all triangles in one mesh, without textures and colors; missing uvs are 0.5."""
    starts = np.cumsum([0] + [len(mesh.positions) for mesh in meshes[:-1]])
    halves = np.full((1, 2), 0.5, np.float32)
    uvs = [
        np.repeat(halves, len(mesh.positions), axis=0) if mesh.uvs is None else mesh.uvs
        for mesh in meshes
    ]
    return Mesh(
        np.concatenate([mesh.positions for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]),
        np.concatenate(uvs),
    )


def _moved(mesh: Mesh, transform: NDArray[np.float64]) -> Mesh:
    normals = mesh.normals @ np.linalg.inv(transform[:3, :3])
    lengths = np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    positions = mesh.positions @ transform[:3, :3].T + transform[:3, 3]
    return replace(
        mesh,
        positions=positions.astype(np.float32),
        normals=(normals / lengths).astype(np.float32),
    )


def _texture_file(folder: Path, obj: str) -> Path | None:
    """Return the image of the first textured material that an obj file uses.

    Read here because trimesh ignores images outside the mesh's folder, where CALVIN's tables
    keep theirs.
    """
    images: dict[str, Path] = {}
    for library in re.findall(r"^mtllib\s+(.+?)\s*$", obj, re.MULTILINE):
        if not (folder / library).is_file():
            continue
        materials = (folder / library).read_text(errors="replace")
        for block in re.split(r"^\s*newmtl\s+", materials, flags=re.MULTILINE)[1:]:
            image = re.search(r"^\s*map_Kd\s+(.+?)\s*$", block, re.MULTILINE)
            if image is not None:
                images[block.split("\n", 1)[0].strip()] = folder / image[1].replace("\\", "/")
    for material in re.findall(r"^usemtl\s+(.+?)\s*$", obj, re.MULTILINE):
        if material in images and images[material].is_file():
            return images[material]
    return None
