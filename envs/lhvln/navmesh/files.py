"""Surfaces in files: `vertices` and `triangles`, and the floor's heights if they are known.

    chart    (T,)    the number of the grid of heights that lies under a triangle
    corners  (G, 3)  x and z of each grid's corner, and the side of its cells, m
    shapes   (G, 2)  its number of cells along x and z
    heights  (N,)    the grids one after another, m; NaN: not known

A file of vertices and triangles alone, as other programs write it, is a surface too.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from longhaul.arrays import read_arrays
from longhaul.envs.lhvln.navmesh.surface import Heights, Surface

MOST_SURFACE_BYTES = 128 * 2**20
"""The size limit of a surface's arrays, in bytes: a house of HM3D has fewer than 10 MB."""


def write_surface(path: Path, surface: Surface) -> None:
    """Write a surface as npz."""
    grids = surface.heights
    more = {}
    if surface.chart is not None:
        more = {
            "chart": surface.chart,
            "corners": np.array([[*grid.corner, grid.cell] for grid in grids]),
            "shapes": np.array([grid.grid.shape for grid in grids]),
            "heights": np.concatenate([grid.grid.ravel() for grid in grids]).astype(np.float32),
        }
    arrays = {"vertices": surface.vertices, "triangles": surface.triangles, **more}
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]  # of numpy's own flags


def read_surface(path: Path) -> Surface:
    """Read a surface. Raises ValueError for a file that holds no surface."""
    try:
        found = read_arrays(path, most_bytes=MOST_SURFACE_BYTES)
        vertices, triangles = found["vertices"].astype(float), found["triangles"].astype(np.int64)
        if "chart" not in found:
            return Surface(vertices, triangles)
        pieces = np.split(found["heights"], found["shapes"].prod(axis=1).cumsum()[:-1])
        grids = tuple(
            Heights((float(x), float(z)), float(cell), piece.astype(float).reshape(shape))
            for (x, z, cell), shape, piece in zip(
                found["corners"], found["shapes"], pieces, strict=True
            )
        )
        return Surface(vertices, triangles, found["chart"], grids)
    except (KeyError, OSError, IndexError, TypeError) as error:
        raise ValueError(f"{path} is no surface: {error}") from None
