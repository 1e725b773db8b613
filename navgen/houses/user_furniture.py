"""Reads furniture from a folder of the user's own GLB models; a file's name is its category.

`office_chair.glb` and `office chair 2.glb` are two office chairs. Files follow glTF's conventions:
meters, y up, the front toward +z. If a file of a known category is clearly not in meters (a model
of unit size, or in centimeters), it is scaled to the size of our model of that category.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image
from trimesh.visual import TextureVisuals
from trimesh.visual.material import PBRMaterial

from longhaul.envs.render.glb import load_glb
from longhaul.navgen.houses.furniture import CATALOG
from longhaul.navgen.houses.model import Furniture, Model, Support
from longhaul.navgen.houses.solids import Solid

MAX_TRIANGLES = 20_000
"""A file with more triangles is refused."""

MAX_EXTENT_M, MIN_EXTENT_M = 4.0, 0.01
"""The bounds (m) of a thing's greatest extent; a thing outside of them is refused."""

MAX_PLAUSIBLE_RATIO, MAX_RATIO = 2.0, 2000.0
"""Ratios between the sizes of a file and of our model: up to the first one the file's size is kept,
above the second one the file is refused, between them it is scaled."""

SUPPORT_MARGIN = 0.1
"""The share of a surface's length that is left free at each of its ends."""

MAX_PORTABLE_M = 0.4
"""Things of unknown categories up to this size (m) stand on surfaces and are portable."""

MAX_TEXTURE_PX = 512
"""Textures are scaled down to at most this width and height (pixels)."""

MIN_TEXTURE_PX = 64
"""Textures are scaled up to at least about this width and height (pixels)."""


@dataclass(frozen=True, eq=False)
class _Draw:
    """A builder that puts the solid of a file and its supports into a model."""

    solid: Solid
    supports: tuple[Support, ...]

    def __call__(self, model: Model, rng: np.random.Generator) -> None:
        model.put(self.solid)
        model.supports += self.supports


def read_user_furniture(folder: Path) -> list[Furniture]:
    """Return one Furniture per .glb file of a folder, in the order of the file names.

    Raises a one-line ValueError, which names the file, for a file that can't be read, has no
    triangles or too many, or is absurdly large or small; FileNotFoundError for a missing folder
    or one without .glb files.
    """
    files = sorted(folder.glob("*.glb"))
    if not files:
        raise FileNotFoundError(f"own furniture {folder}: no such folder, or no .glb file in it")
    return [read_furniture(path) for path in files]


def mixed(added: Sequence[Furniture], rng: np.random.Generator) -> dict[str, Furniture]:
    """Return the catalog of one house: one model per category, ours or the user's.

    If a category has several models, each of them is equally likely.
    """
    found = {category: [ours] for category, ours in CATALOG.items()}
    for furniture in added:
        found.setdefault(furniture.category, []).append(furniture)
    return {
        category: choices[int(rng.integers(len(choices)))] if len(choices) > 1 else choices[0]
        for category, choices in found.items()
    }


def read_furniture(path: Path) -> Furniture:
    """Return the Furniture of a file. Raises ValueError as `read_user_furniture` does."""
    category = category_of(path)
    mesh, visual = _read(path)
    known = CATALOG.get(category)
    ours = None if known is None else known.build(np.random.default_rng(0))
    extent, scale = float(np.ptp(mesh.vertices, axis=0).max()), 1.0
    if ours is not None:
        bottom, top = ours.bounds()
        scale = _scale(path, extent, float((top - bottom).max()))
    if not MIN_EXTENT_M <= extent * scale <= MAX_EXTENT_M:
        raise ValueError(
            f"own furniture {path}: {extent:g} m large, which has to be between {MIN_EXTENT_M:g} "
            f"and {MAX_EXTENT_M:g} m: scale it, glTF files are in meters"
        )
    low, high = mesh.bounds
    foot = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    solid = Solid(
        (np.asarray(mesh.vertices, float) - foot) * scale,
        np.asarray(mesh.vertex_normals, float),
        np.asarray(mesh.faces, np.int64),
        path.name,
        np.asarray(visual.uv, float),
    )
    supports = _supports(solid) if ours is not None and ours.supports else ()
    small = extent * scale <= MAX_PORTABLE_M
    mount = known.mount if known else ("surface" if small else "floor")
    portable = known.portable if known else small
    return Furniture(category, _Draw(solid, supports), mount, portable, _picture(visual.material))


def category_of(path: Path) -> str:
    """Return the category of a file: its name in lower case, without a number at the end."""
    words = re.sub(r"[\W_]+", " ", path.stem.lower()).strip()
    return re.sub(r" *\d+$", "", words) or words


def _read(path: Path) -> tuple[trimesh.Trimesh, TextureVisuals]:
    """Return all triangles of a file as one mesh, and its texture.

    A file that refers to another one is refused.
    """
    try:
        scene = load_glb(path)
        shapes = [shape for shape in scene.geometry.values() if isinstance(shape, trimesh.Trimesh)]
        count = sum(len(shape.faces) for shape in shapes)
        for shape in shapes:
            _spread_color(getattr(shape.visual, "material", None))
        mesh = scene.to_mesh() if 0 < count <= MAX_TRIANGLES else None
    except Exception as error:
        # A broken file can make the reader raise any exception.
        raise ValueError(f"own furniture {path}: can't be read as GLB ({error!r})") from error
    if mesh is None:
        raise ValueError(
            f"own furniture {path}: {count} triangles; it needs 1 to {MAX_TRIANGLES}: "
            "export it with triangles, decimated"
        )
    if not np.isfinite(mesh.vertices).all():
        raise ValueError(f"own furniture {path}: a vertex is not a finite number: export it again")
    textured = isinstance(mesh.visual, TextureVisuals) and mesh.visual.uv is not None
    return mesh, mesh.visual if textured else mesh.visual.to_texture()


def _spread_color(material: PBRMaterial | None) -> None:
    """Give a material of one color a texture, large enough not to mix with its neighbors'."""
    if material is not None and material.baseColorTexture is None:
        color = tuple(int(channel) for channel in material.main_color[:3])
        material.baseColorTexture = Image.new("RGB", (MIN_TEXTURE_PX, MIN_TEXTURE_PX), color)
        material.baseColorFactor = None


def _scale(path: Path, extent: float, ours: float) -> float:
    """Return the factor that scales a file to our model's size; 1 if its own size is plausible."""
    ratio = max(extent / ours, ours / max(extent, 1e-12))
    if ratio > MAX_RATIO:
        raise ValueError(
            f"own furniture {path}: {extent:g} m large, ours is {ours:.2g} m: scale it, "
            "glTF files are in meters"
        )
    return ours / extent if ratio > MAX_PLAUSIBLE_RATIO else 1.0


def _picture(material: Any) -> NDArray[np.uint8]:
    """Return a material's texture (H, W, 3), at most MAX_TEXTURE_PX pixels wide and high."""
    image = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
    if image is None:
        color = np.asarray(material.main_color, np.uint8)[:3]
        return np.tile(color, (4, 4, 1))
    image = image.convert("RGB")
    image.thumbnail((MAX_TEXTURE_PX, MAX_TEXTURE_PX), Image.Resampling.BOX)
    # The colors of a palette of single pixels would mix when it is seen from afar.
    fold = max(1, MIN_TEXTURE_PX // min(image.size))
    size = (image.width * fold, image.height * fold)
    return np.asarray(image.resize(size, Image.Resampling.NEAREST))


def _supports(solid: Solid) -> tuple[Support, ...]:
    """Return the highest level surface that is large enough to put things on, or none."""
    corners = solid.positions[solid.faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normal, axis=1) / 2
    flat = normal[:, 1] > 1.9 * area
    width, _, depth = np.ptp(solid.positions, axis=0)
    for y in np.unique(corners[flat, 0, 1].round(3))[::-1].tolist():
        level = flat & (np.abs(corners[:, :, 1] - y).max(axis=1) < 0.005)
        if area[level].sum() > 0.3 * width * depth:
            points = corners[level].reshape(-1, 3)[:, [0, 2]]
            low, high = points.min(axis=0), points.max(axis=0)
            rim = SUPPORT_MARGIN * (high - low)
            (x, z), (far_x, far_z) = (low + rim).tolist(), (high - rim).tolist()
            return (Support((x, far_x), (z, far_z), y),)
    return ()
