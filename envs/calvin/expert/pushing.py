"""Skills that push a block over the table with closed fingers."""

from __future__ import annotations

from math import pi

import numpy as np

from longhaul.envs.calvin.expert.grasp import drag, drawer_inside
from longhaul.envs.calvin.expert.hand import FINGERS_CLOSED, Actions, Hand
from longhaul.envs.calvin.expert.view import TABLE_EDGE_Y_M, TABLE_TOP_Z_M, UP, Block, Vector
from longhaul.envs.calvin.state import BLOCK_COLORS

PUSH_SPEED = 0.013
"""Speed of the hand in meters per step of 1/30 s; after it a block slides on for 2 cm."""

PUSH_LENGTH_M = 0.112
"""Distance by which a block is pushed along x; the task asks for at least 0.1."""

BRAKING_DISTANCE_M = 0.008
"""How far a block still moves while the hand comes to a stop."""

MAX_PUSH_STEPS = 60
"""Most steps of one push before the skill begins again."""

DRAWER_MARGIN_M = 0.06
"""Distance from a wall of the drawer to the center of a block that fingers can still grasp."""


def push(hand: Hand, color: str, way: int) -> Actions:
    """Push a block along x by a little more than the 10 cm asked for: `way` +1 right, -1 left.

    The hand stops short and the block slides the rest, so that it ends up standing by itself.
    """
    yield from hand.depart()
    start = hand.view.block(color).position[0]
    yield from _push_to(hand, color, np.array([way, 0.0, 0.0]), start + way * PUSH_LENGTH_M)


def push_into_drawer(hand: Hand) -> Actions:
    """Push a block of the table top over its edge into the open drawer."""
    view = hand.view
    yield from hand.depart()
    block = min(view.on_table(), key=lambda b: b.position[1], default=view.block(BLOCK_COLORS[0]))
    x0, x1, _, _ = drawer_inside(view)
    # Far enough from the drawer's walls for fingers to reach around it later.
    inside = float(np.clip(block.position[0], x0 + DRAWER_MARGIN_M, x1 - DRAWER_MARGIN_M))
    if abs(inside - block.position[0]) > 0.01:
        yield from drag(hand, block.color, np.array([inside, block.position[1]]))
    yield from _push_to(hand, block.color, np.array([0.0, -1.0, 0.0]), TABLE_EDGE_Y_M - 0.03)


def _push_to(hand: Hand, color: str, direction: Vector, end: float) -> Actions:
    """Push a block along x or y until its center's coordinate there is `end`."""
    view = hand.view
    axis = int(np.argmax(np.abs(direction)))
    # The closed fingers are widest along the axis on which they open: it lies across the push.
    yaw = pi / 2 if axis == 1 else pi if view.target[1][2] > pi / 2 else 0.0
    hand.fingers = FINGERS_CLOSED
    # Across the table the hand leans forward, or it would brush the handle of the door.
    euler = hand.orientation(yaw + _skew(view.block(color), direction), 0.3 if axis == 0 else 0.0)

    def behind(block: Block, gap: float) -> Vector:
        depth = block.reach(direction) + 0.012 + gap
        place = block.position - direction * depth
        place[2] = TABLE_TOP_Z_M + 0.024
        return place

    yield from hand.travel(behind(view.block(color), 0.02) + 0.07 * UP, euler)
    yield from hand.to(behind(view.block(color), 0.02), euler, through=True)
    for _ in range(MAX_PUSH_STEPS):
        block = view.block(color)
        left = (end - block.position[axis]) * direction[axis] - view.glide(color)
        if left < BRAKING_DISTANCE_M or block.position[2] < TABLE_TOP_Z_M:
            break
        # A push beside the block's middle turns it away, so the hand is steered to the middle.
        aside = behind(block, 0.0) - view.target[0]
        aside -= (aside @ direction) * direction
        yield hand.by(PUSH_SPEED * direction + np.clip(0.7 * aside, -0.005, 0.005))
    for _ in range(4):
        yield hand.toward(view.tcp - 0.03 * direction, 0.02)


def _skew(block: Block, direction: Vector) -> float:
    """Return the angle (rad) from a direction of push to the normal of the block's nearest face."""
    side = block.axes[:, [axis for axis in range(3) if axis != block.upright_axis]]
    normals = np.concatenate([side, -side], axis=1)
    face = normals[:, int(np.argmax(direction @ normals))]
    angle = np.arctan2(direction[0] * face[1] - direction[1] * face[0], direction @ face)
    return float(np.clip(angle, -0.45, 0.45))
