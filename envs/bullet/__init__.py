"""PyBullet worlds: bodies, arms with inverse kinematics, grippers, contacts, snapshots."""

from longhaul.envs.quiet import import_quietly

import_quietly("pybullet")
