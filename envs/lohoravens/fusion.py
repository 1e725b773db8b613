"""The map of the table from above: color and height, fused from the views.

What cliport/utils/utils.py does: every pixel becomes a point; of the points of one view in one
cell the highest counts; of the views that see a cell the colors are averaged and the highest
height counts; what nobody sees is 0. Points just under the table, where noise may put them, count
as on it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.lohoravens.things import BOUNDS
from longhaul.envs.lohoravens.views import camera_pose, rays
from longhaul.envs.render.view import Frame

CELL = 0.003125
"""Edge of a cell (m)."""

ROWS, COLUMNS = 320, 160
"""Cells along y and along x."""

UNDER = 0.01
"""Points down to here below the table (m) count as on it."""

LEVELS = 2**16 - 1


class Fusion:
    """Fuses frames of named cameras. What depends on the cameras alone is computed once."""

    def __init__(self, cameras: tuple[str, ...]) -> None:
        self._rays = {name: _Rays(name) for name in cameras}

    def __call__(
        self, frames: Mapping[str, Frame]
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Return the colors (320, 160, 3) and heights (320, 160; m) of the table's cells."""
        cells = ROWS * COLUMNS
        colors = np.zeros((cells, 3), np.uint16)
        heights = np.zeros(cells, np.float32)
        views = np.zeros(cells, np.uint16)
        for name, frame in frames.items():
            assert frame.depth is not None
            seen, rgb, height = self._rays[name].map(frame.rgb, frame.depth)
            colors += rgb
            views += seen
            np.maximum(heights, height, out=heights)
        colors //= np.maximum(views, 1)[:, None]
        return (
            colors.astype(np.uint8).reshape(ROWS, COLUMNS, 3),
            heights.reshape(ROWS, COLUMNS),
        )


class _Rays:
    """One camera's pixels that may see the workspace, and the lines that they look along."""

    def __init__(self, name: str) -> None:
        (left, _), (front, _), (_, self._top) = BOUNDS
        origin = camera_pose(name)[:3, 3] - (left, front, 0.0)
        slopes = rays(name).reshape(-1, 3)
        self._pixels = np.flatnonzero(_may_see(origin, slopes, self._top))
        scale = np.array([1 / CELL, 1 / CELL, 1.0])
        self._origin = (origin * scale).astype(np.float32)
        self._slopes = (slopes[self._pixels] * scale).T.astype(np.float32, order="C")

    def map(
        self, rgb: NDArray[np.uint8], depth: NDArray[np.float32]
    ) -> tuple[NDArray[np.bool_], NDArray[np.uint8], NDArray[np.float32]]:
        """Return which cells are seen (51200,), their colors (51200, 3) and heights (51200,)."""
        meters = depth.ravel()[self._pixels]
        column, row, height = (
            origin + meters * slope
            for origin, slope in zip(self._origin, self._slopes, strict=True)
        )
        inside = (column >= 0) & (column < COLUMNS) & (row >= 0) & (row < ROWS)
        inside = np.flatnonzero(inside & (height > -UNDER) & (height <= self._top))
        cell = row[inside].astype(np.int32) * COLUMNS + column[inside].astype(np.int32)
        height = np.maximum(height[inside], 0.0)
        # Later writes win, so the highest come last; a radix sort of 16 bits does for 5 um.
        order = np.argsort((height * (LEVELS / self._top)).astype(np.uint16), kind="stable")
        cell = cell[order]
        seen = np.zeros(ROWS * COLUMNS, bool)
        colors = np.zeros((ROWS * COLUMNS, 3), np.uint8)
        heights = np.zeros(ROWS * COLUMNS, np.float32)
        seen[cell] = True
        colors[cell] = rgb.reshape(-1, 3)[self._pixels[inside[order]]]
        heights[cell] = height[order]
        return seen, colors, heights


def _may_see(
    origin: NDArray[np.float64], slopes: NDArray[np.float64], top: float
) -> NDArray[np.bool_]:
    """Return which rays (N, 3) from `origin` (3,), in the workspace's frame, pass through it."""
    low = np.array([0.0, 0.0, -UNDER])
    high = np.array([COLUMNS * CELL, ROWS * CELL, top])
    with np.errstate(divide="ignore"):
        near, far = (low - origin) / slopes, (high - origin) / slopes
    enter, leave = np.minimum(near, far).max(axis=1), np.maximum(near, far).min(axis=1)
    return np.asarray((leave >= enter) & (leave > 0))
