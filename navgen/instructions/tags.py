"""What is seen on a way, without drawing it: the categories in the front camera's view.

A thing counts where its box's center is in the field of view and near, in a room that the robot is
in (longhaul.navgen.tasks.boxes), so that no walls are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import radians

import numpy as np

from longhaul.envs.lhvln.simulator import Object
from longhaul.navgen.tasks.boxes import is_in, room_boxes
from longhaul.navgen.tasks.places import is_target
from longhaul.navgen.trajectories.leg import Pose

FIELD = radians(90.0)
"""The front camera's horizontal field of view (rad)."""

FAR = 5.0
"""Things further away than this (m) are no landmarks."""

LEVEL = 1.5
"""Things whose center is further above or below the floor (m) are on another story, or on a
wall out of view."""


class Seen:
    """The things of a scene, as one passes by them."""

    def __init__(self, objects: Sequence[Object]) -> None:
        self._rooms = room_boxes(objects)
        things = [o for o in objects if is_target(o.category) and o.room in self._rooms]
        self._names = [thing.category for thing in things]
        self._room_of = np.array([thing.room for thing in things], int)
        self._centers = np.array([thing.center for thing in things], float).reshape(-1, 3)
        self._sizes = np.array([max(thing.size) for thing in things], float)

    def tags(self, pose: Pose) -> list[str]:
        """Return the categories in view at a pose, the largest as seen from there first."""
        x, y, z, yaw = pose
        here = [number for number, box in self._rooms.items() if is_in((x, y, z), box)]
        dx, dy, dz = (self._centers - [x, y, z]).T
        far = np.hypot(dx, dz)
        angle = np.abs((np.arctan2(-dx, -dz) - yaw + np.pi) % (2 * np.pi) - np.pi)
        seen = (far <= FAR) & (angle <= FIELD / 2) & (np.abs(dy - LEVEL / 2) <= LEVEL / 2)
        seen &= np.isin(self._room_of, here)
        apparent = np.where(seen, self._sizes / np.maximum(far, 0.1), 0.0)
        order = np.argsort(-apparent, kind="stable")[: int(seen.sum())]
        return list(dict.fromkeys(self._names[i] for i in order))
