"""CALVIN's longer finger and its soft tip, in the left finger's and the tip's own frames."""

from __future__ import annotations

import numpy as np

from longhaul.envs.calvin.assets import shapes
from longhaul.envs.calvin.assets.shapes import Array, Mesh


def finger_hull() -> Array:
    """Return the corners (K, 3) of the collision shape: a wedge 96 mm long, inner face y = 4 mm."""
    # z, half width in x, inner and outer y; as data/franka_panda's longer_finger_v2.
    rows = (
        (0.00025, 0.0104, 0.0062, 0.0269),
        (0.0341, 0.0104, 0.0062, 0.0215),
        (0.0647, 0.0088, 0.0039, 0.0135),
        (0.0905, 0.0087, 0.0039, 0.0065),
        (0.0963, 0.0056, 0.0039, 0.0068),
    )
    corners = [
        (sign * half, y, z)
        for z, half, inner, outer in rows
        for sign in (-1, 1)
        for y in (inner, outer)
    ]
    return np.array(corners)


def finger_mesh() -> Mesh:
    """Return the finger to look at: a mount, a slanting arm and a tapered blade."""
    outlines = (
        (0.0100, [(0.003, 0), (0.0286, 0), (0.0286, 0.004), (0.003, 0.004)]),
        (0.0105, [(0.0127, 0.004), (0.0266, 0.004), (0.0266, 0.018), (0.0127, 0.018)]),
        (
            0.0105,
            [
                (0.0127, 0.018),
                (0.0266, 0.018),
                (0.0147, 0.0385),
                (0.01, 0.0385),
                (0.01, 0.0325),
            ],
        ),
        (0.0098, [(0.01, 0.0385), (0.0147, 0.0385), (0.0147, 0.053), (0.01, 0.053)]),
        (
            0.0092,
            [
                (0.0037, 0.0361),
                (0.011, 0.0361),
                (0.0111, 0.055),
                (0.0077, 0.0795),
                (0.005, 0.0963),
                (0.004, 0.0963),
            ],
        ),
    )
    return shapes.merge([shapes.prism(outline, -half, half) for half, outline in outlines])


def tip_points() -> Array:
    """Return points (K, 3) whose hull is the soft pad: x out of the finger, z along it.

    calvin_env's fingertip is the gel of a DIGIT sensor: a dome on a rectangle with round corners.
    Its extents (4.07 x 18.45 x 25.00 mm) follow from the fingertip's inertia, which the first
    physics step of a recorded rollout tells exactly: with these the arm moves as the official one
    to 3e-10 until it touches something. Position and curvature are fitted to the recorded grasps
    and to how blocks, drawer and switch give way.
    """
    apex, thickness = 0.0201, 0.00407
    half_width, middle, half_height = 0.009225, 0.01716, 0.0125
    points = []
    for across in np.linspace(-1, 1, 9):
        for along in np.linspace(-1, 1, 9):
            drop, corner = (0.00218, 0.35) if along > 0 else (0.00271, 0.286)
            out = apex - 0.00278 * abs(across) ** 1.64 - drop * abs(along) ** 4.31
            inward = 1 - corner * (across * along) ** 4
            y, z = inward * across * half_width, middle + inward * along * half_height
            rim = apex - thickness
            points += [(max(out, rim + 1e-4), y, z), (rim, y, z)]
    return np.array(points)
