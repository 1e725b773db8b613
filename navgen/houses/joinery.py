"""Builds what fills the openings of walls: door frames, the front door, windows."""

from __future__ import annotations

from longhaul.navgen.houses.bake import Piece, bake
from longhaul.navgen.houses.house import House, Opening
from longhaul.navgen.houses.model import Model

CASING_M, CASING_OVERLAP_M, CASING_RELIEF_M = 0.07, 0.015, 0.012
"""A door casing (m): its breadth, how far it narrows the hole, how far it juts out of the wall."""

SASH_M = 0.05
"""The breadth (m) of a window's frame."""

POST_WIDTH_M = 1.3
"""A window wider than this (m) gets a post in its middle."""

FRAME_PAINT = "white"
"""The paint of door and window frames."""


def door(house: House, opening: Opening, floor: float) -> list[Piece]:
    """Return the frame of a doorway, and a closed door leaf if the doorway leads outside."""
    frame, half = Model(), opening.width / 2
    deep = house.wall_thickness + 2 * CASING_RELIEF_M
    for side in (-1, 1):
        middle = side * (half - CASING_OVERLAP_M + CASING_M / 2)
        frame.box((CASING_M, opening.height - CASING_OVERLAP_M, deep), (middle, 0, 0), FRAME_PAINT)
    lintel = opening.width + 2 * (CASING_M - CASING_OVERLAP_M)
    frame.box((lintel, CASING_M, deep), (0, opening.height - CASING_OVERLAP_M, 0), FRAME_PAINT)
    pieces = [_placed("door frame", frame, opening, floor)]
    if None in opening.rooms:
        leaf, wide, high = (
            Model(),
            opening.width - 2 * CASING_OVERLAP_M,
            opening.height - CASING_OVERLAP_M,
        )
        leaf.box((wide, high, 0.04), (0, 0, 0), "walnut")
        for y, tall in ((0.15, 0.3), (0.55, 0.3)):
            leaf.box((wide * 0.7, high * tall, 0.055), (0, high * y, 0), "cherry")
        for z in (-0.045, 0.045):
            leaf.box((0.12, 0.02, 0.02), (half - 0.14, 1.0, z), "brass")
        pieces.append(_placed("door", leaf, opening, floor))
    return pieces


def window(house: House, opening: Opening, floor: float) -> list[Piece]:
    """Return a window: frame, posts, a pane painted with the view outside, and a sill board."""
    model, half, high = Model(), opening.width / 2, opening.height
    deep = house.wall_thickness - 0.02
    model.box(
        (opening.width - 0.01, high - 0.01, 0.01),
        (0, 0.005, 0),
        "glass",
        front="window view",
        back="window view",
    )
    for side in (-1, 1):
        model.box(
            (SASH_M, high - 2 * SASH_M, deep), (side * (half - SASH_M / 2), SASH_M, 0), FRAME_PAINT
        )
    for y in (0.0, high - SASH_M):
        model.box((opening.width, SASH_M, deep), (0, y, 0), FRAME_PAINT)
    if opening.width > POST_WIDTH_M:
        model.box((SASH_M, high - 2 * SASH_M, 0.05), (0, SASH_M, 0), FRAME_PAINT)
    model.box((opening.width + 0.1, 0.03, house.wall_thickness + 0.12), (0, -0.015, 0), FRAME_PAINT)
    return [_placed("window", model, opening, floor + opening.sill)]


def _placed(category: str, model: Model, opening: Opening, base: float) -> Piece:
    """Return a model, built with x along the wall and z across it, at its opening."""
    along = opening.along == "x"
    spot = (opening.center, base, opening.const) if along else (opening.const, base, opening.center)
    whole = Model()
    whole.add(model, spot, 0.0 if along else 90.0)
    room = next((room for room in opening.rooms if room is not None), None)
    return Piece(category, room, bake(whole.solids, base - opening.sill))


def joinery(house: House) -> list[Piece]:
    """Return the door frames, doors and windows of a house."""
    floors = {room.story: room.floor for room in house.rooms}
    pieces = [piece for item in house.doors for piece in door(house, item, floors[item.story])]
    return pieces + [
        piece for item in house.windows for piece in window(house, item, floors[item.story])
    ]
