"""A rigid or articulated body in a Bullet world, addressed by the names of its URDF."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pybullet
from numpy.typing import NDArray

BASE_LINK = -1
"""Bullet's link index of a body's base."""

Vector = Sequence[float] | NDArray[np.float64]
Pose = tuple[tuple[float, float, float], tuple[float, float, float, float]]
"""Position in meters and orientation as a quaternion xyzw, in the world frame."""


class Body:
    """A handle: `client` and the body's unique id. It holds no state of its own."""

    def __init__(self, client: int, uid: int) -> None:
        self.client = client
        self.uid = uid

    @cached_property
    def joints(self) -> dict[str, int]:
        """Joint indices by the URDF's joint names, fixed joints included."""
        return {self._info(index)[1].decode(): index for index in range(self._count())}

    @cached_property
    def links(self) -> dict[str, int]:
        """Link indices by the URDF's link names; `base_link` is -1 whatever its name there."""
        links = {self._info(index)[12].decode(): index for index in range(self._count())}
        return {**links, "base_link": BASE_LINK}

    def joint_limits(self, joint: int) -> tuple[float, float]:
        """Return (lower, upper) of a joint: meters or radians."""
        lower, upper = self._info(joint)[8:10]
        return lower, upper

    def pose(self) -> Pose:
        """Return the pose of the base's center of mass."""
        position, orientation = pybullet.getBasePositionAndOrientation(
            self.uid, physicsClientId=self.client
        )
        return position, orientation

    def set_pose(self, position: Vector, orientation: Vector) -> None:
        """Put the base's center of mass there, at rest (meters, quaternion xyzw)."""
        pybullet.resetBasePositionAndOrientation(
            self.uid, position, orientation, physicsClientId=self.client
        )

    def velocity(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Return the base's linear (m/s) and angular (rad/s) velocity in the world frame."""
        linear, angular = pybullet.getBaseVelocity(self.uid, physicsClientId=self.client)
        return linear, angular

    def link_pose(self, link: int) -> Pose:
        """Return the pose of a link's center of mass, as of the start of the last physics step.

        Bullet's step moves the joints and leaves the links where they were, until the next step, or
        until a joint is set or `link_frame` is asked. calvin_env reads the tool center point and
        its gripper camera in this way, so those observations are one physics step old there too.
        """
        state = pybullet.getLinkState(self.uid, link, physicsClientId=self.client)
        return state[0], state[1]

    def link_frame(self, link: int) -> Pose:
        """Return the pose of a link's frame, for the joints as they are now."""
        state = pybullet.getLinkState(
            self.uid, link, computeForwardKinematics=1, physicsClientId=self.client
        )
        return state[4], state[5]

    def joint_positions(self, joints: Sequence[int]) -> list[float]:
        """Return joint positions: meters or radians."""
        states = pybullet.getJointStates(self.uid, joints, physicsClientId=self.client)
        return [state[0] for state in states]

    def set_joint(self, joint: int, position: float) -> None:
        """Put a joint there, at rest; its motor keeps its command."""
        pybullet.resetJointState(self.uid, joint, position, physicsClientId=self.client)

    def set_joints(self, joints: Sequence[int], positions: Sequence[float]) -> None:
        """Put several joints there at once, at rest."""
        pybullet.resetJointStatesMultiDof(
            self.uid,
            joints,
            [[position] for position in positions],
            [[0.0] for _ in positions],
            physicsClientId=self.client,
        )

    def drive(self, joint: int, position: float, force: float, max_velocity: float) -> None:
        """Command a position motor: target (m or rad), force (N or Nm), speed limit."""
        pybullet.setJointMotorControl2(
            self.uid,
            joint,
            pybullet.POSITION_CONTROL,
            targetPosition=position,
            force=force,
            maxVelocity=max_velocity,
            physicsClientId=self.client,
        )

    def follow(self, joints: Sequence[int], positions: Sequence[float], force: float) -> None:
        """Command position motors to be there after the next step, with at most `force` each."""
        pybullet.setJointMotorControlArray(
            self.uid,
            joints,
            pybullet.POSITION_CONTROL,
            targetPositions=positions,
            forces=[force] * len(joints),
            positionGains=[1.0] * len(joints),
            physicsClientId=self.client,
        )

    def hold(self, joint: int, position: float, force: float) -> None:
        """Command a position motor without a speed limit: a spring that pushes back."""
        pybullet.setJointMotorControl2(
            self.uid,
            joint,
            pybullet.POSITION_CONTROL,
            targetPosition=position,
            force=force,
            physicsClientId=self.client,
        )

    def brake(self, joint: int, force: float) -> None:
        """Command a motor that resists motion with at most `force`: friction in the joint."""
        pybullet.setJointMotorControl2(
            self.uid, joint, pybullet.VELOCITY_CONTROL, force=force, physicsClientId=self.client
        )

    def bounds(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Return the base's axis-aligned bounding box: lowest and highest corner (m, world)."""
        low, high = pybullet.getAABB(self.uid, BASE_LINK, physicsClientId=self.client)
        return low, high

    def resist_rolling(self, friction: float) -> None:
        """Give the base rolling and spinning friction (m)."""
        pybullet.changeDynamics(
            self.uid,
            BASE_LINK,
            rollingFriction=friction,
            spinningFriction=friction,
            physicsClientId=self.client,
        )

    def may_sleep(self, threshold: float) -> None:
        """Skip the body's physics once its squared speeds stay below `threshold` for 2 s.

        It wakes when something that moves touches it.
        """
        pybullet.changeDynamics(
            self.uid,
            BASE_LINK,
            activationState=pybullet.ACTIVATION_STATE_ENABLE_SLEEPING,
            sleepThreshold=threshold,
            physicsClientId=self.client,
        )

    def let_touch(self, other: Body, link: int, allowed: bool) -> None:
        """Let a link of `other` touch this body's base, or pass through it."""
        pybullet.setCollisionFilterPair(
            self.uid, other.uid, BASE_LINK, link, int(allowed), physicsClientId=self.client
        )

    def _count(self) -> int:
        return int(pybullet.getNumJoints(self.uid, physicsClientId=self.client))

    def _info(self, joint: int) -> tuple:
        return tuple(pybullet.getJointInfo(self.uid, joint, physicsClientId=self.client))
