"""The two things the arm does: pick and place with the suction cup, push with the spatula.

What cliport/tasks/primitives.py does, in physics steps: strides through free space, which is
above everything that lies about, and small steps near contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from longhaul.envs.bullet.body import Body, Pose
from longhaul.envs.lohoravens.arm import Arm
from longhaul.envs.lohoravens.motion import HOME, Tip
from longhaul.envs.lohoravens.robot import CUP_RADIUS, SPATULA
from longhaul.envs.lohoravens.things import BOUNDS
from longhaul.envs.lohoravens.ur5e import TOP

NEAR = 0.008
"""Strides end this far above what they may touch (m)."""

FEEL, LIFT, PUSH = 0.0005, 0.001, 0.001
"""Meters in a physics step: feeling for contact, lifting and pushing."""

LOWEST = -0.002
"""The cup feels down to here (m); the table's top is 0."""

PAUSE = 12
"""Physics steps between letting go and moving away."""

BLADE_HEIGHT = 0.005
RUN_UP, STOP_SHORT = 0.02, 0.05
"""A push begins behind its start and ends before its end (m): cliport/tasks/primitives.py."""


@dataclass(frozen=True)
class Deed:
    """What came of an action.

    `grasped`: the cup took hold of something. `executed`: the motion ran to its end, with what it
    took let go where it was told. `let_go`: which body that was, and at which pose. `stayed`: it
    came to rest there, but for how deep it fell.
    """

    executed: bool
    grasped: bool = False
    let_go: tuple[int, Pose] | None = field(default=None, compare=False)
    stayed: bool = False


@dataclass(frozen=True)
class Hand:
    """The arm, the bodies it may take, and all that it may meet (both by Bullet's ids)."""

    arm: Arm
    movable: Mapping[int, Body]
    bodies: Mapping[int, Body]

    def pick_place(self, start: Tip, end: Tip, drop: float | None = None) -> Deed:
        """Take what is at `start` to `end` and come home; the heights are felt, not told.

        `drop` is the part of the way at which what is held falls down. Raises OutOfStepsError.
        """
        arm = self.arm
        arm.stride(start.at(self._clear()))
        arm.stride(start.at(self._meets(*_about(start, CUP_RADIUS, CUP_RADIUS)) + NEAR))
        if not (arm.creep(start.at(LOWEST), FEEL, frozenset()) and arm.suck(self.movable)):
            self._go_home()
            return Deed(executed=False)
        deed = self._carry(end, drop)
        self._go_home()
        return deed

    def push(self, start: Tip, end: Tip) -> Deed:
        """Push along the table from `start` to `end` and come home. Raises OutOfStepsError."""
        arm = self.arm
        way = (end.row() - start.row())[:2]
        length = float(np.linalg.norm(way))
        x, y = way / length if length else (1.0, 0.0)
        yaw = (np.arctan2(y, x) + np.pi / 2) % np.pi - np.pi / 2
        first = _within(Tip(start.x - RUN_UP * x, start.y - RUN_UP * y, BLADE_HEIGHT, yaw))
        short = max(length - STOP_SHORT, -RUN_UP)
        wide, deep = abs(y) * SPATULA[0] / 2, abs(x) * SPATULA[0] / 2
        arm.stride(first.at(self._clear()))
        arm.stride(first.at(self._meets(*_about(first, wide, deep)) + NEAR))
        arm.creep(first, FEEL, frozenset())
        last = _within(Tip(start.x + short * x, start.y + short * y, arm.tip.z, yaw))
        arm.creep(last, PUSH)
        self._go_home()
        return Deed(executed=True)

    def _carry(self, end: Tip, drop: float | None) -> Deed:
        """Take what is held to `end`, or a part of the way, and let go there."""
        arm, held = self.arm, self.arm.held
        assert held is not None
        (left, front, bottom), (right, back, _) = held.bounds()
        beside = self._meets(left, front, right, back)
        lifted = arm.tip.z + max(beside - bottom, 0.0) + NEAR
        arm.creep(arm.tip.at(min(lifted, max(arm.tip.z, TOP))), LIFT)
        riders = arm.touched_by_held()
        rides = bool(riders)
        clear = self._clear(below=arm.tip.z - held.bounds()[0][2], ignored=riders)
        arm.stride(arm.tip.at(clear), rides)
        above = end.at(clear)
        if drop is not None:
            row = arm.tip.row() + drop * (above.row() - arm.tip.row())
            arm.stride(Tip(*row.tolist()), rides)
            self._let_go()
            return Deed(executed=False, grasped=True)
        arm.stride(above, rides)
        (left, front, bottom), (right, back, _) = held.bounds()
        down = bottom - self._meets(left, front, right, back, riders) - NEAR
        arm.stride(end.at(clear - max(down, 0.0)), rides)
        arm.creep(end.at(LOWEST), FEEL, riders)
        pose = held.pose()
        self._let_go()
        return Deed(executed=True, grasped=True, let_go=(held.uid, pose))

    def _let_go(self) -> None:
        self.arm.release()
        self.arm.wait(PAUSE)

    def _go_home(self) -> None:
        self.arm.creep(self.arm.tip.at(self.arm.tip.z + NEAR), LIFT)
        self.arm.part()
        self.arm.stride(self.arm.tip.at(max(self._clear(), self.arm.tip.z)))
        self.arm.stride(HOME)

    def _clear(self, below: float = 0.0, ignored: frozenset[int] = frozenset()) -> float:
        """Return the tip's height (m) at which nothing is in the way of what it has `below`."""
        whole = (-np.inf, -np.inf, np.inf, np.inf)
        return min(self._meets(*whole, ignored) + below + 2 * NEAR, TOP)

    def _meets(
        self,
        left: float,
        front: float,
        right: float,
        back: float,
        ignored: frozenset[int] = frozenset(),
    ) -> float:
        """Return how high what lies within bounds of x and y reaches (m); the table's top is 0."""
        height = 0.0
        held = self.arm.held
        for uid, body in self.bodies.items():
            if uid in ignored or (held is not None and uid == held.uid):
                continue
            low, high = body.bounds()
            if low[0] < right and high[0] > left and low[1] < back and high[1] > front:
                height = max(height, high[2])
        return height


def _within(tip: Tip) -> Tip:
    """Return the nearest tip inside the workspace, whose every place is in reach."""
    (left, right), (front, back), _ = BOUNDS
    return replace(tip, x=min(max(tip.x, left), right), y=min(max(tip.y, front), back))


def _about(tip: Tip, wide: float, deep: float) -> tuple[float, float, float, float]:
    return tip.x - wide, tip.y - deep, tip.x + wide, tip.y + deep
