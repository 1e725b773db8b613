"""A position-controlled arm with null-space inverse kinematics, and a two-finger gripper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pybullet
from numpy.typing import NDArray

from longhaul.envs.bullet.body import Body, Vector


@dataclass(frozen=True)
class ArmSpec:
    """What an arm's URDF does not say. Angles are in radians, `force` (a motor's torque) in Nm.

    `rest` is the joints' reset position and the posture that null-space IK stays close to, and
    `free_rest` that of the body's further movable joints (fingers), in Bullet's order.
    `null_range` bounds every joint inside IK; `lower` and `upper` clip what it returns.
    """

    joints: tuple[int, ...]
    tcp_link: int
    rest: tuple[float, ...]
    free_rest: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    force: float
    max_velocity: float
    null_range: float = 7.0


class Arm:
    """Moves an arm's tool center point (TCP).

    `target_position` (meters) and `target_euler` (xyz, radians) are the pose that relative moves
    add to: the commanded one, not the measured one, so that lag and load do not leak into it.
    """

    target_position: NDArray[np.float64]
    target_euler: NDArray[np.float64]

    def __init__(self, body: Body, spec: ArmSpec) -> None:
        self.body = body
        self.spec = spec
        movable = len(spec.rest) + len(spec.free_rest)
        bound = spec.null_range
        self._null_space = {
            "lowerLimits": [-bound] * movable,
            "upperLimits": [bound] * movable,
            "jointRanges": [bound] * movable,
            "restPoses": [*spec.rest, *spec.free_rest],
        }

    def reset(self, joints: Vector | None = None) -> None:
        """Put the joints there (default: at rest), hold them, and take the pose as the target."""
        angles = self.spec.rest if joints is None else joints
        for joint, angle in zip(self.spec.joints, angles, strict=True):
            self.body.set_joint(joint, angle)
            self.body.drive(joint, angle, self.spec.force, self.spec.max_velocity)
        position, euler = self.tcp()
        self.target_position = np.array(position)
        self.target_euler = np.array(euler)

    def tcp(self) -> tuple[Vector, Vector]:
        """Return the TCP's position (meters) and euler angles xyz (radians), world frame."""
        position, orientation = self.body.link_pose(self.spec.tcp_link)
        return position, pybullet.getEulerFromQuaternion(orientation)

    def move_by(self, translation: NDArray[np.float64], rotation: NDArray[np.float64]) -> None:
        """Shift the target by meters and euler angles (radians), and drive there."""
        self.target_position += translation
        self.target_euler += rotation
        self.move_to(self.target_position, self.target_euler)

    def move_to(self, position: Vector, euler: Vector) -> None:
        """Drive the TCP to a world pose (meters, euler xyz radians). The target stays."""
        joints = self.solve(position, pybullet.getQuaternionFromEuler(euler))
        for joint, target in zip(self.spec.joints, joints, strict=True):
            self.body.drive(joint, target, self.spec.force, self.spec.max_velocity)

    def solve(self, position: Vector, orientation: Vector) -> list[float]:
        """Return arm joints (rad, within limits) for a TCP pose (meters, quaternion xyzw).

        The iteration starts from the present joints and may stop short of the pose.
        """
        solution = pybullet.calculateInverseKinematics(
            self.body.uid,
            self.spec.tcp_link,
            position,
            orientation,
            physicsClientId=self.body.client,
            **self._null_space,
        )
        return [
            min(max(angle, low), high)
            for angle, low, high in zip(
                solution[: len(self.spec.joints)], self.spec.lower, self.spec.upper, strict=True
            )
        ]


@dataclass(frozen=True)
class GripperSpec:
    """Two fingers on prismatic joints, each `opening` meters from the middle when open.

    A gear constraint keeps them centered; forces in N.
    """

    joints: tuple[int, int]
    opening: float
    close_force: float
    open_force: float
    max_velocity: float = 1.0
    gear_erp: float = 0.1
    gear_force: float = 50.0


class Gripper:
    """Opens and closes the fingers; `command` is the last command given: 1 open, -1 close."""

    command: int

    def __init__(self, body: Body, spec: GripperSpec) -> None:
        self.body = body
        self.spec = spec
        left, right = spec.joints
        gear = pybullet.createConstraint(
            body.uid,
            left,
            body.uid,
            right,
            jointType=pybullet.JOINT_GEAR,
            jointAxis=[1, 0, 0],
            parentFramePosition=[0, 0, 0],
            childFramePosition=[0, 0, 0],
            physicsClientId=body.client,
        )
        pybullet.changeConstraint(
            gear,
            gearRatio=-1,
            erp=spec.gear_erp,
            maxForce=spec.gear_force,
            physicsClientId=body.client,
        )

    def reset(self, finger: float | None = None, command: int = 1) -> None:
        """Put each finger `finger` meters from the middle (default: open) and hold it there."""
        position = self.spec.opening if finger is None else finger
        for joint in self.spec.joints:
            self.body.set_joint(joint, position)
            self.body.drive(joint, position, self.spec.close_force, self.spec.max_velocity)
        self.command = command
        self._driven: int | None = None

    def drive(self, command: int) -> None:
        """Open (1) or close (-1)."""
        self.command = command
        if command == self._driven:
            return
        self._driven = command
        opens = command == 1
        for joint in self.spec.joints:
            self.body.drive(
                joint,
                self.spec.opening if opens else 0.0,
                self.spec.open_force if opens else self.spec.close_force,
                self.spec.max_velocity,
            )
