"""Pictures of a Bullet world: colour, metric depth and instance ids in one pass."""

from envs.quiet import import_quietly

import_quietly("pybullet")
