"""Pictures with layers against pictures without: equal bit for bit, whatever moves."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from longhaul.envs.render.context import GLContext
from longhaul.envs.render.layers import MOST_TAGS
from longhaul.envs.render.light import Light
from longhaul.envs.render.mesh import Mesh, box, plane
from longhaul.envs.render.pixels import Pixels
from longhaul.envs.render.scene import Scene
from longhaul.envs.render.still import FIRST_WAIT, LONGEST_WAIT, WORTHWHILE_STAY, Stillness
from longhaul.envs.render.view import Frame, View, look_at

FIXED = View("fixed", 96, 80, 40.0, 0.05, 12.0, look_at([1.4, -1.2, 1.3], [0, 0, 0.1], [0, 0, 1]))
SECOND = View("second", 64, 64, 60.0, 0.05, 9.0, look_at([-1, 0.2, 0.9], [0, 0, 0.1], [0, 0, 1]))
TABLE, POST, TRAY, BLOCK, HAND, FLAP = range(6)
COLORS = np.eye(3)[[0, 1, 2, 0, 1, 2]] * 0.6 + 0.3
UNTIL_LAYERS = FIRST_WAIT + 3
"""Pictures after which what has not moved is in a layer."""


def furnish(scene: Scene) -> None:
    """Place a table with a texture, a post, an open tray, a block, a hand and a thin flap."""
    checks = np.random.default_rng(1).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    top = replace(plane([0, 0, 1], extent=1.6), texture=checks)
    solid, small = box([0.2, 0.2, 0.4]), box([0.1, 0.1, 0.1])
    tray = box([0.3, 0.3, 0.05])
    # Two triangles are missing, so its backs are drawn too.
    open_tray = Mesh(tray.positions, tray.normals, tray.faces[2:], closed=False)
    meshes = [scene.add_mesh(mesh) for mesh in (top, solid, open_tray, small)]
    numbers = [meshes[index] for index in (0, 1, 2, 3, 3, 0)]
    scene.place(numbers, [10, 11, 12, 13, 14, 11], np.column_stack([COLORS, np.ones(6)]))


def poses_at(step: int) -> np.ndarray:
    """Return where everything is: block, hand and flap move, and meet others' faces exactly."""
    poses = np.tile(np.eye(4), (6, 1, 1))
    poses[POST, :3, 3] = (-0.3, 0.2, 0.2)
    poses[TRAY, :3, 3] = (0.2, -0.2, 0.025)
    # The block's lower half lies in the table; its faces are those of the post at some steps.
    poses[BLOCK, :3, 3] = (-0.25 + 0.05 * (step % 7), 0.15, 0.05 * (step % 3))
    poses[HAND, :3, 3] = (0.3 * np.sin(step), 0.3 * np.cos(step), 0.1)
    poses[FLAP, :3, :3] *= 0.25
    poses[FLAP, :3, 3] = (0.1 * (step % 5) - 0.2, 0.1, 0.0)
    return poses


def pair(light: Light | None = None) -> Iterator[tuple[Scene, Scene]]:
    scenes = [Scene(GLContext(), light or Light(), layers=layers) for layers in (True, False)]
    for scene in scenes:
        furnish(scene)
    yield scenes[0], scenes[1]
    for scene in scenes:
        scene.release()


@pytest.fixture
def scenes() -> Iterator[tuple[Scene, Scene]]:
    yield from pair()


def require_equal(ours: list[Frame], theirs: list[Frame], note: object = "") -> None:
    for one, other in zip(ours, theirs, strict=True):
        for part in ("rgb", "depth", "ids"):
            a, b = getattr(one, part), getattr(other, part)
            assert (a is None) == (b is None), (part, note)
            assert a is None or (a.dtype == b.dtype and np.array_equal(a, b)), (part, note)


def compare(
    scenes: tuple[Scene, Scene], steps: range, views: Callable[[int], list[View]], **options: Any
) -> None:
    for step in steps:
        frames = [scene.render(views(step), poses_at(step), **options) for scene in scenes]
        require_equal(*frames, step)


def moving(step: int) -> View:
    eye = [np.cos(0.1 * step), np.sin(0.1 * step), 0.8]
    return View("moving", 48, 40, 60.0, 0.05, 9.0, look_at(eye, [0, 0, 0], [0, 0, 1]))


@pytest.mark.parametrize(
    "options", [{}, {"depth": False, "ids": False}, {"ids": False, "zero": True}]
)
def test_fixed_and_moving_cameras_show_the_same(scenes, used, options):
    compare(scenes, range(32), lambda step: [FIXED, moving(step), SECOND], **options)
    assert len(used) > 35, "two fixed views, drawn some twenty times with layers"


def test_equally_near_pixels_are_met(scenes, monkeypatch):
    """The pictures of the test above meet the case that a rule is for."""
    met = []
    tags = Pixels.tags

    def counted(self: Pixels) -> Any:  # tags are asked for only where pixels are equally near
        met.append(1)
        return tags(self)

    monkeypatch.setattr(Pixels, "tags", counted)
    compare(scenes, range(UNTIL_LAYERS + 10), lambda step: [FIXED])
    assert met


def test_held_things_that_move_change_color_or_are_placed_anew(scenes, used):
    for step in range(90):
        poses = poses_at(step)
        if step > 20:
            poses[POST, 0, 3] += 0.01 * (step // 20)
        if step > 30:
            poses[TRAY, 2, 3] += 0.01 * np.sin(step) * (step < 50)
        for scene in scenes:
            if step % 15 == 14:
                scene.set_color([TABLE, TRAY], (0.1 * (step // 15), 0.5, 0.2, 1.0))
            if step == 60:
                furnish(scene)
            if step == 75:
                scene.set_light(Light(sun=(0.2, 0.3, 0.1), background=(0.1, 0.2, 0.3)))
        frames = [scene.render([FIXED, SECOND], poses) for scene in scenes]
        require_equal(*frames, step)
    assert len(used) > 40


def test_what_a_caller_hides_is_hidden(scenes, used):
    compare(scenes, range(UNTIL_LAYERS), lambda step: [FIXED])
    shown = np.array([True, False, True, True, False, True])
    compare(scenes, range(20, 24), lambda step: [FIXED], shown=shown)
    compare(scenes, range(30, 34), lambda step: [FIXED])
    assert used


def test_other_views_in_the_same_place_of_the_atlas(scenes, used):
    other = replace(SECOND, width=FIXED.width, height=FIXED.height)
    compare(scenes, range(40), lambda step: [[FIXED], [other], [FIXED, SECOND]][step % 3])
    assert used


def test_a_light_that_moves_leaves_no_layer(scenes, used):
    for step in range(30):
        for scene in scenes:
            scene.set_light(Light(direction=(1.0, 0.1 * step, 1.0)))
        frames = [scene.render([FIXED], poses_at(step)) for scene in scenes]
        require_equal(*frames, step)
    assert not used


def test_a_scene_with_shadows_has_no_layer(used):
    for scenes in pair(Light(shadow="soft")):
        compare(scenes, range(20), lambda step: [FIXED])
    assert not used


def test_more_moving_things_than_tags_leave_no_layer(used):
    count = MOST_TAGS + 5
    made = [Scene(GLContext(), Light(), layers=layers) for layers in (True, False)]
    for scene in made:
        cube = scene.add_mesh(box([0.05, 0.05, 0.05]))
        scene.place([cube] * count, range(count), np.full((count, 4), 0.5))
    places = np.random.default_rng(0).uniform(-0.5, 0.5, (count, 3))
    for step in range(44):
        poses = np.tile(np.eye(4), (count, 1, 1))
        poses[:, :3, 3] = places
        still = 2 if step < 30 else 50
        poses[still:, 2, 3] += 0.01 * step
        require_equal(*[scene.render([FIXED], poses) for scene in made], step)
        assert bool(used) == (step >= 30 + FIRST_WAIT), step
    for scene in made:
        scene.release()


def test_an_instance_that_soon_moves_again_waits_longer():
    still = Stillness(2)

    def rest(pictures: int) -> list[bool]:
        states = []
        for _ in range(pictures):
            still.update(words)
            states.append(bool(still.held[0]))
        return states

    def move() -> None:
        words[0] += 1
        still.update(words)
        assert not still.held[0]

    words = np.zeros((2, 3), np.uint32)
    still.update(words)
    assert rest(FIRST_WAIT) == [False] * (FIRST_WAIT - 1) + [True]
    move()
    assert rest(2 * FIRST_WAIT) == [False] * (2 * FIRST_WAIT - 1) + [True]
    rest(WORTHWHILE_STAY)
    move()
    assert rest(FIRST_WAIT)[-1], "a long stay is forgiven"
    assert still.held[1], "the other never moved"
    drawn = sum(still.update(np.array([[step % 11] * 3] * 2, np.uint32)) for step in range(3000))
    assert drawn <= 2 * np.log2(LONGEST_WAIT), "a restless instance costs few layers"
