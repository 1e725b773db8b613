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
    FLOOR_SIDE_M,
    Finish,
    Picture,
    finish,
    floor_picture,
    wall_picture,
)
from longhaul.navgen.houses.walls import walls

AXES = {"x": (1.0, 0.0, 0.0), "z": (0.0, 0.0, 1.0)}

CEILING_PAINT = "ceramic"
"""The paint of ceilings."""

CEILING_MIDDLE_LIGHT, CEILING_EDGE_LIGHT, CEILING_EDGE_M = 0.85, 0.55, 0.5
"""The light (0 to 1) in a ceiling's middle and at its edge, and the edge's breadth (m)."""

SLAB_GAP_M = 0.01
"""The gap (m) between a ceiling and the slab above it; in one plane the two would flicker."""


def build_shell(house: House) -> tuple[list[Piece], dict[str, Picture]]:
    """Return the pieces of a house without its furniture, and their textures by name.

    The pieces' order is floors, ceilings, walls, door frames and doors, windows, stairs and
    railings.
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
    """Return the slab below a room; its pattern starts at the house's origin."""
    polygon, bottom = floor_polygon(house, room), room.floor - house.floor_thickness + SLAB_GAP_M
    name = f"floor {finish.floor}"
    solids = [level(polygon, room.floor, name, up=True), level(polygon, bottom, name, up=False)]
    solids += [_sides(item, room.floor, bottom, name) for item in _polygons(polygon)]
    uvs = [
        (solid.positions[:, [0, 2]] + solid.positions[:, [1]] - room.floor) / FLOOR_SIDE_M
        for solid in solids
    ]
    return Piece("floor", room.id, joined(solids, uvs), name)


def _polygons(polygon: Polygon) -> list[Polygon]:
    return list(getattr(polygon, "geoms", [polygon]))


def _sides(polygon: Polygon, top: float, bottom: float, paint: str) -> Solid:
    """Return the upright faces of a slab, with those of its holes."""
    faces, turned = [], orient(polygon, 1.0)
    for ring in (turned.exterior, *turned.interiors):
        for (x, z), (a, b) in pairwise(ring.coords):
            faces.append([(a, bottom, b), (x, bottom, z), (x, top, z), (a, top, b)])
    return quads(faces, paint)


def _ceiling(house: House, room: Room) -> Piece:
    """Return the ceiling of a room: one layer, visible from below, darker along the walls.

    Under a stairwell, and in a room that is too narrow for dark edges, it has one tone.
    """
    outline, polygon = room_outline(room), ceiling_polygon(house, room)
    whole = Polygon(outline)
    shrunk = _polygons(whole.buffer(-CEILING_EDGE_M, join_style="mitre"))
    simple = len(shrunk) == 1 and len(corners(shrunk[0].exterior)) == len(outline)
    if not simple or polygon.area < whole.area - 1e-6:
        solids = [level(polygon, room.ceiling, CEILING_PAINT, up=False)]
        light = [np.full(len(solids[0].positions), (CEILING_MIDDLE_LIGHT + CEILING_EDGE_LIGHT) / 2)]
    else:
        inner = inset(outline, CEILING_EDGE_M)
        middle = level(Polygon(inner), room.ceiling, CEILING_PAINT, up=False)
        ring = [outline, np.roll(outline, -1, axis=0), np.roll(inner, -1, axis=0), inner]
        rim = np.insert(np.stack(ring, axis=1), 1, room.ceiling, axis=2)
        solids = [middle, quads(rim, CEILING_PAINT)]
        light = [np.full(len(middle.positions), CEILING_MIDDLE_LIGHT)]
        light.append(
            np.tile(
                [
                    CEILING_EDGE_LIGHT,
                    CEILING_EDGE_LIGHT,
                    CEILING_MIDDLE_LIGHT,
                    CEILING_MIDDLE_LIGHT,
                ],
                len(outline),
            )
        )
    uvs = [swatch_uvs(CEILING_PAINT, tone, np.ones(len(tone))) for tone in light]
    return Piece("ceiling", room.id, joined(solids, uvs))
