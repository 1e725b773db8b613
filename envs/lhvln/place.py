"""Where an episode begins."""

from __future__ import annotations

from math import dist

import numpy as np

from longhaul.envs.episode import Episode
from longhaul.envs.lhvln.simulator import Simulator
from longhaul.envs.lhvln.targets import EpisodeError

NEAR = 0.3
"""A stored start may be this far from the surface (m): simulators compute its edges differently."""

STREAM = 1
"""Which of an episode's random streams the start is from where none is stored."""


def place(simulator: Simulator, episode: Episode) -> None:
    """Put the robot at an episode's start, or at one drawn from its seed where none is stored.

    Raises EpisodeError for a start that is not navigable.
    """
    navigation, stored = simulator.navigation, episode.start["position"]
    if stored is None:
        position = navigation.random_point(np.random.default_rng([episode.seed, STREAM]))
    elif navigation.is_navigable(stored):
        position = np.asarray(stored, float)
    else:
        snapped = navigation.snap(stored)
        if snapped is None or dist(snapped, stored) > NEAR:
            raise EpisodeError(f"its start {[round(v, 2) for v in stored]} is not navigable")
        position = snapped
    simulator.set_pose(position, episode.start["yaw"])
