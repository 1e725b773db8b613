"""CALVIN's scenes, built by code in the layout of calvin_env's data folder: no download needed."""

from __future__ import annotations

from pathlib import Path

from longhaul.envs.calvin.assets import cache, objects, robot, table
from longhaul.envs.calvin.assets.layouts import LAYOUTS

__all__ = ["LAYOUTS", "build"]


def build(scene: str, folder: Path | None = None) -> Path:
    """Return a folder with all files of one scene, making what is not there yet.

    Its layout is that of calvin_env's data folder: calvin_table_X/urdf/calvin_table_X.urdf,
    blocks/block_<color>_<size>.urdf, franka_panda/panda_longer_finger.urdf and
    plane/plane.urdf. It is named after the generator's version and lies in `folder`, by default
    the user's cache; several processes may call this at once. Raises ValueError naming the
    valid scenes for an unknown one.
    """
    if scene not in LAYOUTS:
        raise ValueError(f"unknown CALVIN scene {scene!r}: one of {', '.join(LAYOUTS)}")
    root = (folder or cache.default_parent()) / f"calvin-{cache.version()}"
    cache.once(root / f"calvin_table_{scene}", lambda path: table.write(LAYOUTS[scene], path))
    cache.once(root / "blocks", objects.write_blocks)
    cache.once(root / "plane", objects.write_plane)
    cache.once(root / "franka_panda", robot.write)
    return root
