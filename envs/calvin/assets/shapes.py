"""Triangle meshes with normals and texture coordinates, made from a few primitives.

Every mesh keeps its own corner vertices, so that edges stay sharp where they should and a wood
grain can run along each board. Lengths are meters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import ConvexHull

Array = NDArray[np.float64]

# Rotation that turns a shape made around y, like those of `lathe`, to stand along z.
Y_TO_Z = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))


@dataclass(frozen=True)
class Mesh:
    """Vertices (N, 3), unit normals (N, 3), texture coordinates (N, 2), faces (M, 3)."""

    vertices: Array
    normals: Array
    uv: Array
    faces: NDArray[np.int64]

    def mapped(self, rotation: ArrayLike, translation: ArrayLike = (0.0, 0.0, 0.0)) -> Mesh:
        """Return the mesh with x -> rotation @ x + translation."""
        matrix = np.asarray(rotation, float)
        vertices = self.vertices @ matrix.T + np.asarray(translation, float)
        return Mesh(vertices, self.normals @ matrix.T, self.uv, self.faces)

    def painted(self, uv: ArrayLike) -> Mesh:
        """Return the mesh with one texture coordinate everywhere: a flat color."""
        return Mesh(
            self.vertices,
            self.normals,
            np.tile(np.asarray(uv, float), (len(self.uv), 1)),
            self.faces,
        )


def merge(meshes: Sequence[Mesh]) -> Mesh:
    """Return all meshes as one."""
    starts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.uv for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]),
    )


def polygon(corners: ArrayLike) -> Mesh:
    """Return a flat convex polygon from its corners (K, 3), counterclockwise seen from outside."""
    points = np.asarray(corners, float)
    normal = np.cross(points[1] - points[0], points[2] - points[0])
    normal /= np.linalg.norm(normal)
    count = len(points)
    faces = np.array([[0, i, i + 1] for i in range(1, count - 1)])
    return Mesh(points, np.tile(normal, (count, 1)), np.zeros((count, 2)), faces)


def prism(outline: ArrayLike, x0: float, x1: float) -> Mesh:
    """Return a convex outline (K, 2) in the (y, z) plane, counterclockwise from +x, as a bar."""
    flat = np.asarray(outline, float)
    near = np.column_stack([np.full(len(flat), x0), flat])
    far = np.column_stack([np.full(len(flat), x1), flat])
    sides = [
        polygon([near[i], near[j], far[j], far[i]])
        for i, j in zip(range(len(flat)), np.roll(range(len(flat)), -1), strict=True)
    ]
    return merge([polygon(near[::-1]), polygon(far), *sides])


def inset(outline: ArrayLike, distance: float) -> Array:
    """Return a convex outline (K, 2), counterclockwise, with every edge moved in by `distance`."""
    points = np.asarray(outline, float)
    edges = np.roll(points, -1, axis=0) - points
    outward = np.column_stack([edges[:, 1], -edges[:, 0]])
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    offsets = (outward * points).sum(axis=1) - distance
    corners = [
        np.linalg.solve(outward[[i - 1, i]], offsets[[i - 1, i]]) for i in range(len(points))
    ]
    return np.array(corners)


def box(low: Sequence[float], high: Sequence[float]) -> Mesh:
    """Return an axis-aligned box with 24 vertices."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    return prism([[y0, z0], [y1, z0], [y1, z1], [y0, z1]], x0, x1)


def hull(points: ArrayLike) -> Mesh:
    """Return the convex hull of points (K, 3), every face flat."""
    cloud = np.asarray(points, float)
    shell = ConvexHull(cloud)
    faces = []
    for corners, plane in zip(shell.simplices, shell.equations, strict=True):
        a, b, c = cloud[corners]
        outwards = np.cross(b - a, c - a) @ plane[:3] > 0
        faces.append(polygon([a, b, c] if outwards else [a, c, b]))
    return merge(faces)


def lathe(profile: ArrayLike, segments: int = 24) -> Mesh:
    """Turn a profile (K, 2) of (radius, height) around y; normals are smooth around, flat along.

    Corners of the profile stay sharp; `ball` rounds them.
    """
    points = np.asarray(profile, float)
    bands = []
    for (r0, h0), (r1, h1) in pairwise(points):
        slope = np.array([h1 - h0, -(r1 - r0)])
        bands.append(_band(np.array([r0, h0]), np.array([r1, h1]), slope, slope, segments))
    return merge(bands)


def ball(profile: ArrayLike, segments: int = 24) -> Mesh:
    """Turn a profile like `lathe`, with normals that are smooth along the profile too."""
    points = np.asarray(profile, float)
    tangent = np.gradient(points, axis=0)
    slopes = np.column_stack([tangent[:, 1], -tangent[:, 0]])
    return merge(
        [
            _band(points[i], points[i + 1], slopes[i], slopes[i + 1], segments)
            for i in range(len(points) - 1)
        ]
    )


def _band(low: Array, high: Array, slope_low: Array, slope_high: Array, segments: int) -> Mesh:
    """Return the surface between two circles (radius, height) with normals (radial, along y)."""
    angles = np.linspace(0, 2 * np.pi, segments + 1)
    around = np.column_stack([np.sin(angles), np.ones_like(angles), np.cos(angles)])
    rows = [(low, slope_low / np.linalg.norm(slope_low))]
    rows += [(high, slope_high / np.linalg.norm(slope_high))]
    vertices = [around * (radius, height, radius) for (radius, height), _ in rows]
    normals = [around * (out, up, out) for _, (out, up) in rows]
    return _grid(np.stack(vertices), np.stack(normals))


def _grid(vertices: Array, normals: Array) -> Mesh:
    """Join rows of points (R, C, 3) into a surface; degenerate triangles are left out."""
    rows, columns = vertices.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b = index[:-1, :-1].ravel(), index[:-1, 1:].ravel()
    c, d = index[1:, 1:].ravel(), index[1:, :-1].ravel()
    faces = np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])
    flat = vertices.reshape(-1, 3)
    edges = np.cross(flat[faces[:, 1]] - flat[faces[:, 0]], flat[faces[:, 2]] - flat[faces[:, 0]])
    faces = faces[np.linalg.norm(edges, axis=1) > 1e-12]
    return Mesh(flat, normals.reshape(-1, 3), np.zeros((len(flat), 2)), faces)


def handle(span: float, height: float, width: float, radius: float) -> Mesh:
    """Return a U-shaped handle: feet at z = 0 and x = +-span / 2, its bar at z = height.

    All three are measured on the center line; `width` is along y, the bar is 0.025 thick
    (CALVIN's handles), `radius` rounds the corners of the center line.
    """
    bend = np.linspace(0, np.pi / 2, 4)
    right = np.column_stack(
        [span / 2 - radius * (1 - np.cos(bend)), height - radius * (1 - np.sin(bend))]
    )
    left = right[::-1] * [-1, 1]
    path = np.concatenate([[[span / 2, 0]], right, left, [[-span / 2, 0]]])
    tangent = np.gradient(path, axis=0)
    tangent[0], tangent[-1] = (0, 1), (0, -1)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    outward = np.column_stack([tangent[:, 1], -tangent[:, 0]])
    section, section_normals = _rounded_section(0.0125, width / 2, 0.007)
    vertices, normals = [], []
    for point, out in zip(path, outward, strict=True):
        frame = np.array([[out[0], 0, out[1]], [0, 1, 0]])
        vertices.append(section @ frame + [point[0], 0, point[1]])
        normals.append(section_normals @ frame)
    # Feet: flat ends, so that the mesh is closed.
    ends = [polygon(vertices[0][:0:-1]), polygon(vertices[-1][1:])]
    return merge([_grid(np.stack(vertices), np.stack(normals)), *ends])


def _rounded_section(half_a: float, half_b: float, radius: float) -> tuple[Array, Array]:
    """Return a closed rounded rectangle (K, 2) and its outward normals."""
    points, normals = [], []
    for corner, (sign_a, sign_b) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        for angle in np.linspace(0, np.pi / 2, 3) + corner * np.pi / 2:
            direction = np.array([np.cos(angle), np.sin(angle)])
            center = np.array([sign_a * (half_a - radius), sign_b * (half_b - radius)])
            points.append(center + radius * direction)
            normals.append(direction)
    return np.array([*points, points[0]]), np.array([*normals, normals[0]])


def write_obj(path: Path, mesh: Mesh, texture: str = "") -> None:
    """Write a mesh as OBJ; with `texture` (a path relative to it) also the MTL beside it."""
    lines = []
    if texture:
        material = path.with_suffix(".mtl")
        material.write_text(
            f"newmtl surface\nKa 1 1 1\nKd 1 1 1\nKs 0 0 0\nd 1\nillum 2\nmap_Kd {texture}\n"
        )
        lines += [f"mtllib {material.name}"]
    lines += ["o surface"]
    lines += [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in mesh.vertices]
    lines += [f"vt {u:.5f} {v:.5f}" for u, v in mesh.uv]
    lines += [f"vn {x:.4f} {y:.4f} {z:.4f}" for x, y, z in mesh.normals]
    if texture:
        lines += ["usemtl surface"]
    lines += ["f " + " ".join(f"{i}/{i}/{i}" for i in face) for face in mesh.faces + 1]
    path.write_text("\n".join(lines) + "\n")


def write_hull(path: Path, points: ArrayLike) -> None:
    """Write the corners of the convex hull of points (K, 3), for Bullet to make a hull of."""
    cloud = np.asarray(points, float)
    write_hulls(path, [cloud[ConvexHull(cloud).vertices]])


def write_hulls(path: Path, hulls: Sequence[ArrayLike]) -> None:
    """Write point sets (K, 3) as the objects of one OBJ; Bullet makes one convex hull of each."""
    lines: list[str] = []
    start = 1
    for number, hull in enumerate(hulls):
        points = np.asarray(hull, float)
        lines += [f"o convex_{number}", *(f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in points)]
        lines += [f"f {start} {start + i} {start + i + 1}" for i in range(1, len(points) - 1)]
        start += len(points)
    path.write_text("\n".join(lines) + "\n")
