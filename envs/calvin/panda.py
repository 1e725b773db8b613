"""The robot of CALVIN: a Franka Panda with longer fingers, as calvin_env drives it.

Facts of mees/calvin_env, conf/robot/panda_longer_finger.yaml and calvin_env/robot.
"""

from longhaul.envs.bullet.arm import ArmSpec, GripperSpec

BASE_POSITION = (-0.34, -0.46, 0.24)

FINGER_OPENING = 0.04

ARM = ArmSpec(
    joints=(0, 1, 2, 3, 4, 5, 6),
    tcp_link=15,
    rest=(-1.21779206, 1.03987646, 2.11978261, -2.34205014, -0.87015947, 1.64119353, 0.55344866),
    free_rest=(FINGER_OPENING, FINGER_OPENING),
    lower=(-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973),
    upper=(2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973),
    force=200.0,
    max_velocity=2.0,
)

GRIPPER = GripperSpec(joints=(9, 11), opening=FINGER_OPENING, close_force=200.0, open_force=2.0)

POSITION_SCALE = 0.02
"""Meters that a component of 1 of a relative action stands for."""

ROTATION_SCALE = 0.05
"""Radians that a component of 1 of a relative action stands for."""
