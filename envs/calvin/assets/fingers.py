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

    The gel of calvin_env's fingertip is a shallow dome; these numbers are fitted to the grasps
    and pushes that the official simulator recorded.
    """
    points = []
    for y in np.linspace(-0.0092, 0.0092, 7):
        for z in np.linspace(0.003, 0.0293, 7):
            out = 0.0201 - y**2 / (2 * 0.0367) - (z - 0.016) ** 2 / (2 * 0.092)
            points += [(out, y, z), (0.016, y, z)]
    return np.array(points)
