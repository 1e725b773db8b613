"""Where the cup grasps a thing, and where it releases it."""

from __future__ import annotations

import numpy as np

from longhaul.envs.lohoravens.geometry import turned
from longhaul.envs.lohoravens.meshes import RING_HOLE_RADIUS_M
from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.spots import Spot
from longhaul.envs.lohoravens.things import Pose

QUARTER_TURN_RAD = np.pi / 2
"""Things look the same after a rotation by this about the vertical."""


def carry(name: str, spot: Spot, scene: Scene) -> tuple[Pose, Pose]:
    """Return the cup's poses that pick a thing and place it at a spot, with the least rotation.

    A thing is grasped at the middle of its top, a ring at its rim.
    """
    x, y = scene.xy(name)
    thing = scene.things[name]
    off = (thing.size[0] / 2 + RING_HOLE_RADIUS_M) / 2 if thing.kind == "ring" else 0.0
    turn = 0.0 if spot.yaw is None else spot.yaw - scene.yaw(name)
    turn -= QUARTER_TURN_RAD * round(turn / QUARTER_TURN_RAD)
    along, across = off * float(np.cos(turn)), off * float(np.sin(turn))
    start = Pose((x + off, y, scene.top(name)))
    return start, Pose((spot.x + along, spot.y + across, spot.z), turned(turn))
