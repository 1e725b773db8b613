"""Which voxels triangles touch, against shapely's intersection of each triangle with each cell."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from longhaul.envs.lhvln.navmesh.settings import Settings
from longhaul.envs.lhvln.navmesh.voxels import Voxels, voxelize
from tests.envs.lhvln.navmesh.worlds import boxes

SIZE, HEIGHT = 0.25, 0.125
WANTED = Settings(cell_size=SIZE, cell_height=HEIGHT)


def soup(seed: int, count: int) -> NDArray[np.float64]:
    """Return triangles (T, 3, 3) of every slope, and two whose corners are the room's."""
    rng = np.random.default_rng(seed)
    middles = rng.uniform([0.5, 0.5, 0.5], [2.5, 1.5, 1.5], (count, 1, 3))
    found = middles + rng.uniform(-0.5, 0.5, (count, 3, 3)) * rng.choice([0.2, 1.0], (count, 1, 1))
    room = np.array([[[0, 0, 0], [3, 0, 0], [0, 0, 2]], [[3, 2, 2], [3, 2, 1], [2, 2, 2]]])
    return np.concatenate([found, room])


def built(triangles: NDArray[np.float64]) -> Voxels:
    points = triangles.reshape(-1, 3)
    return voxelize(points, np.arange(len(points)).reshape(-1, 3), WANTED)


def plane(triangle: NDArray[np.float64], x: float, z: float) -> float:
    """Return the height of a triangle's plane over a point."""
    normal = np.cross(triangle[1] - triangle[0], triangle[2] - triangle[0])
    across = normal[0] * (x - triangle[0, 0]) + normal[2] * (z - triangle[0, 2])
    return float(triangle[0, 1] - across / normal[1])


@pytest.mark.parametrize("seed", range(8))
def test_what_triangles_touch_is_solid(seed: int) -> None:
    triangles = soup(seed, 12)
    found = built(triangles)
    assert found.corner.tolist() == [0, 0, 0] and found.solid.shape[:2] == (12, 8)
    solid, tops = np.zeros(found.solid.shape, bool), np.full(found.solid.shape, -np.inf)
    for triangle in triangles:
        above = shapely.Polygon(triangle[:, [0, 2]])
        normal = np.cross(triangle[1] - triangle[0], triangle[2] - triangle[0])
        for i, j in np.ndindex(*solid.shape[:2]):
            cell = shapely.box(i * SIZE, j * SIZE, (i + 1) * SIZE, (j + 1) * SIZE)
            piece = above.intersection(cell)
            if piece.area < 1e-9:
                continue
            heights = [plane(triangle, x, z) for x, z in shapely.get_coordinates(piece)]
            bottom = math.floor(round(min(heights) / HEIGHT, 4))
            top = max(math.ceil(round(max(heights) / HEIGHT, 4)), bottom + 1)
            solid[i, j, bottom:top] = True
            if normal[1] > 0 and normal[1] / np.linalg.norm(normal) > math.cos(math.radians(45)):
                tops[i, j, top - 1] = max(tops[i, j, top - 1], max(heights))
    assert (found.solid == solid).all()
    assert (found.walkable == (tops > -np.inf)).all() and found.walkable.any()
    np.testing.assert_allclose(found.tops[found.walkable], tops[found.walkable], atol=1e-5)


def test_a_beam_narrower_than_a_cell_is_solid() -> None:
    for low, high in (((0, 0, 0), (0.1, 0.3, 1.0)), ((0, 0, 0), (1.0, 0.3, 0.1))):
        found = voxelize(*boxes((low, high)), WANTED)
        assert sorted(found.solid.shape[:2]) == [1, 4]
        assert found.solid[:, :, :3].all() and not found.solid[:, :, 3:].any()
        assert found.walkable[:, :, 2].all()


@pytest.mark.parametrize("turned", [False, True])
def test_a_wall_on_a_border_is_in_the_cell_behind_it(turned: bool) -> None:
    """The wall has no width; it stands between the third and the last of four cells."""
    floor = [[[0, 0, 0], [0, 0, 0.5], [1, 0, 0]], [[1, 0, 0], [0, 0, 0.5], [1, 0, 0.5]]]
    wall = [
        [[0.75, 0, 0], [0.75, 1, 0], [0.75, 0, 0.5]],
        [[0.75, 1, 0], [0.75, 1, 0.5], [0.75, 0, 0.5]],
    ]
    triangles = np.array([*floor, *wall])
    solid = built(triangles[:, :, ::-1] if turned else triangles).solid
    solid = solid.transpose(1, 0, 2) if turned else solid
    assert solid[:, :, 0].all() and solid.shape[:2] == (4, 2)
    assert solid[3, :, :8].all() and not solid[:3, :, 1:].any()


def test_what_lies_beyond_the_last_whole_cell_is_in_it() -> None:
    """0.85 m are rounded to three cells of 0.25 m, and a wall at 0.84 m is in the third."""
    slab, wall = ((0, 0, 0), (0.85, 0.1, 0.5)), ((0.84, 0.1, 0.0), (0.85, 0.9, 0.5))
    found = voxelize(*boxes(slab, wall), WANTED)
    assert found.solid.shape[:2] == (3, 2)
    assert found.solid[2, :, :7].all() and not found.solid[:2, :, 2:].any()
