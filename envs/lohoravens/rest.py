"""The state of a layout, computed without physics from bounding boxes."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from longhaul.envs.lohoravens.geometry import half_extents
from longhaul.envs.lohoravens.things import Layout, TableState

CONTACT_DISTANCE_M = 0.002
"""Bounding boxes at this distance or less count as touching."""


def at_rest(layout: Layout) -> TableState:
    """Return the state of a layout that is at rest; its contacts are those of bounding boxes.

    Zones have no contacts, since they are only painted on the table.
    """
    solid = [thing for thing in layout.things if thing.kind != "zone"]
    poses = [layout.poses[thing.name] for thing in solid]
    centers = np.array([pose.position for pose in poses]).reshape(-1, 3)
    halves = [
        half_extents(thing.size, pose.quaternion) for thing, pose in zip(solid, poses, strict=True)
    ]
    reach = np.array(halves).reshape(-1, 3) + CONTACT_DISTANCE_M / 2
    apart = np.abs(centers[:, None] - centers) - reach[:, None] - reach
    near = (apart <= 0).all(-1)
    touching = frozenset(
        frozenset((solid[i].name, solid[j].name))
        for i, j in combinations(range(len(solid)), 2)
        if near[i, j]
    )
    return TableState({thing.name: thing for thing in layout.things}, layout.poses, touching)
