"""A UR5e on a pedestal, from its Denavit-Hartenberg parameters: kinematics and URDF.

The parameters are those that Universal Robots publishes ("DH Parameters for calculations of
kinematics and dynamics"). The base is turned by half a circle, so that the arm looks along the
world's x with its first joint at zero, and stands PEDESTAL above the table: from there the tool,
pointing straight down, reaches every corner of the workspace from the table to TOP.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

A = (0.0, -0.425, -0.3922, 0.0, 0.0, 0.0)
D = (0.1625, 0.0, 0.0, 0.1333, 0.0997, 0.0996)
ALPHA = (np.pi / 2, 0.0, 0.0, np.pi / 2, -np.pi / 2, 0.0)
"""Link lengths and offsets (m) and twists (rad) of joints 1 to 6."""

MASSES = (3.761, 8.058, 2.846, 1.37, 1.3, 0.365)
"""Link masses (kg), of the same table."""

MAX_VELOCITY = np.pi
"""Of every joint (rad/s): UR5e data sheet."""

PEDESTAL = 0.2
TOOL = 0.12
"""Height of the pedestal, and from the flange to the tip of the tool (m)."""

TOP = 0.32
"""Where the tip still reaches every corner of the workspace (m)."""


class ReachError(ValueError):
    """A tip position that the arm cannot reach with its tool pointing down."""


def forward(joints: ArrayLike) -> NDArray[np.float64]:
    """Return the tip's pose in the world, (4, 4), z pointing out of the tool, for joints (6,)."""
    pose = np.diag([-1.0, -1.0, 1.0, 1.0])
    pose[2, 3] = PEDESTAL
    for angle, a, d, alpha in zip(np.asarray(joints, float), A, D, ALPHA, strict=True):
        turn, lean = np.exp(1j * angle), np.exp(1j * alpha)
        pose = pose @ [
            [turn.real, -turn.imag * lean.real, turn.imag * lean.imag, a * turn.real],
            [turn.imag, turn.real * lean.real, -turn.real * lean.imag, a * turn.imag],
            [0.0, lean.imag, lean.real, d],
            [0.0, 0.0, 0.0, 1.0],
        ]
    pose[:3, 3] += TOOL * pose[:3, 2]
    return np.asarray(pose)


def inverse(tips: ArrayLike, yaws: ArrayLike) -> NDArray[np.float64]:
    """Return joints (N, 6) that put the tip at `tips` (N, 3; m, world), pointing down.

    `yaws` (N,) turns the tool about the vertical (rad, counter-clockwise from above). The closed
    form has several branches; this is the one with the elbow up and the wrist reaching out, on
    which neighboring tips have neighboring joints. Raises ReachError naming the first tip that
    is out of reach.
    """
    tips = np.asarray(tips, float).reshape(-1, 3)
    x, y = -tips[:, 0], -tips[:, 1]
    z = tips[:, 2] + TOOL + D[5] - PEDESTAL - D[0]
    away = np.hypot(x, y)
    # In the plane of the arm: where joint 4 is, seen from joint 2.
    out = D[4] - np.sqrt(np.maximum(away**2 - D[3] ** 2, 0.0))
    bend = (out**2 + z**2 - A[1] ** 2 - A[2] ** 2) / (2 * A[1] * A[2])
    far = (np.abs(bend) > 1.0) | (away < D[3])
    if far.any():
        raise ReachError(f"the arm cannot reach {tips[far][0].round(4).tolist()} pointing down")
    joints = np.empty((len(tips), 6))
    joints[:, 0] = np.arctan2(-y, -x) - np.arcsin(D[3] / away)
    joints[:, 2] = np.arccos(bend)
    elbow = np.arctan2(A[2] * np.sin(joints[:, 2]), A[1] + A[2] * np.cos(joints[:, 2]))
    joints[:, 1] = _wrapped(np.arctan2(z, out) - elbow)
    joints[:, 4] = -np.pi / 2
    joints[:, 3] = joints[:, 4] - joints[:, 1] - joints[:, 2]
    joints[:, 5] = _wrapped(joints[:, 0] - np.asarray(yaws, float))
    return joints


def _wrapped(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return angles (rad) in -pi..pi."""
    return (angles + np.pi) % (2 * np.pi) - np.pi
