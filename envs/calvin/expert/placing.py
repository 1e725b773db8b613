"""Skills that put the held block somewhere: cabinet, drawer, another block."""

from __future__ import annotations

from math import pi

import numpy as np

from longhaul.envs.calvin.expert.grasp import CABINET_TILT_RAD, cabinet_opening, drawer_inside
from longhaul.envs.calvin.expert.hand import GENTLE_SPEED, Actions, Hand
from longhaul.envs.calvin.expert.view import TABLE_TOP_Z_M, UP, Vector, View

DRAWER_FLOOR_Z_M = 0.342
"""Height of the drawer's floor in the world frame."""


def place_in_slider(hand: Hand) -> Actions:
    """Put the held block on the shelf, into the half that the door leaves open."""
    view = hand.view
    yield from hand.depart(keep=True)
    color = view.held()
    x = _free_place(view, color)
    yield from hand.travel([x, -0.07, 0.58], hand.orientation(pi / 2, CABINET_TILT_RAD))
    yield from hand.to([x, 0.05, 0.57], through=True)
    yield from _put_down(hand, color, np.array([x, 0.085]), TABLE_TOP_Z_M)


def place_in_drawer(hand: Hand) -> Actions:
    """Put the held block into the open drawer."""
    view = hand.view
    yield from hand.depart(keep=True)
    x0, x1, y0, y1 = drawer_inside(view)
    place = np.array([(x0 + x1) / 2 + 5 * hand.style.along, (y0 + y1) / 2])
    yield from hand.travel([*place, 0.47])
    yield from _put_down(hand, view.held(), place, DRAWER_FLOOR_Z_M)


def stack(hand: Hand) -> Actions:
    """Put the held block on top of another one that stands on the table."""
    view = hand.view
    yield from hand.depart(keep=True)
    color = view.held()
    others = [block for block in view.blocks() if block.color != color]
    on_table = [block for block in view.on_table() if block.color != color] or others
    base = min(on_table, key=lambda block: float(np.linalg.norm(block.position - view.tcp)))
    yield from hand.travel([*base.position[:2], 0.60])
    yield from _put_down(hand, color, base.position[:2], base.position[2] + base.half_height)


def _put_down(hand: Hand, color: str | None, place: Vector, surface: float) -> Actions:
    """Lower the held block so that it stands at `place` (x, y) on a surface (z), and let go."""
    view = hand.view
    if color is None:
        return
    held = view.block(color)
    offset = held.position - view.tcp
    height = surface + held.reach(UP) + 0.003
    goal = np.array([*place, height]) - offset
    yield from hand.to(goal + 0.03 * UP, through=True)
    yield from hand.to(goal, speed=GENTLE_SPEED)
    yield from hand.open()
    yield from hand.to(goal - 0.06 * hand.pointing())


def _free_place(view: View, color: str | None) -> float:
    """Return x (m) on the shelf, beside the door, that is farthest from other blocks."""
    left, right = cabinet_opening(view)
    others = [b.position[0] for b in view.blocks() if b.color != color and b.position[1] > 0.02]
    places = np.linspace(left + 0.045, right - 0.045, 25)
    middle = (left + right) / 2

    def room(x: float) -> float:
        return min([0.1, *(abs(x - other) for other in others)]) - 0.2 * abs(x - middle)

    return float(max(places, key=room))
