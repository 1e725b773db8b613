"""Grounds tasks in a scene: which things a target means, and how far they are from each other."""

from __future__ import annotations

import math

import numpy as np

from longhaul.envs.lhvln.simulator import Array, Pose, Simulator
from longhaul.envs.lhvln.targets import EpisodeError, find_target
from longhaul.envs.lhvln.targets import Target as Found
from longhaul.navgen.tasks.boxes import is_in, room_boxes
from longhaul.navgen.tasks.places import House, house_of
from longhaul.navgen.tasks.task import Reject, Target

MAX_START_DRAWS = 20
"""How many starts are drawn until one is far enough from the first target."""


class Ground:
    """The scene of a simulator; targets and distances are computed once."""

    def __init__(self, scene: str, simulator: Simulator) -> None:
        self.simulator = simulator
        things = [(thing.id, thing.category, thing.room) for thing in simulator.objects]
        portable = [thing.id for thing in simulator.objects if thing.portable]
        rooms = [(room.id, room.name) for room in simulator.rooms]
        self.house: House = house_of(scene, rooms, things, portable or None)
        self._boxes = room_boxes(simulator.objects)
        self._found: dict[Target, Found | None] = {}
        self._legs: dict[tuple[Target, Target], float] = {}

    def find(self, target: Target) -> Found | None:
        """Return the objects that count for a target.

        Returns None if the robot cannot come near to any of them, or could only from another room
        or from another story.
        """
        if target not in self._found:
            goal = {"category": target.category, "room": target.room}
            try:
                found = find_target(self.simulator, goal)
                inside = all(is_in(point, self._boxes[target.room]) for point in found.goals)
                self._found[target] = found if inside else None
            except EpisodeError:
                self._found[target] = None
        return self._found[target]

    def leg(self, start: Target, end: Target) -> float:
        """Return the geodesic distance (m) from one target to another; inf if there is no path."""
        if (start, end) not in self._legs:
            froms, to = self.find(start), self.find(end)
            self._legs[start, end] = (
                math.inf
                if froms is None or to is None
                else min(self._distance(point, to) for point in froms.goals)
            )
        return self._legs[start, end]

    def draw_start(
        self, first: Target, shortest: float, generator: np.random.Generator
    ) -> tuple[Pose, float]:
        """Draw a start pose that is at least `shortest` (m) from the first target.

        Returns the pose and its geodesic distance (m) to the target. Raises Reject if no such pose
        is found on the navmesh.
        """
        found = self.find(first)
        distance = math.inf
        for _ in range(MAX_START_DRAWS if found is not None else 0):
            assert found is not None
            x, y, z = (float(v) for v in self.simulator.navigation.random_point(generator))
            distance = self._distance(np.array([x, y, z]), found)
            if shortest <= distance < math.inf:
                return Pose((x, y, z), float(generator.uniform(-math.pi, math.pi))), distance
        if math.isinf(distance):
            raise Reject("unreachable", f"no way from the main floor to {first}")
        raise Reject("short_leg", f"{first} is near everywhere")

    def _distance(self, point: Array, target: Found) -> float:
        return self.simulator.navigation.distance(point, target.goals)
