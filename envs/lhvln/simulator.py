"""What an environment asks of a navigation simulator, whichever it is.

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

FORWARD = 0.25
"""How far a move goes, m: LH-VLN's and VLN-CE's."""

TURN = radians(30.0)
"""How far a turn turns, rad: LH-VLN's."""

COLLISION = 1e-5
"""A move collided if it is shorter than asked for by this much, m^2: habitat-sim's."""

VIEWS: Mapping[str, float] = {"left": radians(60.0), "front": 0.0, "right": radians(-60.0)}
"""The cameras and their yaw against the robot's, rad: LH-VLN's."""

CAMERA_HEIGHTS: Mapping[str, float] = {"spot": 0.5, "stretch": 1.0}
"""How high a robot's cameras are above the floor, m: LH-VLN's."""


@dataclass(frozen=True)
class Pose:
    """Where a robot stands: x, y, z (m) and yaw (rad)."""

    position: tuple[float, float, float]
    yaw: float

    def ahead(self, distance: float = FORWARD) -> tuple[float, float, float]:
        """Return the point at a distance in front."""
        x, y, z = self.position
        return x - distance * sin(self.yaw), y, z - distance * cos(self.yaw)

    def turned(self, angle: float) -> Pose:
        """Return the pose after a turn to the left by an angle, its yaw in (-pi, pi]."""
        return Pose(self.position, pi - (pi - self.yaw - angle) % (2 * pi))


@dataclass(frozen=True)
class Object:
    """A thing of a scene: `id` is its semantic id (> 0), `room` its room's (-1: none).

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
    """A room, or region, of a scene; `name` is what people call it, empty where it has none."""

    id: int
    name: str


@dataclass(frozen=True)
class Cameras:
    """What the simulator draws: the three VIEWS, square, of `size` pixels.

    `hfov` is the horizontal field of view in degrees; `depth` and `ids` say whether those are
    drawn beside colors.
    """

    size: int = 256
    hfov: float = 90.0
    depth: bool = True
    ids: bool = False


@dataclass(frozen=True)
class Picture:
    """What one camera sees, row 0 at the top.

    `rgb` (H, W, 3) uint8; `depth` (H, W) float32, m along the optical axis, 0 where nothing is;
    `ids` (H, W) int32, 0 where nothing is. What was not asked for is None.
    """

    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32] | None = None
    ids: NDArray[np.int32] | None = None


class Navigation(Protocol):
    """The walkable surface of a scene. Points are (3,) arrays or the like."""

    def snap(self, point: ArrayLike) -> Array | None:
        """Return the nearest point of the surface, None where there is none near."""

    def is_navigable(self, point: ArrayLike, max_y_delta: float = 0.5) -> bool:
        """Say whether a point lies on the surface, up to a difference in height (m)."""

    def move(self, start: ArrayLike, end: ArrayLike, sliding: bool = True) -> Array:
        """Return where one gets to who walks from a point of the surface straight to another
        point; along walls where `sliding`, else up to the first."""

    def distance(self, start: ArrayLike, goals: ArrayLike) -> float:
        """Return the geodesic distance (m) to the nearest of goals (K, 3), inf without a way.

        The same goals again are a look-up.
        """

    def path(self, start: ArrayLike, goal: ArrayLike) -> Array | None:
        """Return the corners (N, 3) of the shortest path, ends included; None without one."""

    def clearance(self, point: ArrayLike, reach: float = 2.0) -> float:
        """Return the distance (m) to the nearest edge of the surface, at most `reach`."""

    def random_point(self, rng: np.random.Generator) -> Array:
        """Return a point of the largest part of the surface, uniformly by area."""

    def top_down(self, height: float, cell: float = 0.05) -> tuple[NDArray[np.bool_], Array]:
        """Return which cells (rows along z, columns along x) are walkable within 0.5 m of a
        height, and the point (3,) of the corner of cell [0, 0]."""


class Simulator(Protocol):
    """A scene, a robot in it, and its cameras."""

    description: str
    """What computes and draws: a run's provenance has it."""
    navigation: Navigation
    pose: Pose
    camera_height: float
    """The cameras' height above the robot's position, m: one of CAMERA_HEIGHTS, or another."""
    objects: Sequence[Object]
    rooms: Sequence[Room]

    def set_pose(self, position: ArrayLike, yaw: float) -> None:
        """Put the robot somewhere, without snapping."""

    def act(self, motion: Motion) -> bool:
        """Carry out a motion and say whether it collided."""

    def observe(self) -> dict[str, Picture]:
        """Return what the cameras see, by the names of VIEWS."""

    def close(self) -> None:
        """Free what the simulator holds."""


class Robot:
    """The part of a Simulator that none does otherwise: a pose, and motions over a surface."""

    navigation: Navigation

    def __init__(self) -> None:
        self.pose = Pose((0.0, 0.0, 0.0), 0.0)
        self.camera_height = CAMERA_HEIGHTS["spot"]

    def set_pose(self, position: ArrayLike, yaw: float) -> None:
        x, y, z = (float(value) for value in np.asarray(position, float))
        self.pose = Pose((x, y, z), float(yaw))

    def act(self, motion: Motion) -> bool:
        self.pose, collided = moved(self.navigation, self.pose, motion)
        return collided


def moved(navigation: Navigation, pose: Pose, motion: Motion) -> tuple[Pose, bool]:
    """Return the pose after a motion, and whether it collided."""
    if motion != "move_forward":
        return pose.turned(TURN if motion == "turn_left" else -TURN), False
    x, y, z = (float(value) for value in navigation.move(pose.position, pose.ahead()))
    asked = FORWARD**2
    made = sum((a - b) ** 2 for a, b in zip((x, y, z), pose.position, strict=True))
    return Pose((x, y, z), pose.yaw), made + COLLISION < asked
