"""Builds walls: each room has its half of every wall in its own paper, and outside there is a
facade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from longhaul.navgen.houses.bake import Piece, joined
from longhaul.navgen.houses.house import House, Opening
from longhaul.navgen.houses.outline import inset, room_outline, story_outlines
from longhaul.navgen.houses.solids import Array, quads
from longhaul.navgen.houses.surfaces import WALL_SIZE_PX, WALL_WIDTH_M

Hole = tuple[float, float, float, float]
"""A rectangle (m) in a wall: where it starts and ends along the edge, and in height."""


def walls(house: House, papers: dict[int | None, str]) -> list[Piece]:
    """Return the walls of all rooms, edge by edge, then the facades (room None).

    `papers` names the texture of each room's walls; the texture of a wall is that name and the
    axis that the wall faces: "NAME x" or "NAME z".
    """
    pieces, half = [], house.wall_thickness / 2
    for room in house.rooms:
        holes = _openings(house, room.story, room.floor)
        outline = room_outline(room)
        for edge in _edges(outline, inset(outline, half)):
            pieces.append(_wall(edge, (room.floor, room.ceiling), holes, room.id, papers[room.id]))
    for story in sorted({room.story for room in house.rooms}):
        rooms = [room for room in house.rooms if room.story == story]
        floor, ceiling = rooms[0].floor, max(room.ceiling for room in rooms)
        holes = _openings(house, story, floor)
        for outline in story_outlines(rooms):
            for edge in _edges(outline, inset(outline, half)):
                heights = (floor - house.floor_thickness, ceiling)
                pieces.append(_wall(edge, heights, holes, None, papers[None]))
    return pieces


def _openings(house: House, story: int, floor: float) -> list[tuple[Opening, float]]:
    """Return the doors and windows of a story, each with the height of the story's floor."""
    return [(item, floor) for item in (*house.doors, *house.windows) if item.story == story]


def _edges(outline: Array, inner: Array) -> Iterator[Array]:
    """Yield each edge as (4, 2): its ends on the center line, then its ends on the wall's face."""
    for index in range(len(outline)):
        after = (index + 1) % len(outline)
        yield np.array([outline[index], outline[after], inner[after], inner[index]])


def _wall(
    edge: Array,
    heights: tuple[float, float],
    openings: Sequence[tuple[Opening, float]],
    room: int | None,
    paper: str,
) -> Piece:
    """Return one edge's half of a wall with its holes."""
    start, end = edge[:2]
    length = float(np.linalg.norm(end - start))
    ahead = (end - start) / length
    holes = sorted(hole for item in openings for hole in _hole(item, start, ahead, length))
    bottom, top = heights
    blocks, cursor = [], 0.0
    for low, high, sill, head in holes:
        blocks += [(cursor, low, bottom, top), (low, high, bottom, sill), (low, high, head, top)]
        cursor = high
    blocks.append((cursor, length, bottom, top))
    faces = [
        _block(edge, ahead, length, block)
        for block in blocks
        if block[1] - block[0] > 1e-6 and block[3] - block[2] > 1e-6
    ]
    solid = quads(np.concatenate(faces), paper)
    margin = 0.5 / WALL_SIZE_PX[0]
    along = (solid.positions[:, [0, 2]] - start) @ ahead
    across = (solid.positions[:, [0, 2]] - start) @ [-ahead[1], ahead[0]]
    up = np.clip((solid.positions[:, 1] - bottom) / (top - bottom), margin, 1.0 - margin)
    uvs = np.column_stack([(along + across) / WALL_WIDTH_M, up])
    axis = "z" if abs(ahead[0]) > abs(ahead[1]) else "x"
    return Piece("wall", room, joined([solid], [uvs]), f"{paper} {axis}")


def _hole(item: tuple[Opening, float], start: Array, ahead: Array, length: float) -> Iterator[Hole]:
    """Yield the hole that an opening makes in an edge, if the opening lies in the edge."""
    opening, floor = item
    axis, other = (0, 1) if opening.along == "x" else (1, 0)
    if abs(ahead[other]) > 1e-6 or abs(start[other] - opening.const) > 1e-3:
        return
    middle = (opening.center - start[axis]) * ahead[axis]
    if 0.0 < middle < length:
        sill, half = floor + opening.sill, opening.width / 2
        yield middle - half, middle + half, sill, sill + opening.height


def _block(edge: Array, ahead: Array, length: float, block: Hole) -> Array:
    """Return the six faces (6, 4, 3) of a block of a half wall; its ends at corners are mitred."""
    low, high, bottom, top = block
    start, _, inner_end, inner_start = edge
    across = np.array([-ahead[1], ahead[0]])
    thick = across * ((inner_start - start) @ across)
    foot = np.array(
        [
            start + ahead * low,
            start + ahead * high,
            inner_end if high > length - 1e-6 else start + ahead * high + thick,
            inner_start if low < 1e-6 else start + ahead * low + thick,
        ]
    )
    return prism_faces(foot, bottom, top)


def prism_faces(foot: Array, bottom: float, top: float) -> Array:
    """Return the six faces (6, 4, 3) of an upright prism.

    `foot` (4, 2) are the corners of its base in (x, z), with the inside on the left of each edge.
    """
    low, high = (np.insert(foot, 1, y, axis=1) for y in (bottom, top))
    sides = np.stack([np.roll(low, -1, axis=0), low, high, np.roll(high, -1, axis=0)], axis=1)
    return np.concatenate([sides, [low, high[::-1]]])
