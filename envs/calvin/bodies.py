"""The bodies of a play table, loaded in calvin_env's order: ids are the same in every world."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import pybullet

from longhaul.envs.bullet.body import Body
from longhaul.envs.bullet.solids import cylinder
from longhaul.envs.bullet.urdf import mesh_files, require_contained
from longhaul.envs.bullet.world import World
from longhaul.envs.calvin import panda
from longhaul.envs.calvin.assets import build
from longhaul.envs.calvin.fingertip import PAD_FILE, lacks_fingertip, robot_urdf
from longhaul.envs.calvin.fingertip import ROBOT_URDF as ROBOT
from longhaul.envs.calvin.scenes import ASSET_SCALE, Scene
from longhaul.errors import ConfigError

PEDESTAL_RADIUS_M = 0.13
"""Radius of the column under the robot, which is seen but touches nothing (calvin_env)."""

PEDESTAL_SETBACK_M = 0.05
"""Distance along -x from the robot's base to the column's axis."""


@dataclass(frozen=True)
class Assets:
    """The files of one scene: a folder in the layout of calvin_env's data folder.

    `robot` is the robot's URDF, which lies elsewhere if the folder's own is incomplete.
    """

    scene: Scene
    folder: Path
    robot: Path

    @classmethod
    def find(cls, scene: Scene, folder: Path | None) -> Assets:
        """Return the files in `folder`, or those built by code if it is None.

        Raises ConfigError naming a file that `folder` lacks, or one outside it that it refers to.
        """
        if folder is None:
            folder = build(scene.name)
        found = cls(scene, folder, folder / ROBOT)
        for urdf in (found.robot, found.table, *found.blocks.values(), found.floor):
            if not urdf.is_file():
                raise ConfigError(f"env.assets={folder} lacks {urdf.relative_to(folder)}")
            try:
                require_contained(urdf, folder)
                meshes = {} if urdf == found.robot else mesh_files(urdf)
            except ValueError as error:
                raise ConfigError(f"env.assets={folder}: {error}") from None
            for name, mesh in meshes.items():  # for one that is missing, Bullet looks elsewhere
                if not mesh.is_file():
                    raise ConfigError(f"env.assets={folder} lacks {name} of {urdf.name}")
        return replace(found, robot=robot_urdf(folder))

    @property
    def table(self) -> Path:
        name = f"calvin_table_{self.scene.name}"
        return self.folder / name / "urdf" / f"{name}.urdf"

    @property
    def blocks(self) -> dict[str, Path]:
        """The blocks' URDFs by color, in the scene's order."""
        return {
            color: self.folder / "blocks" / f"block_{color}_{size}.urdf"
            for color, size in self.scene.blocks.items()
        }

    @property
    def floor(self) -> Path:
        return self.folder / "plane" / "plane.urdf"

    def digest(self) -> str:
        """Return 16 hex digits of SHA-256 over names and contents of the scene's files."""
        digest = hashlib.sha256()
        if lacks_fingertip(self.folder):
            digest.update((self.robot.parent / PAD_FILE).read_bytes())
        for name in (f"calvin_table_{self.scene.name}", "blocks", "franka_panda", "plane"):
            for file in sorted((self.folder / name).rglob("*")):
                if file.is_file():
                    path = file.relative_to(self.folder).as_posix()
                    digest.update(path.encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()[:16]


def load_robot(world: World, assets: Assets) -> Body:
    """Load the robot and its pedestal into an empty world."""
    robot = world.load(assets.robot, panda.BASE_POSITION, fixed=True)
    x, y, height = panda.BASE_POSITION
    center = (x - PEDESTAL_SETBACK_M, y, height / 2)
    world.add([], [cylinder(PEDESTAL_RADIUS_M, height, center)], 0.0, (0.0, 0.0, 0.0))
    return robot


def load_table(world: World, assets: Assets) -> tuple[dict[str, Body], Body]:
    """Load what comes after the robot: blocks by color in the scene's order, table, floor."""
    blocks = {
        color: world.load(urdf, position, pybullet.getQuaternionFromEuler(euler), scale=ASSET_SCALE)
        for (color, urdf), (position, euler) in zip(
            assets.blocks.items(), assets.scene.spawned(), strict=True
        )
    }
    table = world.load(assets.table, scale=ASSET_SCALE)
    world.load(assets.floor)
    return blocks, table
