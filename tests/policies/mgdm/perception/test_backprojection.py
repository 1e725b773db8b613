"""The point cloud of depths against the meshes of the house that they show."""

from __future__ import annotations

import numpy as np
import pytest

from longhaul.policies.mgdm.perception.backprojection import (
    Backprojection,
    camera_height,
    count_floor_points,
    to_world_axes,
)
from tests.navgen.houses.rays import first_hits
from tests.policies.mgdm.walks import BELOW, SIZE, depths, simulator


@pytest.mark.parametrize("height", [0.5, 1.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_points_of_depth_lie_where_rays_meet_the_house(height: float, seed: int) -> None:
    house, rng = simulator(), np.random.default_rng(seed)
    house.camera_height = height
    house.set_pose(house.navigation.random_point(rng), float(rng.uniform(-np.pi, np.pi)))
    points = Backprojection(SIZE, 4).point_cloud(depths(house))
    assert points.valid.all() and points.up.shape == (3, 32, 32)
    x, z = to_world_axes(points, house.pose.yaw)
    ways = np.stack([x, points.up, z], -1).reshape(-1, 3).astype(float)
    chosen = rng.choice(len(ways), 60, replace=False)
    eye = np.add(house.pose.position, (0.0, height, 0.0))
    vertices, faces = house._scene.triangles()
    share, _ = first_hits(vertices[faces], np.broadcast_to(eye, (60, 3)), ways[chosen])
    off = np.abs(share - 1) * np.linalg.norm(ways[chosen], axis=1)
    assert np.mean(off < 0.002) > 0.9


@pytest.mark.parametrize("height", [0.5, 1.0])
def test_the_height_of_the_cameras_is_found(height: float) -> None:
    house = simulator()
    house.camera_height = height
    house.set_pose(BELOW, 0.0)
    assert (
        camera_height(count_floor_points(Backprojection(SIZE, 2).point_cloud(depths(house))))
        == height
    )
