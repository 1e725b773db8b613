"""From painted solids to one mesh that carries its light."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from longhaul.envs.render.mesh import Mesh
from longhaul.navgen.houses.model import Furniture
from longhaul.navgen.houses.paint import atlas_uvs
from longhaul.navgen.houses.solids import Array, Solid

ATLAS = "atlas"
"""The picture that furniture is painted from."""


@dataclass(frozen=True, eq=False)
class Piece:
    """One instance of a house: a mesh in the world, the room it belongs to (None: the outside),
    and the name of the picture that its texture coordinates refer to."""

    category: str
    room: int | None
    mesh: Mesh
    picture: str = ATLAS


def bake(parts: Sequence[Solid], base: float = 0.0) -> Mesh:
    """Return placed solids as one mesh whose uvs point into the atlas of `paint.draw_atlas`.

    `base` is the height (m) of the floor near which things are darker.
    """
    return joined(parts, [atlas_uvs(part, base) for part in parts])


def dress(item: Furniture, parts: Sequence[Solid], base: float = 0.0) -> Mesh:
    """Return a piece of furniture's placed solids as one mesh, painted from its own picture if it
    has one, else from the atlas."""
    if item.texture is None:
        return bake(parts, base)
    return joined(parts, [part.uvs for part in parts if part.uvs is not None])


def joined(parts: Sequence[Solid], uvs: Sequence[Array]) -> Mesh:
    """Return solids as one mesh with the given texture coordinates (V, 2) of each."""
    starts = np.cumsum([0] + [len(part.positions) for part in parts[:-1]])
    faces = [part.faces + start for part, start in zip(parts, starts, strict=True)]
    return Mesh(
        np.concatenate([part.positions for part in parts]).astype(np.float32),
        np.concatenate([part.normals for part in parts]).astype(np.float32),
        np.concatenate(faces).astype(np.int32),
        np.concatenate(uvs).astype(np.float32),
    )
