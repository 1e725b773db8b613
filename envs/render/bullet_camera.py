"""PyBullet's own renderers behind the contract: TinyRenderer, and the EGL plugin."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.quiet import import_quietly
from longhaul.envs.render.light import Light
from longhaul.envs.render.view import Frame, View, column_major

pybullet = import_quietly("pybullet")


class BulletCamera:
    """Draws a client's world with getCameraImage, one call a view.

    The call is the one calvin_env makes (size and matrices, otherwise PyBullet's defaults), so
    pictures equal its own. The flag that puts the link into the ids changes no other pixel.
    """

    def __init__(self, kind: str, client: int) -> None:
        self.kind = kind
        self._client = client
        self._renderer = pybullet.ER_TINY_RENDERER
        if kind == "bullet_egl":
            self._renderer = pybullet.ER_BULLET_HARDWARE_OPENGL
            _load_egl_plugin(client)
        self.description = (
            f"PyBullet {kind.removeprefix('bullet_')}, API {pybullet.getAPIVersion()}"
        )

    def render(self, views: Sequence[View], depth: bool = True, ids: bool = True) -> list[Frame]:
        """Return one Frame per view. See `longhaul.envs.render.renderer.Renderer`."""
        return [self._render(view, depth, ids) for view in views]

    def _render(self, view: View, depth: bool, ids: bool) -> Frame:
        flags = (
            pybullet.ER_SEGMENTATION_MASK_OBJECT_AND_LINKINDEX
            if ids
            else pybullet.ER_NO_SEGMENTATION_MASK
        )
        _, _, rgba, buffer, mask = pybullet.getCameraImage(
            view.width,
            view.height,
            viewMatrix=column_major(view.view_matrix()),
            projectionMatrix=column_major(view.projection_matrix()),
            renderer=self._renderer,
            flags=flags,
            physicsClientId=self._client,
        )
        shape = (view.height, view.width)
        rgb = np.ascontiguousarray(np.reshape(rgba, (*shape, 4))[:, :, :3], dtype=np.uint8)
        meters = _meters(np.reshape(buffer, shape), view) if depth else None
        labels = np.reshape(mask, shape).astype(np.int32) if ids else None
        return Frame(rgb, meters, labels)

    def set_color(self, body: int, link: int, rgba: Sequence[float]) -> None:
        """Paint every visual shape of a link."""
        pybullet.changeVisualShape(body, link, rgbaColor=rgba, physicsClientId=self._client)

    def set_texture(self, body: int, link: int, image: Path) -> None:
        """Cover every visual shape of a link with an image file."""
        texture = pybullet.loadTexture(str(image), physicsClientId=self._client)
        pybullet.changeVisualShape(
            body, link, textureUniqueId=texture, physicsClientId=self._client
        )

    def set_light(self, light: Light) -> None:
        """Raise ValueError: PyBullet has a light of its own."""
        raise ValueError(f"renderer {self.kind} has no light to set; gl has")

    def refresh(self) -> None:
        """Do nothing: PyBullet follows its own bodies."""

    def close(self) -> None:
        """Do nothing: the EGL plugin goes with the client.

        Unloaded earlier it leaves a client whose getVisualShapeData never returns.
        """


def _meters(window: NDArray[np.float32], view: View) -> NDArray[np.float32]:
    """Turn a depth buffer (0 near, 1 far) into meters along the optical axis."""
    depth = view.far * view.near / (view.far - (view.far - view.near) * window.astype(np.float64))
    return np.minimum(depth, view.far).astype(np.float32)


def _load_egl_plugin(client: int) -> None:
    """Load PyBullet's EGL plugin into an empty client.

    Bodies loaded before the plugin would stay invisible to it, hence the check.
    """
    if pybullet.getNumBodies(physicsClientId=client):
        raise ValueError("bullet_egl: make the renderer before bodies are loaded")
    spec = importlib.util.find_spec("eglRenderer")
    if spec is None or spec.origin is None:
        raise RuntimeError("bullet_egl: this PyBullet has no eglRenderer plugin")
    plugin = pybullet.loadPlugin(spec.origin, "_eglRendererPlugin", physicsClientId=client)
    if plugin < 0:
        raise RuntimeError(f"bullet_egl: {spec.origin} could not be loaded")
