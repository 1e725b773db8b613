"""A scene as tasks need it: what may be named in it, and the way from one thing to another."""

from __future__ import annotations

import math

import numpy as np

from longhaul.envs.lhvln.simulator import Array, Pose, Simulator
from longhaul.envs.lhvln.targets import EpisodeError, find_target
from longhaul.envs.lhvln.targets import Target as Found
from longhaul.navgen.tasks.boxes import is_in, room_boxes
from longhaul.navgen.tasks.places import House, house_of
from longhaul.navgen.tasks.task import Reject, Target

STARTS = 20
"""How often a start is drawn that is far enough from the first target."""


class Ground:
    """A simulator's scene; distances once asked for are kept."""

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
        """Return the objects that count for a target; None where a robot gets near to none, and
        where it would go to one from the next room, or from the story above."""
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
        """Return the geodesic distance (m) from one target to another; inf where there is none."""
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
        """Draw where a robot begins, at least `shortest` (m) from the first target; returns the
        pose and how far it is. Raises Reject where the largest part of the floor has no such
        place."""
        found = self.find(first)
        distance = math.inf
        for _ in range(STARTS if found is not None else 0):
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
