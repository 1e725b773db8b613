"""CALVIN's longer finger and its soft tip, in the left finger's and the tip's own frames."""

from __future__ import annotations

import numpy as np

from envs.calvin.assets import shapes
from envs.calvin.assets.shapes import Array, Mesh


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

    calvin_env's fingertip is the gel of a DIGIT sensor: a shallow dome with rounded corners.
    These measures are fitted to the gripper widths and block poses while the official simulator
    grasps and pushes.
    """
    half_width, low, high, corner = 0.0078, 0.0021, 0.0297, 0.0054
    points = []
    for y in np.linspace(-half_width, half_width, 9):
        for z in np.linspace(low, high, 9):
            y_in, z_in = _round_corner(y, z, half_width, low, high, corner)
            out = 0.0201 - y_in**2 / (2 * 0.024) - (z_in - 0.0145) ** 2 / (2 * 0.053)
            points += [(out, y_in, z_in), (0.0152, y_in, z_in)]
    return np.array(points)


def _round_corner(
    y: float, z: float, half_width: float, low: float, high: float, radius: float
) -> tuple[float, float]:
    """Return the point of a rounded rectangle nearest to one of the rectangle itself."""
    anchor = np.array(
        [
            np.clip(y, radius - half_width, half_width - radius),
            np.clip(z, low + radius, high - radius),
        ]
    )
    way = np.array([y, z]) - anchor
    length = max(float(np.linalg.norm(way)), radius)
    nearest = anchor + way * radius / length
    return float(nearest[0]), float(nearest[1])
