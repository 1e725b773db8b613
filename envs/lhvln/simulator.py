"""The contract that every navigation simulator fulfills.

Meters, right-handed, y up. A yaw is radians about +y: 0 looks along -z, positive turns left. A
position is a point of the walkable surface, where the robot's wheels or feet are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, radians, sin
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

Motion = Literal["move_forward", "turn_left", "turn_right"]

MOTIONS: tuple[Motion, ...] = ("move_forward", "turn_left", "turn_right")

FORWARD_M = 0.25
"""Length of a forward motion: that of LH-VLN and VLN-CE."""

TURN_RAD = radians(30.0)
"""Angle of a turn: that of LH-VLN."""

COLLISION_M2 = 1e-5
"""A motion collided if its squared length is shorter than FORWARD_M squared by more than this:
habitat-sim's rule."""

VIEW_YAWS: Mapping[str, float] = {"left": radians(60.0), "front": 0.0, "right": radians(-60.0)}
"""The yaw (rad) of every camera relative to the robot's: LH-VLN's cameras."""

CAMERA_HEIGHTS_M: Mapping[str, float] = {"spot": 0.5, "stretch": 1.0}
"""Height of a robot's cameras above the floor: LH-VLN's robots."""


@dataclass(frozen=True)
class Pose:
    """Where a robot stands: x, y, z (m) and yaw (rad)."""

    position: tuple[float, float, float]
    yaw: float

    def ahead(self, distance: float = FORWARD_M) -> tuple[float, float, float]:
        """Return the point at a distance in front."""
        x, y, z = self.position
        return x - distance * sin(self.yaw), y, z - distance * cos(self.yaw)

    def turned(self, angle: float) -> Pose:
        """Return the pose after a turn to the left by an angle, its yaw in (-pi, pi]."""
        return Pose(self.position, pi - (pi - self.yaw - angle) % (2 * pi))


@dataclass(frozen=True)
class Object:
    """An object of a scene: `id` is its semantic id (> 0), `room` its room's id (-1: none).

    `center` and `size` (m) are those of its axis-aligned bounding box.
    """

    id: int
    category: str
    room: int
    center: tuple[float, float, float]
    size: tuple[float, float, float]
    portable: bool = False


@dataclass(frozen=True)
class Room:
    """A room, or region, of a scene; `name` is a word such as kitchen, or empty."""

    id: int
    name: str


@dataclass(frozen=True)
class Cameras:
    """What the simulator draws: the three VIEW_YAWS, square, of `size` pixels.

    `hfov` is the horizontal field of view in degrees; `depth` and `ids` say whether these pictures
    are drawn beside the colors.
    """

    size: int = 256
    hfov: float = 90.0
    depth: bool = True
    ids: bool = False


@dataclass(frozen=True)
class Picture:
    """What one camera sees, row 0 at the top.

    `rgb` (H, W, 3) uint8; `depth` (H, W) float32, m along the optical axis; `ids` (H, W) int32.
    Both are 0 where nothing is, and None if they were not asked for.
    """

    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32] | None = None
    ids: NDArray[np.int32] | None = None


class Navigation(Protocol):
    """The walkable surface of a scene. Points are (3,) arrays or the like."""

    def snap(self, point: ArrayLike) -> Array | None:
        """Return the nearest point of the surface; None if none is near."""

    def is_navigable(self, point: ArrayLike, max_y_delta: float = 0.5) -> bool:
        """Say whether a point lies on the surface, up to a difference in height (m)."""

    def move(self, start: ArrayLike, end: ArrayLike, sliding: bool = True) -> Array:
        """Return the end of a straight walk from a point of the surface toward another point: it
        goes along walls if `sliding`, otherwise it ends at the first wall."""

    def distance(self, start: ArrayLike, goals: ArrayLike) -> float:
        """Return the geodesic distance (m) to the nearest of goals (K, 3), inf without a way.

        Another call with the same goals is fast: what was computed for them is kept.
        """

    def path(self, start: ArrayLike, goal: ArrayLike) -> Array | None:
        """Return the corners (N, 3) of the shortest path, ends included; None without one."""

    def clearance(self, point: ArrayLike, reach: float = 2.0) -> float:
        """Return the distance (m) to the nearest edge of the surface, at most `reach`."""

    def random_point(self, rng: np.random.Generator) -> Array:
        """Return a random point of the surface's largest connected component, uniform by area."""

    def top_down(self, height: float, cell: float = 0.05) -> tuple[NDArray[np.bool_], Array]:
        """Return which cells (rows along z, columns along x) are walkable within 0.5 m of a
        height, and the corner (3,) of cell [0, 0]."""


class Simulator(Protocol):
    """A scene, a robot in it, and its cameras."""

    description: str
    """The simulator's name and version, and what draws, for a run's provenance."""
    navigation: Navigation
    pose: Pose
    camera_height: float
    """The cameras' height above the robot's position (m), usually one of CAMERA_HEIGHTS_M."""
    objects: Sequence[Object]
    rooms: Sequence[Room]

    def set_pose(self, position: ArrayLike, yaw: float) -> None:
        """Put the robot at a position (3,) and yaw (rad), without snapping to the surface."""

    def act(self, motion: Motion) -> bool:
        """Carry out a motion and say whether it collided."""

    def observe(self) -> dict[str, Picture]:
        """Return what the cameras see, by the names of VIEW_YAWS."""

    def close(self) -> None:
        """Free the simulator's resources."""


class Robot:
    """What all Simulators share: a pose, and motions over a surface."""

    navigation: Navigation

    def __init__(self) -> None:
        self.pose = Pose((0.0, 0.0, 0.0), 0.0)
        self.camera_height = CAMERA_HEIGHTS_M["spot"]

    def set_pose(self, position: ArrayLike, yaw: float) -> None:
        x, y, z = (float(value) for value in np.asarray(position, float))
        self.pose = Pose((x, y, z), float(yaw))

    def act(self, motion: Motion) -> bool:
        self.pose, collided = moved(self.navigation, self.pose, motion)
        return collided


def moved(navigation: Navigation, pose: Pose, motion: Motion) -> tuple[Pose, bool]:
    """Return the pose after a motion, and whether it collided."""
    if motion != "move_forward":
        return pose.turned(TURN_RAD if motion == "turn_left" else -TURN_RAD), False
    x, y, z = (float(value) for value in navigation.move(pose.position, pose.ahead()))
    asked = FORWARD_M**2
    made = sum((a - b) ** 2 for a, b in zip((x, y, z), pose.position, strict=True))
    return Pose((x, y, z), pose.yaw), made + COLLISION_M2 < asked
