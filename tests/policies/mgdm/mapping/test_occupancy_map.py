"""The agent's map against the house: its meshes, and the surface on which the simulator walks."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from scipy.spatial import cKDTree

from longhaul.policies.mgdm.mapping.occupancy_map import (
    CLIMB_BITS,
    COLLISION_STEPS,
    VOXEL_HEIGHT_M,
    VOXEL_M,
    OccupancyMap,
)
from longhaul.policies.mgdm.mapping.shortest_paths import ShortestPaths
from tests.navgen.houses.made import STORY
from tests.policies.mgdm.walks import ABOVE, BELOW, SIZE, depths, pose_of, simulator, walk


def test_floors_in_reach_are_where_the_simulator_walks() -> None:
    walked = walk(BELOW, ABOVE)
    paths = ShortestPaths(walked.occupancy, walked.poses[-1])
    floors = paths.points[np.isfinite(paths.distance)].astype(float)
    assert len(floors) > 3000
    gaps = []
    for point in floors[::8]:
        snapped = walked.simulator.navigation.snap(point)
        gaps.append(np.inf if snapped is None else np.hypot(*(snapped - point)[[0, 2]]))
    assert np.mean(np.array(gaps) < VOXEL_M) > 0.9 and np.mean(np.array(gaps) < 3 * VOXEL_M) > 0.97


def test_a_collision_is_remembered_for_fifty_steps() -> None:
    """A door may be closed for a while, but not for good."""
    walked, house = walk(BELOW, ABOVE), simulator()
    occupancy = copy.deepcopy(walked.occupancy)
    house.set_pose(BELOW, 0.0)
    pose, seen = pose_of(house), depths(house)
    occupancy.mark_collision(pose)
    assert occupancy.collided(occupancy.window()).any()
    for _ in range(COLLISION_STEPS - 1):
        occupancy.update(pose, seen)
    assert occupancy.collided(occupancy.window()).any()
    occupancy.update(pose, seen)
    assert not occupancy.collided(occupancy.window()).any()


def test_where_the_simulator_walks_near_the_way_is_floor_in_reach() -> None:
    walked, rng = walk(BELOW, ABOVE), np.random.default_rng(0)
    paths = ShortestPaths(walked.occupancy, walked.poses[-1])
    floors = cKDTree(paths.points[np.isfinite(paths.distance)])
    points = np.array([walked.simulator.navigation.random_point(rng) for _ in range(500)])
    near = points[cKDTree(walked.places).query(points)[0] < 2.0]
    assert len(near) > 100
    assert np.mean(floors.query(near)[0] < 0.25) > 0.95


@pytest.mark.parametrize(("start", "end"), [(BELOW, ABOVE), (ABOVE, BELOW)])
def test_a_staircase_joins_two_stories(
    start: tuple[float, float, float], end: tuple[float, float, float]
) -> None:
    walked = walk(start, end)
    paths = ShortestPaths(walked.occupancy, walked.poses[-1])
    gap, node = cKDTree(paths.points).query(walked.places)
    assert gap.max() < 0.15
    assert np.isfinite(paths.distance[node]).all()  # every place where the robot stood
    risen = abs(paths.points[paths.path(int(node[0]))][:, 1] - walked.places[-1, 1])
    assert risen[0] < VOXEL_HEIGHT_M and abs(risen[-1] - STORY) < VOXEL_HEIGHT_M
    assert np.diff(np.unique(risen.round(3))).max() <= CLIMB_BITS * VOXEL_HEIGHT_M + 1e-3


def test_an_upper_story_is_as_open_as_it_is_from_within() -> None:
    """A map that began below knows no less of the bedroom than one that began in it."""
    reach = []
    for start in (BELOW, ABOVE):
        occupancy = (
            copy.deepcopy(walk(BELOW, ABOVE).occupancy) if start == BELOW else OccupancyMap(SIZE)
        )
        house = simulator()
        house.camera_height = 0.5
        for turn in range(6):
            house.set_pose(ABOVE, turn * np.pi / 3)
            occupancy.update(pose_of(house), depths(house))
        paths = ShortestPaths(occupancy, pose_of(house))
        bedroom = (paths.points[:, 0] > 6.2) & (abs(paths.points[:, 1] - STORY) < 0.3)
        reach.append(int((np.isfinite(paths.distance) & bedroom).sum()))
    assert reach[0] > 0.95 * reach[1] > 500


def test_an_episode_begins_with_an_empty_map() -> None:
    house = simulator()
    house.set_pose(BELOW, 0.3)
    used, new = OccupancyMap(SIZE), OccupancyMap(SIZE)
    used.update(pose_of(house) + np.float32([2, 0, 0, 1]), depths(house))
    used.mark_collision(pose_of(house))
    used.clear()
    for occupancy in (used, new):
        occupancy.update(pose_of(house), depths(house))
    for mine, theirs in zip(used.window(), new.window(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_beyond_the_map_is_its_edge() -> None:
    house = simulator()
    house.set_pose(BELOW, 0.0)
    occupancy = OccupancyMap(SIZE)
    occupancy.update(pose_of(house), depths(house))
    for move in ([0, 0, -500, 0], [0, 500, 0, 0], [0, -500, 0, 0]):
        far = pose_of(house) + np.float32(move)
        occupancy.update(far, depths(house))
        assert len(ShortestPaths(occupancy, far).points)
