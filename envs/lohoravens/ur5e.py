"""DH_A UR5e on a pedestal, from its Denavit-Hartenberg parameters: kinematics and URDF.

The parameters are those that Universal Robots publishes ("DH Parameters for calculations of
kinematics and dynamics"). The base is turned by half a circle, so that the arm looks along the
world's x with its first joint at zero, and stands PEDESTAL_HEIGHT_M above the table. From there the
tool, pointing straight down, reaches every corner of the workspace from the table to MAX_TIP_Z_M.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

DH_A = (0.0, -0.425, -0.3922, 0.0, 0.0, 0.0)
DH_D = (0.1625, 0.0, 0.0, 0.1333, 0.0997, 0.0996)
DH_ALPHA = (np.pi / 2, 0.0, 0.0, np.pi / 2, -np.pi / 2, 0.0)
"""Denavit-Hartenberg parameters of joints 1 to 6: link lengths and offsets (m), twists (rad)."""

LINK_MASSES_KG = (3.761, 8.058, 2.846, 1.37, 1.3, 0.365)
"""Masses of links 1 to 6, of the same table."""

MAX_JOINT_VELOCITY = np.pi
"""Greatest velocity of every joint (rad/s): UR5e data sheet."""

PEDESTAL_HEIGHT_M = 0.2
TOOL_LENGTH_M = 0.12
"""Height of the pedestal, and distance from the flange to the tip of the tool."""

MAX_TIP_Z_M = 0.32
"""Greatest height at which the tip reaches every corner of the workspace."""


class ReachError(ValueError):
    """DH_A tip position that the arm cannot reach with its tool pointing down."""


def forward(joints: ArrayLike) -> NDArray[np.float64]:
    """Return the tip's pose in the world, (4, 4), z pointing out of the tool, for joints (6,)."""
    pose = np.diag([-1.0, -1.0, 1.0, 1.0])
    pose[2, 3] = PEDESTAL_HEIGHT_M
    for angle, a, d, alpha in zip(np.asarray(joints, float), DH_A, DH_D, DH_ALPHA, strict=True):
        turn, lean = np.exp(1j * angle), np.exp(1j * alpha)
        pose = pose @ [
            [turn.real, -turn.imag * lean.real, turn.imag * lean.imag, a * turn.real],
            [turn.imag, turn.real * lean.real, -turn.real * lean.imag, a * turn.imag],
            [0.0, lean.imag, lean.real, d],
            [0.0, 0.0, 0.0, 1.0],
        ]
    pose[:3, 3] += TOOL_LENGTH_M * pose[:3, 2]
    return np.asarray(pose)


def inverse(tips: ArrayLike, yaws: ArrayLike) -> NDArray[np.float64]:
    """Return joints (N, 6) that put the tip at `tips` (N, 3; m, world), pointing down.

    `yaws` (N,) turns the tool about the vertical (rad, counter-clockwise from above). The closed
    form has several solutions. This one has the elbow up and the wrist outward; with it, joints
    change little between neighboring tips. Raises ReachError naming the first tip that is out of
    reach.
    """
    tips = np.asarray(tips, float).reshape(-1, 3)
    x, y = -tips[:, 0], -tips[:, 1]
    z = tips[:, 2] + TOOL_LENGTH_M + DH_D[5] - PEDESTAL_HEIGHT_M - DH_D[0]
    away = np.hypot(x, y)
    # In the plane of the arm: where joint 4 is, seen from joint 2.
    out = DH_D[4] - np.sqrt(np.maximum(away**2 - DH_D[3] ** 2, 0.0))
    bend = (out**2 + z**2 - DH_A[1] ** 2 - DH_A[2] ** 2) / (2 * DH_A[1] * DH_A[2])
    far = (np.abs(bend) > 1.0) | (away < DH_D[3])
    if far.any():
        raise ReachError(f"the arm cannot reach {tips[far][0].round(4).tolist()} pointing down")
    joints = np.empty((len(tips), 6))
    joints[:, 0] = np.arctan2(-y, -x) - np.arcsin(DH_D[3] / away)
    joints[:, 2] = np.arccos(bend)
    elbow = np.arctan2(DH_A[2] * np.sin(joints[:, 2]), DH_A[1] + DH_A[2] * np.cos(joints[:, 2]))
    joints[:, 1] = _wrapped(np.arctan2(z, out) - elbow)
    joints[:, 4] = -np.pi / 2
    joints[:, 3] = joints[:, 4] - joints[:, 1] - joints[:, 2]
    joints[:, 5] = _wrapped(joints[:, 0] - np.asarray(yaws, float))
    return joints


def _wrapped(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return angles (rad) in -pi..pi."""
    return (angles + np.pi) % (2 * np.pi) - np.pi
