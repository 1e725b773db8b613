"""What a subtask's goal means in a scene: the objects that count, and the points to go to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import atan2, degrees, hypot, inf, pi
from typing import Any

import numpy as np

from longhaul.envs.lhvln.simulator import Array, Navigation, Object, Pose, Simulator


class EpisodeError(RuntimeError):
    """Raised for an episode that cannot be run in its scene; the message says why in one line."""


@dataclass(frozen=True)
class Target:
    """Any of `objects` counts; `goals` (K, 3) are the surface points nearest to their centers."""

    objects: tuple[Object, ...]
    goals: Array

    def nearest(self, navigation: Navigation, position: tuple[float, float, float]) -> int:
        """Return the index of the object that is nearest by geodesic distance."""
        distances = [navigation.distance(position, goal[None]) for goal in self.goals]
        return int(np.argmin(distances))

    def in_view(self, navigation: Navigation, pose: Pose, within: float, field: float) -> bool:
        """Say whether an object at a geodesic distance of at most `within` (m) lies in a horizontal
        field of view `field` (degrees) straight ahead."""
        return any(
            abs(bearing(pose, thing)) <= field / 2
            and navigation.distance(pose.position, goal[None]) <= within
            for thing, goal in zip(self.objects, self.goals, strict=True)
        )


def find_target(simulator: Simulator, goal: Mapping[str, Any]) -> Target:
    """Return the target of a goal: all objects of its category in the room of its id.

    Objects without a bounding box and those with no surface near do not count. Raises EpisodeError
    if no object is left.
    """
    if not simulator.objects:
        raise EpisodeError("the scene has no semantics: it does not say what is where")
    category, room = str(goal["category"]), int(goal["room"])
    named = [o for o in simulator.objects if o.category == category and o.room == room]
    if not named:
        raise EpisodeError(f"room {room} of the scene has no {category!r}")
    snapped = [(o, simulator.navigation.snap(o.center)) for o in named if any(o.size)]
    near = [(thing, point) for thing, point in snapped if point is not None]
    if not near:
        raise EpisodeError(f"no {category!r} in room {room} is near where a robot can be")
    return Target(tuple(o for o, _ in near), np.array([point for _, point in near]))


def bearing(pose: Pose, thing: Object) -> float:
    """Return the bearing of an object's center in degrees, positive to the left, in [-180, 180]."""
    x, _, z = pose.position
    dx, dz = thing.center[0] - x, thing.center[2] - z
    if hypot(dx, dz) < 1e-9:
        return 0.0
    return degrees((atan2(-dx, -dz) - pose.yaw + pi) % (2 * pi) - pi)


def finite(**measures: float) -> dict[str, float]:
    """Return the finite measures, since JSON has no infinity."""
    return {name: float(value) for name, value in measures.items() if value < inf}
