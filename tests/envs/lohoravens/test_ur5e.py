"""The arm's kinematics against the published parameters, and against Bullet."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from longhaul.envs.bullet.world import World
from longhaul.envs.lohoravens import ur5e
from longhaul.envs.lohoravens.motion import HOME_TIP, Tip, free_motion, joints_at
from longhaul.envs.lohoravens.robot import JOINT_INDICES, TIP_LINK, write_urdf
from longhaul.envs.lohoravens.things import WORKSPACE_BOUNDS_M

# Universal Robots, "DH Parameters for calculations of kinematics and dynamics", UR5e:
# a (m), d (m), alpha (rad), joints 1 to 6.
PUBLISHED = (
    (0.0, 0.1625, np.pi / 2),
    (-0.425, 0.0, 0.0),
    (-0.3922, 0.0, 0.0),
    (0.0, 0.1333, np.pi / 2),
    (0.0, 0.0997, -np.pi / 2),
    (0.0, 0.0996, 0.0),
)


def textbook(joints: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the flange's pose (4, 4) in the base's frame: Rz(theta) Tz(d) Tx(a) Rx(alpha)."""
    pose = np.eye(4)
    for angle, (a, d, alpha) in zip(joints, PUBLISHED, strict=True):
        turn, shift = np.eye(4), np.eye(4)
        turn[:3, :3] = Rotation.from_euler("z", angle).as_matrix()
        shift[:3, :3] = Rotation.from_euler("x", alpha).as_matrix()
        shift[:3, 3] = a, 0.0, d
        pose = pose @ turn @ shift
    return pose


def in_world(flange: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the tip's pose in the world: the base is turned by pi and stands on its pedestal."""
    base, tool = np.eye(4), np.eye(4)
    base[:3, :3] = Rotation.from_euler("z", np.pi).as_matrix()
    base[2, 3], tool[2, 3] = 0.2, 0.12
    return base @ flange @ tool


def test_the_flange_at_zero_is_where_the_parameters_put_it() -> None:
    """Stretched out: a2 + a3 along x, d4 + d6 aside, d1 - d5 up."""
    np.testing.assert_allclose(textbook(np.zeros(6))[:3, 3], [-0.8172, -0.2329, 0.0628], atol=1e-12)


def test_forward_kinematics_equal_the_textbooks() -> None:
    for joints in np.random.default_rng(0).uniform(-np.pi, np.pi, (200, 6)):
        np.testing.assert_allclose(ur5e.forward(joints), in_world(textbook(joints)), atol=1e-12)


def test_bullets_arm_is_the_same(tmp_path: Path) -> None:
    urdf = tmp_path / "arm.urdf"
    urdf.write_text(write_urdf("suction"))
    world = World()
    arm = world.load(urdf, fixed=True)
    for joints in np.random.default_rng(1).uniform(-np.pi, np.pi, (50, 6)):
        arm.set_joints(JOINT_INDICES, joints.tolist())
        position, turn = arm.link_frame(TIP_LINK)
        expected = ur5e.forward(joints)
        np.testing.assert_allclose(
            Rotation.from_quat(turn).as_matrix(), expected[:3, :3], atol=1e-6
        )
        tip = np.array(position) + 0.12 * expected[:3, 2]
        np.testing.assert_allclose(tip, expected[:3, 3], atol=1e-6)
    world.close()


def test_inverse_kinematics_point_the_tool_down_where_it_was_told() -> None:
    random = np.random.default_rng(2)
    low, high = (0.25, -0.5, 0.0), (0.75, 0.5, ur5e.MAX_TIP_Z_M)
    tips, yaws = random.uniform(low, high, (500, 3)), random.uniform(-np.pi, np.pi, 500)
    zero = textbook_heading(ur5e.inverse([[0.5, 0.0, 0.1]], [0.0])[0])
    for tip, yaw, joints in zip(tips, yaws, ur5e.inverse(tips, yaws), strict=True):
        pose = in_world(textbook(joints))
        np.testing.assert_allclose(pose[:3, 3], tip, atol=1e-9)
        np.testing.assert_allclose(pose[:3, 2], [0, 0, -1], atol=1e-9)
        turned = (textbook_heading(joints) - zero - yaw + np.pi) % (2 * np.pi) - np.pi
        assert turned == pytest.approx(0.0, abs=1e-9)


def textbook_heading(joints: NDArray[np.float64]) -> float:
    """Return the direction of the tool's x axis about the vertical (rad)."""
    x, y = in_world(textbook(joints))[:2, 0]
    return float(np.arctan2(y, x))


def test_every_corner_of_the_workspace_is_in_reach_and_beyond_is_named() -> None:
    (left, right), (front, back), _ = WORKSPACE_BOUNDS_M
    corners = list(product((left, right), (front, back), (-0.01, ur5e.MAX_TIP_Z_M)))
    assert np.isfinite(ur5e.inverse(corners, np.zeros(len(corners)))).all()
    with pytest.raises(ur5e.ReachError, match=r"1\.2, 0\.0, 0\.1"):
        ur5e.inverse([[0.5, 0.0, 0.1], [1.2, 0.0, 0.1]], [0.0, 0.0])
    with pytest.raises(ur5e.ReachError):
        ur5e.inverse([[0.05, 0.0, 0.1]], [0.0])


def test_strides_are_straight_smooth_and_within_the_joints_speed() -> None:
    random = np.random.default_rng(3)
    ends = [
        Tip(*row) for row in random.uniform((0.25, -0.5, 0.0, -2), (0.75, 0.5, 0.3, 2), (30, 4))
    ]
    for start, end in zip([HOME_TIP, *ends], ends, strict=False):
        path = np.vstack([joints_at(start), free_motion(start, end)])
        np.testing.assert_allclose(path[-1], joints_at(end), atol=1e-9)
        assert np.abs(np.diff(path, axis=0)).max() * 240 < 1.3 * np.pi
        line = end.row()[:3] - start.row()[:3]
        for joints in path[:: max(1, len(path) // 7)]:
            away = ur5e.forward(joints)[:3, 3] - start.row()[:3]
            part = np.clip(away @ line / (line @ line), 0, 1)
            np.testing.assert_allclose(away, part * line, atol=1e-9)
