"""CALVIN: the play table, its 34 tasks and the 1000 sequences."""

from longhaul.envs.quiet import import_quietly

import_quietly("pybullet")
