"""Chooses how to grasp a block, and grasps it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from math import atan2, pi

import numpy as np

from longhaul.envs.calvin.expert.hand import (
    FINGERS_CLOSED,
    FINGERS_OPEN,
    GENTLE_SPEED,
    Action,
    Actions,
    Hand,
)
from longhaul.envs.calvin.expert.view import TABLE_EDGE_Y_M, TABLE_TOP_Z_M, Block, Vector, View
from longhaul.envs.calvin.scenes import ASSET_SCALE

FINGER_DISTANCE_M = 0.052
"""Distance from the TCP to the middle of an open finger."""

FINGER_RADIUS_M = 0.016
"""Radius of a circle around a finger, seen from above."""

PRESS_DEPTH_M = 0.002
"""How far below a block's top the fingers aim when they drag the block."""

BUTTON_RADIUS_M = 0.036
"""Radius of the table's button with a little room around it."""

FINGERTIP_M = 0.0147
"""Distance from the TCP to the end of the fingers."""

CLEARANCE_M = 0.115
"""Distance between the centers of a block and of its neighbor that leaves room for a finger."""

MAX_WIDTH_M = 0.066
"""Widest side of a block that the open fingers reach around."""

MAX_CROWD_M = 0.004
"""Largest `Grasp.crowd` with which a grasp is tried; with more the block is dragged away first."""

REST_SPEED = 0.1
"""Speed (m/s) below which a block no longer tumbles."""

HOME_YAW_RAD = pi / 2
"""Yaw of the hand at reset. The wrist reaches a quarter turn to either side of it."""

CABINET_TILT_RAD = 0.38
"""Tilt that keeps the hand away from the beam above the cabinet."""

MAX_ATTEMPTS = 4
"""How often a grasp is tried before the skill begins again."""

MAX_SHIFT_M = 0.01
"""How far a block may have moved since a motion was planned before it is planned again."""


@dataclass(frozen=True)
class Grasp:
    """The TCP's place (m) and the hand's yaw and tilt (rad) for a grasp.

    `crowd` is the depth (m) by which the open fingers would overlap neighbors or walls.
    """

    position: Vector
    yaw: float
    tilt: float
    crowd: float


def plan(view: View, block: Block, *, tilt: float, along: float, turn: float = 0.0) -> Grasp:
    """Choose a grasp away from neighbors and walls, with the wrist near the middle of its range.

    `turn` is how far the hand will turn about z while it holds the block; the middle of that
    turn should be close to HOME_YAW_RAD.
    """
    options = []
    flat = [axis for axis in range(3) if axis != block.upright_axis]
    for across, lengthwise in (flat, flat[::-1]):
        if 2 * block.half[across] > MAX_WIDTH_M:
            continue
        closing = _level(block.axes[:, across])
        side = _level(block.axes[:, lengthwise])
        slack = max(0.0, float(block.half[lengthwise]) - 0.02)
        for shift in (0.0, 0.6 * slack, -0.6 * slack):
            place = block.position + side * (shift + np.clip(along, -slack, slack))
            place[2] = max(block.position[2] + block.half_height - 0.019, place[2])
            for yaw in _yaws(closing, turn):
                strain = abs(yaw + turn / 2 - HOME_YAW_RAD) + 0.2 * abs(yaw - view.target[1][2])
                crowd = _crowding(view, block, place, closing)
                cost = strain + 10 * abs(shift) + 100 * crowd + 10 * float(block.half[across])
                options.append((cost, Grasp(place, yaw, tilt, crowd)))
    return min(options, key=lambda option: option[0])[1]


def take(hand: Hand, color: str, *, tilt: float = 0.0, turn: float = 0.0) -> Actions:
    """Open, come down on a block and close; try again from its new place after a miss."""
    view = hand.view
    back = np.array([0.0, -np.sin(tilt), np.cos(tilt)])
    for _ in range(MAX_ATTEMPTS):
        hand.fingers = FINGERS_OPEN
        while view.speed(color) > REST_SPEED:
            yield from hand.wait(1)
        grasp = _planned(hand, color, tilt, turn)
        if grasp.crowd > MAX_CROWD_M:
            yield from _drag_free(hand, color, tilt)
            continue
        yield from _unless_moved(view, color, _approach(hand, grasp.position + 0.07 * back, grasp))
        before, grasp = grasp, _planned(hand, color, tilt, turn)
        if abs(before.yaw - grasp.yaw) > 0.2:
            continue
        euler = hand.orientation(grasp.yaw, grasp.tilt)
        descent = hand.to(grasp.position, euler, speed=GENTLE_SPEED)
        if (yield from _unless_moved(view, color, descent)):
            continue
        yield from hand.close()
        if view.held() == color:
            return
        yield from hand.open()
        yield from hand.to(view.target[0] + 0.06 * back)


def _unless_moved(view: View, color: str, motion: Actions) -> Generator[Action, None, bool]:
    """Make a motion planned for a block's place; stop and return True if the block moves."""
    place = view.block(color).position
    for action in motion:
        if np.linalg.norm(view.block(color).position - place) > MAX_SHIFT_M:
            return True
        yield action
    return False


def _approach(hand: Hand, place: Vector, grasp: Grasp) -> Actions:
    """Travel to a place above a block, into the cabinet from the front."""
    euler = hand.orientation(grasp.yaw, grasp.tilt)
    if place[1] > 0.0:
        yield from hand.travel([place[0], -0.07, 0.56], euler)
    yield from hand.travel(place, euler)


def _drag_free(hand: Hand, color: str, tilt: float) -> Actions:
    """Drag a block to where open fingers fit around it."""
    block = hand.view.block(color)
    x0, x1, y0, y1 = _room(hand.view, block)
    goal = np.clip(block.position[:2], [x0 + 0.02, y0 + 0.02], [x1 - 0.02, y1 - 0.02])
    things = [other.position for other in hand.view.blocks() if other.color != color]
    for thing in (*things, hand.view.button):
        apart = block.position - thing
        near = float(np.linalg.norm(apart[:2]))
        if near < CLEARANCE_M and abs(apart[2]) < 0.05:
            goal = goal + (CLEARANCE_M - near) * apart[:2] / near
    yield from drag(hand, color, goal, tilt)


def drag(hand: Hand, color: str, goal: Vector, tilt: float = 0.0) -> Actions:
    """Press the closed fingers on a block from above and drag it to `goal` (x, y)."""
    block = hand.view.block(color)
    hand.fingers = FINGERS_CLOSED
    top = block.position + np.array([0.0, 0.0, block.half_height + FINGERTIP_M])
    back = np.array([0.0, -np.sin(tilt), np.cos(tilt)])
    yield from _approach(hand, top + 0.05 * back, Grasp(top, HOME_YAW_RAD, tilt, 0.0))
    pressed = top[2] - PRESS_DEPTH_M
    yield from hand.to([*top[:2], pressed], speed=GENTLE_SPEED)
    yield from hand.to([*goal, pressed], speed=GENTLE_SPEED)
    yield from hand.to(hand.view.target[0] + 0.06 * back)


def _planned(hand: Hand, color: str, tilt: float, turn: float) -> Grasp:
    return plan(hand.view, hand.view.block(color), tilt=tilt, along=hand.style.along, turn=turn)


def _level(axis: Vector) -> Vector:
    level = np.array([axis[0], axis[1], 0.0])
    return level / np.linalg.norm(level)


def _yaws(closing: Vector, turn: float) -> list[float]:
    """Return the two yaws nearest to home whose fingers open along `closing`."""
    yaw = atan2(closing[1], closing[0]) + pi / 2
    middle = HOME_YAW_RAD - turn / 2
    nearest = yaw - pi * round((yaw - middle) / pi)
    return [nearest, nearest + pi if nearest < middle else nearest - pi]


def _crowding(view: View, block: Block, place: Vector, closing: Vector) -> float:
    """Return the depth (m) by which the open fingers would overlap neighbors or walls."""
    fingers = [place + sign * FINGER_DISTANCE_M * closing for sign in (-1, 1)]
    depth = 0.0
    for other in view.blocks():
        if other.color == block.color or abs(other.position[2] - place[2]) > 0.05:
            continue
        for finger in fingers:
            local = np.abs((finger - other.position) @ other.axes) - other.half
            level = np.delete(local, other.upright_axis)
            depth += max(0.0, FINGER_RADIUS_M - float(np.linalg.norm(np.maximum(level, 0))))
    if place[2] > TABLE_TOP_Z_M:
        for finger in fingers:
            apart = float(np.linalg.norm((finger - view.button)[:2]))
            depth += max(0.0, BUTTON_RADIUS_M + FINGER_RADIUS_M - apart)
    x0, x1, y0, y1 = _room(view, block)
    for finger in fingers:
        outside = max(x0 - finger[0], finger[0] - x1, y0 - finger[1], finger[1] - y1)
        depth += max(0.0, outside - FINGER_DISTANCE_M)
    return depth


def _room(view: View, block: Block) -> tuple[float, float, float, float]:
    """Return x and y ranges (m) in which a block's center leaves room for open fingers."""
    _, y, z = block.position
    if y < TABLE_EDGE_Y_M and z < TABLE_TOP_Z_M:
        x0, x1, y0, y1 = drawer_inside(view)
    elif y > 0.03:
        (x0, x1), (y0, y1) = cabinet_opening(view), (-1.0, 1.0)
    else:
        x0, x1, y0, y1 = -0.42, 0.42, -1.0, 1.0
    side = FINGER_DISTANCE_M + FINGER_RADIUS_M
    return x0 + side, x1 - side, y0 + side, y1 - side


def cabinet_opening(view: View) -> tuple[float, float]:
    """Return the x range (m) of the wider opening that the door leaves in the cabinet."""
    shelf = ASSET_SCALE * view.layout.plank_x
    door = ASSET_SCALE * view.layout.slide_x - view.slide
    left, right = (shelf - 0.26, door), (door + 0.28, shelf + 0.26)
    return max(left, right, key=lambda gap: gap[1] - gap[0])


def drawer_inside(view: View) -> tuple[float, float, float, float]:
    """Return x and y ranges (m) of the drawer's inside that is not under the table.

    The numbers come from the walls of drawer_link in data/calvin_table_X.
    """
    middle = ASSET_SCALE * view.layout.drawer_x
    front = -ASSET_SCALE * 0.1967 - view.drawer
    back = ASSET_SCALE * 0.0475 - view.drawer
    return middle - 0.177, middle + 0.177, front, min(back, TABLE_EDGE_Y_M)
