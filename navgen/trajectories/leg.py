"""Trajectories: the poses and actions of each leg of a task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Action = Literal["stop", "move_forward", "turn_left", "turn_right"]

Pose = tuple[float, float, float, float]
"""(x, y, z, yaw) in the scene's frame: meters, y up, yaw in radians about +y; 0 looks along -z."""


@dataclass(frozen=True)
class Leg:
    """The trajectory of one subtask.

    `poses` are the pose at its start and after each of `actions`, the last of which is the stop;
    `geodesic` is the geodesic distance (m) from its start to the target.
    """

    actions: tuple[Action, ...]
    poses: tuple[Pose, ...]
    geodesic: float

    def __post_init__(self) -> None:
        if len(self.poses) != len(self.actions) + 1:
            raise ValueError(f"{len(self.actions)} actions have {len(self.poses)} poses")

    def to_json(self) -> dict[str, Any]:
        poses = [list(pose) for pose in self.poses]
        return {"actions": list(self.actions), "poses": poses, "geodesic": self.geodesic}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Leg:
        poses = tuple((pose[0], pose[1], pose[2], pose[3]) for pose in data["poses"])
        return cls(tuple(data["actions"]), poses, data["geodesic"])


@dataclass(frozen=True)
class Trajectory:
    """The legs of an episode, in order; the first begins at the episode's start."""

    episode: str
    legs: tuple[Leg, ...]

    @property
    def steps(self) -> int:
        """Return the number of actions, with the stops."""
        return sum(len(leg.actions) for leg in self.legs)
