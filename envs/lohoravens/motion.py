"""Straight motions of the tip: where the joints are at every physics step."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.lohoravens.ur5e import MAX_JOINT_VELOCITY, inverse

PHYSICS_RATE_HZ = 240.0
"""Physics steps per second."""

MAX_TIP_SPEED = 1.5
"""Greatest mean speed of the tip in free space (m/s)."""

PEAK_TO_MEAN_SPEED = 1.5
"""Peak over mean speed of a motion with constant acceleration and deceleration."""

LINE_SAMPLES = 9
"""Points of a straight line at which joints are computed to find the fastest joint."""

STOP_SHORT_M = 0.05
"""A push ends this far before its end: cliport/tasks/primitives.py."""


@dataclass(frozen=True)
class Tip:
    """Where the tip of the tool is: x, y, z (m, world) and yaw (rad); it points down."""

    x: float
    y: float
    z: float
    yaw: float = 0.0

    def at(self, z: float) -> Tip:
        """Return the tip above or below, at height `z` (m)."""
        return replace(self, z=z)

    def row(self) -> NDArray[np.float64]:
        """Return x, y, z, yaw as (4,)."""
        return np.array([self.x, self.y, self.z, self.yaw])


HOME_TIP = Tip(0.2, 0.0, 0.58)
"""Where the arm waits: it hides nothing from the cameras there."""


def joints_at(tip: Tip) -> NDArray[np.float64]:
    """Return the joints (6,) for a tip."""
    return inverse([tip.row()[:3]], [tip.yaw])[0]


def free_motion(start: Tip, end: Tip) -> NDArray[np.float64]:
    """Return joints (N, 6) at every physics step of a motion from rest to rest in free space.

    Speed rises and falls smoothly. The motion takes as long as the slowest of joints and tip needs.
    """
    samples = _line(start, end, np.linspace(0.0, 1.0, LINE_SAMPLES))
    turn = np.abs(np.diff(samples, axis=0)).max() * (LINE_SAMPLES - 1) / MAX_JOINT_VELOCITY
    length = float(np.linalg.norm((end.row() - start.row())[:3])) / MAX_TIP_SPEED
    count = int(np.ceil(PEAK_TO_MEAN_SPEED * max(turn, length) * PHYSICS_RATE_HZ)) + 1
    time = np.arange(1, count + 1) / count
    return _line(start, end, time**2 * (3.0 - 2.0 * time))


def guarded_motion(start: Tip, end: Tip, step: float) -> NDArray[np.float64]:
    """Return joints (N, 6) for a motion in steps of `step` meters, slow enough to sense contact."""
    length = float(np.linalg.norm((end.row() - start.row())[:3]))
    count = max(1, int(np.ceil(length / step)))
    return _line(start, end, np.arange(1, count + 1) / count)


def _line(start: Tip, end: Tip, fractions: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = start.row() + fractions[:, None] * (end.row() - start.row())
    return inverse(rows[:, :3], rows[:, 3])
