"""Writes the house of a seed as a scene folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from longhaul.envs.lhvln.navmesh.contours import build_surface
from longhaul.envs.lhvln.navmesh.files import write_surface
from longhaul.envs.lhvln.navmesh.settings import Settings
from longhaul.envs.lhvln.scene import load_scene
from longhaul.navgen.houses.export import write_house
from longhaul.navgen.houses.make import make_house
from longhaul.navgen.houses.user_furniture import read_user_furniture
from longhaul.scratch import Scratch


def build_house(seed: int, folder: Path, furniture: Path | None = None) -> None:
    """Write the house of a seed into a new folder, completely or not at all.

    The house gets the folder's name. `furniture` is a folder of the user's GLB models
    (longhaul.navgen.houses.user_furniture). The folder also holds the navmesh, since computing it
    takes longer than reading it: the largest connected surface, without the tops of beds and
    tables, so that a robot that goes to a bed stops beside it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with Scratch(f".{folder.name}.", folder.parent) as scratch:
        house = scratch / folder.name
        added = () if furniture is None else read_user_furniture(furniture)
        write_house(replace(make_house(seed, furniture=added), name=folder.name), house)
        surface = build_surface(*load_scene(house).triangles(), Settings())
        write_surface(house / "navmesh.npz", surface.largest())
        house.rename(folder)
