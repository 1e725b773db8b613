"""The numbered instances of a house, which a semantic camera distinguishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longhaul.navgen.houses.bake import ATLAS_PICTURE, Piece, dress
from longhaul.navgen.houses.check import check_house
from longhaul.navgen.houses.house import House, Placed, Room
from longhaul.navgen.houses.paint import draw_atlas
from longhaul.navgen.houses.shell import build_shell
from longhaul.navgen.houses.solids import rotation

CHANNEL_LEVELS = 14
"""How many values a color channel takes, far enough apart to differ in sRGB too: 14³ - 1 colors."""

COLOR_STRIDE = 1007
"""The step from one instance's color to the next one's. It has no common factor with 14³, so every
color is used once, and it is large, so that neighboring ids get very different colors."""


@dataclass(frozen=True, eq=False)
class Instance:
    """A piece and its semantic id, counted from 1; `placed` is set if it is furniture."""

    id: int
    piece: Piece
    placed: Placed | None = None

    @property
    def node(self) -> str:
        """Return the name of the instance's glTF node: three digits of the id and the category."""
        return f"{self.id:03d}_{self.piece.category.replace(' ', '_')}"


def instances(house: House) -> tuple[list[Instance], dict[str, NDArray[np.uint8]]]:
    """Return the instances (first the shell's, then the objects in the house's order) and all
    textures by name.

    Raises ValueError for a house that can't be built (see `check_house`), and for one with more
    instances than there are colors.
    """
    check_house(house)
    pieces, pictures = build_shell(house)
    pictures[ATLAS_PICTURE] = draw_atlas(np.random.default_rng(house.seed))
    found = [Instance(index, piece) for index, piece in enumerate(pieces, 1)]
    rooms = {room.id: room for room in house.rooms}
    for index, placed in enumerate(house.objects, len(found) + 1):
        piece = _furniture(placed, rooms[placed.room])
        if placed.furniture.texture is not None:
            pictures[piece.picture] = placed.furniture.texture
        found.append(Instance(index, piece, placed))
    if len(found) >= CHANNEL_LEVELS**3:
        raise ValueError(
            f"house {house.name}: {len(found)} instances; at most {CHANNEL_LEVELS**3 - 1}"
        )
    return found, pictures


def _furniture(placed: Placed, room: Room) -> Piece:
    turn = rotation(float(np.degrees(placed.yaw)))
    solids = [solid.placed(turn, placed.position) for solid in placed.model.solids]
    category = placed.furniture.category
    mesh = dress(placed.furniture, solids, room.floor)
    if placed.furniture.texture is None:
        return Piece(category, room.id, mesh)
    return Piece(category, room.id, mesh, solids[0].paint)


def linear_color(number: int) -> tuple[int, int, int]:
    """Return the color of an instance as linear bytes; ids below LEVELS³ differ in color."""
    code = number * COLOR_STRIDE % CHANNEL_LEVELS**3
    digits = (
        code % CHANNEL_LEVELS,
        code // CHANNEL_LEVELS % CHANNEL_LEVELS,
        code // CHANNEL_LEVELS**2,
    )
    red, green, blue = (10 + 18 * digit for digit in digits)
    return red, green, blue


def srgb_hex(linear: Sequence[int]) -> str:
    """Return linear bytes as six hexadecimal digits of sRGB (IEC 61966-2-1)."""
    values = np.asarray(linear) / 255.0
    curve = np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)
    return "".join(f"{int(value):02X}" for value in np.round(255.0 * curve))
