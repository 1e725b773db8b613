"""PyBullet worlds: bodies, arms with inverse kinematics, grippers, contacts, snapshots."""

from envs.quiet import import_quietly

import_quietly("pybullet")
