"""Primitive solids, one or several of which make a body's contact shape or its looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pybullet

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
Color = tuple[float, float, float, float]

NO_SHAPE = -1
"""The shape index by which Bullet makes a body without that shape."""


@dataclass(frozen=True)
class Solid:
    """One solid in its body's frame (meters, quaternion xyzw); `kind` is Bullet's GEOM_*.

    `size` holds the full extents of a box, (radius, length) of a cylinder, (radius,) of a sphere,
    and of a mesh the factors that its `file` is scaled by along x, y and z.
    """

    kind: int
    size: tuple[float, ...]
    center: Vector = (0.0, 0.0, 0.0)
    turn: Quaternion = (0.0, 0.0, 0.0, 1.0)
    rgba: Color = (1.0, 1.0, 1.0, 1.0)
    file: Path | None = None

    def painted(self, rgba: Color) -> Solid:
        """Return this solid in another color."""
        return replace(self, rgba=rgba)


def box(
    size: Vector, center: Vector = (0.0, 0.0, 0.0), yaw: float = 0.0, lean: float = 0.0
) -> Solid:
    """Return a box, rotated by `lean` about y and then by `yaw` about the vertical z (rad)."""
    turn = pybullet.getQuaternionFromEuler((0.0, lean, yaw))
    return Solid(pybullet.GEOM_BOX, size, center, turn)


def cylinder(radius: float, length: float, center: Vector = (0.0, 0.0, 0.0)) -> Solid:
    """Return an upright cylinder."""
    return Solid(pybullet.GEOM_CYLINDER, (radius, length), center)


def sphere(radius: float) -> Solid:
    """Return a sphere."""
    return Solid(pybullet.GEOM_SPHERE, (radius,))


def ground() -> Solid:
    """Return the half-space below z = 0: it can be touched, but not seen."""
    return Solid(pybullet.GEOM_PLANE, ())


def mesh(file: Path, scale: Vector) -> Solid:
    """Return what a mesh file holds, stretched along its axes."""
    return Solid(pybullet.GEOM_MESH, scale, file=file)


def contact_shape(client: int, solids: Sequence[Solid]) -> int:
    """Return Bullet's index of a shape that touches things."""
    if not solids:
        return NO_SHAPE
    index: int = pybullet.createCollisionShapeArray(
        **_arrays(solids, "collision"),
        planeNormals=[(0.0, 0.0, 1.0)] * len(solids),
        physicsClientId=client,
    )
    return index


def visual_shape(client: int, solids: Sequence[Solid]) -> int:
    """Return Bullet's index of a shape that is seen."""
    if not solids:
        return NO_SHAPE
    colors = [solid.rgba for solid in solids]
    index: int = pybullet.createVisualShapeArray(
        **_arrays(solids, "visual"), rgbaColors=colors, physicsClientId=client
    )
    return index


def _arrays(solids: Sequence[Solid], role: str) -> dict[str, Any]:
    def pick(kinds: tuple[int, ...], values: Any, other: Any) -> list[Any]:
        return [values(solid.size) if solid.kind in kinds else other for solid in solids]

    round_ones = (pybullet.GEOM_CYLINDER, pybullet.GEOM_SPHERE)
    unit = (1.0, 1.0, 1.0)
    return {
        "shapeTypes": [solid.kind for solid in solids],
        "halfExtents": pick((pybullet.GEOM_BOX,), lambda s: [v / 2 for v in s], unit),
        "radii": pick(round_ones, lambda s: s[0], 1.0),
        "lengths": pick((pybullet.GEOM_CYLINDER,), lambda s: s[1], 1.0),
        "fileNames": [str(solid.file or "") for solid in solids],
        "meshScales": pick((pybullet.GEOM_MESH,), list, unit),
        f"{role}FramePositions": [solid.center for solid in solids],
        f"{role}FrameOrientations": [solid.turn for solid in solids],
    }
