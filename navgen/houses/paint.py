"""The atlas: one texture with every color and pattern that furniture is painted with.

A house has no lamps, since an unlit texture looks the same in every simulator, so the light is
baked. A plain color is a swatch with a gradient: darker to the left, for faces that look away from
the light, and darker to the bottom, for places near the floor. Each vertex has its place in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from longhaul.navgen.houses.patterns import PATTERNS
from longhaul.navgen.houses.solids import Array, Solid

CELL_PX = 64
"""The side (pixels) of a pattern's cell in the atlas."""

GUTTER_PX = 4
"""The breadth (pixels) of a cell's border, which keeps neighbors from mixing when seen small."""

ATLAS_COLUMNS = 8
"""The cells of one row of the atlas."""

SWATCH_PX = 8
"""The side (pixels) of a plain color's swatch; a cell holds several swatches."""

SWATCHES_PER_CELL = (CELL_PX // SWATCH_PX) ** 2
"""How many swatches a cell holds."""

LIGHT_DIRECTION = np.array([0.35, 0.0, 0.94])
"""The level direction (x, y, z) of the light in a model's or a house's frame."""

SHADE_RANGE = (0.52, 1.0)
"""The factors by which a color is multiplied on a face without light and on a fully lit face."""

FLOOR_LIGHT, OPEN_HEIGHT_M = 0.72, 0.6
"""The factor by which a color is multiplied at the floor, and the height (m) from which it is 1."""

PAINT_COLORS = {
    "oak": (186, 144, 98), "walnut": (112, 76, 50), "pine": (218, 182, 130),
    "cherry": (146, 84, 54), "ebony": (58, 50, 46), "white": (240, 239, 234),
    "steel": (178, 182, 186), "gunmetal": (86, 90, 96), "brass": (196, 158, 84),
    "chrome": (212, 216, 222), "black": (40, 40, 43), "rubber": (50, 50, 52),
    "red": (190, 52, 46), "blue": (52, 92, 160), "green": (72, 134, 84),
    "yellow": (228, 188, 66), "orange": (222, 126, 52), "pink": (226, 148, 160),
    "purple": (126, 88, 150), "teal": (56, 134, 136), "cream": (236, 224, 198),
    "beige": (204, 186, 158), "grey": (150, 152, 154), "charcoal": (82, 84, 90),
    "navy": (48, 60, 92), "sage": (144, 160, 130), "rust": (172, 92, 62),
    "mustard": (204, 160, 68), "burgundy": (120, 46, 58), "sky": (146, 182, 208),
    "lilac": (178, 164, 200), "ceramic": (246, 246, 243), "porcelain": (230, 234, 236),
    "glass": (190, 216, 224), "mirror": (204, 222, 230), "water": (120, 184, 208),
    "leaf": (86, 140, 72), "dark leaf": (56, 104, 62), "light leaf": (134, 172, 88),
    "terracotta": (190, 108, 74), "soil": (78, 58, 46), "wicker": (190, 152, 102),
    "cardboard": (188, 150, 104), "paper": (246, 242, 230), "bear": (164, 114, 70),
    "bread": (206, 150, 86), "flame": (255, 176, 66), "glow": (255, 240, 200),
    "brick": (164, 92, 72), "granite": (112, 112, 116), "marble": (228, 226, 222),
    "skin": (224, 178, 148), "banana": (236, 206, 82), "wine": (60, 78, 52),
}  # fmt: skip


def draw_atlas(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the atlas (H, W, 3); paintings, rugs and books in it are drawn from `rng`."""
    cells = [_padded(paint(rng, CELL_PX - 2 * GUTTER_PX)) for paint in PATTERNS.values()]
    swatches = [_swatch(color) for color in PAINT_COLORS.values()]
    blank = np.zeros((SWATCH_PX, SWATCH_PX, 3), np.uint8)
    side = CELL_PX // SWATCH_PX
    for start in range(0, len(swatches), SWATCHES_PER_CELL):
        group = swatches[start : start + SWATCHES_PER_CELL]
        group += [blank] * (SWATCHES_PER_CELL - len(group))
        rows = [np.hstack(group[i : i + side]) for i in range(0, SWATCHES_PER_CELL, side)]
        cells.append(np.vstack(rows))
    cells += [np.zeros((CELL_PX, CELL_PX, 3), np.uint8)] * (-len(cells) % ATLAS_COLUMNS)
    return np.vstack(
        [np.hstack(cells[i : i + ATLAS_COLUMNS]) for i in range(0, len(cells), ATLAS_COLUMNS)]
    )


def atlas_uvs(solid: Solid, base: float = 0.0) -> Array:
    """Return the atlas coordinates (V, 2) of a placed solid's vertices, with v upwards.

    `base` is the height (m, same frame) of the floor. Raises ValueError for an unknown paint.
    """
    if solid.paint in PATTERNS:
        cell = list(PATTERNS).index(solid.paint)
        corner = (
            np.array([cell % ATLAS_COLUMNS, cell // ATLAS_COLUMNS], float) * CELL_PX + GUTTER_PX
        )
        uvs = np.zeros((len(solid.positions), 2)) if solid.uvs is None else solid.uvs
        pixels = corner + (CELL_PX - 2 * GUTTER_PX) * np.column_stack([uvs[:, 0], 1.0 - uvs[:, 1]])
    elif solid.paint in PAINT_COLORS:
        open_air = np.clip((solid.positions[:, 1] - base) / OPEN_HEIGHT_M, 0.0, 1.0)
        return swatch_uvs(solid.paint, brightness(solid.normals), open_air)
    else:
        raise ValueError(f"paint {solid.paint!r}: neither a color nor a pattern of navgen.houses")
    return _fractions(pixels)


def swatch_uvs(color: str, light: Array, open_air: Array) -> Array:
    """Return the atlas coordinates (V, 2) of a color.

    `light` and `open_air` (how far a vertex is from the floor) are (V,), from 0 (dark) to 1.
    """
    index = list(PAINT_COLORS).index(color)
    cell, place, side = (
        len(PATTERNS) + index // SWATCHES_PER_CELL,
        index % SWATCHES_PER_CELL,
        CELL_PX // SWATCH_PX,
    )
    corner = np.array([cell % ATLAS_COLUMNS, cell // ATLAS_COLUMNS], float) * CELL_PX
    corner += np.array([place % side, place // side]) * SWATCH_PX
    return _fractions(corner + 0.5 + (SWATCH_PX - 1) * np.column_stack([light, 1.0 - open_air]))


def _fractions(pixels: Array) -> Array:
    """Return pixels (V, 2), counted from the upper left corner, as uvs with v upwards."""
    rows = -(-(len(PATTERNS) + -(-len(PAINT_COLORS) // SWATCHES_PER_CELL)) // ATLAS_COLUMNS)
    fractions = pixels / [ATLAS_COLUMNS * CELL_PX, rows * CELL_PX]
    return np.column_stack([fractions[:, 0], 1.0 - fractions[:, 1]])


def brightness(normals: Array) -> Array:
    """Return how much light, 0 to 1, reaches faces by their normals (..., 3)."""
    up, side = (
        normals[..., 1],
        np.abs(normals @ LIGHT_DIRECTION) + 0.12 * (normals @ LIGHT_DIRECTION),
    )
    light: Array = 0.5 + 0.38 * up + 0.2 * side
    return np.clip(light, 0.0, 1.0)


def tinted(color: tuple[float, float, float], light: Array) -> NDArray[np.uint8]:
    """Return a color (0-255) under light (...,) as (..., 3) uint8, a little bluer in the dark."""
    cool = np.array([1.0, 1.0, 1.06])
    shade = np.asarray(light)[..., None]
    mixed = np.asarray(color, float) * shade * (cool * (1.0 - shade) + shade)
    return np.clip(np.round(mixed), 0, 255).astype(np.uint8)


def _swatch(color: tuple[int, int, int]) -> NDArray[np.uint8]:
    steps = np.linspace(0.0, 1.0, SWATCH_PX)
    across = SHADE_RANGE[0] + (SHADE_RANGE[1] - SHADE_RANGE[0]) * steps
    down = FLOOR_LIGHT + (1.0 - FLOOR_LIGHT) * steps[::-1]
    return tinted(color, np.outer(down, across))


def _padded(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.pad(picture, ((GUTTER_PX, GUTTER_PX), (GUTTER_PX, GUTTER_PX), (0, 0)), mode="edge")
