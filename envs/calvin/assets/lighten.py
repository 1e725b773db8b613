"""Reduces detailed meshes: reads one, gives it plain colors, clusters its vertices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.calvin.assets.shapes import Array, Mesh

Indices = NDArray[np.int64]

# Weight of a new vertex's distance to the mean of its old ones, against that to the planes around.
MEAN_WEIGHT = 0.03


def read_obj(path: Path) -> Mesh:
    """Read an OBJ of triangles with normals; corners without texture coordinates get (0, 0)."""
    columns: dict[str, list[str]] = {"v": [], "vt": [], "vn": [], "f": []}
    for line in path.read_text().splitlines():
        kind, _, rest = line.partition(" ")
        if kind in columns:
            columns[kind].append(rest)
    points, places, directions = (
        np.array(" ".join(columns[kind]).split(), float).reshape(-1, width)
        for kind, width in (("v", 3), ("vt", 2), ("vn", 3))
    )
    corners = " ".join(columns["f"]).replace("//", "/0/").replace("/", " ").split()
    keys = np.array(corners, np.int64).reshape(-1, 3)
    first, corner = _numbered(keys)
    unique = keys[first]
    # OBJ counts from 1, so that row 0 is free for corners without texture coordinates.
    uv = np.concatenate([np.zeros((1, 2)), places])[unique[:, 1]]
    return Mesh(points[unique[:, 0] - 1], directions[unique[:, 2] - 1], uv, corner.reshape(-1, 3))


def recolored(mesh: Mesh, label: Indices, uv: Array) -> Mesh:
    """Return the mesh with face i's corners all at texture coordinates `uv[label[i]]`."""
    keys = np.column_stack([mesh.faces.reshape(-1), np.repeat(label, 3)])
    first, corner = _numbered(keys)
    vertex, kind = keys[first].T
    return Mesh(mesh.vertices[vertex], mesh.normals[vertex], uv[kind], corner.reshape(-1, 3))


def lighten(mesh: Mesh, cell: float) -> Mesh:
    """Return the mesh with one vertex position per occupied cube of side `cell` (meters).

    Vertex clustering with quadrics (Lindstrom 2000): each new vertex lies where it is nearest to
    the planes of the triangles around it, so that flat faces stay flat and edges stay edges.
    Normals are averaged within a cube separately for each of the six main directions, which
    keeps edges looking sharp. Faces with different texture coordinates are not merged, so this is
    for meshes in a few plain colors.
    """
    _, color = _numbered(np.rint(mesh.uv * 1e4).astype(np.int64))
    cubes = np.floor(mesh.vertices / cell).astype(np.int64)
    cells, owner = _numbered(np.column_stack([cubes, color]))
    points = _positions(mesh, owner, cell, len(cells))
    facing = np.abs(mesh.normals).argmax(axis=1)
    side = 2 * facing + (mesh.normals[np.arange(len(facing)), facing] > 0)
    first, corner = _numbered(np.column_stack([owner, side]))
    normals = _summed(mesh.normals, corner, len(first))
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    faces = _distinct(corner[mesh.faces], owner[first])
    used, renumbered = np.unique(faces, return_inverse=True)
    return Mesh(
        points[owner[first[used]]],
        normals[used],
        mesh.uv[first[used]],
        renumbered.reshape(-1, 3),
    )


def _numbered(rows: Indices) -> tuple[Indices, Indices]:
    """Return the index at which each distinct row (of integers) first occurs, and for every row
    the number of its kind."""
    rows = rows - rows.min(axis=0)
    # One number a row: sorting those is many times faster than sorting rows.
    keys = np.ravel_multi_index(tuple(rows.T), tuple(rows.max(axis=0) + 1))
    _, first, kind = np.unique(keys, return_index=True, return_inverse=True)
    return first, kind.reshape(-1)


def _summed(values: Array, kind: Indices, count: int) -> Array:
    columns = [np.bincount(kind, column, count) for column in values.T]
    return np.stack(columns, axis=1)


def _positions(mesh: Mesh, owner: Indices, cell: float, count: int) -> Array:
    """Return each cube's point: least squares over planes, held near the mean of its vertices."""
    mean = _summed(mesh.vertices, owner, count) / np.bincount(owner, minlength=count)[:, None]
    corners = mesh.vertices[mesh.faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.sqrt(np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-18))
    matrix = np.zeros((count, 3, 3))
    target = np.zeros((count, 3))
    for column in range(3):
        own = owner[mesh.faces[:, column]]
        height = (normal * (corners[:, 0] - mean[own])).sum(axis=1)
        np.add.at(matrix, own, normal[:, :, None] * normal[:, None, :])
        np.add.at(target, own, normal * height[:, None])
    damping = MEAN_WEIGHT * np.trace(matrix, axis1=1, axis2=2) + 1e-12
    damped = matrix + damping[:, None, None] * np.eye(3)
    offset = np.linalg.solve(damped, target[..., None])[..., 0]
    return mean + np.clip(offset, -cell / 2, cell / 2)


def _distinct(faces: Indices, owner: Indices) -> Indices:
    """Drop faces with two corners in one cube, and all but one of those with the same cubes."""
    spots = owner[faces]
    kept = (
        (spots[:, 0] != spots[:, 1]) & (spots[:, 1] != spots[:, 2]) & (spots[:, 2] != spots[:, 0])
    )
    faces, spots = faces[kept], spots[kept]
    turn = spots.argmin(axis=1)[:, None] + np.arange(3)
    ordered = np.take_along_axis(spots, turn % 3, axis=1)
    first, _ = _numbered(ordered)
    return faces[np.sort(first)]
