"""A simulator for tests: rooms as rectangles on one floor, doors between them, boxes as things.

Geodesics are exact, by the graph of what corners see of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import LineString, Point, box
from shapely.ops import nearest_points

from longhaul.envs.lhvln.simulator import (
    VIEW_YAWS,
    Cameras,
    Motion,
    Object,
    Picture,
    Pose,
    Room,
    moved,
)

Array = NDArray[np.float64]

RADIUS = 0.2
REACH = 2.0
"""How far from the surface a point may be to be snapped (m)."""

GRAIN = 1e-6

ROOMS = {
    1: ("kitchen", (0, 0, 4, 4)),
    2: ("bedroom", (4, 0, 8, 4)),
    3: ("bathroom", (0, 4, 4, 7)),
    4: ("bedroom", (10, 0, 12, 4)),
}
"""Name and rectangle (x, z, x, z) in m. No door leads to the last one."""

DOORS = ((3.7, 1.4, 4.3, 2.6), (1.4, 3.7, 2.6, 4.3))
BOXES = (
    # id, category, room, center, size, portable
    (1, "floor", 1, (2, 0, 2), (4, 0.1, 4), False),
    (2, "floor", 2, (6, 0, 2), (4, 0.1, 4), False),
    (3, "floor", 3, (2, 0, 5.5), (4, 0.1, 3), False),
    (4, "table", 1, (1, 0.4, 1), (0.8, 0.8, 0.8), False),
    (5, "cup", 1, (1, 0.85, 1), (0.1, 0.1, 0.1), True),
    (6, "fridge", 1, (3.5, 0.9, 0.5), (0.7, 1.8, 0.7), False),
    (7, "bed", 2, (7, 0.3, 1), (1.6, 0.6, 2), False),
    (8, "lamp", 2, (4.6, 0.6, 3.6), (0.3, 1.2, 0.3), False),
    (9, "book", 2, (6.2, 0.05, 3.5), (0.2, 0.05, 0.2), True),
    (10, "bathtub", 3, (1, 0.3, 6.3), (1.7, 0.6, 0.8), False),
    (11, "towel", 3, (3.6, 0.4, 6.5), (0.3, 0.1, 0.3), True),
    (12, "chair", 1, (3, 0.4, 3.2), (0.4, 0.8, 0.4), False),
    (13, "chair", 1, (0.6, 0.4, 3.2), (0.4, 0.8, 0.4), False),
    (14, "vase", 4, (11, 0.4, 2), (0.2, 0.4, 0.2), True),
    (15, "desk", 4, (11, 0.4, 3), (0.2, 0.4, 0.2), False),
)
SOLID = (4, 6, 7, 10)
"""Ids of the things that stand in the way."""


class FlatNavigation:
    """Fulfills longhaul.envs.lhvln.simulator.Navigation; the floor is at y = 0."""

    def __init__(self, surface: shapely.Geometry) -> None:
        self.surface, self._grown = surface, surface.buffer(GRAIN)
        shapely.prepare(self._grown)
        self._corners = np.unique(shapely.get_coordinates(surface), axis=0)
        shape = (len(self._corners),) * 2
        lengths = np.linalg.norm(self._corners[:, None] - self._corners[None], axis=2)
        sees = [self._sees(corner, self._corners) for corner in self._corners]
        self._graph = np.where(np.reshape(sees, shape), lengths, 0)
        self._fields: dict[bytes, tuple[Array, Array]] = {}
        self.asked = 0

    def snap(self, point: ArrayLike) -> Array | None:
        x, _, z = np.asarray(point, float)
        near, _ = nearest_points(self.surface, Point(x, z))
        return np.array([near.x, 0.0, near.y]) if near.distance(Point(x, z)) <= REACH else None

    def is_navigable(self, point: ArrayLike, max_y_delta: float = 0.5) -> bool:
        x, y, z = np.asarray(point, float)
        return abs(y) <= max_y_delta and bool(self._grown.covers(Point(x, z)))

    def move(self, start: ArrayLike, end: ArrayLike, sliding: bool = True) -> Array:
        (x, _, z), (to_x, _, to_z) = np.asarray(start, float), np.asarray(end, float)
        way = LineString([(x, z), (to_x, to_z)])
        if self._grown.covers(way):
            return np.array([to_x, 0.0, to_z])
        if sliding:
            near, _ = nearest_points(self.surface, Point(to_x, to_z))
            if self._grown.covers(LineString([(x, z), (near.x, near.y)])):
                return np.array([near.x, 0.0, near.y])
        parts = [p for p in shapely.get_parts(way.intersection(self._grown)) if p.length > 0]
        first = min(parts, key=lambda part: part.distance(Point(x, z)), default=None)
        at = (x, z) if first is None else first.coords[-1]
        return np.array([at[0], 0.0, at[1]])

    def distance(self, start: ArrayLike, goals: ArrayLike) -> float:
        self.asked += 1
        here, ends = self._flat(start)[0], self._flat(goals)
        key = ends.tobytes()
        if key not in self._fields:
            direct = np.array([np.where(self._sees(end, self._corners), 1, np.inf) for end in ends])
            lengths = np.linalg.norm(self._corners[None] - ends[:, None], axis=2)
            begin = np.min(direct * lengths, axis=0)
            through = dijkstra(self._graph, directed=False)
            self._fields[key] = ends, np.min(through + begin[None], axis=1)
        ends, field = self._fields[key]
        straight = np.linalg.norm(ends - here, axis=1)[self._sees(here, ends)]
        seen = self._sees(here, self._corners)
        bent = (np.linalg.norm(self._corners - here, axis=1) + field)[seen]
        return float(np.min([*straight, *bent], initial=np.inf))

    def path(self, start: ArrayLike, goal: ArrayLike) -> Array | None:
        return None if self.distance(start, goal) == np.inf else np.array([start, goal], float)

    def clearance(self, point: ArrayLike, reach: float = 2.0) -> float:
        x, _, z = np.asarray(point, float)
        return min(reach, float(self.surface.boundary.distance(Point(x, z))))

    def random_point(self, rng: np.random.Generator) -> Array:
        largest = max(shapely.get_parts(self.surface), key=shapely.area)
        low_x, low_z, high_x, high_z = largest.bounds
        while True:
            x, z = rng.uniform((low_x, low_z), (high_x, high_z))
            if largest.covers(Point(x, z)):
                return np.array([x, 0.0, z])

    def top_down(self, height: float, cell: float = 0.05) -> tuple[NDArray[np.bool_], Array]:
        low_x, low_z, high_x, high_z = self.surface.bounds
        xs, zs = np.arange(low_x, high_x, cell), np.arange(low_z, high_z, cell)
        walkable = shapely.contains_xy(self.surface, *np.meshgrid(xs, zs))
        return walkable & (abs(height) <= 0.5), np.array([low_x, height, low_z])

    def _sees(self, here: Array, others: Array) -> NDArray[np.bool_]:
        lines = shapely.linestrings(np.stack([np.broadcast_to(here, others.shape), others], axis=1))
        return np.asarray(shapely.covers(self._grown, lines))

    @staticmethod
    def _flat(points: ArrayLike) -> Array:
        return np.atleast_2d(np.asarray(points, float))[:, [0, 2]]


class FlatSimulator:
    """Fulfills longhaul.envs.lhvln.simulator.Simulator. Pictures say what stands where the robot
    looks: the ids of the things a column's ray meets first, and its colors by that id and the
    distance."""

    description = "flat test rooms"

    def __init__(self, folder: Path | None = None, cameras: Cameras | None = None) -> None:
        self.cameras = cameras or Cameras(size=16)
        self.rooms: Sequence[Room] = tuple(Room(n, name) for n, (name, _) in ROOMS.items())
        self.objects: Sequence[Object] = tuple(
            Object(n, category, room, tuple(map(float, at)), tuple(map(float, size)), portable)
            for n, category, room, at, size, portable in BOXES
        )
        self.navigation = FlatNavigation(_surface())
        self.pose = Pose((2.0, 0.0, 2.0), 0.0)
        self.camera_height = 0.5

    def set_pose(self, position: ArrayLike, yaw: float) -> None:
        x, y, z = (float(value) for value in np.asarray(position, float))
        self.pose = Pose((x, y, z), yaw)

    def act(self, motion: Motion) -> bool:
        self.pose, collided = moved(self.navigation, self.pose, motion)
        return collided

    def observe(self) -> dict[str, Picture]:
        return {name: self._picture(self.pose.yaw + angle) for name, angle in VIEW_YAWS.items()}

    def _picture(self, yaw: float) -> Picture:
        size = self.cameras.size
        half = np.tan(np.radians(self.cameras.hfov) / 2)
        offsets = np.arctan(np.linspace(-half, half, size))
        hits = [self._hit(yaw - offset) for offset in offsets]
        ids = np.tile(np.array([hit[0] for hit in hits], np.int32), (size, 1))
        depth = np.tile(np.array([hit[1] for hit in hits], np.float32), (size, 1))
        rgb = np.stack([ids * 16, (depth * 20), (depth * 0 + 40)], axis=2).astype(np.uint8)
        return Picture(
            rgb, depth if self.cameras.depth else None, ids if self.cameras.ids else None
        )

    def _hit(self, yaw: float) -> tuple[int, float]:
        x, _, z = self.pose.position
        ray = LineString([(x, z), (x - 20 * np.sin(yaw), z - 20 * np.cos(yaw))])
        found = [(ray.intersection(_walls()).distance(Point(x, z)), 0)]
        for thing in self.objects:
            if thing.category != "floor":
                met = ray.intersection(_footprint(thing.center, thing.size))
                if not met.is_empty:
                    found.append((met.distance(Point(x, z)), thing.id))
        distance, number = min(found)
        return number, float(distance)

    def close(self) -> None:
        self.closed = True


def _footprint(center: Sequence[float], size: Sequence[float]) -> shapely.Geometry:
    (x, _, z), (dx, _, dz) = center, size
    return box(x - dx / 2, z - dz / 2, x + dx / 2, z + dz / 2)


def _rooms() -> shapely.Geometry:
    inner = [box(*rectangle).buffer(-0.05, join_style=2) for _, rectangle in ROOMS.values()]
    return shapely.union_all([*inner, *[box(*door) for door in DOORS]])


def _walls() -> shapely.Geometry:
    return _rooms().boundary


def _surface() -> shapely.Geometry:
    solid = [_footprint(at, size) for n, _, _, at, size, _ in BOXES if n in SOLID]
    free = _rooms().buffer(-RADIUS, join_style=2)
    return free.difference(shapely.union_all(solid).buffer(RADIUS, join_style=2))
