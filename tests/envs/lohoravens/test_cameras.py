"""Cameras, pictures and the map against known poses, analytic scenes and the published code."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pybullet
import pytest
from numpy.typing import NDArray

from longhaul.envs.lohoravens.cameras import Cameras, Noise
from longhaul.envs.lohoravens.fusion import CELL_M, Fusion
from longhaul.envs.lohoravens.tabletop import Tabletop
from longhaul.envs.lohoravens.things import Layout, Thing
from longhaul.envs.lohoravens.views import CAMERA_NAMES, back_projection, camera_pose, project
from longhaul.envs.lohoravens.vocabulary import COLOR_RGB
from longhaul.envs.render.view import Frame
from tests.envs.lohoravens.scenes import BIG, BOWL, SMALL, ZONE, block, cluttered, layout

PUBLISHED = {
    "front": ((1.0, 0, 0.75), (np.pi / 4, np.pi, -np.pi / 2)),
    "left": ((0, 0.5, 0.75), (np.pi / 4.5, np.pi, np.pi / 4)),
    "right": ((0, -0.5, 0.75), (np.pi / 4.5, np.pi, 3 * np.pi / 4)),
}
"""cliport/tasks/cameras.py: position, and Euler angles for pybullet.getQuaternionFromEuler."""


@pytest.fixture(scope="module")
def cameras() -> Iterator[Cameras]:
    made = Cameras("gl")
    yield made
    made.close()


@pytest.fixture(scope="module")
def table() -> Iterator[Tabletop]:
    made = Tabletop(fast=True)
    yield made
    made.close()


def pictures(
    cameras: Cameras, table: Tabletop, scene: Layout, ids: bool = False, seed: int = 0
) -> dict[str, Frame]:
    table.reset(scene)
    cameras.begin(table, seed)
    return cameras.take(table, ids)


def points_of(name: str, frame: Frame) -> NDArray[np.float64]:
    """Return where every pixel's point is in the world, (480, 640, 3)."""
    assert frame.depth is not None
    return camera_pose(name)[:3, 3] + back_projection(name) * frame.depth[..., None]


@pytest.mark.parametrize("name", CAMERA_NAMES)
def test_the_cameras_stand_where_the_published_ones_do(name: str) -> None:
    position, euler = PUBLISHED[name]
    matrix = pybullet.getMatrixFromQuaternion(pybullet.getQuaternionFromEuler(euler))
    pose = camera_pose(name)
    np.testing.assert_allclose(pose[:3, :3], np.reshape(matrix, (3, 3)), atol=1e-9)
    np.testing.assert_allclose(pose[:3, 3], position)


@pytest.mark.parametrize("name", CAMERA_NAMES)
def test_points_project_to_the_pixels_that_show_them(
    cameras: Cameras, table: Tabletop, name: str
) -> None:
    """Block centers, back-projected from the pixels that show their tops, within 3 mm."""
    scene = layout(
        *(block(f"b{i}", x, y, SMALL, 0.5 * i) for i, (x, y) in enumerate(SPOTS)),
        block("big", 0.5, 0.05, BIG, 0.3),
    )
    frame = pictures(cameras, table, scene, ids=True)[name]
    assert frame.ids is not None
    points = points_of(name, frame)
    for thing in scene.things:
        center = np.array(table.state().poses[thing.name].position)
        top = center + np.array([0, 0, thing.size[2] / 2])
        column, row, depth = project(name, top[None])[0]
        seen = points[int(row), int(column)]
        assert frame.ids[int(row), int(column)] == cameras.body_ids()[thing.name]
        np.testing.assert_allclose(seen, top, atol=0.003)
        mine = points[frame.ids == cameras.body_ids()[thing.name]]
        on_top = mine[mine[:, 2] > top[2] - 0.001][:, :2]
        # Cells of 2 mm, so that near pixels do not weigh more than far ones.
        cells = np.unique(np.round(on_top / 0.002), axis=0) * 0.002
        np.testing.assert_allclose(cells.mean(axis=0), center[:2], atol=0.003)
        np.testing.assert_allclose(mine[:, 2].max(), top[2], atol=0.003)
        assert depth > 0


SPOTS = ((0.32, -0.35), (0.7, -0.3), (0.68, 0.4), (0.35, 0.3))


def test_left_right_top_and_bottom_of_the_front_picture() -> None:
    """+x is down and +y to the right, as the words of the table have it."""
    middle, below, right = project("front", np.array([[0.5, 0, 0], [0.6, 0, 0], [0.5, 0.1, 0]]))
    assert below[1] > middle[1] + 20 and right[0] > middle[0] + 20


def test_the_map_shows_blocks_zones_and_bowls_where_they_are(
    cameras: Cameras, table: Tabletop
) -> None:
    scene = layout(
        block("small", 0.4, -0.2, SMALL),
        (Thing("big", "block", "blue", BIG), (0.6, 0.3, 0.03), 0.0),
        (Thing("zone", "zone", "green", ZONE, fixed=True), (0.5, 0.05, 0.0005), 0.0),
        (Thing("bowl", "bowl", "yellow", BOWL, fixed=True), (0.35, 0.35, BOWL[2] / 2), 0.0),
    )
    rgb, height = Fusion(CAMERA_NAMES)(pictures(cameras, table, scene))
    assert rgb.shape == (320, 160, 3) and rgb.dtype == np.uint8
    assert height.shape == (320, 160) and height.dtype == np.float32
    assert (rgb.sum(axis=-1) == 0).mean() < 0.002  # three views leave next to no holes
    for name, top in (("small", 0.04), ("big", 0.06), ("zone", 0.001), ("bowl", 0.035)):
        x, y, _ = table.state().poses[name].position
        size = scene.things[[thing.name for thing in scene.things].index(name)].size
        rows, columns = np.nonzero(np.abs(height - top) < 0.0006)
        center = (columns.mean() + 0.5) * CELL_M + 0.25, (rows.mean() + 0.5) * CELL_M - 0.5
        np.testing.assert_allclose(center, (x, y), atol=0.003)
        assert np.ptp(columns) * CELL_M == pytest.approx(size[0], abs=0.008)
        assert np.ptp(rows) * CELL_M == pytest.approx(size[1], abs=0.008)
    color = rgb[int((0.3 + 0.5) / CELL_M), int((0.6 - 0.25) / CELL_M)]
    np.testing.assert_allclose(color, COLOR_RGB["blue"], atol=20)


def box_depth(name: str, low: tuple[float, ...], high: tuple[float, ...]) -> NDArray[np.float32]:
    """Return the depth picture of a box on an endless table, by intersecting every ray."""
    origin, slopes = camera_pose(name)[:3, 3], back_projection(name)
    ground = -origin[2] / slopes[..., 2]
    near, far = (np.array(low) - origin) / slopes, (np.array(high) - origin) / slopes
    enter = np.minimum(near, far).max(axis=-1)
    leave = np.maximum(near, far).min(axis=-1)
    ground[ground < 0] = 10.0
    return np.where((leave >= enter) & (enter > 0), enter, ground).astype(np.float32)


def published(frames: dict[str, Frame]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Fuse as cliport/utils/utils.py does, point by point; what rounding put below 0 is on it."""
    colors, heights = [], []
    for name, frame in frames.items():
        points = points_of(name, frame).reshape(-1, 3)
        points[:, 2] = np.where(np.abs(points[:, 2]) < 1e-6, 0.0, points[:, 2])
        inside = ((points >= (0.25, -0.5, 0.0)) & (points < (0.75, 0.5, 0.28))).all(axis=1)
        points, color = points[inside], frame.rgb.reshape(-1, 3)[inside]
        order = np.argsort(points[:, 2], kind="stable")
        height_map, color_map = np.zeros((320, 160)), np.zeros((320, 160, 3))
        for (x, y, z), rgb in zip(points[order], color[order], strict=True):
            cell = int((y + 0.5) / CELL_M), int((x - 0.25) / CELL_M)
            height_map[cell], color_map[cell] = z, rgb
        heights.append(height_map)
        colors.append(color_map)
    stack = np.array(colors)
    seen = (stack.sum(axis=-1) > 0).sum(axis=0)
    mean = stack.sum(axis=0) / np.maximum(seen, 1)[..., None]
    return mean.astype(np.uint8), np.max(heights, axis=0)


def painted(name: str, depth: NDArray[np.float32]) -> Frame:
    """Return a picture in which a point's color is its cell, and its height in steps of 1 mm."""
    points = camera_pose(name)[:3, 3] + back_projection(name) * depth[..., None]
    row, column = (points[..., 1] + 0.5) / CELL_M, (points[..., 0] - 0.25) / CELL_M
    height = np.round(1000 * points[..., 2]) + 1
    rgb = np.stack([np.floor(row) % 256, np.floor(column) % 256, height], axis=-1)
    return Frame(np.clip(rgb, 0, 255).astype(np.uint8), depth)


def test_fusing_equals_the_published_way_on_an_analytic_scene() -> None:
    low, high = (0.45, 0.1, 0.0), (0.55, 0.2, 0.1)
    frames = {name: painted(name, box_depth(name, low, high)) for name in CAMERA_NAMES}
    rgb, height = Fusion(CAMERA_NAMES)(frames)
    expected_rgb, expected_height = published(frames)
    # Rounding may take a point across the edge of its cell.
    assert (np.abs(height - expected_height) < 1e-4).mean() > 0.998
    assert (np.abs(rgb.astype(int) - expected_rgb) <= 1).all(axis=-1).mean() > 0.995
    assert 0.01 < (height > 0.099).mean() < 0.03


def test_what_is_hidden_is_a_hole() -> None:
    low, high = (0.45, 0.1, 0.0), (0.55, 0.2, 0.1)
    depth = box_depth("front", low, high)
    flat = Frame(np.full((480, 640, 3), (10, 20, 30), np.uint8), depth)
    rgb, height = Fusion(("front",))({"front": flat})
    top = height_seen(low, high)
    np.testing.assert_allclose(height[top], 0.1, atol=1e-4)
    np.testing.assert_array_equal(rgb[top], np.broadcast_to((10, 20, 30), rgb[top].shape))
    holes = rgb.sum(axis=-1) == 0
    assert (height[holes] == 0).all()
    rows, columns = np.nonzero(holes[160:280])
    y, x = (rows + 160.5) * CELL_M - 0.5, (columns + 0.5) * CELL_M + 0.25
    assert len(x) > 200  # seen from x = 1, y = 0 they lie behind the box or beside it
    assert ((x < low[0] + CELL_M) | (y > high[1] - CELL_M)).all() and (y > low[1] - CELL_M).all()


def height_seen(low: tuple[float, ...], high: tuple[float, ...]) -> NDArray[np.bool_]:
    """Return the cells of the box's top, without its rim."""
    y = (np.arange(320) + 0.5) * CELL_M - 0.5
    x = (np.arange(160) + 0.5) * CELL_M + 0.25
    return ((y > low[1] + CELL_M) & (y < high[1] - CELL_M))[:, None] & (
        (x > low[0] + CELL_M) & (x < high[0] - CELL_M)
    )


def test_averages_what_several_views_see() -> None:
    depth = {name: box_depth(name, (0.4, 0.0, 0.0), (0.5, 0.1, 0.1)) for name in CAMERA_NAMES}
    levels = dict(zip(CAMERA_NAMES, (30, 60, 240), strict=True))
    frames = {
        name: Frame(np.full((480, 640, 3), level, np.uint8), depth[name])
        for name, level in levels.items()
    }
    rgb, _ = Fusion(CAMERA_NAMES)(frames)
    assert rgb[int(0.55 / CELL_M), int(0.2 / CELL_M)].tolist() == [110, 110, 110]


def test_noise_is_the_episodes_and_of_the_size_asked_for(cameras: Cameras, table: Tabletop) -> None:
    scene = cluttered(0)
    clean = pictures(cameras, table, scene)["left"]
    noisy = Cameras("gl", noise=Noise(rgb=3.0, depth=0.003))
    first = pictures(noisy, table, scene, seed=5)["left"]
    second = noisy.take(table)["left"]
    again = pictures(noisy, table, scene, seed=5)["left"]
    other = pictures(noisy, table, scene, seed=6)["left"]
    noisy.close()
    np.testing.assert_array_equal(first.rgb, again.rgb)
    np.testing.assert_array_equal(first.depth, again.depth)
    assert (first.depth != other.depth).mean() > 0.9 < (first.depth != second.depth).mean()
    near = clean.depth < 5.0  # the background has the far plane's depth, and none beyond
    assert np.std((first.depth - clean.depth)[near]) == pytest.approx(0.003, rel=0.02)
    assert np.std(first.rgb.astype(float) - clean.rgb) == pytest.approx(3.0, rel=0.05)


def test_the_map_survives_noise_below_the_table(table: Tabletop) -> None:
    noisy = Cameras("gl", noise=Noise(depth=0.003))
    rgb, height = Fusion(CAMERA_NAMES)(pictures(noisy, table, layout()))
    noisy.close()
    assert (rgb.sum(axis=-1) == 0).mean() < 0.01 and height.min() == 0.0


def test_pictures_do_not_depend_on_the_episode_before(cameras: Cameras, table: Tabletop) -> None:
    first = pictures(cameras, table, cluttered(1), ids=True)["right"]
    pictures(cameras, table, cluttered(2))
    again = pictures(cameras, table, cluttered(1), ids=True)["right"]
    for kind in ("rgb", "depth", "ids"):
        np.testing.assert_array_equal(getattr(first, kind), getattr(again, kind))
