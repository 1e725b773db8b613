"""Where the cup takes a thing, and where it lets go of it."""

from __future__ import annotations

import numpy as np

from longhaul.envs.lohoravens.geometry import turned
from longhaul.envs.lohoravens.meshes import RING_HOLE
from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.spots import Spot
from longhaul.envs.lohoravens.things import Pose

QUARTER = np.pi / 2
"""Things look the same after a turn by this (rad)."""


def carry(name: str, spot: Spot, scene: Scene) -> tuple[Pose, Pose]:
    """Return the cup's poses that take a thing to a spot and turn it the least.

    A thing is taken by the middle of its top, a ring by its rim.
    """
    x, y = scene.xy(name)
    thing = scene.things[name]
    off = (thing.size[0] / 2 + RING_HOLE) / 2 if thing.kind == "ring" else 0.0
    turn = 0.0 if spot.yaw is None else spot.yaw - scene.yaw(name)
    turn -= QUARTER * round(turn / QUARTER)
    along, across = off * float(np.cos(turn)), off * float(np.sin(turn))
    start = Pose((x + off, y, scene.top(name)))
    return start, Pose((spot.x + along, spot.y + across, spot.z), turned(turn))
