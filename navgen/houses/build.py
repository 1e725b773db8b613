"""The house of a seed as a scene's folder."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from longhaul.envs.lhvln.navmesh.contours import build_surface
from longhaul.envs.lhvln.navmesh.files import write_surface
from longhaul.envs.lhvln.navmesh.settings import Settings
from longhaul.envs.lhvln.scene import load_scene
from longhaul.navgen.houses.export import write_house
from longhaul.navgen.houses.make import make_house
from longhaul.navgen.houses.own import own_furniture


def build_house(seed: int, folder: Path, own: Path | None = None) -> None:
    """Write the house of a seed into a folder that is not there yet, complete or not at all; it
    bears the folder's name. `own` is a folder of the user's furniture (longhaul.navgen.houses.own).

    Beside it lies the surface to walk on, which takes longer to find than to read: the largest
    connected part, without the tops of beds and tables, so that who goes to a bed goes beside it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as scratch:
        made = Path(scratch) / folder.name
        furniture = () if own is None else own_furniture(own)
        write_house(replace(make_house(seed, own=furniture), name=folder.name), made)
        surface = build_surface(*load_scene(made).triangles(), Settings())
        write_surface(made / "navmesh.npz", surface.largest())
        made.rename(folder)
