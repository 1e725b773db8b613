"""Skills on the table itself: sliding door, drawer, switch and button.

Handles are those of data/calvin_table_X in mees/calvin_env; offsets within them were measured
on its collision shapes. All strokes are made with closed fingers.
"""

from __future__ import annotations

import numpy as np

from longhaul.envs.calvin.expert.hand import CLOSED, GENTLE, Actions, Hand
from longhaul.envs.calvin.expert.view import SCALE, UP, Vector

UP_SLOPE = np.array([0.0, 0.5, np.sqrt(0.75)])
"""Along the slope that carries door and switch, 60 degrees steep."""

OFF_SLOPE = np.array([0.0, -np.sqrt(0.75), 0.5])
SIDE_CLEARANCE = 0.038
"""From the middle of the door's handle to that of the closed fingers beside it, along x."""

DOOR_TRAVEL = {"A": 0.28, "B": 0.304, "C": 0.24, "D": 0.28}
DOOR_AJAR = 0.03
DRAWER_TRAVEL = 0.22
SWITCH_TRAVEL = 0.088
YAW = np.pi / 2


def slide(hand: Hand, way: int) -> Actions:
    """Push the sliding door to its stop: `way` +1 left (toward -x), -1 right."""
    view = hand.view

    def beside(joint: float, gap: float) -> Vector:
        handle = SCALE * (view.layout.slide_x + 0.175) - joint
        return np.array([handle + way * (SIDE_CLEARANCE + gap), 0.010, 0.557])

    yield from hand.depart()
    hand.fingers = CLOSED
    euler = hand.orientation(YAW, 0.2 + hand.style.tilt)
    start = beside(view.slide, 0.02)
    yield from hand.travel([start[0], -0.08, 0.60], euler)
    yield from hand.to([start[0], -0.01, 0.60], euler, through=True)
    yield from hand.to(start, euler, through=True)
    end = beside(DOOR_TRAVEL[view.name] if way > 0 else 0.0, -0.006)
    hand.way_out = np.array([0.5 * way, -0.6, 0.6])
    hand.unfinished = end
    yield from hand.to(end, speed=0.012)
    hand.unfinished = None


def clear_way(hand: Hand, x: float) -> Actions:
    """Push the door aside if it stands before a place `x` (m) of the cabinet."""
    view = hand.view
    if x < SCALE * view.layout.slide_x:
        if view.slide > DOOR_AJAR:
            yield from slide(hand, -1)
            yield from hand.depart()
    elif view.slide < DOOR_TRAVEL[view.name] - 2 * DOOR_AJAR:
        yield from slide(hand, 1)
        yield from hand.depart()


def open_drawer(hand: Hand) -> Actions:
    """Hook the fingers behind the drawer's handle and pull."""
    yield from hand.depart()
    hand.fingers = CLOSED
    x = SCALE * hand.view.layout.drawer_x + 4 * hand.style.along
    y = -0.213 - hand.view.drawer
    euler = hand.orientation(YAW, 0.25 + hand.style.tilt)
    yield from hand.travel([x, y - 0.03, 0.47], euler)
    yield from hand.to([x, y, 0.362], euler, speed=GENTLE, through=True)
    end = np.array([x, -0.222 - DRAWER_TRAVEL, 0.362])
    hand.way_out = np.array([0.0, 0.0, 1.0])
    hand.unfinished = end
    yield from hand.to(end, speed=0.012)
    hand.unfinished = None


def close_drawer(hand: Hand) -> Actions:
    """Push the drawer's handle from outside."""
    yield from hand.depart()
    hand.fingers = CLOSED
    x = SCALE * hand.view.layout.drawer_x + 4 * hand.style.along
    y = -0.261 - 0.035 - hand.view.drawer
    euler = hand.orientation(YAW, hand.style.tilt)
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
    hand.fingers = CLOSED
    view = hand.view
    x = SCALE * view.layout.switch_x
    side = -1.0 if on else 1.0

    def at(joint: float, gap: float) -> Vector:
        bar = np.array([x, 0.019, 0.529]) + joint * UP_SLOPE
        return bar + side * (0.028 + gap) * UP_SLOPE

    euler = hand.orientation(YAW, (0.8 if on else 0.45) + hand.style.tilt)
    start = at(view.switch, 0.012)
    yield from hand.travel([x, -0.10, 0.62], euler)
    yield from hand.to(start + 0.06 * OFF_SLOPE, euler, through=True)
    yield from hand.to(start, euler, through=True)
    hand.way_out = OFF_SLOPE
    yield from hand.to(at(SWITCH_TRAVEL if on else 0.0, -0.008), speed=GENTLE)


def press_button(hand: Hand) -> Actions:
    """Press the button once and let it come up again."""
    yield from hand.depart()
    hand.fingers = CLOSED
    over = hand.view.button + 0.046 * UP
    pressed = hand.view.button - 0.006 * UP
    yield from hand.travel(over, hand.orientation(YAW, hand.style.tilt))
    yield from hand.to(pressed, speed=GENTLE)
    yield from hand.to(over)
