"""The expert's hand: straight, smooth motions of the TCP as relative actions.

Every method is a generator of actions (7,). Motions are planned from the commanded pose, so they
neither drift nor jitter; they speed up and slow down over a few steps. The hand waits only for its
fingers, and it descends gradually as its goal comes near. A policy that learns from these actions
therefore sees no other pauses, and no single step at which an upward motion turns downward.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from longhaul.envs.calvin.expert.view import TABLE_TOP_Z_M, UP, Vector, View
from longhaul.envs.calvin.panda import POSITION_SCALE, ROTATION_SCALE

Action = NDArray[np.float64]
Actions = Iterator[Action]

MAX_TURN_RAD = 0.045
"""Largest rotation about each axis in one step."""

CRUISE_SPEED = 0.015
"""Speed through free space in meters per step of 1/30 s (0.45 m/s)."""

GENTLE_SPEED = 0.008
"""Speed near things in meters per step of 1/30 s (0.24 m/s)."""

DESCENT_SLOPE = 1.5
"""Height above the goal over horizontal distance from it, along which the hand descends."""

FINGERS_OPEN, FINGERS_CLOSED = 1.0, -1.0
"""The gripper commands of an action."""

OPEN_WIDTH_M = 0.077
"""Distance between the fingers above which they count as open; 0.08 is the widest."""

MAX_FINGER_STEPS = 40
"""Most steps for which one gripper command is repeated. The fingers need 3 to 10. While the expert
only labels, another policy acts and may follow the command later, so it is repeated longer."""


@dataclass(frozen=True)
class Style:
    """Random variation of a demonstration, drawn again for every attempt of a subtask.

    `pace` scales speeds, `height` is added to travel heights (m), `along` shifts a grasp along
    the block (m), `tilt` leans the hand (rad).
    """

    pace: float = 1.0
    height: float = 0.0
    along: float = 0.0
    tilt: float = 0.0

    @classmethod
    def drawn(cls, random: np.random.Generator) -> Style:
        return cls(
            pace=random.uniform(0.9, 1.1),
            height=random.uniform(-0.01, 0.02),
            along=random.uniform(-0.004, 0.004),
            tilt=random.uniform(-0.04, 0.04),
        )


class Hand:
    """Moves the TCP and the fingers.

    `unfinished` is a stroke that was under way when the subtask ended: the pose it would have
    reached. `way_out` is the direction in which the hand leaves the place it is in.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.style = Style()
        self.fingers = FINGERS_OPEN
        self.unfinished: Vector | None = None
        self.way_out: Vector | None = None

    def orientation(self, yaw: float, tilt: float = 0.0) -> Vector:
        """Return euler xyz (3,) of a hand that points down, turned by `yaw` about world z.

        The fingers open along (sin yaw, -cos yaw); `tilt` makes them point toward +y. The angles
        are those nearest to (pi, 0, yaw): the wrist has a range, not a full circle.
        """
        down = Rotation.from_euler("z", yaw) * Rotation.from_euler("x", pi)
        euler = (Rotation.from_euler("x", tilt) * down).as_euler("xyz")
        return euler + 2 * pi * np.round((np.array([pi, 0.0, yaw]) - euler) / (2 * pi))

    def pointing(self) -> Vector:
        """Return the unit vector (3,) in which the commanded fingers point."""
        return Rotation.from_euler("xyz", self.view.target[1]).apply([0.0, 0.0, 1.0])

    def to(
        self,
        position: ArrayLike,
        euler: Vector | None = None,
        *,
        speed: float = CRUISE_SPEED,
        through: bool = False,
    ) -> Actions:
        """Move the TCP straight to a pose; `through` passes it without slowing down."""
        goal = np.asarray(position, np.float64)
        turned = self.view.target[1] if euler is None else euler
        speed, share = speed * self.style.pace, 0.4
        while True:
            at, angles = self.view.target
            shift, turn = goal - at, turned - angles
            steps = max(
                float(np.linalg.norm(shift)) / speed, float(np.abs(turn).max()) / MAX_TURN_RAD
            )
            if steps < 1e-6 or (through and steps < 1):
                break
            share = min(1.0, share + 0.2)
            braking = 1.0 if through else min(1.0, 0.3 + 0.2 * steps)
            fraction = min(1.0, min(share, braking) / steps)
            yield self.by(shift * fraction, turn * fraction)

    def toward(self, goal: Vector, speed: float) -> Action:
        """Return an action that moves the commanded TCP toward `goal` by `speed` meters at most."""
        shift = goal - self.view.target[0]
        return self.by(shift * min(1.0, speed / max(float(np.linalg.norm(shift)), 1e-9)))

    def by(self, shift: ArrayLike = 0.0, turn: ArrayLike = 0.0) -> Action:
        """Return an action that shifts the commanded TCP (m) and turns it (euler xyz, rad)."""
        action = np.empty(7)
        action[:3] = np.asarray(shift) / POSITION_SCALE
        action[3:6] = np.asarray(turn) / ROTATION_SCALE
        action[6] = self.fingers
        return np.clip(action, -1.0, 1.0)

    def wait(self, steps: int) -> Actions:
        for _ in range(steps):
            yield self.by()

    def open(self) -> Actions:
        """Open the fingers and wait until what they held is free."""
        self.fingers = FINGERS_OPEN
        for _ in range(MAX_FINGER_STEPS):
            yield self.by()
            if self.view.gripper_width > OPEN_WIDTH_M:
                return

    def close(self) -> Actions:
        """Close the fingers until they stand still, on a block or on each other."""
        self.fingers = FINGERS_CLOSED
        before = 1.0
        for _ in range(MAX_FINGER_STEPS):
            yield self.by()
            width = self.view.gripper_width
            if width < OPEN_WIDTH_M and before - width < 2e-4:
                return
            before = width

    def travel(self, position: ArrayLike, euler: Vector | None = None) -> Actions:
        """Go up, across and down to a pose, above all that stands on the table, without braking."""
        goal = np.asarray(position, np.float64)
        at, _ = self.view.target
        height = max(0.56 + self.style.height, goal[2])
        if np.linalg.norm((goal - at)[:2]) > 0.03:
            if at[2] < height - 0.03:
                yield from self.to([*at[:2], height], through=True)
            yield from self._glide(goal, height, euler)
        yield from self.to(goal, euler, through=True)

    def _glide(self, goal: Vector, height: float, euler: Vector | None) -> Actions:
        """Cross at a height (m), and descend along DESCENT_SLOPE near the goal."""
        turned = self.view.target[1] if euler is None else euler
        speed, share = CRUISE_SPEED * self.style.pace, 0.4
        while True:
            at, angles = self.view.target
            left = goal - at
            far, turn = float(np.linalg.norm(left[:2])), turned - angles
            steps = max(far / speed, float(np.abs(turn).max()) / MAX_TURN_RAD)
            if steps < 1:
                return
            share = min(1.0, share + 0.2)
            fraction = share / steps
            down = min(height, goal[2] + DESCENT_SLOPE * far * (1 - fraction)) - at[2]
            yield self.by([*(left[:2] * fraction), np.clip(down, -speed, speed)], turn * fraction)

    def depart(self, *, keep: bool = False) -> Actions:
        """Finish the stroke under way, let the block go unless `keep`, and move to free space."""
        if self.unfinished is not None:
            goal, self.unfinished = self.unfinished, None
            yield from self.to(goal, through=True)
        way_out, self.way_out = self.way_out, None
        if not keep and self.view.held() is not None:
            if self.view.in_the_air():
                yield from self.set_down()
            yield from self.open()
        at, _ = self.view.target
        out = -self.pointing() if way_out is None else way_out
        if at[2] < 0.53 or at[1] > -0.05 or way_out is not None:
            at = at + out * max(0.08, 0.56 - at[2])
            yield from self.to(at, through=True)
        if at[1] > -0.05:
            yield from self.to([at[0], -0.07, max(at[2], 0.56)], through=True)

    def set_down(self) -> Actions:
        """Lower the held block to the nearest free place of the table top."""
        color = self.view.held()
        assert color is not None
        block = self.view.block(color)
        offset = block.position - self.view.tcp
        place = self.view.free_place(block)
        goal = np.array([*place, TABLE_TOP_Z_M + block.reach(UP) + 0.003]) - offset
        at, _ = self.view.target
        yield from self.to([*goal[:2], max(at[2] + 0.01, 0.53)], through=True)
        yield from self.to(goal, speed=GENTLE_SPEED)
