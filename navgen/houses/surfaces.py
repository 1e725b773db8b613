"""Draws the textures of floors and walls: small pictures that repeat, with baked light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longhaul.navgen.houses.paint import PAINT_COLORS, brightness
from longhaul.navgen.houses.solids import Array

Picture = NDArray[np.uint8]
Grid = NDArray[np.int64]

FLOOR_SIDE_PX, FLOOR_SIDE_M = 128, 1.28
"""The side of a floor's square texture, in pixels and in meters."""

WALL_SIZE_PX, WALL_WIDTH_M = (128, 32), 0.64
"""A wall's texture: (height, width) in pixels, and its width in meters. It spans the height of the
room and repeats along the wall."""

SKIRTING_PX = 4
"""The height (pixels) of a skirting board."""

FLOOR_SHADOW_SHARE, CEILING_SHADOW_SHARE = 0.3, 0.06
"""Up to which share of a wall's height it is darker, from the floor and from the ceiling."""

MIN_WALL_LIGHT = 0.5
"""The light (0 to 1) on a wall without light. Walls that meet in a corner must differ in light."""

FACADES = (("brick", "brick"), ("brick", "beige"), ("plain", "cream"))
"""The patterns and colors of the walls' outsides."""


@dataclass(frozen=True)
class Finish:
    """The floor of a room (one of FLOOR_PAINTERS), and its walls: a pattern (one of WALL_PAINTERS)
    and a color of `paint.PAINT_COLORS`."""

    floor: str
    wall: tuple[str, str]


FLOORS_BY_ROOM = {
    "bathroom": ("pale tiles", "slate tiles"),
    "laundry room": ("pale tiles", "slate tiles"),
    "kitchen": ("check", "pale tiles", "oak planks"),
    "bedroom": ("grey carpet", "beige carpet", "blue carpet", "oak planks"),
    "kids room": ("blue carpet", "beige carpet", "oak planks"),
    "office": ("walnut planks", "grey carpet"),
    "gym": ("grey carpet", "slate tiles"),
}
"""The floors by kind of room."""

DEFAULT_FLOORS = ("oak planks", "walnut planks")
"""The floors of all other kinds of rooms."""

WALLS_BY_ROOM = {
    "bathroom": (("tiled", "white"), ("tiled", "sky"), ("tiled", "sage")),
    "laundry room": (("tiled", "white"), ("plain", "cream")),
    "kitchen": (("tiled", "cream"), ("tiled", "mustard"), ("tiled", "sage")),
    "bedroom": (
        ("striped", "sky"), ("striped", "lilac"), ("striped", "cream"), ("plain", "sage"),
        ("striped", "pink"),
    ),
    "kids room": (("striped", "yellow"), ("striped", "teal"), ("striped", "orange")),
    "office": (("plain", "sage"), ("plain", "sky"), ("plain", "cream")),
}  # fmt: skip
"""The patterns and colors of walls by kind of room."""

DEFAULT_WALLS = (("plain", "cream"), ("plain", "beige"), ("plain", "white"), ("panelled", "sage"))
"""The walls of all other kinds of rooms."""


def finish(kind: str, rng: np.random.Generator) -> Finish:
    """Draw the floor and the walls of a room of a kind (any word)."""
    floors, walls = FLOORS_BY_ROOM.get(kind, DEFAULT_FLOORS), WALLS_BY_ROOM.get(kind, DEFAULT_WALLS)
    return Finish(
        floors[int(rng.integers(len(floors)))],
        walls[int(rng.integers(len(walls)))],
    )


def wall_picture(pattern: str, color: str, normal: tuple[float, float, float]) -> Picture:
    """Return the texture (H, W, 3) of a wall that faces `normal`, with row 0 at the ceiling.

    Raises KeyError for a pattern or a color that is not in WALL_PAINTERS or `paint.PAINT_COLORS`.
    """
    height, width = WALL_SIZE_PX
    rows, x = np.mgrid[0:height, 0:width]
    y = height - 1 - rows
    up = (y + 0.5) / height
    base = WALL_PAINTERS[pattern](x, y, np.asarray(PAINT_COLORS[color], float))
    light = MIN_WALL_LIGHT + (1.0 - MIN_WALL_LIGHT) * brightness(np.array(normal)) / 0.75
    near_floor = 0.8 + 0.2 * np.clip(up / FLOOR_SHADOW_SHARE, 0.0, 1.0)
    near_ceiling = 0.93 + 0.07 * np.clip((1.0 - up) / CEILING_SHADOW_SHARE, 0.0, 1.0)
    return _bytes(base * (light * near_floor * near_ceiling)[..., None])


def _plain(x: Grid, y: Grid, color: Array) -> Array:
    """Return a painted wall with a skirting board."""
    return _skirting(y, np.tile(_pastel(color), (*x.shape, 1)))


def _striped(x: Grid, y: Grid, color: Array) -> Array:
    stripe = np.where(x // 8 % 2 == 0, 1.0, 0.94)[..., None]
    return _skirting(y, _pastel(color) * stripe)


def _panelled(x: Grid, y: Grid, color: Array) -> Array:
    """Return a wall whose lower third is panelled in white."""
    groove = np.where((x % 16 == 0) | (y == 40), 0.86, 1.0)[..., None]
    panels = np.array([238.0, 236.0, 230.0]) * groove
    return _skirting(y, np.where((y < 44)[..., None], panels, _pastel(color)))


def _tiled(x: Grid, y: Grid, color: Array) -> Array:
    """Return a wall that is tiled to breast height."""
    joint = ((x % 8 == 0) | (y % 8 == 0))[..., None]
    border = ((y >= 56) & (y < 64))[..., None]
    tiles = np.where(joint, 198.0, np.where(border, _pastel(color) * 0.82, 242.0))
    return np.where((y < 65)[..., None], tiles, _pastel(color))


def _bricks(x: Grid, y: Grid, color: Array) -> Array:
    joint = (y % 4 == 0) | ((x + 4 * (y // 4 % 2)) % 8 == 0)
    tone = 1.0 + 0.06 * np.sin(12.9 * (y // 4) + 78.2 * ((x + 4 * (y // 4 % 2)) // 8))
    return np.where(joint[..., None], [200.0, 192.0, 182.0], color * tone[..., None])


def _skirting(y: Grid, wall: Array) -> Array:
    board = np.where(y == SKIRTING_PX, 190.0, 240.0)[..., None]
    return np.where((y <= SKIRTING_PX)[..., None], board, wall)


def _pastel(color: Array) -> Array:
    """Return a color (0-255) in the lighter tone that walls have."""
    return color * 0.5 + 120.0


WALL_PAINTERS: dict[str, Callable[[Grid, Grid, Array], Array]] = {
    "plain": _plain, "striped": _striped, "panelled": _panelled, "tiled": _tiled,
    "brick": _bricks,
}  # fmt: skip


def floor_picture(name: str) -> Picture:
    """Return the texture (H, W, 3) of a floor, which repeats without a seam.

    Raises KeyError for a name that is not in FLOOR_PAINTERS.
    """
    y, x = np.mgrid[0:FLOOR_SIDE_PX, 0:FLOOR_SIDE_PX]
    painter, first, second = FLOOR_PAINTERS[name]
    return _bytes(
        painter(
            x, y, np.asarray(PAINT_COLORS[first], float), np.asarray(PAINT_COLORS[second], float)
        )
    )


def _planks(x: Grid, y: Grid, first: Array, second: Array) -> Array:
    """Return boards 16 cm wide and 64 cm long, with a little grain."""
    row = y // 16
    shifted = (x + row * 40) % FLOOR_SIDE_PX
    board = row * 2 + shifted // 64
    joint = (y % 16 == 0) | (shifted % 64 == 0)
    rng = np.random.default_rng(0)
    tone = 1.0 + 0.05 * rng.normal(size=16)[board]
    grain = np.repeat(0.02 * rng.normal(size=(FLOOR_SIDE_PX, FLOOR_SIDE_PX // 16)), 16, axis=1)
    return np.where(joint[..., None], second, first * (tone + grain)[..., None])


def _square_tiles(x: Grid, y: Grid, first: Array, second: Array) -> Array:
    """Return tiles of 32 cm with joints."""
    joint = (x % 32 == 0) | (y % 32 == 0)
    tone = 1.0 + 0.025 * np.sin(2.7 * (x // 32) + 4.1 * (y // 32))
    return np.where(joint[..., None], second, first * tone[..., None])


def _check(x: Grid, y: Grid, first: Array, second: Array) -> Array:
    """Return a checkerboard of tiles of 32 cm in two colors."""
    return np.where(((x // 32 + y // 32) % 2 == 0)[..., None], first, second)


def _carpet(x: Grid, y: Grid, first: Array, second: Array) -> Array:
    tufts = np.random.default_rng(1).random(x.shape)[..., None]
    return first + (second - first) * 0.5 * tufts


FLOOR_PAINTERS: dict[str, tuple[Callable[[Grid, Grid, Array, Array], Array], str, str]] = {
    "oak planks": (_planks, "oak", "walnut"),
    "walnut planks": (_planks, "cherry", "ebony"),
    "pale tiles": (_square_tiles, "cream", "grey"),
    "slate tiles": (_square_tiles, "grey", "charcoal"),
    "check": (_check, "cream", "sage"),
    "grey carpet": (_carpet, "grey", "charcoal"),
    "beige carpet": (_carpet, "beige", "bear"),
    "blue carpet": (_carpet, "sky", "navy"),
}
"""By the floor's name: the function that paints it, and its two colors of `paint.PAINT_COLORS`."""


def _bytes(values: Array) -> Picture:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
