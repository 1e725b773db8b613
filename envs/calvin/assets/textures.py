"""Wood, drawn by code: one square picture per tone, with a strip of gray at its right edge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import zoom

from longhaul.envs.calvin.assets.shapes import Array, Mesh

SIDE_PX = 512
# The left columns of the picture show wood, the others the gray of the handles.
WOOD_COLUMNS = 480
WOOD_WIDTH = WOOD_COLUMNS / SIDE_PX
# Width of the wood that the picture shows; the table is 1.1 m wide.
PICTURE_WIDTH_M = 1.2
HANDLE_UV = (0.97, 0.5)
HANDLE_GRAY = (101, 101, 103)

# Dark and light end of each tone, and how many growth rings cross the picture.
TONES: dict[str, tuple[tuple[int, int, int], tuple[int, int, int], float]] = {
    "mahogany": ((97, 53, 34), (157, 96, 64), 9.0),
    "maple": ((226, 172, 112), (255, 212, 158), 6.0),
    "oak": ((126, 78, 40), (184, 130, 82), 8.0),
    "walnut": ((108, 76, 46), (206, 160, 112), 7.0),
}


def wood(tone: str) -> NDArray[np.uint8]:
    """Return a picture (512, 512, 3): fibers along the rows, then the gray strip."""
    dark, light, rings = TONES[tone]
    rng = np.random.default_rng(sorted(TONES).index(tone) + 7)
    across = np.linspace(0, 1, SIDE_PX)[:, None]
    warp = _noise(rng, 3, 6) + 0.5 * _noise(rng, 4, 24)
    phase = rings * (across + 0.11 * warp)
    ring = 0.5 + 0.5 * np.sin(2 * np.pi * phase)
    fibers = 0.6 * _noise(rng, 6, 170) + 0.4 * _noise(rng, 24, 256)
    pores = np.clip(_noise(rng, 40, 240) - 1.3, 0, 1)
    board = 0.25 * _noise(rng, 2, 5)
    value = 0.52 + 0.2 * (ring**2 - 0.4) + 0.13 * fibers + board * 0.4 - 0.25 * pores
    value = np.clip(value, 0, 1)[..., None]
    color = np.asarray(dark) * (1 - value) + np.asarray(light) * value
    picture = np.empty((SIDE_PX, SIDE_PX, 3))
    picture[:, :WOOD_COLUMNS] = color[:, :WOOD_COLUMNS]
    picture[:, WOOD_COLUMNS:] = HANDLE_GRAY
    return np.rint(picture).astype(np.uint8)


def _noise(rng: np.random.Generator, along: int, across: int) -> Array:
    """Return smooth noise (SIDE_PX, SIDE_PX) of unit variance: `along` x `across` random knots."""
    knots = rng.standard_normal((across + 3, along + 3))
    field = zoom(
        knots, (SIDE_PX / across, SIDE_PX / along), order=1, grid_mode=True, mode="nearest"
    )
    return field[:SIDE_PX, :SIDE_PX]


def lay_wood(mesh: Mesh, grain: int, shift: float) -> Mesh:
    """Return the mesh with wood on it: fibers run along axis `grain`, `shift` picks a place."""
    uv = np.empty((len(mesh.vertices), 2))
    facing = np.abs(mesh.normals).argmax(axis=1)
    for axis in np.unique(facing):
        rows = facing == axis
        others = [i for i in range(3) if i != axis]
        along = grain if grain in others else others[0]
        across = next(i for i in others if i != along)
        for column, direction, width in ((0, along, WOOD_WIDTH), (1, across, 1.0)):
            place = mesh.vertices[rows, direction] / PICTURE_WIDTH_M
            place -= place.min()
            room = max(0.0, 1.0 - place.max())
            uv[rows, column] = (place + room * ((shift * (axis + 1)) % 1.0)) * width
    return Mesh(mesh.vertices, mesh.normals, uv, mesh.faces)


def checker() -> NDArray[np.uint8]:
    """Return two by two tiles (64, 64, 3) in white and light gray, as CALVIN's floor."""
    tiles = np.kron([[1, 0], [0, 1]], np.ones((32, 32)))[..., None]
    return np.rint(tiles * (255, 255, 255) + (1 - tiles) * (222, 222, 222)).astype(np.uint8)


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write an RGB picture (H, W, 3)."""
    Image.fromarray(picture).save(path, compress_level=6)
