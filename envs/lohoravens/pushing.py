"""Pushes with the spatula that gather a pile in a zone."""

from __future__ import annotations

import numpy as np

from longhaul.envs.lohoravens.goals import Goal
from longhaul.envs.lohoravens.motion import STOP_SHORT_M
from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.things import Pose

PUSH_RUN_UP_M = 0.03
"""How far behind the farthest pellet a push starts."""

ZONE_INSET_M = 0.025
"""How far inside the zone's near border the blade stops, so that it pushes no pellet out of it."""


def next_push(goal: Goal, scene: Scene) -> tuple[Pose, Pose] | None:
    """Return where the next push starts and ends: it brings the farthest pellet into the zone.

    Returns None once all pellets lie there.
    """
    outside = [atom.movers[0] for atom in goal.atoms if not atom.facts(scene)]
    if not outside:
        return None
    zone = goal.atoms[0].targets[0]
    center = np.array(scene.xy(zone))
    points = np.array([scene.xy(name) for name in outside])
    away = np.linalg.norm(points - center, axis=-1)
    farthest = points[away.argmax()]
    way = (center - farthest) / away.max()
    sin, cos = np.sin(scene.yaw(zone)), np.cos(scene.yaw(zone))
    across = max(abs(cos * way[0] + sin * way[1]), abs(cos * way[1] - sin * way[0]))
    border = scene.things[zone].size[0] / 2 / across
    start = farthest - PUSH_RUN_UP_M * way
    end = center + (STOP_SHORT_M + ZONE_INSET_M - border) * way
    return Pose((*start.tolist(), 0.0)), Pose((*end.tolist(), 0.0))
