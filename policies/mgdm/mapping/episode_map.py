"""What an episode has shown so far: an occupancy map and a semantic map, kept up step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longhaul.policies.mgdm.mapping.occupancy_map import OccupancyMap, turned
from longhaul.policies.mgdm.mapping.semantic_map import SemanticMap
from longhaul.policies.mgdm.perception.backprojection import Rays
from longhaul.policies.mgdm.perception.encoder import ViewEncoder
from longhaul.policies.mgdm.perception.observations import DEPTHS, FORWARD, POSE, pictures

Array = NDArray[np.float32]

SIGHT = 6.0
"""Beyond this (m) a patch is too coarse to be put into a cell."""

SHORT = 0.24
"""A move that leads less far than this (m) met something: LH-VLN's are 0.25 m."""


class Percept(NamedTuple):
    """What the encoder makes of a step: probabilities of `things` and `rooms` at patches
    (3 * p * p, ...) and `columns` (3 * columns, features)."""

    things: Array
    rooms: Array
    columns: Tensor


@torch.inference_mode()
def perceive(encoder: ViewEncoder, observations: Mapping[str, Tensor]) -> list[Percept]:
    """Return what the encoder makes of a batch of steps."""
    views = pictures(observations)
    seen = encoder(views.flatten(0, 1))
    things = encoder.thing_scores(seen.things).softmax(-1)
    rooms = encoder.room_scores(seen.rooms).softmax(-1)
    rooms = rooms.repeat_interleave(2, 1).repeat_interleave(2, 2)
    count = len(views)
    parts = (
        part.unflatten(0, (count, -1)).flatten(1, flat).cpu()
        for part, flat in ((things, 3), (rooms, 3), (seen.columns, 2))
    )
    return [Percept(a.numpy(), b.numpy(), c) for a, b, c in zip(*parts, strict=True)]


class Survey:
    """The occupancy map and the semantic map of one episode."""

    def __init__(self, encoder: ViewEncoder, picture: int) -> None:
        things = encoder.things
        self.occupancy = OccupancyMap(picture)
        self.semantic = SemanticMap(things, len(encoder.names) - things)
        self._rays = Rays(picture, 4)
        self.clear()

    def clear(self) -> None:
        """Begin an episode."""
        self.occupancy.clear()
        self.semantic.clear()
        self._last: Array | None = None

    def look(self, row: Mapping[str, Tensor], percept: Percept, action: int) -> Array:
        """Take in a step: an observation, what the encoder makes of it, and the action before it.

        Returns the pose (4,): x, y, z in m, yaw in rad.
        """
        pose = row[POSE].numpy().astype(np.float32)
        depths = [row[name].numpy().astype(np.float32) for name in DEPTHS]
        if self._last is None:
            self.semantic.origin = pose[:3].copy()
        elif action == FORWARD and np.linalg.norm(pose[:3] - self._last[:3]) < SHORT:
            self.occupancy.bump(self._last)
        self._last = pose
        self.occupancy.update(pose, depths)
        points = self._rays.points(depths)
        x, z = turned(points, float(pose[3]))
        near = (points.known & (np.hypot(x, z) < SIGHT)).ravel()
        world = np.stack(
            [pose[0] + x, pose[1] + self.occupancy.height + points.up, pose[2] + z], -1
        )
        world = world.reshape(-1, 3)[near].astype(np.float32)
        self.semantic.update(world, percept.things[near], percept.rooms[near])
        return pose
