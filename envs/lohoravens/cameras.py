"""The pictures that the cameras take of a tabletop, and the map that is made of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.bullet.solids import box
from longhaul.envs.bullet.world import World
from longhaul.envs.lohoravens.robot import JOINT_INDICES
from longhaul.envs.lohoravens.tabletop import Tabletop, load
from longhaul.envs.lohoravens.things import WORKSPACE_BOUNDS_M
from longhaul.envs.lohoravens.views import CAMERA_NAMES, FAR_PLANE_M, view
from longhaul.envs.render.light import Light
from longhaul.envs.render.renderer import make_renderer
from longhaul.envs.render.view import Frame
from longhaul.scratch import Scratch

WOOD_RGBA, MAT_RGBA = (0.74, 0.60, 0.45, 1.0), (0.25, 0.26, 0.29, 1.0)
TABLE_EXTENTS_M = ((-0.3, 1.0), (-0.8, 0.8), 0.04)
"""The table's board that is drawn: ranges of x and y, and thickness. The mat on it shows where the
workspace is."""

MAT_RIM_M, WOOD_SINK_M = 0.01, 0.001
"""How far the mat reaches beyond the workspace, and how far the wood's top lies below z = 0."""

LIGHT = Light(
    direction=(0.35, -0.45, 1.0),
    sun=(0.40, 0.39, 0.37),
    sky=(0.62, 0.62, 0.63),
    ground=(0.40, 0.39, 0.38),
    background=(0.80, 0.82, 0.85),
    shadow_size=512,
)

SENSOR_STREAM = 2
"""Number of the episode's random stream from which the sensors' noise is drawn."""


@dataclass(frozen=True)
class Noise:
    """Noise of a camera: standard deviations of color (levels of 255) and depth (m)."""

    rgb: float = 0.0
    depth: float = 0.0


class Cameras:
    """Draws a tabletop.

    The cameras have a Bullet world of their own with visual shapes. It takes over the tabletop's
    poses before each picture. The simulated world thus needs no visual shapes and is quick to
    build again.
    """

    def __init__(
        self,
        renderer: str,
        shadow: str = "none",
        noise: Noise | None = None,
        static_layer: str = "auto",
    ) -> None:
        """Connect a client and make a renderer; see make_renderer for what it takes."""
        self._world = World(visuals=True)
        light = replace(LIGHT, shadow=shadow)
        self.renderer = make_renderer(
            renderer, self._world.client, light, sample="center", static_layer=static_layer
        )
        self._files = Scratch("lohoravens-")
        self._noise = noise or Noise()
        self._views = [view(name) for name in CAMERA_NAMES]

    def begin(self, table: Tabletop, seed: int) -> None:
        """Load the things of a table; the sensors' noise is drawn by `seed`."""
        self._random = np.random.default_rng([seed, SENSOR_STREAM])
        self._world.clear()
        self._load_table()
        self._arm, self._things = load(self._world, table.layout, self._files.path)
        self.renderer.refresh()

    def take(self, table: Tabletop, ids: bool = False, noisy: bool = True) -> dict[str, Frame]:
        """Return a frame with depth per camera, of the table as it is now.

        With `ids` a frame has the ids of Bullet bodies; `body_ids` says which thing has which.
        `noisy=False` leaves the sensors' noise out, and does not advance its generator.
        """
        self._arm.body.set_joints(JOINT_INDICES, table.arm.body.joint_positions(JOINT_INDICES))
        for name, body in table.bodies.items():
            self._things[name].set_pose(*body.pose())
        frames = self.renderer.render(self._views, depth=True, ids=ids)
        if noisy:
            frames = [self._sensed(frame) for frame in frames]
        return dict(zip(CAMERA_NAMES, frames, strict=True))

    def body_ids(self) -> dict[str, int]:
        """Return the ids that things have in the frames."""
        return {name: body.uid for name, body in self._things.items()}

    def close(self) -> None:
        """Free the renderer, disconnect, and remove files."""
        self.renderer.close()
        self._world.close()
        self._files.remove()

    def _load_table(self) -> None:
        (left, right), (front, back), height = TABLE_EXTENTS_M
        size = (right - left, back - front, height)
        wood = box(size, ((left + right) / 2, (front + back) / 2, -WOOD_SINK_M - height / 2))
        (left, right), (front, back), _ = WORKSPACE_BOUNDS_M
        middle = ((left + right) / 2, (front + back) / 2, -WOOD_SINK_M)
        mat = box(
            (right - left + 2 * MAT_RIM_M, back - front + 2 * MAT_RIM_M, 2 * WOOD_SINK_M), middle
        )
        self._world.add([], [wood.painted(WOOD_RGBA), mat.painted(MAT_RGBA)], 0.0, (0.0, 0.0, 0.0))

    def _sensed(self, frame: Frame) -> Frame:
        rgb, depth = frame.rgb, frame.depth
        if self._noise.rgb:
            noisy = rgb + self._noise.rgb * self._normal(rgb.shape)
            rgb = np.clip(np.round(noisy), 0, 255).astype(np.uint8)
        if self._noise.depth and depth is not None:
            depth = np.clip(depth + self._noise.depth * self._normal(depth.shape), 0.0, FAR_PLANE_M)
        return replace(frame, rgb=rgb, depth=depth)

    def _normal(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        return self._random.standard_normal(shape, np.float32)
