"""Draws pictures of meshes with baked lighting, for people to look at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.render.context import GLContext
from longhaul.envs.render.light import Light
from longhaul.envs.render.mesh import Mesh
from longhaul.envs.render.scene import Scene
from longhaul.envs.render.view import View

VIEWS_PER_BATCH = 24
"""How many views are drawn at once."""


def draw(
    meshes: Sequence[Mesh], views: Sequence[View], offsets: NDArray[np.float64] | None = None
) -> list[NDArray[np.uint8]]:
    """Return one picture (H, W, 3) per view of textured meshes before a white background.

    `offsets` (N, 3; m) move the meshes. Raises what `GLContext` raises where there is no EGL.
    """
    scene = Scene(GLContext(), Light(lit=False, background=(1.0, 1.0, 1.0)))
    try:
        numbers = [scene.add_mesh(mesh) for mesh in meshes]
        scene.place(numbers, range(len(numbers)), np.ones((len(numbers), 4)))
        poses = np.tile(np.eye(4), (len(meshes), 1, 1))
        poses[:, :3, 3] = 0.0 if offsets is None else offsets
        pictures = []
        for start in range(0, len(views), VIEWS_PER_BATCH):
            frames = scene.render(
                views[start : start + VIEWS_PER_BATCH], poses, depth=False, ids=False
            )
            pictures += [frame.rgb for frame in frames]
    finally:
        scene.release()
    return pictures
