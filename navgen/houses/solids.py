"""Parametric solids, from which furniture and houses are built.

Lengths are in meters, y is up. Every function returns triangles with outward normals and one paint,
which is the name of a color or of a pattern in `paint.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

BOX_FACES = ("right", "left", "top", "bottom", "front", "back")
"""The faces of a box: +x, -x, +y, -y, +z, -z."""

CREASE_COSINE = 0.5
"""Two bands of a turned solid whose normals' cosine is at most this meet at a visible edge."""


@dataclass(frozen=True, eq=False)
class Solid:
    """Triangles of one paint.

    `positions` and `normals` are (V, 3), `faces` (F, 3); `uvs` (V, 2), with v upwards, place a
    pattern on the triangles; a plain color needs none.
    """

    positions: Array
    normals: Array
    faces: NDArray[np.int64]
    paint: str
    uvs: Array | None = None

    def placed(self, turn: Array, offset: ArrayLike) -> Solid:
        """Return this solid turned by a (3, 3) rotation, then moved."""
        return replace(
            self,
            positions=self.positions @ turn.T + np.asarray(offset, float),
            normals=self.normals @ turn.T,
        )


def rotation(yaw: float = 0.0, tilt: float = 0.0, roll: float = 0.0) -> Array:
    """Return the (3, 3) rotation by degrees: roll about z, then tilt about x, then yaw about y.

    A positive tilt brings what stands upright toward +z, a positive yaw turns +z to +x.
    """
    (cy, cx, cz), (sy, sx, sz) = (f(np.radians([yaw, tilt, roll])) for f in (np.cos, np.sin))
    about_y = np.array([[cy, 0.0, sy], [0.0, 1.0, 0.0], [-sy, 0.0, cy]])
    about_x = np.array([[1.0, 0.0, 0.0], [0.0, cx, -sx], [0.0, sx, cx]])
    about_z = np.array([[cz, -sz, 0.0], [sz, cz, 0.0], [0.0, 0.0, 1.0]])
    turn: Array = about_y @ about_x @ about_z
    return turn


def quads(corners: ArrayLike, paint: str) -> Solid:
    """Return flat quads (Q, 4, 3), each counter-clockwise seen from outside, each with the whole
    pattern."""
    points = np.asarray(corners, float)
    count = len(points)
    normals = np.cross(points[:, 1] - points[:, 0], points[:, 3] - points[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    faces = 4 * np.arange(count)[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])
    uvs = np.tile([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]], (count, 1))
    return Solid(
        points.reshape(-1, 3), np.repeat(normals, 4, axis=0), faces.reshape(-1, 3), paint, uvs
    )


def box(size: ArrayLike, paint: str, **faces: str) -> list[Solid]:
    """Return a box of the given extents (x, y, z) that stands on the origin.

    `front="books"` paints the front differently. A face painted "" is left out, which is for faces
    that nobody can see.
    """
    half = np.asarray(size, float) * [0.5, 1.0, 0.5]
    paints = [faces.get(name, paint) for name in BOX_FACES]
    groups = dict.fromkeys(name for name in paints if name)
    corners = _UNIT_BOX * half
    return [
        quads(corners[[index for index, name in enumerate(paints) if name == group]], group)
        for group in groups
    ]


_UNIT_BOX = np.array(
    [
        [[1, 0, 1], [1, 0, -1], [1, 1, -1], [1, 1, 1]],
        [[-1, 0, -1], [-1, 0, 1], [-1, 1, 1], [-1, 1, -1]],
        [[-1, 1, 1], [1, 1, 1], [1, 1, -1], [-1, 1, -1]],
        [[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]],
        [[-1, 0, 1], [1, 0, 1], [1, 1, 1], [-1, 1, 1]],
        [[1, 0, -1], [-1, 0, -1], [-1, 1, -1], [1, 1, -1]],
    ],
    float,
)
"""The corners (6, 4, 3) of a box's faces in the order of BOX_FACES, with the base on y = 0."""


def circle(
    radius: float, sides: int, squash: tuple[float, float] = (1.0, 1.0), y: float = 0.0
) -> Array:
    """Return points (sides, 3) about the y axis, counter-clockwise seen from above."""
    angle = 2.0 * np.pi * (np.arange(sides) + 0.5) / sides
    x, z = radius * squash[0] * np.cos(angle), -radius * squash[1] * np.sin(angle)
    return np.column_stack([x, np.full(sides, y), z])


def rectangle(
    width: float, depth: float, corner: float = 0.0, at: tuple[float, float, float] = (0, 0, 0)
) -> Array:
    """Return the points of a level rectangle about a point: 4, or 8 if its corners are cut.

    The points run counter-clockwise seen from above.
    """
    x, z, cut = width / 2, depth / 2, corner
    points = [(x, z - cut), (x, cut - z), (x - cut, -z), (cut - x, -z)]
    points += [(-x, cut - z), (-x, z - cut), (cut - x, z), (x - cut, z)]
    if not corner:
        points = points[::2]
    return np.array([(at[0] + a, at[1], at[2] + b) for a, b in points])


def loft(
    rings: ArrayLike, paint: str, smooth: bool = True, caps: tuple[bool, bool] = (True, True)
) -> Solid:
    """Return the surface over rings (K, N, 3) of points.

    Each ring runs counter-clockwise seen from the next one, and may shrink to a point. `smooth`
    shades the sides as one surface; `caps` close the first and the last ring, which must be
    convex.
    """
    points = np.asarray(rings, float)
    count, sides = points.shape[:2]
    low, high = points[:-1], points[1:]
    corners = np.stack(
        [low, np.roll(low, -1, axis=1), np.roll(high, -1, axis=1), high], axis=2
    ).reshape(-1, 4, 3)
    area = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    if smooth:
        positions, normals, four = _smooth(points, area.reshape(count - 1, sides, 3))
    else:
        positions, normals = corners.reshape(-1, 3), np.repeat(area, 4, axis=0)
        four = np.arange(len(positions)).reshape(-1, 4)
    faces = four[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)
    surfaces = [(positions, normals, faces)]
    surfaces += [_cap(points[0, ::-1])] if caps[0] else []
    surfaces += [_cap(points[-1])] if caps[1] else []
    return _joined(surfaces, paint)


def _smooth(points: Array, area: Array) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return vertices, normals and quads of the bands between rings (K, N, 3).

    `area` (K - 1, N, 3) are the quads' area vectors. The edge between two bands stays sharp if
    their angle is large (see CREASE_COSINE).
    """
    count, sides = points.shape[:2]
    around = area + np.roll(area, 1, axis=1)
    unit = around / np.maximum(np.linalg.norm(around, axis=2, keepdims=True), 1e-12)
    soft = (unit[:-1] * unit[1:]).sum(axis=2, keepdims=True) > CREASE_COSINE
    normals = np.stack([around, around], axis=1)
    normals[1:, 0] += soft * around[:-1]
    normals[:-1, 1] += soft * around[1:]
    index = np.arange((count - 1) * 2 * sides).reshape(count - 1, 2, sides)
    a, d = index[:, 0], index[:, 1]
    four = np.stack([a, np.roll(a, -1, axis=1), np.roll(d, -1, axis=1), d], axis=-1)
    positions = np.stack([points[:-1], points[1:]], axis=1)
    return positions.reshape(-1, 3), normals.reshape(-1, 3), four.reshape(-1, 4)


def _cap(ring: Array) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return the triangle fan that closes a convex ring (N, 3)."""
    sides = len(ring)
    normal = np.cross(ring, np.roll(ring, -1, axis=0)).sum(axis=0)
    last = np.arange(2, sides)
    faces = np.column_stack([np.zeros(sides - 2, int), last - 1, last])
    return ring, np.tile(normal, (sides, 1)), faces


def _joined(surfaces: list[tuple[Array, Array, NDArray[np.int64]]], paint: str) -> Solid:
    """Return several (positions, normals, faces) as one solid, without triangles of no area."""
    starts = np.cumsum([0] + [len(positions) for positions, _, _ in surfaces[:-1]])
    positions = np.concatenate([surface[0] for surface in surfaces])
    normals = np.concatenate([surface[1] for surface in surfaces])
    faces = np.concatenate(
        [surface[2] + start for surface, start in zip(surfaces, starts, strict=True)]
    )
    a, b, c = positions[faces].transpose(1, 0, 2)
    faces = faces[np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-10]
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return Solid(positions, normals / np.maximum(lengths, 1e-12), faces, paint)


def lathe(
    profile: Sequence[tuple[float, float]],
    paint: str,
    sides: int = 10,
    squash: tuple[float, float] = (1.0, 1.0),
    smooth: bool = True,
) -> Solid:
    """Return the solid of revolution of a profile about the y axis.

    The profile is a list of (radius, height), from the lowest one up.
    """
    rings = [circle(radius, sides, squash, height) for radius, height in profile]
    return loft(rings, paint, smooth, (profile[0][0] > 0, profile[-1][0] > 0))


def block(size: ArrayLike, paint: str, bevel: float, corner: float = 0.0) -> Solid:
    """Return a box with bevelled edges that stands on the origin, such as a cushion."""
    width, height, depth = np.asarray(size, float)
    inner = (width - 2 * bevel, depth - 2 * bevel, max(corner - bevel, corner / 2))
    outer = (width, depth, corner)
    levels = [(inner, 0.0), (outer, bevel), (outer, height - bevel), (inner, height)]
    rings = [rectangle(*measures, (0.0, y, 0.0)) for measures, y in levels]
    return loft(rings, paint, smooth=False)


def ball(radii: ArrayLike, paint: str, sides: int = 8, rows: int = 4) -> Solid:
    """Return an ellipsoid of the given half axes that stands on the origin."""
    x, y, z = np.broadcast_to(np.asarray(radii, float), 3)
    angle = np.linspace(-np.pi / 2, np.pi / 2, rows + 1)
    profile = [(max(np.cos(a), 0.0), y + y * np.sin(a)) for a in angle]
    profile[0], profile[-1] = (0.0, 0.0), (0.0, 2.0 * y)
    return lathe(profile, paint, sides, (x, z))


def tube(path: ArrayLike, radius: float, paint: str, sides: int = 6, tip: float = 0.0) -> Solid:
    """Return a pipe along a path (K, 3); `tip` is the radius at its end, if it is another."""
    points = np.asarray(path, float)
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    radii = np.linspace(radius, tip or radius, len(points))
    least = np.abs(along).max(axis=0).argmin()
    across = np.cross(along, np.eye(3)[least])
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    angle = 2.0 * np.pi * (np.arange(sides) + 0.5) / sides
    spokes = (
        np.cos(angle)[None, :, None] * across[:, None]
        + np.sin(angle)[None, :, None] * np.cross(along, across)[:, None]
    )
    return loft(points[:, None] + radii[:, None, None] * spokes, paint)


def ring(radius: float, thickness: float, paint: str, sides: int = 14, section: int = 4) -> Solid:
    """Return a torus about the y axis, centered on the origin."""
    angle = 2.0 * np.pi * np.arange(sides + 1) / sides
    center = np.column_stack([np.cos(angle), np.zeros(sides + 1), -np.sin(angle)])
    turn = 2.0 * np.pi * (np.arange(section) + 0.5) / section
    out = np.cos(turn)[None, :, None] * center[:, None]
    up = -np.sin(turn)[None, :, None] * np.array([0.0, 1.0, 0.0])
    return loft(radius * center[:, None] + thickness * (out + up), paint, caps=(False, False))


def prism(outline: ArrayLike, depth: float, paint: str) -> Solid:
    """Return the prism over a convex outline (N, 2) in x and y, centered on z = 0.

    The outline runs counter-clockwise seen from +z; `depth` is the prism's extent along z.
    """
    points = np.asarray(outline, float)
    ends = [np.column_stack([points, np.full(len(points), z)]) for z in (-depth / 2, depth / 2)]
    return loft(ends, paint, smooth=False)
