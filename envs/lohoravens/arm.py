"""The arm with its tool in a world: it moves in strides and creeps, feels contact, and sucks."""

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
from longhaul.envs.lohoravens.motion import HOME, Tip
from longhaul.envs.lohoravens.robot import JOINTS, TIP_LINK, write_urdf

TORQUE = 150.0
"""Of every joint (Nm): the UR5e's strongest, so that a held thing does not bend the arm."""

SUCTION = 50.0
"""What the cup holds (N): cliport/tasks/grippers.py."""

MARGIN = 0.0005
"""Closer than this is contact (m)."""

FLAT = 0.7
"""The cup takes hold of what faces it: least cosine between its axis and the surface's normal."""

SLACK = 0.005
"""Farther than this from where the cup took it, what is held was held up by something (m)."""


class OutOfStepsError(RuntimeError):
    """A motion took more physics steps than it was given."""


class Arm:
    """`tip` is where the tool was last sent, `held` the body at the suction cup, if any.

    With `fast` the arm is put where a stride ends instead of going there, and what it holds with
    it; a creeping arm is always simulated. `steps_left` counts down with every physics step.
    """

    def __init__(self, world: World, folder: Path, tool: str, fast: bool) -> None:
        """Load the arm, at home. `folder` takes its URDF."""
        urdf = folder / f"ur5e_{tool}.urdf"
        if not urdf.exists():
            urdf.write_text(write_urdf(tool))
        self.body = world.load(urdf, fixed=True)
        self._world = world
        self._fast = fast
        self.tip = HOME
        self.held: Body | None = None
        self._let_go: Body | None = None
        self._constraint: int | None = None
        self.steps_left = 0
        self.put(HOME)

    def stride(self, end: Tip, simulate: bool = False) -> None:
        """Move through free space; `simulate` goes there even where `fast` would skip.

        A stride that nothing blocked ends exactly at its end and at rest, whether simulated or
        not: what comes next is then the same.
        """
        if self._fast and not simulate:
            self.put(end)
            return
        for joints in motion.stride(self.tip, end):
            self._step(joints)
        self.tip = end
        if self.held is None or math.dist(self.held.pose()[0], self._held_pose()[0]) < SLACK:
            self.put(end)

    def creep(self, end: Tip, step: float, ignored: frozenset[int] | None = None) -> bool:
        """Move to `end` in steps of `step` meters.

        Given the bodies that are `ignored`, stop and return True as soon as the tool, or what it
        holds, touches another one.
        """
        start, path = self.tip.row(), motion.creep(self.tip, end, step)
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
        """Put the arm there without any motion, and what it holds with it."""
        joints = motion.joints_at(tip).tolist()
        self.body.set_joints(JOINTS, joints)
        self.body.follow(JOINTS, joints, TORQUE)
        if self.held is not None:
            self.held.set_pose(*self._held_pose())
        self.tip = tip

    def suck(self, movable: Mapping[int, Body]) -> bool:
        """Take hold of the nearest movable body that faces the cup and touches it, if one does."""
        for touch in self._world.touched(self.body.uid, TIP_LINK, MARGIN):
            if touch.body in movable and touch.up > FLAT:
                self._attach(movable[touch.body])
                return True
        return False

    def release(self) -> None:
        """Let go of what is held; the cup passes through it until `part`."""
        if self._constraint is not None:
            pybullet.removeConstraint(self._constraint, physicsClientId=self.body.client)
            self._constraint, self._let_go, self.held = None, self.held, None

    def part(self) -> None:
        """Let the cup touch again what it let go."""
        if self._let_go is not None:
            self._let_go.let_touch(self.body, TIP_LINK, True)
            self._let_go = None

    def touched_by_held(self) -> frozenset[int]:
        """Return the bodies that what is held touches."""
        if self.held is None:
            return frozenset()
        touches = self._world.touched(self.held.uid, BASE_LINK, MARGIN)
        return frozenset(touch.body for touch in touches)

    def _held_pose(self) -> Pose:
        """Return where what is held is if the cup holds it as it took it."""
        tool = self.body.link_frame(TIP_LINK)
        position, turn = pybullet.multiplyTransforms(*tool, *self._grip)
        return position, turn

    def _touched(self) -> frozenset[int]:
        touches = self._world.touched(self.body.uid, TIP_LINK, MARGIN)
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
            self._constraint, maxForce=SUCTION, physicsClientId=self.body.client
        )
        # What is held may lie a little inside the cup, and would be pushed away.
        thing.let_touch(self.body, TIP_LINK, False)

    def _step(self, joints: NDArray[np.float64] | None) -> None:
        if self.steps_left == 0:
            raise OutOfStepsError("the motion ran out of physics steps")
        self.steps_left -= 1
        if joints is not None:
            self.body.follow(JOINTS, joints.tolist(), TORQUE)
        self._world.step()
