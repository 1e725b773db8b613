"""The suite's own navigation simulator: envs/render draws, and navmesh/ gives the surface to walk
on."""

from __future__ import annotations

from math import cos, sin
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.lhvln.navmesh.contours import build_surface
from longhaul.envs.lhvln.navmesh.navigation import SurfaceNavigation
from longhaul.envs.lhvln.navmesh.settings import Settings
from longhaul.envs.lhvln.portals import Portals, Sighted
from longhaul.envs.lhvln.scene import Scene, SceneMesh, load_scene
from longhaul.envs.lhvln.simulator import VIEW_YAWS, Cameras, Picture, Robot
from longhaul.envs.render.context import GLContext
from longhaul.envs.render.light import Light
from longhaul.envs.render.scene import Scene as Drawing
from longhaul.envs.render.view import View
from longhaul.errors import ConfigError

NEAR_PLANE_M, FAR_PLANE_M = 0.01, 1000.0
"""Near and far clipping plane: habitat-sim's."""

MOST_VOXELS = 1e8
"""The limit of a scene's voxels, of which each takes some 14 bytes: a house of 40 x 40 x 12 m has a
third of them. Chosen here."""

UNLIT_LIGHT = Light(lit=False, background=(0.0, 0.0, 0.0))


class BuiltinSimulator(Robot):
    """Fulfills longhaul.envs.lhvln.simulator.Simulator for a scene's folder
    (longhaul.envs.lhvln.scene).

    The OpenGL context is made with the first observation. Raises ConfigError for a folder that is
    no scene, and for a scene without a place to stand.
    """

    def __init__(
        self, folder: Path, cameras: Cameras | None = None, settings: Settings | None = None
    ) -> None:
        super().__init__()
        self._scene = load_scene(folder)
        self._cameras = cameras or Cameras()
        self.navigation = navigation_of(self._scene, settings or Settings())
        self.objects, self.rooms = self._scene.objects, self._scene.rooms
        self._drawings: list[_Drawing] = []

    @property
    def description(self) -> str:
        """Return the simulator's name and the OpenGL renderer that draws."""
        return f"builtin, {self._drawn()[0].description}"

    def observe(self) -> dict[str, Picture]:
        cameras = self._cameras
        views = [
            View(
                name,
                cameras.size,
                cameras.size,
                cameras.hfov,
                NEAR_PLANE_M,
                FAR_PLANE_M,
                self._eye(angle),
            )
            for name, angle in VIEW_YAWS.items()
        ]
        first, *labels = self._drawn()
        x, y, z = self.pose.position
        eye = x, y + self.camera_height, z
        pictures = first.pictures(views, eye, cameras.depth, cameras.ids and not labels)
        if cameras.ids and labels:
            shown = labels[0].pictures(views, eye, False, True)
            pictures = [
                Picture(a.rgb, a.depth, b.ids) for a, b in zip(pictures, shown, strict=True)
            ]
        return dict(zip(VIEW_YAWS, pictures, strict=True))

    def close(self) -> None:
        for drawing in self._drawings:
            drawing.release()
        self._drawings = []

    def _drawn(self) -> list[_Drawing]:
        if not self._drawings:
            portals = self._scene.portals
            self._drawings = [_Drawing(self._scene.meshes, portals)]
            if self._scene.labels:
                self._drawings.append(_Drawing(self._scene.labels, portals))
        return self._drawings

    def _eye(self, angle: float) -> NDArray[np.float64]:
        """Return the pose (4, 4) of a camera whose yaw is the robot's plus an angle (rad)."""
        yaw = self.pose.yaw + angle
        eye = np.eye(4)
        eye[0, [0, 2]] = cos(yaw), sin(yaw)
        eye[2, [0, 2]] = -sin(yaw), cos(yaw)
        eye[:3, 3] = self.pose.position
        eye[1, 3] += self.camera_height
        return eye


def navigation_of(scene: Scene, settings: Settings) -> SurfaceNavigation:
    """Return the navigation of a scene, over its own navmesh or over one made from its meshes.

    Raises ConfigError for a scene without a place to stand.
    """
    try:
        if scene.navmesh is not None:
            return SurfaceNavigation(scene.navmesh)
        _require_room_size(scene, settings)
        return SurfaceNavigation(build_surface(*scene.triangles(), settings))
    except ValueError as error:
        raise ConfigError(f"scene {scene.name}: {error}") from None


def _require_room_size(scene: Scene, settings: Settings) -> None:
    """Raise ValueError for a scene whose voxels would take more memory than MOST_VOXELS do."""
    bounds = np.array(
        [[f(item.mesh.positions, axis=0) for f in (np.min, np.max)] for item in scene.meshes], float
    )
    sizes = np.vstack([bounds[:, 1].max(axis=0) - bounds[:, 0].min(axis=0), np.ptp(bounds, axis=1)])
    cell = (settings.cell_size, settings.cell_height, settings.cell_size)
    voxels = (sizes[0] / cell + 2).prod()
    if voxels <= MOST_VOXELS:
        return
    largest = 1 + int(sizes[1:].max(axis=1).argmax())
    whole, one = (" x ".join(f"{size:.1f}" for size in sizes[i]) for i in (0, largest))
    raise ValueError(
        f"it measures {whole} m (x, y, z), which makes {voxels:.2g} voxels, the limit is "
        f"{MOST_VOXELS:.2g}; its largest mesh measures {one} m. If its unit is no meter, write "
        f'{{"units_to_meters": 0.01}} into {scene.name}.stage_config.json; else take out what is '
        "no house, such as a sky, or give a navmesh.npz"
    )


class _Drawing:
    """A scene's meshes on the GPU; they do not move."""

    def __init__(self, meshes: tuple[SceneMesh, ...], portals: Portals | None) -> None:
        context = GLContext()
        self.description = str(context.gl.info["GL_RENDERER"])
        self._scene = Drawing(context, UNLIT_LIGHT, sharp=False)
        numbers = [self._scene.add_mesh(item.mesh) for item in meshes]
        # The renderer adds one to ids, since its 0 is the background.
        ids, colors = [item.id - 1 for item in meshes], [item.color for item in meshes]
        self._scene.place(numbers, ids, colors)
        self._poses = np.tile(np.eye(4), (len(meshes), 1, 1))
        self._sighted: Sighted | None = None
        self._eye: tuple[float, float, float] | None = None
        self._shown: NDArray[np.bool_] | None = None
        if portals is not None:
            low = np.array([item.mesh.positions.min(axis=0) for item in meshes])
            high = np.array([item.mesh.positions.max(axis=0) for item in meshes])
            self._sighted = Sighted(portals, low, high)

    def pictures(
        self, views: list[View], eye: tuple[float, float, float], depth: bool, ids: bool
    ) -> list[Picture]:
        """Return what views from one point show. What may be seen from there is found once, and
        not again while the robot turns."""
        if self._sighted is not None and self._eye != eye:
            self._eye, self._shown = eye, self._sighted.shown(*eye)
        frames = self._scene.render(
            views, self._poses, depth=depth, ids=ids, shown=self._shown, zero=True
        )
        return [Picture(frame.rgb, frame.depth, frame.ids) for frame in frames]

    def release(self) -> None:
        self._scene.release()
