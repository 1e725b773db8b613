"""The scene on its own, against numbers that geometry gives."""

from collections.abc import Iterator

import numpy as np
import pytest

from longhaul.envs.render.context import GLContext
from longhaul.envs.render.light import Light
from longhaul.envs.render.mesh import Mesh, box, plane
from longhaul.envs.render.scene import Scene
from longhaul.envs.render.view import View, look_at

DOWN = View("down", 64, 48, 60.0, 0.1, 50.0, look_at([0, 0, 3], [0, 0, 0], [0, 1, 0]))
UNLIT = Light(lit=False, background=(0.0, 0.0, 0.0))
WHITE = (1.0, 1.0, 1.0, 1.0)


@pytest.fixture
def context() -> Iterator[GLContext]:
    context = GLContext()
    yield context
    context.release()


def poses(*positions: tuple[float, float, float], scale: float = 1.0) -> np.ndarray:
    matrices = np.tile(np.diag([scale, scale, scale, 1.0]), (len(positions), 1, 1))
    matrices[:, :3, 3] = np.reshape(positions, (-1, 3))
    return matrices


def test_depth_is_metric_and_linear_to_the_far_plane(context):
    scene = Scene(context, UNLIT)
    scene.place([scene.add_mesh(plane([0, 0, 1], extent=400.0))], [7], [WHITE])
    for height in (0.2, 1.0, 10.0, 49.0):
        view = View("v", 32, 32, 40.0, 0.1, 50.0, look_at([0, 0, height], [0, 0, 0], [0, 1, 0]))
        frame = scene.render([view], poses((0, 0, 0)))[0]
        assert frame.depth == pytest.approx(height, abs=1e-3 * max(1.0, height / 10))
        assert (frame.ids == 7).all()
    slanted = View("s", 33, 33, 40.0, 0.1, 50.0, look_at([0, -2, 2], [0, 0, 0], [0, 0, 1]))
    frame = scene.render([slanted], poses((0, 0, 0)))[0]
    # Pixel centers at tangents t: the plane meets the ray at depth h / (sin a - t cos a).
    tangents = np.tan(np.radians(20.0)) * (1.0 - (2 * np.arange(33) + 1) / 33)
    expected = 2.0 / (np.sin(np.pi / 4) - tangents * np.cos(np.pi / 4))
    assert frame.depth[:, 5] == pytest.approx(expected, rel=1e-4)


def test_background_empty_scene_and_no_views(context):
    scene = Scene(context, Light(background=(0.2, 0.4, 0.6)))
    assert scene.render([], poses()) == []
    frame = scene.render([DOWN], poses())[0]
    assert (frame.rgb == [51, 102, 153]).all()
    assert (frame.ids == -1).all()
    assert (frame.depth == 50.0).all()


def test_instances_share_a_mesh_and_keep_color_id_and_scale(context):
    scene = Scene(context, UNLIT)
    cube = scene.add_mesh(box([0.5, 0.5, 0.5]))
    colors = [(1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1)]
    scene.place([cube] * 3, [11, 0, 2**24 * 9 + 3], colors)
    frame = scene.render([DOWN], poses((-1, 0, 0), (0, 0, 0), (1, 0, 0)))[0]
    for number, color in zip([11, 0, 2**24 * 9 + 3], colors, strict=True):
        mask = frame.ids == number
        assert mask.sum() > 30
        assert (frame.rgb[mask] == np.multiply(color[:3], 255)).all()
    small = scene.render([DOWN], poses((-1, 0, 0), (0, 0, 0), (1, 0, 0), scale=0.5))[0]
    ratio = (small.ids >= 0).sum() / (frame.ids >= 0).sum()
    assert 0.15 < ratio < 0.3
    scene.set_color([1], (1, 1, 0, 1))
    frame = scene.render([DOWN], poses((-1, 0, 0), (0, 0, 0), (1, 0, 0)))[0]
    assert (frame.rgb[frame.ids == 0] == [255, 255, 0]).all()
    assert (frame.rgb[frame.ids == 11] == [255, 0, 0]).all()


def test_vertex_colors_and_texture_multiply(context):
    quad = plane([0, 0, 1], extent=4.0)
    texture = np.full((2, 2, 3), (255, 128, 64), np.uint8)
    colors = np.full((4, 3), (128, 255, 255), np.uint8)
    mesh = Mesh(quad.positions, quad.normals, quad.faces, quad.uvs, colors, texture)
    scene = Scene(context, UNLIT)
    scene.place([scene.add_mesh(mesh)], [1], [(1.0, 1.0, 0.5, 1.0)])
    rgb = scene.render([DOWN], poses((0, 0, 0)))[0].rgb[24, 32]
    assert rgb.tolist() == pytest.approx([128, 128, 32], abs=1)


def test_sun_lights_one_side_and_a_shadow_falls_where_it_must(context):
    light = Light(
        direction=(1.0, 0.0, 1.0),
        sun=(0.5, 0.5, 0.5),
        sky=(0.4, 0.4, 0.4),
        ground=(0.4, 0.4, 0.4),
        shadow="soft",
        shadow_size=512,
    )
    scene = Scene(context, light)
    floor, cube = scene.add_mesh(plane([0, 0, 1])), scene.add_mesh(box([0.4, 0.4, 0.4]))
    scene.place([floor, cube], [0, 1], [WHITE, WHITE])
    frame = scene.render([DOWN], poses((0, 0, 0), (0, 0, 0.8)))[0]
    # The sun stands 45 degrees over +x, so the shadow of z = 0.8 lies about x = -0.8.
    meters = 2 * 3 * np.tan(np.radians(30.0)) / 48
    column = 32 - round(0.8 / meters)
    lit = 255 * (0.4 + 0.5 * np.sqrt(0.5))
    assert frame.rgb[24, column].tolist() == pytest.approx([102] * 3, abs=2)
    assert frame.rgb[24, 32 + round(0.8 / meters)].tolist() == pytest.approx([lit] * 3, abs=2)
    assert frame.rgb[24, 32].tolist() == pytest.approx([lit] * 3, abs=2), "top of the cube"
    moved = scene.render([DOWN], poses((0, 0, 0), (0.4, 0, 0.8)))[0]
    assert moved.rgb[24, 32 - round(0.4 / meters)].tolist() == pytest.approx([102] * 3, abs=2)
    assert moved.rgb[24, column - 6].tolist() == pytest.approx([lit] * 3, abs=2)


def test_what_no_camera_sees_is_left_out_and_comes_back(context):
    scene = Scene(context, UNLIT)
    scene.place([scene.add_mesh(box([1, 1, 1]))], [5], [WHITE])
    for x, seen in ((0.0, True), (1.9, True), (4.0, False), (0.0, True)):
        frame = scene.render([DOWN], poses((x, 0, 0)))[0]
        assert (frame.ids == 5).any() == seen


def test_a_floor_behind_the_camera_leaves_background(context):
    scene = Scene(context, UNLIT)
    scene.place([scene.add_mesh(plane([0, 0, 1], extent=2.0))], [5], [WHITE])
    up = View("up", 16, 16, 60.0, 0.1, 9.0, look_at([0, 0, 1], [0, 0, 2], [0, 1, 0]))
    assert (scene.render([up], poses((0, 0, 0)))[0].ids == -1).all()
    assert (scene.render([DOWN], poses((0, 0, 0)))[0].ids == 5).any()


def test_many_views_fill_more_than_one_column(context):
    scene = Scene(context, UNLIT)
    scene.place([scene.add_mesh(box([1, 1, 1]))], [5], [WHITE])
    tall = View("t", 16, 3000, 60.0, 0.1, 9.0, DOWN.pose)
    frames = scene.render([tall, tall, tall, DOWN], poses((0, 0, 0)))
    assert [frame.rgb.shape[:2] for frame in frames] == [(3000, 16)] * 3 + [(48, 64)]
    assert (frames[0].ids == frames[2].ids).mean() > 0.999
    alone = scene.render([DOWN], poses((0, 0, 0)))[0]
    assert (frames[3].ids == alone.ids).mean() > 0.999


def test_unknown_shadow_is_refused():
    with pytest.raises(ValueError, match="soft, none"):
        Light(shadow="hard")
