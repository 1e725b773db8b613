"""Visual meshes of bowl and ring, made by code as solids of revolution. Their contact shapes are
boxes (longhaul.envs.lohoravens.bodies)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

LATHE_SEGMENTS = 28

BOWL_FLOOR_RATIO, BOWL_WALL_RATIO, BOWL_BOTTOM_RATIO = 0.62, 0.05, 0.1
"""Radius of a bowl's floor and thickness of its wall over the bowl's radius, and thickness of its
floor over the bowl's height."""

RING_HOLE_RADIUS_M = 0.0125
"""Radius of every ring's hole."""


def write_bowl(path: Path) -> None:
    """Write a bowl of extents 1 x 1 x 1 about the origin."""
    rim, inner = 0.5, 0.5 * (1 - BOWL_WALL_RATIO)
    foot, floor = 0.5 * BOWL_FLOOR_RATIO, 0.5 * (BOWL_FLOOR_RATIO - BOWL_WALL_RATIO)
    belly = 0.5 * (0.4 * BOWL_FLOOR_RATIO + 0.6)
    profile = [
        (0.0, -0.5),
        (foot, -0.5),
        (belly, -0.15),
        (rim, 0.5),
        (inner, 0.5),
        (belly - 0.5 * BOWL_WALL_RATIO, -0.12),
        (floor, BOWL_BOTTOM_RATIO - 0.5),
        (0.0, BOWL_BOTTOM_RATIO - 0.5),
    ]
    _write(path, profile, closed=False)


def write_ring(path: Path, radius: float, height: float) -> None:
    """Write a flat ring (m) about the origin."""
    low, high = -height / 2, height / 2
    profile = [(RING_HOLE_RADIUS_M, low), (radius, low), (radius, high), (RING_HOLE_RADIUS_M, high)]
    _write(path, profile, closed=True)


def _write(path: Path, profile: Sequence[tuple[float, float]], closed: bool) -> None:
    """Turn a profile of (radius, z), outside first and counter-clockwise, about the z axis."""
    angles = np.arange(LATHE_SEGMENTS) * 2 * np.pi / LATHE_SEGMENTS
    lines = [
        f"v {radius * np.cos(angle):.7g} {radius * np.sin(angle):.7g} {z:.7g}"
        for radius, z in profile
        for angle in angles
    ]
    rows = len(profile)
    for row in range(rows if closed else rows - 1):
        here, above = row * LATHE_SEGMENTS, (row + 1) % rows * LATHE_SEGMENTS
        for column in range(LATHE_SEGMENTS):
            right = (column + 1) % LATHE_SEGMENTS
            a, b, c, d = here + column, here + right, above + right, above + column
            if profile[row][0] > 0:
                lines.append(f"f {a + 1} {b + 1} {c + 1}")
            if profile[(row + 1) % rows][0] > 0:
                lines.append(f"f {a + 1} {c + 1} {d + 1}")
    path.write_text("\n".join(lines) + "\n")
