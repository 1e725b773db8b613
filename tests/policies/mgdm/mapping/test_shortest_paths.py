"""Paths over the map: they lead nearer, are as long as the simulator's; a collision closes one."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from longhaul.policies.mgdm.mapping.occupancy_map import VOXEL_M
from longhaul.policies.mgdm.mapping.shortest_paths import ShortestPaths
from tests.policies.mgdm.walks import ABOVE, BELOW, walk

NEXT = VOXEL_M * np.sqrt(2)


@pytest.fixture(scope="module")
def paths() -> ShortestPaths:
    walked = walk(BELOW, ABOVE)
    return ShortestPaths(walked.occupancy, walked.poses[-1])


def some_nodes(paths: ShortestPaths, count: int = 60) -> np.ndarray:
    reached = np.flatnonzero(np.isfinite(paths.distance))
    return np.random.default_rng(0).choice(reached, count, replace=False)


def test_distance_grows_along_a_path_of_neighbors(paths: ShortestPaths) -> None:
    for node in some_nodes(paths):
        path = paths.path(int(node))
        assert path[-1] == node and paths.distance[path[0]] == 0
        assert (np.diff(paths.distance[path]) > 0).all()
        steps = np.linalg.norm(np.diff(paths.points[path], axis=0)[:, [0, 2]], axis=1)
        assert (steps <= NEXT + 1e-4).all()


def test_a_step_along_the_bearing_leads_nearer(paths: ShortestPaths) -> None:
    """Turned by the bearing, 0.25 m ahead, it is less far: the robot's own step."""
    occupancy, pose = walk(BELOW, ABOVE).occupancy, paths.pose
    nearer = []
    for node in some_nodes(paths, 40):
        if paths.distance[node] < 1.0:
            continue
        yaw = pose[3] + paths.bearing(int(node))
        ahead = pose + np.float32([-0.25 * np.sin(yaw), 0, -0.25 * np.cos(yaw), 0])
        left = ShortestPaths(occupancy, ahead).distance[node]
        nearer.append(left < paths.distance[node])
    assert len(nearer) > 20 and np.mean(nearer) > 0.95


def test_plain_paths_are_as_long_as_the_simulators() -> None:
    walked, rng = walk(BELOW, ABOVE), np.random.default_rng(1)
    plain = ShortestPaths(walked.occupancy, walked.poses[-1], plain=True)
    cost = ShortestPaths(walked.occupancy, walked.poses[-1])
    navigation, here = walked.simulator.navigation, walked.places[-1]
    reached = np.flatnonzero(np.isfinite(plain.distance) & (plain.distance > 1))
    nodes = rng.choice(reached, 80, replace=False)
    theirs = np.array([navigation.distance(here, [plain.points[n].astype(float)]) for n in nodes])
    known = np.isfinite(theirs)
    share = plain.distance[nodes][known] / theirs[known]
    assert known.mean() > 0.7  # the others are nearer to a wall than the robot's radius
    assert np.quantile(share, 0.05) > 0.85 and np.quantile(share, 0.95) < 1.15
    assert (cost.distance[nodes] >= plain.distance[nodes] - 1e-3).all()


def test_a_collision_closes_the_path_ahead() -> None:
    walked = walk(BELOW, ABOVE)
    occupancy = copy.deepcopy(walked.occupancy)
    pose = walked.poses[6] + np.float32([0, 0, 0, -np.pi / 2])  # to where it never went
    ahead = int(
        np.linalg.norm(ShortestPaths(occupancy, pose).points - ahead_of(pose, 0.8), axis=1).argmin()
    )
    target = ShortestPaths(occupancy, pose).points[ahead]
    before = ShortestPaths(occupancy, pose)
    assert abs(before.bearing(ahead)) < 0.3
    occupancy.mark_collision(pose)
    after = ShortestPaths(occupancy, pose)
    same = int(np.linalg.norm(after.points - target, axis=1).argmin())
    assert after.distance[same] > before.distance[ahead] + 0.01
    assert abs(after.bearing(same)) > 0.3
    closed = occupancy.cells(*ahead_of(pose, 0.2)[[0, 2]])
    assert not ((after.floors.row == closed[0]) & (after.floors.column == closed[1])).any()


def ahead_of(pose: np.ndarray, distance: float) -> np.ndarray:
    x, y, z, yaw = pose.astype(float)
    return np.array([x - distance * np.sin(yaw), y, z - distance * np.cos(yaw)])
