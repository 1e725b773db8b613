"""Builds stairs, and the railing round the stairwell above them."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from longhaul.navgen.houses.bake import Piece, bake
from longhaul.navgen.houses.house import House, Stairs
from longhaul.navgen.houses.model import Model
from longhaul.navgen.houses.outline import room_polygon, stairwell

RAIL_HEIGHT_M, POST_THICKNESS_M, BAR_SPACING_M = 0.9, 0.05, 0.22
"""A railing (m): its height, the thickness of its posts, the distance between its bars."""

MIN_WALL_DISTANCE_M = 0.3
"""An edge of the stairwell that is nearer (m) to a wall than this needs no railing."""


def stairs_pieces(house: House) -> list[Piece]:
    """Return each flight of a house, and the railing round its stairwell if it needs one."""
    floors = {room.id: room.floor for room in house.rooms}
    pieces = []
    for stairs in house.stairs:
        lower, upper = stairs.rooms
        pieces.append(Piece("stairs", lower, bake(flight(stairs).solids, floors[lower])))
        rails = railing(house, stairs, floors[upper])
        if rails.solids:
            pieces.append(Piece("railing", upper, bake(rails.solids, floors[upper])))
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
    """Return bars and handrails along the flight and round the stairwell.

    There are none at the flight's head, nor along a wall. `floor` is the height (m) of the upper
    floor.
    """
    model = Model()
    right_foot, right_head, left_head, left_foot = stairwell(stairs).exterior.coords[:4]
    walls = _walls(house, stairs.rooms[1])
    for start, end in (left_head, left_foot), (left_foot, right_foot), (right_foot, right_head):
        if walls.distance(LineString([start, end]).centroid) > MIN_WALL_DISTANCE_M:
            _rail(model, np.asarray(start), np.asarray(end), floor)
    walls, banisters = _walls(house, stairs.rooms[0]), Model()
    for side, edge in ((1, (left_foot, left_head)), (-1, (right_foot, right_head))):
        if walls.distance(LineString(edge).centroid) > MIN_WALL_DISTANCE_M:
            _banister(banisters, stairs, side * (stairs.width / 2 - POST_THICKNESS_M / 2))
    model.add(banisters, stairs.foot, float(np.degrees(stairs.yaw)))
    return model


def _walls(house: House, room: int) -> BaseGeometry:
    """Return the lines of all walls of the story that a room is on."""
    story = next(other.story for other in house.rooms if other.id == room)
    lines = [room_polygon(other).exterior for other in house.rooms if other.story == story]
    return shapely.union_all(lines)


def _banister(model: Model, stairs: Stairs, x: float) -> None:
    """Add a bar on every second step, and a handrail, in the frame of the flight's foot."""
    rise, run = stairs.rise, stairs.run
    treads = [(x, (step + 1) * rise, (step + 0.5) * run) for step in range(stairs.steps)]
    for at in treads[::2]:
        model.box((0.02, RAIL_HEIGHT_M, 0.02), at, "white", bottom="")
    ends = [(x, y + RAIL_HEIGHT_M, z) for x, y, z in (treads[0], treads[-1])]
    model.tube(ends, 0.03, "oak", 6)


def _rail(model: Model, start: np.ndarray, end: np.ndarray, floor: float) -> None:
    """Add bars, a post at both ends, and a handrail from `start` to `end` (x, z)."""
    length = float(np.linalg.norm(end - start))
    yaw = float(np.degrees(np.arctan2(end[0] - start[0], end[1] - start[1])))
    count = max(2, round(length / BAR_SPACING_M) + 1)
    spots = np.linspace(start, end, count)
    for index, (x, z) in enumerate(spots.tolist()):
        thick = POST_THICKNESS_M if index in (0, count - 1) else 0.02
        model.box((thick, RAIL_HEIGHT_M, thick), (x, floor, z), "white", yaw=yaw, bottom="")
    x, z = ((start + end) / 2).tolist()
    model.box(
        (0.06, 0.05, length + POST_THICKNESS_M), (x, floor + RAIL_HEIGHT_M, z), "oak", yaw=yaw
    )
