"""Draws one picture of every furniture category: `python -m longhaul.navgen.houses.gallery
out.png`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from longhaul.envs.render.mesh import Mesh
from longhaul.envs.render.view import View, look_at
from longhaul.navgen.houses.bake import dress
from longhaul.navgen.houses.draw import draw
from longhaul.navgen.houses.furniture import CATALOG
from longhaul.navgen.houses.make import make_house
from longhaul.navgen.houses.model import Furniture
from longhaul.navgen.houses.paint import draw_atlas
from longhaul.navgen.houses.preview import draw_house
from longhaul.navgen.houses.user_furniture import read_user_furniture

TILE_PX, LABEL_PX, TILE_COLUMNS = 160, 14, 12
"""The side of a tile and the height of its label (pixels), and the tiles of a row."""

SPACING_M = 20.0
"""The distance (m) between two things, so that no thing is in another's view."""

FOV_DEG = 30.0
"""The vertical field of view, in degrees."""

VIEW_DIRECTIONS = {"wall": (0.45, 0.25, 1.0), "ceiling": (0.5, -0.35, 1.0), "flat": (0.4, 1.1, 1.0)}
"""The direction (x, y, z) from a thing to the camera, by mount; other mounts use a default."""

FLOOR_Y_M = {"surface": -0.75, "wall": -1.5, "ceiling": -2.4}
"""The floor's height (m) in a model's frame, by mount; 0 for others. Light depends on it."""


def draw_gallery(seed: int, catalog: Sequence[Furniture]) -> NDArray[np.uint8]:
    """Return a picture (H, W, 3) of one model per category, each with its name below."""
    rng = np.random.default_rng(seed)
    atlas = draw_atlas(rng)
    meshes = []
    for item in catalog:
        solids = item.build(rng).solids
        picture = atlas if item.texture is None else item.texture
        meshes.append(replace(dress(item, solids, FLOOR_Y_M.get(item.mount, 0.0)), texture=picture))
    offsets = np.zeros((len(meshes), 3))
    offsets[:, 0] = SPACING_M * np.arange(len(meshes))
    views = [
        _view(item, mesh, offset)
        for item, mesh, offset in zip(catalog, meshes, offsets, strict=True)
    ]
    tiles = draw(meshes, views, offsets)
    return _sheet([item.category for item in catalog], tiles)


def _view(item: Furniture, mesh: Mesh, offset: NDArray[np.float64]) -> View:
    center, radius = mesh.bounding_sphere()
    sight = np.array(VIEW_DIRECTIONS.get(item.mount, (0.6, 0.55, 1.0)))
    away = radius / np.sin(np.radians(FOV_DEG / 2)) * 0.95
    target = center + offset
    pose = look_at(target + away * sight / np.linalg.norm(sight), target, (0, 1, 0))
    return View(item.category, TILE_PX, TILE_PX, FOV_DEG, 0.1 * away, 2.0 * away, pose)


def _sheet(names: Sequence[str], tiles: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    rows = -(-len(tiles) // TILE_COLUMNS)
    sheet = Image.new("RGB", (TILE_COLUMNS * TILE_PX, rows * (TILE_PX + LABEL_PX)), "white")
    pen = ImageDraw.Draw(sheet)
    for index, (name, tile) in enumerate(zip(names, tiles, strict=True)):
        x, y = index % TILE_COLUMNS * TILE_PX, index // TILE_COLUMNS * (TILE_PX + LABEL_PX)
        sheet.paste(Image.fromarray(tile), (x, y))
        pen.text((x + TILE_PX // 2, y + TILE_PX), name, "black", anchor="ma")
    return np.asarray(sheet)


def main(given: Sequence[str] | None = None) -> int:
    """Draw the gallery that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="a PNG file to write")
    parser.add_argument("--seed", type=int, default=0, help="which colors and measures")
    parser.add_argument("--own", type=Path, help="a folder of GLB models to show too")
    parser.add_argument("--house", type=int, help="the house of this seed from above instead")
    arguments = parser.parse_args(given)
    try:
        own = read_user_furniture(arguments.own) if arguments.own else []
        if arguments.house is not None:
            sheet = draw_house(make_house(arguments.house, furniture=own))
        else:
            sheet = draw_gallery(arguments.seed, [*CATALOG.values(), *own])
        Image.fromarray(sheet).save(arguments.out)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
