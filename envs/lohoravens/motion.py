"""Straight motions of the tip: where the joints are at every physics step."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.lohoravens.ur5e import MAX_VELOCITY, inverse

RATE = 240.0
"""Physics steps per second."""

TIP_SPEED = 1.5
"""Of the tip in free space, at most (m/s)."""

PEAK = 1.5
"""Peak over mean speed of a motion that speeds up and slows down evenly."""

SAMPLES = 9


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


HOME = Tip(0.2, 0.0, 0.58)
"""Where the arm waits: out of the cameras' way."""


def joints_at(tip: Tip) -> NDArray[np.float64]:
    """Return the joints (6,) for a tip."""
    return inverse([tip.row()[:3]], [tip.yaw])[0]


def stride(start: Tip, end: Tip) -> NDArray[np.float64]:
    """Return joints (N, 6) at every physics step of a motion from rest to rest in free space.

    It speeds up and slows down evenly, and takes as long as the slowest of joints and tip needs.
    """
    samples = _line(start, end, np.linspace(0.0, 1.0, SAMPLES))
    turn = np.abs(np.diff(samples, axis=0)).max() * (SAMPLES - 1) / MAX_VELOCITY
    length = float(np.linalg.norm((end.row() - start.row())[:3])) / TIP_SPEED
    count = int(np.ceil(PEAK * max(turn, length) * RATE)) + 1
    time = np.arange(1, count + 1) / count
    return _line(start, end, time**2 * (3.0 - 2.0 * time))


def creep(start: Tip, end: Tip, step: float) -> NDArray[np.float64]:
    """Return joints (N, 6) for a motion in steps of `step` meters, slow enough to feel contact."""
    length = float(np.linalg.norm((end.row() - start.row())[:3]))
    count = max(1, int(np.ceil(length / step)))
    return _line(start, end, np.arange(1, count + 1) / count)


def _line(start: Tip, end: Tip, parts: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = start.row() + parts[:, None] * (end.row() - start.row())
    return inverse(rows[:, :3], rows[:, 3])
