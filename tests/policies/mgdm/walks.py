"""A robot that is led through the small house of two stories, and the map that it makes there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.lhvln.builtin import BuiltinSimulator
from longhaul.envs.lhvln.follower import Follower
from longhaul.envs.lhvln.simulator import VIEW_YAWS, Cameras
from longhaul.navgen.houses.export import write_house
from longhaul.policies.mgdm.mapping.occupancy_map import OccupancyMap
from tests.navgen.houses.made import STORY, small_house

SIZE = 128
BELOW = (1.33, 0.0, 4.5)
"""In the living room; the stairs lead from there to the hallway above."""

ABOVE = (6.8, STORY, 1.6)
"""In the bedroom, through the door of the hallway."""


@dataclass(frozen=True, eq=False)
class Walk:
    """A simulator, the poses (n, 4) at which its robot was, and the map that it made."""

    simulator: BuiltinSimulator
    poses: NDArray[np.float32]
    occupancy: OccupancyMap

    @property
    def places(self) -> NDArray[np.float64]:
        return self.poses[:, :3].astype(float)


@cache
def simulator() -> BuiltinSimulator:
    """Return the small house, opened; it is held in memory."""
    with TemporaryDirectory() as folder:
        write_house(small_house(), Path(folder) / "small")
        return BuiltinSimulator(Path(folder) / "small", Cameras(SIZE, 90.0, True, True))


@cache
def walk(start: tuple[float, float, float], end: tuple[float, float, float]) -> Walk:
    """Lead the robot from a point to another by the shortest way."""
    house, occupancy = simulator(), OccupancyMap(SIZE)
    house.camera_height = 0.5
    first, goal = (house.navigation.snap(point) for point in (start, end))
    assert first is not None and goal is not None
    house.set_pose(first, 0.0)
    follower = Follower(house.navigation, [goal], 0.3)
    poses: list[NDArray[np.float32]] = []
    while True:
        poses.append(pose_of(house))
        occupancy.update(poses[-1], depths(house))
        step = follower.next(house.pose)
        assert step is not None
        if step == "stop":
            return Walk(house, np.array(poses), occupancy)
        house.act(step)


def pose_of(house: BuiltinSimulator) -> NDArray[np.float32]:
    return np.array([*house.pose.position, house.pose.yaw], np.float32)


def depths(house: BuiltinSimulator) -> list[NDArray[np.float32]]:
    """Return the depths of the three views, left to right."""
    found = []
    for name in VIEW_YAWS:
        depth = house.observe()[name].depth
        assert depth is not None
        found.append(depth)
    return found
