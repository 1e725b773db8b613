"""The mesh of the Panda's soft fingertips, for an asset folder that lacks it.

calvin_env's robot has the gel of a DIGIT sensor on each finger, in a mesh file of that sensor's
design (`digit_gel_only.STL`). A copy of calvin_env's assets under its own license may lack it, and
Bullet then refuses the whole robot. This module puts the pad of `longhaul.envs.calvin.assets` in
its place.
"""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from pathlib import Path

import trimesh

from longhaul.envs.bullet.urdf import PACKAGE, mesh_files, parse
from longhaul.envs.calvin.assets import cache, fingers
from longhaul.errors import ConfigError

ROBOT_URDF = Path("franka_panda") / "panda_longer_finger.urdf"
GEL_FILE = "digit_gel_only.STL"
PAD_FILE = "fingertip.stl"


def robot_urdf(folder: Path) -> Path:
    """Return the URDF of an asset folder's robot, completed by a fingertip pad if it lacks one.

    The completed copy lies in the user's cache and refers to the folder's own meshes. Raises
    ConfigError naming the URDF, or a mesh other than the fingertip's, that is missing.
    """
    source = (folder / ROBOT_URDF).resolve()
    if not source.is_file():
        raise ConfigError(f"env.assets={folder} lacks {ROBOT_URDF}")
    text = source.read_text()
    meshes = mesh_files(source)
    missing = {name: path for name, path in meshes.items() if not path.is_file()}
    if not missing:
        return source
    for name, path in missing.items():
        if path.name != GEL_FILE:
            raise ConfigError(f"env.assets={folder} lacks {name.removeprefix(PACKAGE)}")
    pad = fingers.tip_points()
    digest = hashlib.sha256(f"{source}\0{text}".encode() + pad.tobytes()).hexdigest()[:12]
    target = cache.default_parent() / f"calvin-robot-{digest}"

    def write(into: Path) -> None:
        into.mkdir()
        trimesh.convex.convex_hull(pad).export(into / PAD_FILE)
        files = {
            name: str(target / PAD_FILE if name in missing else path)
            for name, path in meshes.items()
        }
        root = parse(source)
        for element in root.iter("mesh"):
            if (name := element.get("filename")) is not None:
                element.set("filename", files[name])
        ET.ElementTree(root).write(into / ROBOT_URDF.name, encoding="utf-8")

    return cache.once(target, write) / ROBOT_URDF.name


def lacks_fingertip(folder: Path) -> bool:
    """Return whether the robot of an asset folder needs the pad."""
    return robot_urdf(folder) != (folder / ROBOT_URDF).resolve()
