"""Skills on blocks: lift, rotate, push, put away, stack and unstack."""

from __future__ import annotations

from math import pi

import numpy as np

from envs.calvin.expert import furniture
from envs.calvin.expert.grasp import cabinet_opening, drag, drawer_inside, take
from envs.calvin.expert.hand import CLOSED, GENTLE, Actions, Hand
from envs.calvin.expert.view import TABLE_EDGE, TABLE_TOP, UP, Block, Vector, View
from envs.calvin.state import BLOCKS

CABINET_TILT = 0.3
"""Lean (rad) that keeps the hand clear of the beam above the cabinet."""

PUSHER = 0.026
"""Half the closed fingers' width, with some air (m)."""

PUSH_SPEED = 0.013
"""Metres a step."""

BRAKING = 0.008
"""What a block still moves while the hand comes to a stop (m)."""

MAX_PUSH_STEPS = 60
DRAWER_MARGIN = 0.06


def lift(hand: Hand, color: str) -> Actions:
    """Grasp a block wherever it is, and raise it."""
    yield from hand.depart()
    in_cabinet = hand.view.block(color).position[1] > 0.02
    if in_cabinet:
        yield from furniture.clear_way(hand, hand.view.block(color).position[0])
    yield from take(hand, color, tilt=CABINET_TILT if in_cabinet else 0.0)
    raised = hand.view.target[0] + 0.1 * UP - (0.03 if in_cabinet else 0.0) * np.array([0, 1, 0])
    yield from hand.to(raised, speed=0.01)


def rotate(hand: Hand, color: str, way: int) -> Actions:
    """Turn a block by 75 degrees about z, counter-clockwise for `way` +1, and let it drop.

    It falls the last centimetre, so that the hand no longer touches it when it lands: what
    follows may ask for a block that stands by itself.
    """
    view, turn = hand.view, way * 1.3
    if view.in_the_air() and view.held() == color:
        yield from hand.depart(keep=True)
        yield from hand.to(view.target[0], view.target[1] + np.array([0.0, 0.0, turn]))
        yield from hand.set_down()
        yield from hand.open()
        return
    yield from hand.depart()
    yield from take(hand, color, turn=turn)
    place, euler = view.target
    yield from hand.to(place + 0.035 * UP, speed=GENTLE)
    yield from hand.to(place + 0.035 * UP, euler + np.array([0.0, 0.0, turn]))
    yield from hand.to(place + 0.012 * UP, speed=GENTLE)
    yield from hand.open()
    yield from hand.to(place + 0.08 * UP)


def push(hand: Hand, color: str, way: int) -> Actions:
    """Push a block along x by a little more than the 10 cm asked for: `way` +1 right, -1 left.

    The hand stops short and the block slides the rest, so that it ends up standing by itself.
    """
    yield from hand.depart()
    start = hand.view.block(color).position[0]
    yield from _push_to(hand, color, np.array([way, 0.0, 0.0]), start + way * 0.112)


def push_into_drawer(hand: Hand) -> Actions:
    """Push a block of the table top over its edge into the open drawer."""
    view = hand.view
    yield from hand.depart()
    block = min(_on_table(view), key=lambda b: b.position[1], default=view.block(BLOCKS[0]))
    x0, x1, _, _ = drawer_inside(view)
    # Far enough from the drawer's walls for fingers to reach around it later.
    inside = float(np.clip(block.position[0], x0 + DRAWER_MARGIN, x1 - DRAWER_MARGIN))
    if abs(inside - block.position[0]) > 0.01:
        yield from drag(hand, block.color, np.array([inside, block.position[1]]))
    yield from _push_to(hand, block.color, np.array([0.0, -1.0, 0.0]), TABLE_EDGE - 0.03)


def _push_to(hand: Hand, color: str, direction: Vector, end: float) -> Actions:
    """Push a block along x or y until its centre's coordinate there is `end`."""
    view = hand.view
    axis = int(np.argmax(np.abs(direction)))
    # The flat of the two closed fingers is as wide as they open: across the push, that is.
    yaw = pi / 2 if axis == 1 else pi if view.target[1][2] > pi / 2 else 0.0
    hand.fingers = CLOSED
    # Across the table the hand leans forward, or it would brush the handle of the door.
    euler = hand.orientation(yaw + _skew(view.block(color), direction), 0.3 if axis == 0 else 0.0)

    def behind(block: Block, gap: float) -> Vector:
        depth = block.reach(direction) + 0.012 + gap
        place = block.position - direction * depth
        place[2] = TABLE_TOP + 0.024
        return place

    yield from hand.travel(behind(view.block(color), 0.02) + 0.07 * UP, euler)
    yield from hand.to(behind(view.block(color), 0.02), euler)
    for _ in range(MAX_PUSH_STEPS):
        block = view.block(color)
        left = (end - block.position[axis]) * direction[axis] - view.glide(color)
        if left < BRAKING or block.position[2] < TABLE_TOP:
            break
        # The block turns away from a push beside its middle: be there before it does.
        aside = behind(block, 0.0) - view.target[0]
        aside -= (aside @ direction) * direction
        yield hand.by(PUSH_SPEED * direction + np.clip(0.7 * aside, -0.005, 0.005))
    for _ in range(4):
        yield hand.toward(view.tcp - 0.03 * direction, 0.02)


def _skew(block: Block, direction: Vector) -> float:
    """Return the angle (rad) from a direction of push to the nearest face of the block."""
    side = block.axes[:, [axis for axis in range(3) if axis != block.upright_axis]]
    normals = np.concatenate([side, -side], axis=1)
    face = normals[:, int(np.argmax(direction @ normals))]
    angle = np.arctan2(direction[0] * face[1] - direction[1] * face[0], direction @ face)
    return float(np.clip(angle, -0.45, 0.45))


def place_in_slider(hand: Hand) -> Actions:
    """Put the held block on the shelf, into the half that the door leaves open."""
    view = hand.view
    yield from hand.depart(keep=True)
    color = view.held()
    x = _free_place(view, color)
    yield from hand.travel([x, -0.07, 0.58], hand.orientation(pi / 2, CABINET_TILT))
    yield from hand.to([x, 0.05, 0.57], through=True)
    yield from _put_down(hand, color, np.array([x, 0.085]), TABLE_TOP)


def place_in_drawer(hand: Hand) -> Actions:
    """Put the held block into the open drawer."""
    view = hand.view
    yield from hand.depart(keep=True)
    x0, x1, y0, y1 = drawer_inside(view)
    place = np.array([(x0 + x1) / 2 + 5 * hand.style.along, (y0 + y1) / 2])
    yield from hand.travel([*place, 0.47])
    yield from _put_down(hand, view.held(), place, 0.342)


def stack(hand: Hand) -> Actions:
    """Put the held block on top of another one that stands on the table."""
    view = hand.view
    yield from hand.depart(keep=True)
    color = view.held()
    others = [block for block in view.blocks() if block.color != color]
    on_table = [block for block in _on_table(view) if block.color != color] or others
    base = min(on_table, key=lambda block: float(np.linalg.norm(block.position - view.tcp)))
    yield from hand.travel([*base.position[:2], 0.60])
    yield from _put_down(hand, color, base.position[:2], base.position[2] + base.half_height)


def unstack(hand: Hand) -> Actions:
    """Take the upper block of a stack off.

    The subtask is done the moment the blocks part, so what follows begins with a block in the
    hand and sets it down first (`Hand.depart`).
    """
    yield from hand.depart()
    top = next((color for color in BLOCKS if hand.view.rests_on_blocks(color)), None)
    if top is not None:
        yield from take(hand, top)
        yield from hand.to(hand.view.target[0] + 0.06 * UP, speed=GENTLE)
    else:
        yield from hand.wait(1)


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
    yield from hand.to(goal, speed=GENTLE)
    yield from hand.open()
    yield from hand.to(goal - 0.06 * hand.pointing())


def _on_table(view: View) -> list[Block]:
    """Return the blocks that stand on the table top, in front of the cabinet."""
    return [b for b in view.blocks() if b.position[1] < 0.02 and 0.44 < b.position[2] < 0.49]


def _free_place(view: View, color: str | None) -> float:
    """Return x (m) on the shelf, beside the door, that is farthest from other blocks."""
    left, right = cabinet_opening(view)
    others = [b.position[0] for b in view.blocks() if b.color != color and b.position[1] > 0.02]
    places = np.linspace(left + 0.045, right - 0.045, 25)
    middle = (left + right) / 2

    def room(x: float) -> float:
        return min([0.1, *(abs(x - other) for other in others)]) - 0.2 * abs(x - middle)

    return float(max(places, key=room))
