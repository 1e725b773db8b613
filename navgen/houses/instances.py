"""The numbered instances of a house: what a semantic camera tells apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longhaul.navgen.houses.bake import ATLAS, Piece, dress
from longhaul.navgen.houses.check import check_house
from longhaul.navgen.houses.house import House, Placed, Room
from longhaul.navgen.houses.paint import draw_atlas
from longhaul.navgen.houses.shell import build_shell
from longhaul.navgen.houses.solids import rotation

LEVELS = 14
"""Values of a color's channel: far enough apart to differ in sRGB too, 2743 colors in all."""

STRIDE = 1007
"""A step through those colors, without a common factor, that makes neighbors differ."""


@dataclass(frozen=True, eq=False)
class Instance:
    """A piece with its semantic id, from 1; `placed` is what it was if it is furniture."""

    id: int
    piece: Piece
    placed: Placed | None = None

    @property
    def node(self) -> str:
        """Return the name of its node: the id in three digits and the category."""
        return f"{self.id:03d}_{self.piece.category.replace(' ', '_')}"


def instances(house: House) -> tuple[list[Instance], dict[str, NDArray[np.uint8]]]:
    """Return the shell's instances, then the furniture's in the house's order, and all pictures.

    Raises ValueError for a house that can't be built (see `check_house`), and where there are
    more instances than colors to tell them apart.
    """
    check_house(house)
    pieces, pictures = build_shell(house)
    pictures[ATLAS] = draw_atlas(np.random.default_rng(house.seed))
    found = [Instance(index, piece) for index, piece in enumerate(pieces, 1)]
    rooms = {room.id: room for room in house.rooms}
    for index, placed in enumerate(house.objects, len(found) + 1):
        piece = _furniture(placed, rooms[placed.room])
        if placed.furniture.texture is not None:
            pictures[piece.picture] = placed.furniture.texture
        found.append(Instance(index, piece, placed))
    if len(found) >= LEVELS**3:
        raise ValueError(f"house {house.name}: {len(found)} instances; at most {LEVELS**3 - 1}")
    return found, pictures


def _furniture(placed: Placed, room: Room) -> Piece:
    turn = rotation(float(np.degrees(placed.yaw)))
    parts = [part.placed(turn, placed.position) for part in placed.model.parts]
    category = placed.furniture.category
    mesh = dress(placed.furniture, parts, room.floor)
    if placed.furniture.texture is None:
        return Piece(category, room.id, mesh)
    return Piece(category, room.id, mesh, parts[0].paint)


def linear_color(number: int) -> tuple[int, int, int]:
    """Return the color of an instance as linear bytes; every id below LEVELS³ has its own."""
    code = number * STRIDE % LEVELS**3
    digits = code % LEVELS, code // LEVELS % LEVELS, code // LEVELS**2
    red, green, blue = (10 + 18 * digit for digit in digits)
    return red, green, blue


def srgb_hex(linear: Sequence[int]) -> str:
    """Return linear bytes as six hexadecimal digits of sRGB (IEC 61966-2-1)."""
    values = np.asarray(linear) / 255.0
    curve = np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)
    return "".join(f"{int(value):02X}" for value in np.round(255.0 * curve))
