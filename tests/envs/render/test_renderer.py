import multiprocessing

import numpy as np
import pytest

from longhaul.envs.render.context import GLContext
from longhaul.envs.render.light import Light
from longhaul.envs.render.renderer import make_renderer
from tests.envs.render import worlds
from tests.envs.render.worlds import NEAR, SIDE


def no_egl() -> GLContext:
    raise ImportError("libEGL.so.1: cannot open shared object file")


@pytest.mark.parametrize("kind", ["gl", "bullet_egl"])
def test_without_egl_tinyrenderer_draws_and_one_line_says_so(kind, caplog):
    with worlds.client() as client:
        renderer = make_renderer(kind, client, context_factory=no_egl)
        worlds.primitives(client)
        renderer.refresh()
        reference = make_renderer("bullet_tiny", client)
        assert renderer.kind == "bullet_tiny"
        assert renderer.description == reference.description
        assert (renderer.render([SIDE])[0].rgb == reference.render([SIDE])[0].rgb).all()
    assert len(caplog.records) == 1
    message = caplog.records[0].getMessage()
    assert kind in message
    assert "libEGL.so.1" in message
    assert "bullet_tiny" in message
    assert "\n" not in message


def test_tinyrenderer_needs_no_context(caplog):
    with worlds.client() as client:
        assert make_renderer("bullet_tiny", client, context_factory=no_egl).kind == "bullet_tiny"
    assert not caplog.records


def test_unknown_renderer_names_the_known_ones():
    with worlds.client() as client, pytest.raises(ValueError, match="gl, bullet_egl, bullet_tiny"):
        make_renderer("opengl", client)


def test_description_names_the_driver():
    with worlds.client() as client:
        renderer = make_renderer("gl", client)
        assert "OpenGL" in renderer.description
        renderer.close()


def test_several_renderers_live_side_by_side_and_close_alone():
    with worlds.client() as one, worlds.client() as two:
        worlds.primitives(one)
        worlds.toys(two)
        first, second = make_renderer("gl", one), make_renderer("gl", two)
        before = [renderer.render([SIDE])[0].rgb for renderer in (first, second)]
        third = make_renderer("gl", one, light=Light(shadow="soft"))
        third.render([NEAR])
        third.close()
        after = [renderer.render([SIDE])[0].rgb for renderer in (first, second)]
        assert (before[0] == after[0]).all()
        assert (before[1] == after[1]).all()
        assert (before[0] != before[1]).any()
        first.close()
        assert (second.render([SIDE])[0].rgb == before[1]).all()
        fourth = make_renderer("gl", one)
        assert (fourth.render([SIDE])[0].rgb == before[0]).all()


def draw(_: int) -> np.ndarray:
    with worlds.client() as client:
        worlds.primitives(client)
        renderer = make_renderer("gl", client)
        assert renderer.kind == "gl"
        return renderer.render([SIDE])[0].rgb


def test_forkserver_workers_draw_the_same_picture():
    context = multiprocessing.get_context("forkserver")
    with context.Pool(2) as pool:
        pictures = pool.map(draw, range(2))
    assert (pictures[0] == draw(0)).all()
    assert (pictures[1] == pictures[0]).all()


def egl_beside_gl(_: int) -> tuple[float, float, str]:
    """Draw with PyBullet's plugin while GL contexts come and go; return id agreements."""
    with worlds.client() as client:
        egl = make_renderer("bullet_egl", client)
        bodies = worlds.primitives(client)[:1]
        gl = make_renderer("gl", client, sample="center")
        ours, theirs = gl.render([SIDE])[0], egl.render([SIDE])[0]
        keep = worlds.inner(ours, theirs) & np.isin(theirs.ids, [-1, *bodies])
        gl.close()
        again = egl.render([SIDE])[0]
        egl.close()
        first = float((ours.ids == theirs.ids)[keep].mean())
        return first, float((again.ids == theirs.ids).mean()), egl.kind


def test_bullets_egl_plugin_draws_beside_gl_contexts():
    # A process of its own: the plugin writes to stdout and would end this one if it failed.
    with multiprocessing.get_context("forkserver").Pool(1) as pool:
        agreement, repeat, kind = pool.map(egl_beside_gl, [0])[0]
    assert kind == "bullet_egl"
    assert agreement >= 0.99
    assert repeat == 1.0


def test_bullets_egl_plugin_wants_an_empty_world():
    with worlds.client() as client:
        worlds.primitives(client)
        with pytest.raises(ValueError, match="before bodies are loaded"):
            make_renderer("bullet_egl", client)
