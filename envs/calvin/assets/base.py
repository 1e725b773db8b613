"""The static part of a play table: boards, the slope with its opening, the button's ring.

The official collision shape is a concave mesh without a collision margin. Here it is made of boxes,
which have no margin either, and of wedges: convex hulls made smaller by the margin that Bullet adds
to hulls.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin, sqrt

import numpy as np

from longhaul.envs.calvin.assets import shapes, textures, urdf
from longhaul.envs.calvin.assets.layouts import Layout
from longhaul.envs.calvin.assets.shapes import Array, Mesh

# Bullet's collision margin is 1 mm in the world; CALVIN scales the URDF by 0.8: 0.001 / 0.8.
HULL_MARGIN_M = 0.00125

Corners = tuple[tuple[float, float, float], tuple[float, float, float]]
Wedge = tuple[Sequence[tuple[float, float]], float, float]

# Foot and head of the slope of 60 degrees above the table top, in (y, z), and y of the back.
SLOPE_FOOT, SLOPE_HEAD, BACK_Y = (0.025, 0.55), (0.175, 0.809808), 0.225
SLOPE_RAD = pi / 3
OPENING_TOP = 0.784808
# Depth of the two grooves for the switch, and where they begin and end along the slope (m).
GROOVE_DEPTH = 0.01
GROOVE_SPAN = (0.075, 0.225)
RING_RADII, RING_HEIGHT = (0.0375, 0.05), 0.025


def collisions(layout: Layout) -> list[urdf.Shape]:
    """Return the base's boxes and the ring; the hulls of `wedge_hulls` come on top."""
    boards = [urdf.span(low, high) for low, high in _boards(layout)]
    ring = urdf.Shape(
        "cylinder", {"radius": "0.049", "length": "0.024"}, (layout.button_x, -0.15, 0.562)
    )
    return [*boards, *(_tilted(low, high) for low, high in _slabs(layout)), ring]


def wedge_hulls(layout: Layout) -> list[Array]:
    """Return the corners (2K, 3) of each wedge, every face moved in by the margin."""
    hulls = []
    for outline, x0, x1 in _wedges(layout):
        corners = shapes.inset(outline, HULL_MARGIN_M)
        ends = (x0 + HULL_MARGIN_M, x1 - HULL_MARGIN_M)
        hulls.append(np.array([(x, *corner) for x in ends for corner in corners]))
    return hulls


def visual(layout: Layout) -> Mesh:
    """Return the base to look at, wood laid on each board along its fibers."""
    parts = []
    for number, (low, high) in enumerate(_boards(layout)):
        leg = number < 4
        parts.append(textures.lay_wood(shapes.box(low, high), 2 if leg else 0, 0.37 * number))
    *wedges, strip = [shapes.prism(*wedge) for wedge in _wedges(layout)]
    for number, wedge in enumerate(wedges):
        parts.append(textures.lay_wood(wedge, 0, 0.61 + 0.23 * number))
    slabs = shapes.merge([shapes.box(low, high) for low, high in _slabs(layout)])
    rotation = np.array(
        [[1, 0, 0], [0, cos(SLOPE_RAD), -sin(SLOPE_RAD)], [0, sin(SLOPE_RAD), cos(SLOPE_RAD)]]
    )
    # One piece of wood: grooves are cut into it, so the fibers run on from slab to slab.
    slope = shapes.merge([strip, slabs.mapped(rotation, (0, *SLOPE_FOOT))])
    parts.append(textures.lay_wood(slope, 0, 0.61))
    inner, outer = RING_RADII
    profile = [(outer, 0), (outer, RING_HEIGHT), (inner, RING_HEIGHT), (inner, 0), (outer, 0)]
    ring = shapes.lathe(profile).mapped(shapes.Y_TO_Z, (layout.button_x, -0.15, SLOPE_FOOT[1]))
    parts.append(textures.lay_wood(ring, 0, 0.15))
    return shapes.merge(parts)


def _boards(layout: Layout) -> list[Corners]:
    """Return the straight boards: legs, drawer case, table top, floor and back of the shelf."""
    drawer0, drawer1 = layout.drawer_x - 0.25, layout.drawer_x + 0.25
    shelf0, shelf1 = layout.shelf
    legs: list[Corners] = [
        ((x, y, 0), (x + 0.05, y + 0.04, 0.5)) for x in (-0.55, 0.5) for y in (-0.225, 0.185)
    ]
    return [
        *legs,
        ((-0.525, -0.2, 0.375), (0.525, 0.2, 0.4)),
        ((-0.525, -0.2, 0.4), (drawer0, 0.2, 0.5)),
        ((drawer1, -0.2, 0.4), (0.525, 0.2, 0.5)),
        ((drawer0, 0.075, 0.4), (drawer1, 0.2, 0.5)),
        ((-0.55, -0.225, 0.5), (0.55, SLOPE_FOOT[0], SLOPE_FOOT[1])),
        ((shelf0, SLOPE_FOOT[0], 0.5), (shelf1, BACK_Y, 0.525)),
        ((shelf0, 0.2, 0.525), (shelf1, BACK_Y, OPENING_TOP)),
    ]


def _wedges(layout: Layout) -> list[Wedge]:
    """Return the sloped parts, outlines in (y, z) counterclockwise from +x: lintel and two sides.

    The side with the switch lies deeper by the grooves' depth; `_slabs` and a strip along its
    upper edge cover it.
    """
    shelf0, shelf1 = layout.shelf
    top = SLOPE_HEAD[1]
    back = GROOVE_DEPTH / sin(SLOPE_RAD)
    behind = (SLOPE_HEAD[0] + back, top)
    plain = [(SLOPE_FOOT[0], 0.5), (BACK_Y, 0.5), (BACK_Y, top), SLOPE_HEAD, SLOPE_FOOT]
    deep = [
        (SLOPE_FOOT[0], 0.5),
        (BACK_Y, 0.5),
        (BACK_Y, top),
        behind,
        (SLOPE_FOOT[0], SLOPE_FOOT[1] - back * sqrt(3)),
    ]
    front_y = SLOPE_HEAD[0] - (top - OPENING_TOP) / sqrt(3)
    lintel = [(front_y, OPENING_TOP), (BACK_Y, OPENING_TOP), (BACK_Y, top), SLOPE_HEAD]
    up = GROOVE_SPAN[1]
    edge = (SLOPE_FOOT[0] + up * cos(SLOPE_RAD), SLOPE_FOOT[1] + up * sin(SLOPE_RAD))
    inner = (edge[0] + GROOVE_DEPTH * sin(SLOPE_RAD), edge[1] - GROOVE_DEPTH * cos(SLOPE_RAD))
    strip = [edge, inner, behind, SLOPE_HEAD]
    left, right = (deep, plain) if layout.switch_x < 0 else (plain, deep)
    x0, x1 = _switch_side(layout)
    return [
        (lintel, shelf0, shelf1),
        (left, -0.55, shelf0),
        (right, shelf1, 0.55),
        (strip, x0, x1),
    ]


def _switch_side(layout: Layout) -> tuple[float, float]:
    return (-0.55, layout.shelf[0]) if layout.switch_x < 0 else (layout.shelf[1], 0.55)


def _slabs(layout: Layout) -> list[Corners]:
    """Return the slabs around the grooves in the slope's frame: x, up the slope, out of it."""
    x0, x1 = _switch_side(layout)
    low, high = GROOVE_SPAN
    left, right = layout.switch_x - 0.0625, layout.switch_x + 0.0625
    areas = [
        (x0, 0.0, x1, low),
        (x0, low, left - 0.0125, high),
        (left + 0.0125, low, right - 0.0125, high),
        (right + 0.0125, low, x1, high),
    ]
    return [((a, b, -GROOVE_DEPTH), (c, d, 0.0)) for a, b, c, d in areas]


def _tilted(low: tuple[float, float, float], high: tuple[float, float, float]) -> urdf.Shape:
    flat = urdf.span(low, high)
    x, up, out = flat.xyz
    y = SLOPE_FOOT[0] + up * cos(SLOPE_RAD) - out * sin(SLOPE_RAD)
    z = SLOPE_FOOT[1] + up * sin(SLOPE_RAD) + out * cos(SLOPE_RAD)
    return urdf.Shape("box", flat.attributes, (x, y, z), (SLOPE_RAD, 0.0, 0.0))
