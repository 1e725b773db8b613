"""The arm's two motion primitives: pick and place with the suction cup, push with the spatula.

They do what cliport/tasks/primitives.py does, in physics steps: free motions above everything that
lies on the table, and guarded motions near contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from longhaul.envs.bullet.body import Body, Pose
from longhaul.envs.lohoravens.arm import Arm
from longhaul.envs.lohoravens.motion import HOME_TIP, STOP_SHORT_M, Tip
from longhaul.envs.lohoravens.robot import BLADE_EXTENTS_M, CUP_RADIUS_M
from longhaul.envs.lohoravens.things import WORKSPACE_BOUNDS_M
from longhaul.envs.lohoravens.ur5e import MAX_TIP_Z_M

APPROACH_M = 0.008
"""Free motions end this far above what the tool may touch."""

FEEL_STEP_M, LIFT_STEP_M, PUSH_STEP_M = 0.0005, 0.001, 0.001
"""Distance per physics step while the tool seeks contact, lifts and pushes."""

LOWEST_TIP_Z_M = -0.002
"""The cup seeks contact down to this height; the table's top is 0."""

RELEASE_STEPS = 12
"""Physics steps between releasing a thing and moving away."""

BLADE_Z_M = 0.005
"""Height to which the spatula's blade is lowered for a push."""

RUN_UP_M = 0.02
"""A push begins this far behind its start: cliport/tasks/primitives.py."""


@dataclass(frozen=True)
class ActionResult:
    """What an action did.

    `grasped`: the cup grasped something. `executed`: the motion ran to its end and the thing was
    released where it was to be. `let_go`: id and pose of the released body. `stayed`: the thing
    came to rest there; it may have fallen straight down.
    """

    executed: bool
    grasped: bool = False
    let_go: tuple[int, Pose] | None = field(default=None, compare=False)
    stayed: bool = False


@dataclass(frozen=True)
class Hand:
    """The arm, the bodies it may grasp, and all that it may touch (both by Bullet's ids)."""

    arm: Arm
    movable: Mapping[int, Body]
    bodies: Mapping[int, Body]

    def pick_place(self, start: Tip, end: Tip, drop: float | None = None) -> ActionResult:
        """Move what is at `start` to `end` and go home; heights are found by contact.

        `drop` is the fraction of the way after which the held thing falls. Raises OutOfStepsError.
        """
        arm = self.arm
        arm.move_free(start.at(self._clear()))
        arm.move_free(
            start.at(self._meets(*_about(start, CUP_RADIUS_M, CUP_RADIUS_M)) + APPROACH_M)
        )
        if not (
            arm.move_guarded(start.at(LOWEST_TIP_Z_M), FEEL_STEP_M, frozenset())
            and arm.grasp(self.movable)
        ):
            self._go_home()
            return ActionResult(executed=False)
        result = self._carry(end, drop)
        self._go_home()
        return result

    def push(self, start: Tip, end: Tip) -> ActionResult:
        """Push along the table from `start` to `end` and go home. Raises OutOfStepsError."""
        arm = self.arm
        way = (end.row() - start.row())[:2]
        length = float(np.linalg.norm(way))
        x, y = way / length if length else (1.0, 0.0)
        yaw = (np.arctan2(y, x) + np.pi / 2) % np.pi - np.pi / 2
        first = _within(Tip(start.x - RUN_UP_M * x, start.y - RUN_UP_M * y, BLADE_Z_M, yaw))
        short = max(length - STOP_SHORT_M, -RUN_UP_M)
        wide, deep = abs(y) * BLADE_EXTENTS_M[0] / 2, abs(x) * BLADE_EXTENTS_M[0] / 2
        arm.move_free(first.at(self._clear()))
        arm.move_free(first.at(self._meets(*_about(first, wide, deep)) + APPROACH_M))
        arm.move_guarded(first, FEEL_STEP_M, frozenset())
        last = _within(Tip(start.x + short * x, start.y + short * y, arm.tip.z, yaw))
        arm.move_guarded(last, PUSH_STEP_M)
        self._go_home()
        return ActionResult(executed=True)

    def _carry(self, end: Tip, drop: float | None) -> ActionResult:
        """Move the held thing to `end`, or a fraction `drop` of the way, and release it there."""
        arm, held = self.arm, self.arm.held
        assert held is not None
        (left, front, bottom), (right, back, _) = held.bounds()
        beside = self._meets(left, front, right, back)
        lifted = arm.tip.z + max(beside - bottom, 0.0) + APPROACH_M
        arm.move_guarded(arm.tip.at(min(lifted, max(arm.tip.z, MAX_TIP_Z_M))), LIFT_STEP_M)
        riders = arm.touched_by_held()
        rides = bool(riders)
        clear = self._clear(below=arm.tip.z - held.bounds()[0][2], ignored=riders)
        arm.move_free(arm.tip.at(clear), rides)
        above = end.at(clear)
        if drop is not None:
            row = arm.tip.row() + drop * (above.row() - arm.tip.row())
            arm.move_free(Tip(*row.tolist()), rides)
            self._let_go()
            return ActionResult(executed=False, grasped=True)
        arm.move_free(above, rides)
        (left, front, bottom), (right, back, _) = held.bounds()
        down = bottom - self._meets(left, front, right, back, riders) - APPROACH_M
        arm.move_free(end.at(clear - max(down, 0.0)), rides)
        arm.move_guarded(end.at(LOWEST_TIP_Z_M), FEEL_STEP_M, riders)
        pose = held.pose()
        self._let_go()
        return ActionResult(executed=True, grasped=True, let_go=(held.uid, pose))

    def _let_go(self) -> None:
        self.arm.release()
        self.arm.wait(RELEASE_STEPS)

    def _go_home(self) -> None:
        self.arm.move_guarded(self.arm.tip.at(self.arm.tip.z + APPROACH_M), LIFT_STEP_M)
        self.arm.restore_contact()
        self.arm.move_free(self.arm.tip.at(max(self._clear(), self.arm.tip.z)))
        self.arm.move_free(HOME_TIP)

    def _clear(self, below: float = 0.0, ignored: frozenset[int] = frozenset()) -> float:
        """Return the tip's height (m) at which a thing that hangs down by `below` clears all."""
        whole = (-np.inf, -np.inf, np.inf, np.inf)
        return min(self._meets(*whole, ignored) + below + 2 * APPROACH_M, MAX_TIP_Z_M)

    def _meets(
        self,
        left: float,
        front: float,
        right: float,
        back: float,
        ignored: frozenset[int] = frozenset(),
    ) -> float:
        """Return the height (m) of the highest thing within bounds of x and y; 0 is the table."""
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
    """Return the nearest tip inside the workspace, all of which is in reach."""
    (left, right), (front, back), _ = WORKSPACE_BOUNDS_M
    return replace(tip, x=min(max(tip.x, left), right), y=min(max(tip.y, front), back))


def _about(tip: Tip, wide: float, deep: float) -> tuple[float, float, float, float]:
    return tip.x - wide, tip.y - deep, tip.x + wide, tip.y + deep
