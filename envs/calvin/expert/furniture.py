"""Skills on the table itself: sliding door, drawer, switch and button.

Handles are those of data/calvin_table_X in mees/calvin_env; offsets within them were measured
on its collision shapes. All strokes are made with closed fingers.
"""

from __future__ import annotations

import numpy as np

from longhaul.envs.calvin.expert.hand import FINGERS_CLOSED, GENTLE_SPEED, Actions, Hand
from longhaul.envs.calvin.expert.view import UP, Vector
from longhaul.envs.calvin.scenes import ASSET_SCALE

UP_SLOPE = np.array([0.0, 0.5, np.sqrt(0.75)])
"""Unit vector up along the slope of 60 degrees that carries door and switch."""

OFF_SLOPE = np.array([0.0, -np.sqrt(0.75), 0.5])
"""Unit vector out of that slope, at a right angle to it."""

SIDE_CLEARANCE_M = 0.038
"""Along x from the middle of the door's handle to that of the closed fingers beside it."""

DOOR_TRAVEL_M = {"A": 0.28, "B": 0.304, "C": 0.24, "D": 0.28}
"""Range of the door's joint by scene."""

DOOR_AJAR_M = 0.03
"""How far the door may stand from its stop before it is pushed out of the way."""

DRAWER_TRAVEL_M = 0.22
SWITCH_TRAVEL_M = 0.088
"""Ranges of the drawer's and the switch's joint."""

HAND_YAW_RAD = np.pi / 2
"""Yaw of the hand for all of these skills: that of the arm's rest pose."""


def slide(hand: Hand, way: int) -> Actions:
    """Push the sliding door to its stop: `way` +1 left (toward -x), -1 right."""
    view = hand.view

    def beside(joint: float, gap: float) -> Vector:
        handle = ASSET_SCALE * (view.layout.slide_x + 0.175) - joint
        return np.array([handle + way * (SIDE_CLEARANCE_M + gap), 0.010, 0.557])

    yield from hand.depart()
    hand.fingers = FINGERS_CLOSED
    euler = hand.orientation(HAND_YAW_RAD, 0.2 + hand.style.tilt)
    start = beside(view.slide, 0.02)
    yield from hand.travel([start[0], -0.08, 0.60], euler)
    yield from hand.to([start[0], -0.01, 0.60], euler, through=True)
    yield from hand.to(start, euler, through=True)
    end = beside(DOOR_TRAVEL_M[view.name] if way > 0 else 0.0, -0.006)
    hand.way_out = np.array([0.5 * way, -0.6, 0.6])
    hand.unfinished = end
    yield from hand.to(end, speed=0.012)
    hand.unfinished = None


def clear_way(hand: Hand, x: float) -> Actions:
    """Push the door aside if it stands before a place `x` (m) of the cabinet."""
    view = hand.view
    if x < ASSET_SCALE * view.layout.slide_x:
        if view.slide > DOOR_AJAR_M:
            yield from slide(hand, -1)
            yield from hand.depart()
    elif view.slide < DOOR_TRAVEL_M[view.name] - 2 * DOOR_AJAR_M:
        yield from slide(hand, 1)
        yield from hand.depart()


def open_drawer(hand: Hand) -> Actions:
    """Hook the fingers behind the drawer's handle and pull."""
    yield from hand.depart()
    hand.fingers = FINGERS_CLOSED
    x = ASSET_SCALE * hand.view.layout.drawer_x + 4 * hand.style.along
    y = -0.213 - hand.view.drawer
    euler = hand.orientation(HAND_YAW_RAD, 0.25 + hand.style.tilt)
    yield from hand.travel([x, y - 0.03, 0.47], euler)
    yield from hand.to([x, y, 0.362], euler, speed=GENTLE_SPEED, through=True)
    end = np.array([x, -0.222 - DRAWER_TRAVEL_M, 0.362])
    hand.way_out = np.array([0.0, 0.0, 1.0])
    hand.unfinished = end
    yield from hand.to(end, speed=0.012)
    hand.unfinished = None


def close_drawer(hand: Hand) -> Actions:
    """Push the drawer's handle from outside."""
    yield from hand.depart()
    hand.fingers = FINGERS_CLOSED
    x = ASSET_SCALE * hand.view.layout.drawer_x + 4 * hand.style.along
    y = -0.261 - 0.035 - hand.view.drawer
    euler = hand.orientation(HAND_YAW_RAD, hand.style.tilt)
    yield from hand.travel([x, y, 0.47], euler)
    yield from hand.to([x, y, 0.365], euler, through=True)
    end = np.array([x, -0.261 - 0.006, 0.365])
    hand.way_out = np.array([0.0, -0.5, 0.85])
    hand.unfinished = end
    yield from hand.to(end, speed=0.012)
    hand.unfinished = None


def turn_switch(hand: Hand, on: bool) -> Actions:
    """Push the switch's bar up the slope from below (on), or down from above (off)."""
    yield from hand.depart()
    hand.fingers = FINGERS_CLOSED
    view = hand.view
    x = ASSET_SCALE * view.layout.switch_x
    side = -1.0 if on else 1.0

    def at(joint: float, gap: float) -> Vector:
        bar = np.array([x, 0.019, 0.529]) + joint * UP_SLOPE
        return bar + side * (0.028 + gap) * UP_SLOPE

    euler = hand.orientation(HAND_YAW_RAD, (0.8 if on else 0.45) + hand.style.tilt)
    start = at(view.switch, 0.012)
    yield from hand.travel([x, -0.10, 0.62], euler)
    yield from hand.to(start + 0.06 * OFF_SLOPE, euler, through=True)
    yield from hand.to(start, euler, through=True)
    hand.way_out = OFF_SLOPE
    yield from hand.to(at(SWITCH_TRAVEL_M if on else 0.0, -0.008), speed=GENTLE_SPEED)


def press_button(hand: Hand) -> Actions:
    """Press the button once and let it come up again."""
    yield from hand.depart()
    hand.fingers = FINGERS_CLOSED
    over = hand.view.button + 0.046 * UP
    pressed = hand.view.button - 0.006 * UP
    yield from hand.travel(over, hand.orientation(HAND_YAW_RAD, hand.style.tilt))
    yield from hand.to(pressed, speed=GENTLE_SPEED)
    yield from hand.to(over)
