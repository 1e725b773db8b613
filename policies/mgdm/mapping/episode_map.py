"""The map of one episode: an occupancy map and a semantic map, updated at every step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from longhaul.policies.mgdm.mapping.occupancy_map import OccupancyMap
from longhaul.policies.mgdm.mapping.semantic_map import SemanticMap
from longhaul.policies.mgdm.perception.backprojection import Backprojection, nearer, to_world_axes
from longhaul.policies.mgdm.perception.encoder import ViewEncoder
from longhaul.policies.mgdm.perception.observations import DEPTH_VIEWS, MOVE_FORWARD, POSE
from longhaul.policies.mgdm.perception.percept import Percept

Array = NDArray[np.float32]

SEMANTIC_RANGE_M = 6.0
"""Patches at a greater horizontal distance (m) are not put into the semantic map, since they cover
more than one of its cells; ours."""

PATCH_PIXELS = 4
"""Pixels of a patch's side: the encoder's patches have 1/4 of the picture's resolution."""

COLLISION_MOVE_M = 0.24
"""A move forward that leads less far than this (m) met an obstacle: LH-VLN's is 0.25 m."""


class EpisodeMap:
    """What one episode has shown of the house: the `occupancy` map and the `semantic` map."""

    def __init__(self, encoder: ViewEncoder, picture: int) -> None:
        """Take pictures of `picture` pixels a side; the encoder says how many names there are."""
        things = encoder.things
        self.occupancy = OccupancyMap(picture)
        self.semantic = SemanticMap(things, len(encoder.names) - things)
        self._backprojection = Backprojection(picture, PATCH_PIXELS)
        self.clear()

    def clear(self) -> None:
        """Begin an episode."""
        self.occupancy.clear()
        self.semantic.clear()
        self._last: Array | None = None

    def update(self, observation: Mapping[str, Tensor], percept: Percept, action: int) -> Array:
        """Add a step: an observation without a batch dimension, what the encoder recognized in it,
        and the action that led to it (-1 for none).

        Returns the pose (4,): x, y, z in m, yaw in rad.
        """
        pose = observation[POSE].numpy().astype(np.float32)
        depths = [observation[name].numpy().astype(np.float32) for name in DEPTH_VIEWS]
        if self._last is None:
            self.semantic.origin = pose[:3].copy()
        elif action == MOVE_FORWARD and _distance(pose, self._last) < COLLISION_MOVE_M:
            self.occupancy.mark_collision(self._last)
        self._last = pose
        self.occupancy.update(pose, depths)
        points = self._backprojection.point_cloud(depths)
        x, z = to_world_axes(points, float(pose[3]))
        near = (points.valid & nearer(x, z, SEMANTIC_RANGE_M)).ravel()
        world = np.stack(
            [pose[0] + x, pose[1] + self.occupancy.height + points.up, pose[2] + z], -1
        )
        world = world.reshape(-1, 3)[near].astype(np.float32)
        self.semantic.update(world, percept.things[near], percept.rooms[near])
        return pose


def _distance(pose: Array, other: Array) -> float:
    return float(np.linalg.norm(pose[:3] - other[:3]))
