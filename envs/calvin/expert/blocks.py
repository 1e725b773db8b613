"""Skills that grasp a block: lift, rotate, unstack."""

from __future__ import annotations

import numpy as np

from longhaul.envs.calvin.expert import furniture
from longhaul.envs.calvin.expert.grasp import CABINET_TILT_RAD, take
from longhaul.envs.calvin.expert.hand import GENTLE_SPEED, Actions, Hand
from longhaul.envs.calvin.expert.view import UP
from longhaul.envs.calvin.state import BLOCK_COLORS

TURN_RAD = 1.3
"""Angle by which a block is turned; the task asks for at least 60 degrees (1.05 rad)."""


def lift(hand: Hand, color: str) -> Actions:
    """Grasp a block wherever it is, and raise it."""
    yield from hand.depart()
    in_cabinet = hand.view.block(color).position[1] > 0.02
    if in_cabinet:
        yield from furniture.clear_way(hand, hand.view.block(color).position[0])
    yield from take(hand, color, tilt=CABINET_TILT_RAD if in_cabinet else 0.0)
    raised = hand.view.target[0] + 0.1 * UP - (0.03 if in_cabinet else 0.0) * np.array([0, 1, 0])
    yield from hand.to(raised, speed=0.01)


def rotate(hand: Hand, color: str, way: int) -> Actions:
    """Turn a block by 75 degrees about z, counter-clockwise for `way` +1, and let it drop.

    It falls the last centimeter, so that the hand no longer touches it when it lands: the next
    task may ask for a block that touches only the table.
    """
    view, turn = hand.view, way * TURN_RAD
    if view.in_the_air() and view.held() == color:
        yield from hand.depart(keep=True)
        yield from hand.to(view.target[0], view.target[1] + np.array([0.0, 0.0, turn]))
        yield from hand.set_down()
        yield from hand.open()
        return
    yield from hand.depart()
    yield from take(hand, color, turn=turn)
    place, euler = view.target
    yield from hand.to(place + 0.035 * UP, speed=GENTLE_SPEED, through=True)
    yield from hand.to(place + 0.035 * UP, euler + np.array([0.0, 0.0, turn]), through=True)
    yield from hand.to(place + 0.012 * UP, speed=GENTLE_SPEED)
    yield from hand.open()
    yield from hand.to(place + 0.08 * UP)


def unstack(hand: Hand) -> Actions:
    """Take the upper block of a stack off.

    The subtask is done the moment the blocks part, so what follows begins with a block in the
    hand and sets it down first (`Hand.depart`).
    """
    yield from hand.depart()
    top = next((color for color in BLOCK_COLORS if hand.view.rests_on_blocks(color)), None)
    if top is not None:
        yield from take(hand, top)
        yield from hand.to(hand.view.target[0] + 0.06 * UP, speed=GENTLE_SPEED)
    else:
        yield from hand.wait(1)
