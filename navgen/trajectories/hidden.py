"""Checks that no target is in view where its leg begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from longhaul.envs.lhvln.simulator import CAMERA_HEIGHTS_M, Simulator
from longhaul.envs.lhvln.targets import Target
from longhaul.navgen.tasks.task import Reject, Task
from longhaul.navgen.trajectories.leg import Leg


def require_hidden(
    simulator: Simulator, task: Task, legs: Sequence[Leg], targets: Sequence[Target | None]
) -> None:
    """Raise Reject if a target is in view of the task's robot at the start of its leg.

    A target is in view if one pixel of it is; the simulator must draw ids. Afterwards the robot is
    at the start of the last leg.
    """
    simulator.camera_height = CAMERA_HEIGHTS_M[task.robot]
    for number, (leg, target) in enumerate(zip(legs, targets, strict=True), 1):
        *position, yaw = leg.poses[0]
        simulator.set_pose(position, yaw)
        ids = [thing.id for thing in target.objects] if target is not None else []
        for picture in simulator.observe().values():
            assert picture.ids is not None
            if np.isin(picture.ids, ids).any():
                raise Reject("in_view", f"the target of leg {number} is in view where it begins")
