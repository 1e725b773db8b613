"""The sun's shadow map: the scene's depth as the sun sees it."""

from __future__ import annotations

from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from longhaul.envs.render.light import Light
from longhaul.envs.render.shaders import SHADOW_FRAGMENT, SHADOW_VERTEX
from longhaul.envs.render.view import column_major, look_at

MARGIN, STEPS = 1.15, 8
"""The map reaches MARGIN times the casters' bounding sphere, and moves by 1 / STEPS of that."""
SLOPE_OFFSET, OFFSET = 2.0, 8.0
"""glPolygonOffset of the casters: without it surfaces would speckle their own shadow."""


class ShadowMap:
    """A square depth texture with hardware comparison: edges are soft over two texels.

    `camera` holds the matrix that takes the world to the map, -1..1, column by column.
    """

    def __init__(self, context: moderngl.Context, light: Light) -> None:
        self._context = context
        self._light = light
        self._program = context.program(SHADOW_VERTEX, SHADOW_FRAGMENT)
        size = (light.shadow_size, light.shadow_size)
        self.texture = context.depth_texture(size)
        self.texture.compare_func = "<="
        self.texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self.texture.repeat_x = self.texture.repeat_y = False
        self._framebuffer = context.framebuffer(depth_attachment=self.texture)
        self.vertex_array: Any = None
        self.camera: list[float] = []
        self._poses: NDArray[np.float64] | None = None

    def set_light(self, light: Light) -> None:
        """Let the sun shine from elsewhere, with the next `begin`."""
        self._light = light
        self._poses = None

    def attach(
        self, vertices: tuple[Any, ...], instances: tuple[Any, ...], indices: moderngl.Buffer | None
    ) -> None:
        """Use a scene's buffers, and see where its casters are with the next `begin`."""
        if self.vertex_array is not None:
            self.vertex_array.release()
        self.vertex_array = self._context.vertex_array(
            self._program, [vertices, instances], indices, skip_errors=True
        )
        self._poses = None

    def begin(
        self, poses: NDArray[np.float64], centers: NDArray[np.float64], radii: NDArray[np.float64]
    ) -> bool:
        """Get ready to draw the casters, whose bounding spheres are given; False if none moved.

        The rim of the map, one texel, is never drawn: it and all beyond are lit.
        """
        if self._poses is not None and np.array_equal(self._poses, poses):
            return False
        self._poses = poses.copy()
        size = self._light.shadow_size
        camera = _sun_camera(self._light.unit_direction(), centers, radii)
        self._program["sun_camera"] = column_major(camera)
        inside = 1.0 - 2.0 / size
        self.camera = column_major(np.diag([inside, inside, 1.0, 1.0]) @ camera)
        self._framebuffer.use()
        self._framebuffer.viewport = (0, 0, size, size)
        self._framebuffer.clear()
        self._framebuffer.viewport = (1, 1, size - 2, size - 2)
        self._context.polygon_offset = (SLOPE_OFFSET, OFFSET)
        return True

    def end(self) -> None:
        """Undo what `begin` set."""
        self._context.polygon_offset = (0.0, 0.0)


def _sun_camera(
    direction: NDArray[np.float64], centers: NDArray[np.float64], radii: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the sun's 4x4 orthographic world-to-clip matrix, about all casters (N spheres).

    It depends on nothing but where they are now, so that equal states give equal pictures, and
    moves in coarse steps, so that shadows' edges do not crawl.
    """
    low, high = (centers - radii[:, None]).min(axis=0), (centers + radii[:, None]).max(axis=0)
    middle = (low + high) / 2
    needed = MARGIN * float((np.linalg.norm(centers - middle, axis=1) + radii).max())
    reach = 2.0 ** (np.ceil(2.0 * np.log2(needed)) / 2.0)
    center = np.round(middle / reach * STEPS) * reach / STEPS
    pose = look_at(center + direction, center, np.eye(3)[np.abs(direction).argmin()])
    pose[:3, 3] = center
    scale = np.diag([1 / reach, 1 / reach, -1 / reach, 1.0])
    matrix: NDArray[np.float64] = scale @ np.linalg.inv(pose)
    return matrix
