"""One contract for the renderers of a Bullet world: `gl`, `bullet_egl` and `bullet_tiny`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from longhaul.envs.quiet import import_quietly
from longhaul.envs.render.bullet_camera import BulletCamera
from longhaul.envs.render.bullet_gl import BulletGL
from longhaul.envs.render.context import GLContext
from longhaul.envs.render.light import Light
from longhaul.envs.render.view import Frame, View

pybullet = import_quietly("pybullet")

LOG = logging.getLogger(__name__)
KINDS = ("gl", "bullet_egl", "bullet_tiny")

STATIC_LAYERS = ("auto", "on", "off")
"""Whether renderer gl keeps what stands still from picture to picture, in longhaul.envs.render's
layers: auto does so where a CPU draws. Scenes with shadows never do. Pictures are the same."""


class Renderer(Protocol):
    """Draws a Bullet world. `kind` says which renderer really draws, after any fallback.

    `description` belongs to a run's provenance: the GL renderer string, or PyBullet's.
    """

    kind: str
    description: str

    def render(self, views: Sequence[View], depth: bool = True, ids: bool = True) -> list[Frame]:
        """Return one Frame per view, in order, of the world's present state.

        Ids are Bullet's: body + ((link + 1) << 24), -1 for the background. What is not asked for
        is None, and may save work.
        """

    def set_color(self, body: int, link: int, rgba: Sequence[float]) -> None:
        """Paint every visual shape of a link (the base is link -1) with rgba in 0..1."""

    def set_texture(self, body: int, link: int, image: Path) -> None:
        """Cover every visual shape of a link with an image file."""

    def set_light(self, light: Light) -> None:
        """Change the light of a `gl` renderer; the others', ValueError says, is Bullet's own."""

    def refresh(self) -> None:
        """Take note of bodies that were added or removed since the last call."""

    def close(self) -> None:
        """Free what the renderer holds; the physics client stays connected."""


def make_renderer(
    kind: str,
    client: int,
    light: Light | None = None,
    sample: str = "corner",
    context_factory: Callable[[], GLContext] = GLContext,
    static_layer: str = "auto",
) -> Renderer:
    """Return a renderer for a physics client.

    Call it on the empty world, load bodies, then call `refresh`: PyBullet's EGL plugin only
    knows bodies that are loaded after it. Where there is no EGL, `gl` and `bullet_egl` become
    `bullet_tiny`, and a warning says so. `light`, `sample` (see BulletGL) and `static_layer` (one
    of STATIC_LAYERS) concern `gl` alone. Raises ValueError for an unknown kind or static layer.
    """
    if static_layer not in STATIC_LAYERS:
        raise ValueError(f"static layer {static_layer!r}: choose one of {', '.join(STATIC_LAYERS)}")
    if kind not in KINDS:
        raise ValueError(f"renderer {kind!r}: choose one of {', '.join(KINDS)}")
    if kind != "bullet_tiny":
        try:
            context = context_factory()
        except Exception as error:
            # The EGL loader raises plain Exceptions, and an ImportError without libEGL.
            LOG.warning("renderer %s: no OpenGL on EGL (%s); bullet_tiny draws", kind, error)
            return BulletCamera("bullet_tiny", client)
        if kind == "gl":
            layers = static_layer == "on" or (static_layer == "auto" and context.software)
            return BulletGL(client, context, light or Light(), sample, layers)
        # PyBullet's plugin ends the process where there is no EGL: this context was the probe.
        context.release()
    return BulletCamera(kind, client)


def without_layer(static_layer: str, kind: str, light: Light) -> dict[str, str]:
    """Return why there is no static layer where one was asked for by `on`, by the option's name.

    `kind` is the renderer that was asked for. Empty where there is one, or none was asked for.
    """
    if static_layer != "on":
        return {}
    if light.throws_shadows:
        return {"static_layer": f"off: env.shadow={light.shadow}"}
    found, _ = describe_renderer(kind)
    return {} if found == "gl" else {"static_layer": f"off: renderer {found}"}


def describe_renderer(kind: str) -> tuple[str, str]:
    """Return the kind and the description of the renderer that would draw for `kind` here."""
    client = pybullet.connect(pybullet.DIRECT)
    renderer = make_renderer(kind, client)
    found = renderer.kind, renderer.description
    renderer.close()
    pybullet.disconnect(client)
    return found
