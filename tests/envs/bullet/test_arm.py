"""Arm and gripper, on pybullet_data's Panda."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pybullet
import pybullet_data
import pytest

from longhaul.envs.bullet.arm import Arm, ArmSpec, Gripper, GripperSpec
from longhaul.envs.bullet.world import World

REST = (0.0, -0.3, 0.0, -2.2, 0.0, 2.0, 0.785)
SPEC = ArmSpec(
    joints=tuple(range(7)),
    tcp_link=11,
    rest=REST,
    free_rest=(0.04, 0.04),
    lower=(-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973),
    upper=(2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973),
    force=200.0,
    max_velocity=2.0,
)
GRIPPER = GripperSpec(joints=(9, 10), opening=0.04, close_force=200.0, open_force=2.0)


@pytest.fixture
def robot() -> Iterator[tuple[World, Arm, Gripper]]:
    world = World()
    urdf = Path(pybullet_data.getDataPath()) / "franka_panda" / "panda.urdf"
    body = world.load(urdf, fixed=True)
    gripper, arm = Gripper(body, GRIPPER), Arm(body, SPEC)
    arm.reset()
    gripper.reset()
    yield world, arm, gripper
    world.close()


def test_reset_puts_the_joints_there_and_takes_the_pose_as_target(
    robot: tuple[World, Arm, Gripper],
) -> None:
    _, arm, _ = robot
    assert arm.body.joint_positions(SPEC.joints) == list(REST)
    position, euler = arm.tcp()
    np.testing.assert_array_equal(arm.target_position, position)
    np.testing.assert_array_equal(arm.target_euler, euler)
    with pytest.raises(ValueError):
        arm.reset(REST[:6])


def test_the_tcp_reaches_poses_in_the_workspace(robot: tuple[World, Arm, Gripper]) -> None:
    world, arm, _ = robot
    _, euler = arm.tcp()
    for x, y, z in ((0.45, 0.1, 0.4), (0.5, -0.2, 0.3), (0.4, 0.0, 0.55)):
        for _ in range(60):
            arm.move_to((x, y, z), euler)
            world.step(8)
        position, turned = arm.tcp()
        assert position == pytest.approx((x, y, z), abs=2e-3)
        ours = pybullet.getQuaternionFromEuler(turned)
        wanted = pybullet.getQuaternionFromEuler(euler)
        assert abs(np.dot(ours, wanted)) > np.cos(np.radians(1) / 2)


def test_steps_add_up_on_the_commanded_pose(robot: tuple[World, Arm, Gripper]) -> None:
    world, arm, _ = robot
    position, euler = (np.array(part) for part in arm.tcp())
    for _ in range(10):
        arm.move_by(np.array([0.0, 0.01, 0.0]), np.array([0.0, 0.0, 0.02]))
        world.step(8)
    np.testing.assert_allclose(arm.target_position, np.add(position, (0, 0.1, 0)), atol=1e-12)
    np.testing.assert_allclose(arm.target_euler, np.add(euler, (0, 0, 0.2)), atol=1e-12)
    measured = np.array(arm.tcp()[0])
    assert not np.allclose(measured, arm.target_position, atol=1e-3), "the arm lags behind"
    arm.move_to((0.4, 0.0, 0.4), euler)
    np.testing.assert_allclose(arm.target_position, np.add(position, (0, 0.1, 0)), atol=1e-12)


def test_inverse_kinematics_stays_within_the_limits(robot: tuple[World, Arm, Gripper]) -> None:
    _, arm, _ = robot
    joints = arm.solve((2.0, 0.5, -1.0), (0.0, 0.0, 0.0, 1.0))
    assert all(
        low <= joint <= high
        for joint, low, high in zip(joints, SPEC.lower, SPEC.upper, strict=True)
    )


def test_the_gripper_closes_and_opens_with_its_fingers_together(
    robot: tuple[World, Arm, Gripper],
) -> None:
    world, arm, gripper = robot
    for command, width in ((-1, 0.0), (1, 0.08), (-1, 0.0)):
        for _ in range(40):
            gripper.drive(command)
            world.step(8)
        left, right = arm.body.joint_positions(GRIPPER.joints)
        assert left + right == pytest.approx(width, abs=1e-3)
        assert left == pytest.approx(right, abs=1e-3)
        assert gripper.command == command


def test_a_link_pose_is_that_of_the_start_of_the_last_physics_step(
    robot: tuple[World, Arm, Gripper],
) -> None:
    world, arm, _ = robot
    body, link = arm.body, SPEC.tcp_link

    def now() -> tuple[float, ...]:
        state = pybullet.getLinkState(
            body.uid, link, computeForwardKinematics=1, physicsClientId=body.client
        )
        return tuple(state[0])

    position, euler = arm.tcp()
    arm.move_to((position[0], position[1], position[2] + 0.1), euler)
    world.step(20)
    before = now()
    world.step(1)
    told = body.link_pose(link)[0]
    np.testing.assert_allclose(told, before, rtol=0, atol=1e-12)
    assert np.abs(np.subtract(now(), told)).max() > 1e-4
