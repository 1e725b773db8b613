"""Stairs and the railing round the well above them."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from navgen.houses.bake import Piece, bake
from navgen.houses.house import House, Stairs
from navgen.houses.model import Model
from navgen.houses.outline import stairwell

RAIL, POST, GAP = 0.9, 0.05, 0.22
"""Metres: the height of a railing, the thickness of its posts, the distance of its bars."""

WALL_NEAR = 0.3
"""Metres: an edge of the well that is nearer to a wall needs no railing."""


def stairs_pieces(house: House) -> list[Piece]:
    """Return each flight, and the railing round its well where there is one."""
    floors = {room.id: room.floor for room in house.rooms}
    pieces = []
    for stairs in house.stairs:
        lower, upper = stairs.rooms
        pieces.append(Piece("stairs", lower, bake(flight(stairs).parts, floors[lower])))
        rails = railing(house, stairs, floors[upper])
        if rails.parts:
            pieces.append(Piece("railing", upper, bake(rails.parts, floors[upper])))
    return pieces


def flight(stairs: Stairs) -> Model:
    """Return a solid flight; its last tread is level with the floor above."""
    steps, whole = Model(), Model()
    for step in range(stairs.steps):
        size = (stairs.width, (step + 1) * stairs.rise, stairs.run)
        at = (0.0, 0.0, (step + 0.5) * stairs.run)
        far = "" if step < stairs.steps - 1 else "white"
        steps.box(size, at, "white", top="oak grain", bottom="", front=far)
    whole.add(steps, stairs.foot, float(np.degrees(stairs.yaw)))
    return whole


def railing(house: House, stairs: Stairs, floor: float) -> Model:
    """Return bars and a handrail along the well's edges but its head and those at a wall."""
    storey = next(room.storey for room in house.rooms if room.id == stairs.rooms[1])
    walls = shapely.union_all(
        [Polygon(room.polygon).exterior for room in house.rooms if room.storey == storey]
    )
    model = Model()
    left_foot, left_head, right_head, right_foot = stairwell(stairs).exterior.coords[:4]
    edges = [(left_head, left_foot), (left_foot, right_foot), (right_foot, right_head)]
    for start, end in edges:
        if walls.distance(LineString([start, end]).centroid) > WALL_NEAR:
            _rail(model, np.asarray(start), np.asarray(end), floor)
    return model


def _rail(model: Model, start: np.ndarray, end: np.ndarray, floor: float) -> None:
    """Add bars, a post at both ends, and a handrail from start to end, (x, z)."""
    length = float(np.linalg.norm(end - start))
    yaw = float(np.degrees(np.arctan2(end[0] - start[0], end[1] - start[1])))
    count = max(2, round(length / GAP) + 1)
    spots = np.linspace(start, end, count)
    for index, (x, z) in enumerate(spots.tolist()):
        thick = POST if index in (0, count - 1) else 0.02
        model.box((thick, RAIL, thick), (x, floor, z), "white", yaw=yaw, bottom="")
    x, z = ((start + end) / 2).tolist()
    model.box((0.06, 0.05, length + POST), (x, floor + RAIL, z), "oak", yaw=yaw)
