"""The suite's own navigation simulator: its renderer for pixels, its surface to walk on."""

from __future__ import annotations

from math import cos, sin
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from envs.lhvln.navmesh.contours import build_surface
from envs.lhvln.navmesh.navigation import SurfaceNavigation
from envs.lhvln.navmesh.settings import Settings
from envs.lhvln.navmesh.surface import Surface
from envs.lhvln.scene import Part, Scene, load_scene
from envs.lhvln.simulator import VIEWS, Cameras, Motion, Picture, Pose, moved
from envs.render.context import GLContext
from envs.render.light import Light
from envs.render.scene import Scene as Drawing
from envs.render.view import View
from envs.specs import ConfigError

NEAR, FAR = 0.01, 1000.0
"""Between which distances something is drawn, m: habitat-sim's."""

UNLIT = Light(lit=False, background=(0.0, 0.0, 0.0))


class BuiltinSimulator:
    """Fulfils envs.lhvln.simulator.Simulator for a scene's folder (envs.lhvln.scene).

    The context that draws is made when something is first looked at. Raises ConfigError for a
    folder that is no scene, and for one with no place to stand.
    """

    def __init__(
        self, folder: Path, cameras: Cameras | None = None, settings: Settings | None = None
    ) -> None:
        self._scene = load_scene(folder)
        self._cameras = cameras or Cameras()
        self.navigation = navigation_of(self._scene, settings or Settings())
        self.objects, self.rooms = self._scene.objects, self._scene.rooms
        self.pose = Pose((0.0, 0.0, 0.0), 0.0)
        self._drawings: list[_Drawing] = []

    @property
    def description(self) -> str:
        """Return what draws, and with which OpenGL."""
        return f"builtin, {self._drawn()[0].description}"

    def set_pose(self, position: ArrayLike, yaw: float) -> None:
        x, y, z = (float(value) for value in np.asarray(position, float))
        self.pose = Pose((x, y, z), float(yaw))

    def act(self, motion: Motion) -> bool:
        self.pose, collided = moved(self.navigation, self.pose, motion)
        return collided

    def observe(self) -> dict[str, Picture]:
        cameras = self._cameras
        views = [
            View(name, cameras.size, cameras.size, cameras.hfov, NEAR, FAR, self._eye(angle))
            for name, angle in VIEWS.items()
        ]
        first, *labels = self._drawn()
        pictures = first.pictures(views, cameras.depth, cameras.ids and not labels)
        if cameras.ids and labels:
            shown = labels[0].pictures(views, False, True)
            pictures = [
                Picture(a.rgb, a.depth, b.ids) for a, b in zip(pictures, shown, strict=True)
            ]
        return dict(zip(VIEWS, pictures, strict=True))

    def close(self) -> None:
        for drawing in self._drawings:
            drawing.release()
        self._drawings = []

    def _drawn(self) -> list[_Drawing]:
        if not self._drawings:
            self._drawings = [_Drawing(self._scene.parts)]
            if self._scene.labels:
                self._drawings.append(_Drawing(self._scene.labels))
        return self._drawings

    def _eye(self, angle: float) -> NDArray[np.float64]:
        """Return the pose (4, 4) of a camera turned by an angle (rad) against the robot."""
        yaw = self.pose.yaw + angle
        eye = np.eye(4)
        eye[0, [0, 2]] = cos(yaw), sin(yaw)
        eye[2, [0, 2]] = -sin(yaw), cos(yaw)
        eye[:3, 3] = self.pose.position
        eye[1, 3] += self._cameras.height
        return eye


def navigation_of(scene: Scene, settings: Settings) -> SurfaceNavigation:
    """Return the navigation of a scene: over its own navmesh, or one made from its meshes.

    Raises ConfigError where there is no place to stand.
    """
    try:
        if scene.navmesh is not None:
            return SurfaceNavigation(Surface(*scene.navmesh))
        return SurfaceNavigation(build_surface(*scene.triangles(), settings))
    except ValueError as error:
        raise ConfigError(f"scene {scene.name}: {error}") from None


class _Drawing:
    """Parts of a scene that stand still, on the GPU."""

    def __init__(self, parts: tuple[Part, ...]) -> None:
        context = GLContext()
        self.description = str(context.gl.info["GL_RENDERER"])
        self._scene = Drawing(context, UNLIT, sharp=False)
        numbers = [self._scene.add_mesh(part.mesh) for part in parts]
        self._scene.place(numbers, [part.id for part in parts], [part.color for part in parts])
        self._poses = np.tile(np.eye(4), (len(parts), 1, 1))

    def pictures(self, views: list[View], depth: bool, ids: bool) -> list[Picture]:
        frames = self._scene.render(views, self._poses, depth=depth, ids=ids)
        return [
            Picture(
                frame.rgb,
                None if frame.depth is None else np.where(frame.depth < FAR, frame.depth, 0.0),
                None if frame.ids is None else np.maximum(frame.ids, 0),
            )
            for frame in frames
        ]

    def release(self) -> None:
        self._scene.release()
