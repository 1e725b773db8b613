"""Joins painted solids into one mesh whose texture holds the light (baked lighting)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from longhaul.envs.render.mesh import Mesh
from longhaul.navgen.houses.model import Furniture
from longhaul.navgen.houses.paint import atlas_uvs
from longhaul.navgen.houses.solids import Array, Solid

ATLAS_PICTURE = "atlas"
"""The name of the texture that all furniture without its own texture is painted from."""


@dataclass(frozen=True, eq=False)
class Piece:
    """One instance of a house: a mesh in the house's frame, the id of the room it belongs to
    (None: the outside), and the name of the texture that its uvs refer to."""

    category: str
    room: int | None
    mesh: Mesh
    picture: str = ATLAS_PICTURE


def bake(solids: Sequence[Solid], base: float = 0.0) -> Mesh:
    """Return placed solids as one mesh whose uvs point into the atlas of `paint.draw_atlas`.

    `base` is the height (m) of the floor: things near the floor are painted darker.
    """
    return joined(solids, [atlas_uvs(solid, base) for solid in solids])


def dress(item: Furniture, solids: Sequence[Solid], base: float = 0.0) -> Mesh:
    """Return a piece of furniture's placed solids as one mesh, painted from its own picture if it
    has one, else from the atlas."""
    if item.texture is None:
        return bake(solids, base)
    return joined(solids, [solid.uvs for solid in solids if solid.uvs is not None])


def joined(solids: Sequence[Solid], uvs: Sequence[Array]) -> Mesh:
    """Return solids as one mesh with the given texture coordinates (V, 2) of each."""
    starts = np.cumsum([0] + [len(solid.positions) for solid in solids[:-1]])
    faces = [solid.faces + start for solid, start in zip(solids, starts, strict=True)]
    return Mesh(
        np.concatenate([solid.positions for solid in solids]).astype(np.float32),
        np.concatenate([solid.normals for solid in solids]).astype(np.float32),
        np.concatenate(faces).astype(np.int32),
        np.concatenate(uvs).astype(np.float32),
    )
