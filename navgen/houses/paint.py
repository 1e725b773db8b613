"""One picture with every color and pattern that furniture is painted with.

Nothing lights a house (an unlit picture is the same in every simulator), so light is baked: a
plain color is a small gradient, darker to the left for faces that look away from the light and
darker to the bottom for what is near the floor, and each vertex points at its place in there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from longhaul.navgen.houses.patterns import PATTERNS
from longhaul.navgen.houses.solids import Array, Solid

CELL = 64
GUTTER = 4
"""Pixels of a pattern's cell, and of its border that keeps neighbors out when seen small."""

COLUMNS = 8
SWATCH = 8
PER_CELL = (CELL // SWATCH) ** 2

SUN = np.array([0.35, 0.0, 0.94])
SHADE = (0.52, 1.0)
NEAR_FLOOR, OPEN_HEIGHT = 0.72, 0.6
"""How dark a color gets on what looks down, and on the floor; the height (m) it fades at."""

COLORS = {
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
    """Return the picture (H, W, 3): pictures on walls, rugs and books differ by `rng`."""
    cells = [_padded(paint(rng, CELL - 2 * GUTTER)) for paint in PATTERNS.values()]
    swatches = [_swatch(color) for color in COLORS.values()]
    blank = np.zeros((SWATCH, SWATCH, 3), np.uint8)
    side = CELL // SWATCH
    for start in range(0, len(swatches), PER_CELL):
        group = swatches[start : start + PER_CELL]
        group += [blank] * (PER_CELL - len(group))
        rows = [np.hstack(group[i : i + side]) for i in range(0, PER_CELL, side)]
        cells.append(np.vstack(rows))
    cells += [np.zeros((CELL, CELL, 3), np.uint8)] * (-len(cells) % COLUMNS)
    return np.vstack([np.hstack(cells[i : i + COLUMNS]) for i in range(0, len(cells), COLUMNS)])


def atlas_uvs(part: Solid, base: float = 0.0) -> Array:
    """Return where in the atlas each vertex (V, 2) of a placed solid finds its paint, v upwards.

    `base` is the height (m, same frame) from which things count as near the floor. Raises
    ValueError for a paint that does not exist.
    """
    if part.paint in PATTERNS:
        cell = list(PATTERNS).index(part.paint)
        corner = np.array([cell % COLUMNS, cell // COLUMNS], float) * CELL + GUTTER
        uvs = np.zeros((len(part.positions), 2)) if part.uvs is None else part.uvs
        pixels = corner + (CELL - 2 * GUTTER) * np.column_stack([uvs[:, 0], 1.0 - uvs[:, 1]])
    elif part.paint in COLORS:
        open_air = np.clip((part.positions[:, 1] - base) / OPEN_HEIGHT, 0.0, 1.0)
        return swatch_uvs(part.paint, brightness(part.normals), open_air)
    else:
        raise ValueError(f"paint {part.paint!r}: neither a color nor a pattern of navgen.houses")
    return _fractions(pixels)


def swatch_uvs(color: str, light: Array, open_air: Array) -> Array:
    """Return where in the atlas a color is found by its light and by how open its place is.

    Both are (V,) from 0, dark, to 1.
    """
    index = list(COLORS).index(color)
    cell, place, side = len(PATTERNS) + index // PER_CELL, index % PER_CELL, CELL // SWATCH
    corner = np.array([cell % COLUMNS, cell // COLUMNS], float) * CELL
    corner += np.array([place % side, place // side]) * SWATCH
    return _fractions(corner + 0.5 + (SWATCH - 1) * np.column_stack([light, 1.0 - open_air]))


def _fractions(pixels: Array) -> Array:
    """Return pixels (V, 2), counted from the upper left corner, as fractions with v upwards."""
    rows = -(-(len(PATTERNS) + -(-len(COLORS) // PER_CELL)) // COLUMNS)
    fractions = pixels / [COLUMNS * CELL, rows * CELL]
    return np.column_stack([fractions[:, 0], 1.0 - fractions[:, 1]])


def brightness(normals: Array) -> Array:
    """Return how much light, 0 to 1, reaches faces by their normals (..., 3)."""
    up, side = normals[..., 1], np.abs(normals @ SUN) + 0.12 * (normals @ SUN)
    light: Array = 0.5 + 0.38 * up + 0.2 * side
    return np.clip(light, 0.0, 1.0)


def tinted(color: tuple[float, float, float], light: Array) -> NDArray[np.uint8]:
    """Return a color (0-255) under light (...,), a little cooler where it is dark."""
    cool = np.array([1.0, 1.0, 1.06])
    shade = np.asarray(light)[..., None]
    mixed = np.asarray(color, float) * shade * (cool * (1.0 - shade) + shade)
    return np.clip(np.round(mixed), 0, 255).astype(np.uint8)


def _swatch(color: tuple[int, int, int]) -> NDArray[np.uint8]:
    steps = np.linspace(0.0, 1.0, SWATCH)
    across = SHADE[0] + (SHADE[1] - SHADE[0]) * steps
    down = NEAR_FLOOR + (1.0 - NEAR_FLOOR) * steps[::-1]
    return tinted(color, np.outer(down, across))


def _padded(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.pad(picture, ((GUTTER, GUTTER), (GUTTER, GUTTER), (0, 0)), mode="edge")
