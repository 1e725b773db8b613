"""The house of a seed as a scene's folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from navgen.houses.export import write_house
from navgen.houses.make import make_house


def build_house(seed: int, folder: Path) -> None:
    """Write the house of a seed into a folder that is not there yet, complete or not at all; it
    bears the folder's name."""
    write_house(replace(make_house(seed), name=folder.name), folder)
