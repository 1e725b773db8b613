"""Computes, without drawing, which categories are in the front camera's view along a trajectory.

A thing is in view if the center of its box is in the field of view, is near, and is in the room of
the robot (longhaul.navgen.tasks.boxes); walls are not tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import radians

import numpy as np

from longhaul.envs.lhvln.simulator import Object
from longhaul.navgen.tasks.boxes import is_in, room_boxes
from longhaul.navgen.tasks.places import is_target
from longhaul.navgen.trajectories.leg import Pose

VIEW_ANGLE_RAD = radians(90.0)
"""The front camera's horizontal field of view (rad)."""

MAX_LANDMARK_M = 5.0
"""Things that are further away than this (m) are not used as landmarks."""

MAX_HEIGHT_M = 1.5
"""Things whose center is higher (m) above the robot's floor than this, or below the floor, are not
in view: they are on another story or high on a wall."""


class Seen:
    """The things of a scene that may be in view."""

    def __init__(self, objects: Sequence[Object]) -> None:
        self._rooms = room_boxes(objects)
        things = [o for o in objects if is_target(o.category) and o.room in self._rooms]
        self._names = [thing.category for thing in things]
        self._room_of = np.array([thing.room for thing in things], int)
        self._centers = np.array([thing.center for thing in things], float).reshape(-1, 3)
        self._sizes = np.array([max(thing.size) for thing in things], float)

    def tags(self, pose: Pose) -> list[str]:
        """Return the categories in view at a pose, ordered by apparent size, the largest first."""
        x, y, z, yaw = pose
        here = [number for number, box in self._rooms.items() if is_in((x, y, z), box)]
        dx, dy, dz = (self._centers - [x, y, z]).T
        far = np.hypot(dx, dz)
        angle = np.abs((np.arctan2(-dx, -dz) - yaw + np.pi) % (2 * np.pi) - np.pi)
        seen = (
            (far <= MAX_LANDMARK_M)
            & (angle <= VIEW_ANGLE_RAD / 2)
            & (np.abs(dy - MAX_HEIGHT_M / 2) <= MAX_HEIGHT_M / 2)
        )
        seen &= np.isin(self._room_of, here)
        apparent = np.where(seen, self._sizes / np.maximum(far, 0.1), 0.0)
        order = np.argsort(-apparent, kind="stable")[: int(seen.sum())]
        return list(dict.fromkeys(self._names[i] for i in order))
