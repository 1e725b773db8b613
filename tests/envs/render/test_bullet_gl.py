"""`gl` against PyBullet's TinyRenderer, the reference: same meshes, same rays."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pybullet
import pytest
from PIL import Image

from longhaul.envs.render.light import Light
from longhaul.envs.render.renderer import Renderer, make_renderer
from longhaul.envs.render.view import View, look_at
from tests.envs.render import worlds
from tests.envs.render.worlds import NEAR, SIDE, STATIC, VIEWS
from tests.shared import data


@pytest.fixture
def client() -> Iterator[int]:
    with worlds.client() as number:
        yield number


def both(client: int) -> tuple[Renderer, Renderer]:
    renderer = make_renderer("gl", client)
    assert renderer.kind == "gl", "these tests need EGL (apt-get install libegl1 libgl1-mesa-dri)"
    return renderer, make_renderer("bullet_tiny", client)


@pytest.mark.parametrize("world", ["arm", "primitives", "toys"])
def test_depth_and_ids_equal_tinyrenderers(client, world, tmp_path):
    if world == "arm":
        worlds.arm(client, tmp_path)
    else:
        getattr(worlds, world)(client)
    gl, tiny = both(client)
    for view, ours, theirs in zip(VIEWS, gl.render(VIEWS), tiny.render(VIEWS), strict=True):
        keep = worlds.inner(ours, theirs)
        assert keep.mean() > 0.5
        assert len(np.unique(theirs.ids)) > 3
        assert (ours.ids == theirs.ids).mean() >= 0.99
        assert (ours.ids == theirs.ids)[keep].mean() >= 0.999, view.name
        assert (np.abs(ours.depth - theirs.depth) < 0.002)[keep].mean() >= 0.99, view.name
        assert (ours.depth[ours.ids == -1] == np.float32(view.far)).all()
        assert theirs.depth[theirs.ids == -1] == pytest.approx(view.far, rel=1e-3)
    gl.close()


@pytest.mark.golden
@pytest.mark.parametrize("scene", "ABCD")
def test_calvins_tables_look_as_in_tinyrenderer(client, scene):
    table = data(f"calvin_env/calvin_table_{scene}/urdf/calvin_table_{scene}.urdf")
    for file, scale in ((data("calvin_env/plane/plane.urdf"), 1.0), (table, 0.8)):
        pybullet.loadURDF(str(file), globalScaling=scale, useFixedBase=True, physicsClientId=client)
    gl, tiny = both(client)
    for ours, theirs in zip(gl.render(VIEWS), tiny.render(VIEWS), strict=True):
        keep = worlds.inner(ours, theirs)
        assert (ours.ids == theirs.ids)[keep].mean() >= 0.999
        assert (np.abs(ours.depth - theirs.depth) < 0.002)[keep].mean() >= 0.99
        # Other light, same colors: the wood's hue must come out of the texture.
        mean, reference = (f.rgb[f.ids >= 1 << 24].mean(axis=0) for f in (ours, theirs))
        assert mean / mean.sum() == pytest.approx(reference / reference.sum(), abs=0.03)
    gl.close()


def test_frames_have_the_declared_types_and_absent_parts_are_none(client):
    worlds.primitives(client)
    for renderer in both(client):
        frame = renderer.render([SIDE])[0]
        assert frame.rgb.shape == (120, 160, 3)
        assert (frame.rgb.dtype, frame.depth.dtype, frame.ids.dtype) == (
            np.uint8,
            np.float32,
            np.int32,
        )
        plain = renderer.render([SIDE], depth=False, ids=False)[0]
        assert plain.depth is None
        assert plain.ids is None
        assert (plain.rgb == frame.rgb).all()
        assert renderer.render([SIDE], depth=False)[0].depth is None
        assert renderer.render([]) == []


def test_many_views_at_once_equal_one_by_one(client, tmp_path):
    worlds.arm(client, tmp_path)
    gl, _ = both(client)
    together = gl.render((*VIEWS, NEAR))
    for view, frame in zip((*VIEWS, NEAR), together, strict=True):
        alone = gl.render([view])[0]
        # Elsewhere in the atlas the rasterizer rounds differently: hence not bit for bit.
        assert (np.abs(frame.rgb.astype(int) - alone.rgb) <= 2).mean() >= 0.999, view.name
        assert np.isclose(frame.depth, alone.depth, rtol=1e-4).mean() >= 0.999, view.name
        assert (frame.ids == alone.ids).mean() >= 0.999, view.name


def test_same_state_same_picture_bit_for_bit(client, tmp_path):
    worlds.arm(client, tmp_path)
    first, second = (make_renderer("gl", client).render(VIEWS) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        for part in ("rgb", "depth", "ids"):
            assert (getattr(one, part) == getattr(other, part)).all(), part


def test_a_picture_depends_on_the_state_and_not_on_earlier_ones(client, tmp_path):
    panda = worlds.arm(client, tmp_path)
    renderer = make_renderer("gl", client, light=Light(shadow="soft"))
    first = renderer.render(VIEWS)
    other = make_renderer("gl", client, light=Light(shadow="soft"))
    pybullet.resetJointState(panda, 1, -1.0, physicsClientId=client)
    other.render(VIEWS)
    assert (renderer.render(VIEWS)[0].rgb != first[0].rgb).any()
    pybullet.resetJointState(panda, 1, worlds.PANDA_Q[1], physicsClientId=client)
    for again in (renderer.render(VIEWS), other.render(VIEWS)):
        for one, two in zip(first, again, strict=True):
            assert (one.rgb == two.rgb).all()


def test_poses_follow_joints_and_bases(client, tmp_path):
    panda = worlds.arm(client, tmp_path)
    box = worlds.primitives(client)[0]
    gl, tiny = both(client)
    before = gl.render([SIDE])[0]
    pybullet.resetJointState(panda, 1, 0.3, physicsClientId=client)
    pybullet.resetBasePositionAndOrientation(
        box, [0.4, 0.4, 0.6], [0.5, 0.5, 0.5, 0.5], physicsClientId=client
    )
    ours, theirs = gl.render([SIDE])[0], tiny.render([SIDE])[0]
    assert (before.ids != ours.ids).mean() > 0.01
    assert (ours.ids == theirs.ids).mean() >= 0.998
    pybullet.setGravity(0, 0, -10, physicsClientId=client)
    for _ in range(40):
        pybullet.stepSimulation(physicsClientId=client)
    ours, theirs = gl.render([SIDE])[0], tiny.render([SIDE])[0]
    keep = worlds.inner(ours, theirs)
    assert (ours.ids == theirs.ids)[keep].mean() >= 0.999
    assert (np.abs(ours.depth - theirs.depth) < 0.002)[keep].mean() >= 0.99


def test_color_change_shows_in_every_renderer_and_survives_refresh(client):
    body = worlds.primitives(client)[1]
    for renderer in both(client):
        for color, channel in (((0, 1, 0, 1), 1), ((0, 0, 1, 1), 2)):
            renderer.set_color(body, -1, color)
            for _ in range(2):
                frame = renderer.render([SIDE])[0]
                pixels = frame.rgb[frame.ids == body].astype(int)
                assert len(pixels) > 50
                assert pixels[:, channel].min() > 60
                assert np.delete(pixels, channel, axis=1).max() == 0
                renderer.refresh()


def quad(folder: Path) -> Path:
    """Write a square in the x-y plane whose four quarters differ in color."""
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:32, :32], pixels[:32, 32:] = (255, 0, 0), (0, 255, 0)
    pixels[32:, :32], pixels[32:, 32:] = (0, 0, 255), (255, 255, 0)
    Image.fromarray(pixels).save(folder / "quarters.png")
    (folder / "quad.mtl").write_text("newmtl q\nKd 1 1 1\nmap_Kd quarters.png\n")
    (folder / "quad.obj").write_text(
        "mtllib quad.mtl\nv -1 -1 0\nv 1 -1 0\nv 1 1 0\nv -1 1 0\n"
        "vt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nvn 0 0 1\nusemtl q\n"
        "f 1/1/1 2/2/1 3/3/1\nf 1/1/1 3/3/1 4/4/1\n"
    )
    return folder / "quad.obj"


TOP = View("top", 40, 40, 40.0, 0.1, 5.0, look_at([0, 0, 2], [0, 0, 0], [0, 1, 0]))
QUARTERS = {(10, 10): 0, (10, 30): 1, (30, 10): 2, (30, 30): (0, 1)}


def place(client: int, obj: Path) -> int:
    shape = pybullet.createVisualShape(
        pybullet.GEOM_MESH, fileName=str(obj), rgbaColor=[1, 1, 1, 1], physicsClientId=client
    )
    return int(pybullet.createMultiBody(0, -1, shape, physicsClientId=client))


def test_textures_stand_as_in_tinyrenderer(client, tmp_path):
    place(client, quad(tmp_path))
    for renderer in both(client):
        rgb = renderer.render([TOP])[0].rgb
        for pixel, bright in QUARTERS.items():
            lit = np.flatnonzero(rgb[pixel] > 60)
            assert lit.tolist() == np.atleast_1d(bright).tolist(), (renderer.kind, pixel)


def test_an_image_can_be_put_on_a_link(client, tmp_path):
    obj = quad(tmp_path)
    (tmp_path / "quad.mtl").unlink()
    body = place(client, obj)
    for renderer in both(client):
        assert (renderer.render([TOP])[0].rgb[10, 10] > 60).all()
        renderer.set_texture(body, -1, tmp_path / "quarters.png")
        rgb = renderer.render([TOP])[0].rgb
        for pixel, bright in QUARTERS.items():
            lit = np.flatnonzero(rgb[pixel] > 60)
            assert lit.tolist() == np.atleast_1d(bright).tolist(), (renderer.kind, pixel)


def test_refresh_sees_added_and_removed_bodies(client):
    first = worlds.primitives(client)
    gl, _ = both(client)
    assert set(np.unique(gl.render([SIDE])[0].ids)) == {-1, *first}
    pybullet.removeBody(first[0], physicsClientId=client)
    added = worlds.toys(client)
    gl.refresh()
    assert set(np.unique(gl.render([SIDE])[0].ids)) == {-1, *first[1:], *added}
    for body in (*first[1:], *added):
        pybullet.removeBody(body, physicsClientId=client)
    gl.refresh()
    empty = gl.render([SIDE])[0]
    assert (empty.ids == -1).all()
    assert (empty.depth == np.float32(SIDE.far)).all()


def test_center_sampling_shifts_the_picture_by_half_a_pixel(client):
    worlds.primitives(client)
    corner = make_renderer("gl", client).render([SIDE])[0]
    double = View("double", 320, 240, SIDE.fov, SIDE.near, SIDE.far, SIDE.pose)
    fine = make_renderer("gl", client).render([double])[0]
    center = make_renderer("gl", client, sample="center").render([SIDE])[0]
    # The corner of a large pixel is the corner of its lower left small one, and the center of a
    # large pixel is the corner of its upper right small one.
    assert (corner.ids == fine.ids[1::2, ::2]).all()
    assert (center.ids == fine.ids[::2, 1::2]).all()
    with pytest.raises(ValueError, match="corner, center"):
        make_renderer("gl", client, sample="middle")


def test_a_body_without_a_mesh_file_is_named(client):
    shape = pybullet.createVisualShape(
        pybullet.GEOM_MESH,
        vertices=[[0, 0, 0], [1, 0, 0], [0, 1, 0]],
        indices=[0, 1, 2],
        physicsClientId=client,
    )
    pybullet.createMultiBody(0, -1, shape, physicsClientId=client)
    with pytest.raises(ValueError, match="body 0, link -1"):
        make_renderer("gl", client)


def test_shadow_darkens_and_none_does_not(client, tmp_path):
    worlds.arm(client, tmp_path)
    frames = {
        shadow: make_renderer("gl", client, light=Light(shadow=shadow)).render([STATIC])[0]
        for shadow in ("soft", "none")
    }
    soft, none = (frames[key].rgb.astype(int).sum(axis=2) for key in ("soft", "none"))
    assert (soft <= none).all()
    assert (none - soft > 30).mean() > 0.02
    assert (none == soft).mean() > 0.2
