"""Pushes with the spatula that gather a pile in a zone."""

from __future__ import annotations

import numpy as np

from envs.lohoravens.goals import Goal
from envs.lohoravens.relations import Scene
from envs.lohoravens.things import Pose


def next_push(goal: Goal, scene: Scene) -> tuple[Pose, Pose] | None:
    """Return where the next push starts and ends; None once all lie in the zone."""
    outside = [atom.movers[0] for atom in goal.atoms if not atom.facts(scene)]
    if not outside:
        return None
    zone = np.array(scene.xy(goal.atoms[0].targets[0]))
    points = np.array([scene.xy(name) for name in outside])
    away = np.linalg.norm(points - zone, axis=-1)
    first = points[away.argmax()]
    way = (zone - first) / away.max()
    start = first - 0.03 * way
    end = zone + 0.05 * way
    return Pose((*start.tolist(), 0.0)), Pose((*end.tolist(), 0.0))
