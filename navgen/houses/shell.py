"""The building itself: floors, ceilings, walls, doors, windows and stairs as painted meshes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from shapely.geometry import Polygon
from shapely.geometry.polygon import orient

from longhaul.navgen.houses.bake import Piece, joined
from longhaul.navgen.houses.house import House, Room
from longhaul.navgen.houses.joinery import joinery
from longhaul.navgen.houses.outline import (
    ceiling_polygon,
    corners,
    floor_polygon,
    inset,
    level,
    room_outline,
)
from longhaul.navgen.houses.paint import swatch_uvs
from longhaul.navgen.houses.solids import Solid, quads
from longhaul.navgen.houses.stairs import stairs_pieces
from longhaul.navgen.houses.surfaces import (
    FACADES,
    FLOOR_METERS,
    Finish,
    Picture,
    finish,
    floor_picture,
    wall_picture,
)
from longhaul.navgen.houses.walls import walls

AXES = {"x": (1.0, 0.0, 0.0), "z": (0.0, 0.0, 1.0)}

CEILING = "ceramic"
BRIGHT, DIM, COVE = 0.85, 0.55, 0.5
"""The light of a ceiling's middle and edge, and the edge's breadth (m)."""

SLIT = 0.01
"""Meters between a ceiling and the slab above it, which would flicker in one plane."""


def build_shell(house: House) -> tuple[list[Piece], dict[str, Picture]]:
    """Return the pieces of a house without its furniture, and the pictures they name.

    Their order is floors, ceilings, walls, door frames and doors, windows, stairs and railings.
    """
    finishes = {
        room.id: finish(room.kind, np.random.default_rng([house.seed, room.id]))
        for room in house.rooms
    }
    rng = np.random.default_rng(house.seed)
    facade = FACADES[int(rng.integers(len(FACADES)))]
    papers: dict[int | None, str] = {None: _paper(facade)}
    papers |= {room: _paper(item.wall) for room, item in finishes.items()}
    pieces = [_floor(house, room, finishes[room.id]) for room in house.rooms]
    pieces += [_ceiling(house, room) for room in house.rooms]
    pieces += walls(house, papers)
    pieces += joinery(house) + stairs_pieces(house)
    pictures = {f"floor {item.floor}": floor_picture(item.floor) for item in finishes.values()}
    for pattern, color in (*(item.wall for item in finishes.values()), facade):
        for axis, normal in AXES.items():
            name = f"{_paper((pattern, color))} {axis}"
            pictures[name] = wall_picture(pattern, color, normal)
    return pieces, pictures


def _paper(wall: tuple[str, str]) -> str:
    return f"wall {wall[0]} {wall[1]}"


def _floor(house: House, room: Room, finish: Finish) -> Piece:
    """Return a slab below a room, its pattern laid from the world's origin."""
    polygon, bottom = floor_polygon(house, room), room.floor - house.floor_thickness + SLIT
    name = f"floor {finish.floor}"
    solids = [level(polygon, room.floor, name, up=True), level(polygon, bottom, name, up=False)]
    solids += [_sides(item, room.floor, bottom, name) for item in _parts(polygon)]
    uvs = [
        (solid.positions[:, [0, 2]] + solid.positions[:, [1]] - room.floor) / FLOOR_METERS
        for solid in solids
    ]
    return Piece("floor", room.id, joined(solids, uvs), name)


def _parts(polygon: Polygon) -> list[Polygon]:
    return list(getattr(polygon, "geoms", [polygon]))


def _sides(polygon: Polygon, top: float, bottom: float, paint: str) -> Solid:
    """Return the upright faces of a slab, those of its holes too."""
    faces, turned = [], orient(polygon, 1.0)
    for ring in (turned.exterior, *turned.interiors):
        for (x, z), (a, b) in pairwise(ring.coords):
            faces.append([(a, bottom, b), (x, bottom, z), (x, top, z), (a, top, b)])
    return quads(faces, paint)


def _ceiling(house: House, room: Room) -> Piece:
    """Return a single layer that is seen from below, darker along the walls.

    Under a stairwell, or in a room too narrow for that, it has one tone.
    """
    outline, polygon = room_outline(room), ceiling_polygon(house, room)
    whole = Polygon(outline)
    shrunk = _parts(whole.buffer(-COVE, join_style="mitre"))
    simple = len(shrunk) == 1 and len(corners(shrunk[0].exterior)) == len(outline)
    if not simple or polygon.area < whole.area - 1e-6:
        solids = [level(polygon, room.ceiling, CEILING, up=False)]
        light = [np.full(len(solids[0].positions), (BRIGHT + DIM) / 2)]
    else:
        inner = inset(outline, COVE)
        middle = level(Polygon(inner), room.ceiling, CEILING, up=False)
        ring = [outline, np.roll(outline, -1, axis=0), np.roll(inner, -1, axis=0), inner]
        rim = np.insert(np.stack(ring, axis=1), 1, room.ceiling, axis=2)
        solids = [middle, quads(rim, CEILING)]
        light = [np.full(len(middle.positions), BRIGHT)]
        light.append(np.tile([DIM, DIM, BRIGHT, BRIGHT], len(outline)))
    uvs = [swatch_uvs(CEILING, tone, np.ones(len(tone))) for tone in light]
    return Piece("ceiling", room.id, joined(solids, uvs))
