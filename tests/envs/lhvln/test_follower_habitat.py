"""The follower against habitat-sim's, on its triangles and on the surface from the meshes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from longhaul.envs.lhvln.follower import Follower
from longhaul.envs.lhvln.simulator import Navigation, Pose, moved
from tests.envs.lhvln.test_habitat import HOUSES, RADII, arrays, from_habitat, from_meshes
from tests.shared import golden

pytestmark = pytest.mark.golden

LIMIT = 400
GOAL_RADII = {"g100": 1.0, "g025": 0.25}


def follow(navigation: Navigation, pose: Pose, goal: np.ndarray, radius: float) -> list[Pose]:
    """Return the poses of a run that ends with a stop. Fails where it does not."""
    poses, follower = [pose], Follower(navigation, goal[None], radius)
    for _ in range(LIMIT):
        step = follower.next(poses[-1])
        if step == "stop":
            return poses
        assert step is not None
        poses.append(moved(navigation, poses[-1], step)[0])
    raise AssertionError(f"no stop in {LIMIT} actions from {pose}")


def length(positions: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(positions[:, [0, 2]], axis=0), axis=1).sum())


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize("radius", RADII)
@pytest.mark.parametrize("goals", GOAL_RADII)
@pytest.mark.parametrize("make", [from_habitat, from_meshes])
def test_it_goes_where_habitats_does(make, goals: str, radius: str, house: str) -> None:  # type: ignore[no-untyped-def]
    navigation = make(house, radius)
    runs = arrays(golden(house), f"follower_{radius}")
    same, ours, theirs, arrived = 0, [], [], 0
    for k in range(len(runs["start"])):
        count = int(runs[f"{goals}_n_actions"][k])
        known = runs[f"{goals}_position"][k][:count]
        _, y, _, w = runs[f"{goals}_rotation_xyzw"][k][0]
        start = navigation.snap(known[0])
        pose = Pose((start[0], start[1], start[2]), 2 * math.atan2(y, w))
        poses = follow(navigation, pose, navigation.snap(runs["goal"][k]), GOAL_RADII[goals])
        found = np.array([p.position for p in poses])
        left = navigation.distance(found[-1], navigation.snap(runs["goal"][k])[None])
        arrived += left < GOAL_RADII[goals]
        same += len(found) == len(known)
        ours.append(length(found))
        theirs.append(length(known))
    assert arrived == len(theirs)
    assert sum(ours) == pytest.approx(sum(theirs), rel=0.03)
    if make is from_habitat:
        assert same >= 0.8 * len(theirs), (same, len(theirs))
