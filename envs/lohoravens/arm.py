"""The arm with its tool in a world: free and guarded motions, and the grasp of its suction cup."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pybullet
from numpy.typing import NDArray

from longhaul.envs.bullet.body import BASE_LINK, Body, Pose
from longhaul.envs.bullet.world import World
from longhaul.envs.lohoravens import motion
from longhaul.envs.lohoravens.motion import HOME_TIP, Tip
from longhaul.envs.lohoravens.robot import JOINT_INDICES, TIP_LINK, write_urdf

JOINT_TORQUE_NM = 150.0
"""Torque of every joint's motor: that of the UR5e's strongest joint, so that the weight of a held
thing does not move the arm."""

SUCTION_FORCE_N = 50.0
"""Largest force of the constraint that fixes a thing to the cup: cliport/tasks/grippers.py."""

CONTACT_MARGIN_M = 0.0005
"""Bodies at this distance or less are in contact."""

MIN_FACING_COSINE = 0.7
"""Least cosine between the cup's axis and a surface's normal at which the cup grasps a thing."""

HELD_TOLERANCE_M = 0.005
"""If a held thing moved farther than this relative to the cup, something blocked its way."""


class OutOfStepsError(RuntimeError):
    """A motion took more physics steps than it was given."""


class Arm:
    """`tip` is where the tool was last sent, `held` the body at the suction cup, if any.

    With `fast` the arm is put at the end of a free motion at once, with what it holds; a guarded
    motion is always simulated. `steps_left` counts down with every physics step.
    """

    def __init__(self, world: World, folder: Path, tool: str, fast: bool) -> None:
        """Load the arm, at home. `folder` takes its URDF."""
        urdf = folder / f"ur5e_{tool}.urdf"
        if not urdf.exists():
            urdf.write_text(write_urdf(tool))
        self.body = world.load(urdf, fixed=True)
        self._world = world
        self._fast = fast
        self.tip = HOME_TIP
        self.held: Body | None = None
        self._let_go: Body | None = None
        self._constraint: int | None = None
        self.steps_left = 0
        self.put(HOME_TIP)

    def move_free(self, end: Tip, simulate: bool = False) -> None:
        """Move through free space. `simulate` makes a `fast` arm simulate this motion too.

        A motion that nothing blocked ends exactly at its end and at rest, whether it was simulated
        or not. What happens afterwards is then the same.
        """
        if self._fast and not simulate:
            self.put(end)
            return
        for joints in motion.free_motion(self.tip, end):
            self._step(joints)
        self.tip = end
        if (
            self.held is None
            or math.dist(self.held.pose()[0], self._held_pose()[0]) < HELD_TOLERANCE_M
        ):
            self.put(end)

    def move_guarded(self, end: Tip, step: float, ignored: frozenset[int] | None = None) -> bool:
        """Move to `end` in steps of `step` meters.

        Given the bodies that are `ignored`, stop and return True as soon as the tool, or what it
        holds, touches another one.
        """
        start, path = self.tip.row(), motion.guarded_motion(self.tip, end, step)
        for count, joints in enumerate(path, 1):
            self._step(joints)
            self.tip = Tip(*(start + count / len(path) * (end.row() - start)).tolist())
            if ignored is not None and not self._touched() <= ignored:
                return True
        return False

    def wait(self, steps: int) -> None:
        """Stand still for some physics steps."""
        for _ in range(steps):
            self._step(None)

    def put(self, tip: Tip) -> None:
        """Set the arm's joints for a tip without any motion; a held thing goes with it."""
        joints = motion.joints_at(tip).tolist()
        self.body.set_joints(JOINT_INDICES, joints)
        self.body.follow(JOINT_INDICES, joints, JOINT_TORQUE_NM)
        if self.held is not None:
            self.held.set_pose(*self._held_pose())
        self.tip = tip

    def grasp(self, movable: Mapping[int, Body]) -> bool:
        """Grasp the nearest movable body that touches and faces the cup; say whether one does."""
        for touch in self._world.touched(self.body.uid, TIP_LINK, CONTACT_MARGIN_M):
            if touch.body in movable and touch.up > MIN_FACING_COSINE:
                self._attach(movable[touch.body])
                return True
        return False

    def release(self) -> None:
        """Release the held thing; the cup passes through it until `restore_contact`."""
        if self._constraint is not None:
            pybullet.removeConstraint(self._constraint, physicsClientId=self.body.client)
            self._constraint, self._let_go, self.held = None, self.held, None

    def restore_contact(self) -> None:
        """Let the cup touch the thing again that it released."""
        if self._let_go is not None:
            self._let_go.let_touch(self.body, TIP_LINK, True)
            self._let_go = None

    def touched_by_held(self) -> frozenset[int]:
        """Return the ids of the bodies that the held thing touches."""
        if self.held is None:
            return frozenset()
        touches = self._world.touched(self.held.uid, BASE_LINK, CONTACT_MARGIN_M)
        return frozenset(touch.body for touch in touches)

    def _held_pose(self) -> Pose:
        """Return the pose of the held thing if it did not move relative to the cup."""
        tool = self.body.link_frame(TIP_LINK)
        position, turn = pybullet.multiplyTransforms(*tool, *self._grip)
        return position, turn

    def _touched(self) -> frozenset[int]:
        touches = self._world.touched(self.body.uid, TIP_LINK, CONTACT_MARGIN_M)
        return self.touched_by_held() | {touch.body for touch in touches}

    def _attach(self, thing: Body) -> None:
        tool = pybullet.invertTransform(*self.body.link_frame(TIP_LINK))
        self.held = thing
        self._grip = pybullet.multiplyTransforms(*tool, *thing.pose())
        self._constraint = pybullet.createConstraint(
            parentBodyUniqueId=self.body.uid,
            parentLinkIndex=TIP_LINK,
            childBodyUniqueId=thing.uid,
            childLinkIndex=BASE_LINK,
            jointType=pybullet.JOINT_FIXED,
            jointAxis=(0.0, 0.0, 0.0),
            parentFramePosition=self._grip[0],
            parentFrameOrientation=self._grip[1],
            childFramePosition=(0.0, 0.0, 0.0),
            physicsClientId=self.body.client,
        )
        pybullet.changeConstraint(
            self._constraint, maxForce=SUCTION_FORCE_N, physicsClientId=self.body.client
        )
        # The held thing may lie a little inside the cup, which would push it away.
        thing.let_touch(self.body, TIP_LINK, False)

    def _step(self, joints: NDArray[np.float64] | None) -> None:
        if self.steps_left == 0:
            raise OutOfStepsError("the motion ran out of physics steps")
        self.steps_left -= 1
        if joints is not None:
            self.body.follow(JOINT_INDICES, joints.tolist(), JOINT_TORQUE_NM)
        self._world.step()
