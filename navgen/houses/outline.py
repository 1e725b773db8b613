"""The plane geometry of a house's shell: outlines of rooms and stories, stairwells, triangles.

Polygons are in (x, z), in meters. The room lies on the left of each edge of its outline.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from shapely.geometry import LinearRing, MultiPolygon, Polygon
from shapely.geometry.polygon import orient

from longhaul.navgen.houses.house import House, Room, Stairs
from longhaul.navgen.houses.solids import Array, Solid

WELD_M = 1e-4
"""Rooms whose outlines are at most this far apart (m) share a wall."""


def room_polygon(room: Room) -> Polygon:
    """Return a room's outline as a polygon.

    Raises ValueError for an outline that crosses itself or has no area.
    """
    polygon = Polygon(room.polygon)
    if not polygon.is_valid or polygon.area < WELD_M:
        raise ValueError(f"room {room.id} ({room.kind}): its polygon crosses itself or has no area")
    return polygon


def room_outline(room: Room) -> Array:
    """Return the corners (N, 2) of a room's outline; the room is on the left of each edge."""
    return corners(orient(room_polygon(room), 1.0).exterior)


def story_outlines(rooms: Iterable[Room]) -> list[Array]:
    """Return the corners (N, 2) of every outline of a story; the outside is on the left."""
    welded = [room_polygon(room).buffer(WELD_M, join_style="mitre") for room in rooms]
    whole = shapely.union_all(welded).buffer(-WELD_M, join_style="mitre")
    polygons = whole.geoms if isinstance(whole, MultiPolygon) else [whole]
    turned = [orient(polygon, -1.0) for polygon in polygons]
    return [corners(ring) for item in turned for ring in (item.exterior, *item.interiors)]


def corners(ring: LinearRing) -> Array:
    """Return a ring's corners (N, 2), without points at which it does not turn."""
    points = np.asarray(ring.coords)[:-1].round(6)
    before, after = points - np.roll(points, 1, axis=0), np.roll(points, -1, axis=0) - points
    turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    return points[np.abs(turn) > 1e-6 * lengths]


def inset(outline: Array, distance: float) -> Array:
    """Return an outline's corners (N, 2), moved to the left of its edges by a distance (m)."""
    ahead = np.roll(outline, -1, axis=0) - outline
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    left = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    before = np.roll(left, 1, axis=0)
    stretch = 1.0 + (left * before).sum(axis=1, keepdims=True)
    return outline + distance * (left + before) / stretch


def stairwell(stairs: Stairs) -> Polygon:
    """Return the hole that a flight needs in the ceiling above it: its whole footprint.

    The corners are, as seen by a person who climbs: right at the foot, right at the head, left at
    the head, left at the foot.
    """
    ahead = np.array([np.sin(stairs.yaw), np.cos(stairs.yaw)])
    aside = np.array([ahead[1], -ahead[0]]) * stairs.width / 2
    foot = np.array([stairs.foot[0], stairs.foot[2]])
    head = foot + ahead * stairs.run * stairs.steps
    return Polygon([foot - aside, head - aside, head + aside, foot + aside])


def floor_polygon(house: House, room: Room) -> Polygon:
    """Return a room's floor, to the walls' center lines, without the stairwells that end there."""
    return _without_wells(house, room, 1)


def ceiling_polygon(house: House, room: Room) -> Polygon:
    """Return a room's ceiling, to the walls' center lines, without stairwells that begin there."""
    return _without_wells(house, room, 0)


def _without_wells(house: House, room: Room, end: int) -> Polygon:
    """Return a room without the wells of the stairs whose lower (0) or upper (1) end is on its
    story."""
    stories = {other.id: other.story for other in house.rooms}
    wells = [stairwell(s) for s in house.stairs if stories[s.rooms[end]] == room.story]
    return room_polygon(room).difference(shapely.union_all(wells))


def level(polygon: Polygon, y: float, paint: str, up: bool) -> Solid:
    """Return a polygon as triangles at the height `y`, visible from above or from below."""
    triangles = shapely.constrained_delaunay_triangles(polygon).geoms
    flat = np.array([orient(item, -1.0).exterior.coords[:3] for item in triangles])
    points, index = np.unique(flat.reshape(-1, 2).round(6), axis=0, return_inverse=True)
    faces = index.reshape(-1, 3)
    positions = np.column_stack([points[:, 0], np.full(len(points), y), points[:, 1]])
    normals = np.tile([0.0, 1.0 if up else -1.0, 0.0], (len(points), 1))
    return Solid(positions, normals, faces if up else faces[:, ::-1], paint)
