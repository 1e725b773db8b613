"""Handles of door, drawer and switch: rounded bars as visual, chamfered hulls as collision shapes.

The hulls follow the official collision hulls (data/calvin_table_X/meshes/*_vhacd2.obj in
mees/calvin_env) to about a millimeter; Bullet adds its margin to both alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from longhaul.envs.calvin.assets import shapes
from longhaul.envs.calvin.assets.shapes import Array, Mesh

Outline = Sequence[tuple[float, float]]

# Outlines in the handle's own plane, counterclockwise; the bars reach into their posts, so that
# the chamfers leave no gap between them.
_SLIDE: Sequence[Outline] = (
    (
        (-0.1003, 0.02),
        (-0.0738, 0.02),
        (-0.0721, 0.073),
        (-0.0721, 0.1001),
        (-0.0952, 0.1001),
        (-0.1003, 0.0942),
    ),
    (
        (0.0738, 0.02),
        (0.1009, 0.02),
        (0.1014, 0.0932),
        (0.0947, 0.1001),
        (0.0717, 0.1001),
        (0.0717, 0.073),
    ),
    ((-0.085, 0.0719), (0.085, 0.0719), (0.085, 0.1001), (-0.085, 0.1001)),
)
_DRAWER_POST: Outline = (
    (0.1243, 0.22),
    (0.1507, 0.22),
    (0.1507, 0.3199),
    (0.1441, 0.3265),
    (0.1199, 0.3265),
    (0.1199, 0.2985),
)
_DRAWER_BAR: Outline = ((-0.13, 0.2979), (0.13, 0.2979), (0.13, 0.3265), (-0.13, 0.3265))
_SWITCH_POST: Outline = ((0.0488, -0.0003), (0.0753, -0.0003), (0.0753, 0.06), (0.0488, 0.06))
_SWITCH_CORNER: Outline = (
    (0.0488, 0.0425),
    (0.0753, 0.0425),
    (0.0753, 0.0672),
    (0.0722, 0.0747),
    (0.0639, 0.0801),
    (0.03, 0.0804),
    (0.03, 0.0545),
    (0.0438, 0.052),
)
_SWITCH_BAR: Outline = ((-0.045, 0.0545), (0.045, 0.0545), (0.045, 0.0804), (-0.045, 0.0804))


def slide_hulls() -> list[Array]:
    """Return the door handle's convex hulls; outlines are in (y, z)."""
    return [_bar(outline, (0.149, 0.2009), 0.0048)[:, [2, 0, 1]] for outline in _SLIDE]


def drawer_hulls() -> list[Array]:
    """Return the drawer handle's convex hulls; outlines are in (x, z)."""
    posts = [_bar(outline, (0.0245, 0.0772), 0.0045) for outline in _both_sides(_DRAWER_POST)]
    bar = _bar(_DRAWER_BAR, (0.0245, 0.0751), 0.0045)
    return [hull[:, [0, 2, 1]] for hull in (*posts, bar)]


def switch_hulls() -> list[Array]:
    """Return the switch's convex hulls; outlines are in (x, y)."""
    outlines = [*_both_sides(_SWITCH_POST), *_both_sides(_SWITCH_CORNER), _SWITCH_BAR]
    return [_bar(outline, (-0.0303, 0.01), 0.0058) for outline in outlines]


def slide_mesh() -> Mesh:
    """Return the door handle, its feet on the panel at z = 0.025."""
    bar = shapes.handle(0.175, 0.0625, 0.05, 0.016)
    quarter_turn = [[0, -1, 0], [1, 0, 0], [0, 0, 1]]
    return bar.mapped(quarter_turn, (0.175, 0, 0.025))


def drawer_mesh() -> Mesh:
    """Return the drawer handle, its feet on the front at z = 0.225."""
    return shapes.handle(0.275, 0.0875, 0.05, 0.016).mapped(np.eye(3), (0, 0.05, 0.225))


def switch_mesh() -> Mesh:
    """Return the switch, its feet in the slope at y = 0."""
    lying = [[1, 0, 0], [0, 0, 1], [0, -1, 0]]
    return shapes.handle(0.125, 0.0675, 0.04, 0.025).mapped(lying, (0, 0, -0.01))


def _both_sides(outline: Outline) -> list[Outline]:
    return [outline, [(-a, b) for a, b in reversed(outline)]]


def _bar(outline: Outline, width: tuple[float, float], chamfer: float) -> Array:
    """Return the corners (4K, 3) of an outline given a width and chamfered along its rims."""
    low, high = width
    narrow = shapes.inset(outline, chamfer)
    layers = (
        (narrow, low),
        (np.asarray(outline), low + chamfer),
        (np.asarray(outline), high - chamfer),
        (narrow, high),
    )
    return np.concatenate([np.column_stack([flat, np.full(len(flat), w)]) for flat, w in layers])
