"""CALVIN's two cameras, and the pictures they take of a play table.

Facts of mees/calvin_env, conf/cameras/cameras/{static,gripper}.yaml.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pybullet

from longhaul.envs.bullet.body import Body
from longhaul.envs.bullet.world import World
from longhaul.envs.calvin import bodies, panda
from longhaul.envs.calvin.randomize import drawn_light, moved_view
from longhaul.envs.calvin.simulation import MOVING_JOINTS, PlayTable
from longhaul.envs.render.light import Light
from longhaul.envs.render.renderer import make_renderer
from longhaul.envs.render.view import Frame, View, look_at

CAMERA_NAMES = ("static", "gripper")

IMAGE_SIDE_PX = {"static": 200, "gripper": 84}
"""Side of each camera's square pictures."""

FAR_PLANE_M = {"static": 10.0, "gripper": 2.0}
"""Far clipping plane of each camera."""

NEAR_PLANE_M = 0.01
"""Near clipping plane of both cameras."""

GRIPPER_LINK = "gripper_cam"

LIGHT_OFF_RGBA = (1.0, 1.0, 1.0, 1.0)
LIGHT_LINKS = {
    "lightbulb": ("light_link", (1.0, 1.0, 0.0, 1.0)),
    "led": ("led_link", (0.0, 1.0, 0.0, 1.0)),
}
"""The table's link that stands for each light, and its RGBA when the light is on."""


def static_view() -> View:
    """Return the camera that looks at the whole table from the front right."""
    pose = look_at(
        (2.871459009488717, -2.166602199425597, 2.555159848480571),
        (-0.026242351159453392, -0.0302329882979393, 0.3920000493526459),
        (0.4041403970338857, 0.22629790978217404, 0.8862616969685161),
    )
    side = IMAGE_SIDE_PX["static"]
    return View("static", side, side, 10.0, NEAR_PLANE_M, FAR_PLANE_M["static"], pose)


def gripper_view(robot: Body) -> View:
    """Return the camera on the hand: it looks along its link's y, with -z up."""
    position, orientation = robot.link_pose(robot.links[GRIPPER_LINK])
    axes = np.reshape(pybullet.getMatrixFromQuaternion(orientation), (3, 3))
    pose = np.eye(4)
    pose[:3] = np.column_stack([-axes[:, 0], -axes[:, 2], -axes[:, 1], position])
    side = IMAGE_SIDE_PX["gripper"]
    return View("gripper", side, side, 75.0, NEAR_PLANE_M, FAR_PLANE_M["gripper"], pose)


class Cameras:
    """Draws a play table.

    The cameras have a Bullet world of their own with visual shapes. It takes over the play table's
    poses before each picture. The simulated world thus needs no visual shapes and is quick to
    build again.
    """

    def __init__(
        self,
        table: PlayTable,
        renderer: str,
        light: Light | None = None,
        static_layer: str = "auto",
    ) -> None:
        """Load everything that can be seen. See make_renderer for what the renderer takes."""
        self._play = table
        self._light = light or Light()
        self._world = World(visuals=True)
        self.renderer = make_renderer(
            renderer, self._world.client, self._light, static_layer=static_layer
        )
        self._robot = bodies.load_robot(self._world, table.assets)
        self._blocks, self._table = bodies.load_table(self._world, table.assets)
        self.renderer.refresh()
        self._static = static_view()
        self._shown: dict[str, int | None] = dict.fromkeys(LIGHT_LINKS)
        self._robot_joints = [*panda.ARM.joints, *panda.GRIPPER.joints]
        self._table_joints = [self._table.joints[name] for name in MOVING_JOINTS]

    def randomize(self, seed: int, camera: bool) -> None:
        """Set the light, and with `camera` the static camera's pose, that belong to a seed."""
        self.renderer.set_light(drawn_light(self._light, seed))
        self._static = moved_view(static_view(), seed) if camera else static_view()

    def take(self, names: Sequence[str], depth: bool) -> dict[str, Frame]:
        """Return a frame per camera name, of the play table as it is now."""
        self._follow()
        # The simulated hand's pose, not the copy's: Bullet reports a link where it was before the
        # last physics step moved the joints, and calvin_env's camera sits there.
        hand = gripper_view(self._play.robot)
        views = [self._static if name == "static" else hand for name in names]
        frames = self.renderer.render(views, depth=depth, ids=False)
        return dict(zip(names, frames, strict=True))

    def _follow(self) -> None:
        play = self._play
        for mine, theirs, joints in (
            (self._robot, play.robot, self._robot_joints),
            (self._table, play.table, self._table_joints),
        ):
            mine.set_joints(joints, theirs.joint_positions(joints))
        for color, block in self._blocks.items():
            block.set_pose(*play.blocks[color].pose())
        for name, state in (("lightbulb", play.lights.lightbulb), ("led", play.lights.led)):
            if self._shown[name] != state:
                link, color_on = LIGHT_LINKS[name]
                rgba = color_on if state else LIGHT_OFF_RGBA
                self.renderer.set_color(self._table.uid, self._table.links[link], rgba)
                self._shown[name] = state

    def close(self) -> None:
        """Free the renderer and disconnect."""
        self.renderer.close()
        self._world.close()
