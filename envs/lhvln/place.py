"""Puts the robot where an episode begins."""

from __future__ import annotations

from math import dist

import numpy as np

from longhaul.envs.episode import Episode
from longhaul.envs.lhvln.simulator import Simulator
from longhaul.envs.lhvln.targets import EpisodeError

MAX_SNAP_M = 0.3
"""Largest distance from a stored start to the surface: simulators compute its edges differently."""

START_STREAM = 1
"""Number of the episode's random stream from which a start is drawn if none is stored."""


def place(simulator: Simulator, episode: Episode) -> None:
    """Put the robot at an episode's start, or at one drawn from its seed if none is stored.

    Raises EpisodeError for a start that is not navigable.
    """
    navigation, stored = simulator.navigation, episode.start["position"]
    if stored is None:
        position = navigation.random_point(np.random.default_rng([episode.seed, START_STREAM]))
    elif navigation.is_navigable(stored):
        position = np.asarray(stored, float)
    else:
        snapped = navigation.snap(stored)
        if snapped is None or dist(snapped, stored) > MAX_SNAP_M:
            raise EpisodeError(f"its start {[round(v, 2) for v in stored]} is not navigable")
        position = snapped
    simulator.set_pose(position, episode.start["yaw"])
