"""The bodies of a play table, loaded in calvin_env's order: ids are the same in every world."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from envs.bullet.body import Body
from envs.bullet.world import World
from envs.calvin import panda
from envs.calvin.fingertip import robot_urdf
from envs.calvin.scenes import BLOCK_HEIGHT, Scene

SCALE = 0.8
"""calvin_env's global scaling of table and blocks."""

PEDESTAL_RADIUS = 0.13
PEDESTAL_SETBACK = 0.05


@dataclass(frozen=True)
class Assets:
    """The files of one scene: a folder in the layout of calvin_env's data folder."""

    scene: str
    folder: Path
    robot: Path

    @classmethod
    def find(cls, scene: str, folder: Path | None) -> Assets:
        """Return the files in `folder`, or those built by code if it is None.

        Raises ConfigError naming the file that `folder` lacks.
        """
        if folder is None:
            # Building needs trimesh and writes files: only where nothing was given.
            from envs.calvin.assets import build

            folder = build(scene)
        return cls(scene, folder, robot_urdf(folder))

    def digest(self) -> str:
        """Return 16 hex digits of a hash over names and contents of the scene's files."""
        digest = hashlib.sha256()
        for part in (f"calvin_table_{self.scene}", "blocks", "franka_panda", "plane"):
            for file in sorted((self.folder / part).rglob("*")):
                if file.is_file():
                    name = file.relative_to(self.folder).as_posix()
                    digest.update(name.encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()[:16]


def load_robot(world: World, assets: Assets) -> Body:
    """Load the robot and its pedestal into an empty world."""
    robot = world.load(assets.robot, panda.BASE_POSITION, fixed=True)
    x, y, height = panda.BASE_POSITION
    centre = (x - PEDESTAL_SETBACK, y, height / 2)
    world.add_visual_cylinder(PEDESTAL_RADIUS, height, centre, (1, 1, 1, 1))
    return robot


def load_table(world: World, scene: Scene, assets: Assets) -> tuple[dict[str, Body], Body]:
    """Load what comes after the robot: blocks by colour in the scene's order, table, floor."""
    blocks = {
        colour: world.load(
            assets.folder / "blocks" / f"block_{colour}_{size}.urdf",
            (0.1 * place, -0.1, BLOCK_HEIGHT),
            scale=SCALE,
        )
        for place, (colour, size) in enumerate(scene.blocks.items())
    }
    name = f"calvin_table_{scene.name}"
    table = world.load(assets.folder / name / "urdf" / f"{name}.urdf", scale=SCALE)
    world.load(assets.folder / "plane" / "plane.urdf")
    return blocks, table
