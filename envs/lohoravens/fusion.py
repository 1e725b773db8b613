"""The map of the table from above: color and height, fused from the views.

The method is that of cliport/utils/utils.py. Every pixel is back-projected to a point. A view's
value of a cell is that of its highest point there. The map has the mean color of the views that see
a cell, and the greatest of their heights; cells that no view sees are 0. Points just under the
table, where noise may put them, count as on it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.lohoravens.things import WORKSPACE_BOUNDS_M
from longhaul.envs.lohoravens.views import back_projection, camera_pose
from longhaul.envs.render.view import Frame

CELL_M = 0.003125
"""Edge of a cell of the map."""

MAP_ROWS, MAP_COLUMNS = 320, 160
"""Number of cells along y and along x."""

MAX_BELOW_TABLE_M = 0.01
"""Points that lie below the table by up to this count as on it."""

HEIGHT_LEVELS = 2**16 - 1
"""Number of steps into which heights are divided for sorting: those of 16 bits."""


class Fusion:
    """Fuses frames of named cameras. All that depends only on the cameras is computed once."""

    def __init__(self, cameras: tuple[str, ...]) -> None:
        self._projections = {name: _BackProjection(name) for name in cameras}

    def __call__(
        self, frames: Mapping[str, Frame]
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Return the colors (320, 160, 3) and heights (320, 160; m) of the table's cells."""
        cells = MAP_ROWS * MAP_COLUMNS
        colors = np.zeros((cells, 3), np.uint16)
        heights = np.zeros(cells, np.float32)
        views = np.zeros(cells, np.uint16)
        for name, frame in frames.items():
            assert frame.depth is not None
            seen, rgb, height = self._projections[name].map(frame.rgb, frame.depth)
            colors += rgb
            views += seen
            np.maximum(heights, height, out=heights)
        colors //= np.maximum(views, 1)[:, None]
        return (
            colors.astype(np.uint8).reshape(MAP_ROWS, MAP_COLUMNS, 3),
            heights.reshape(MAP_ROWS, MAP_COLUMNS),
        )


class _BackProjection:
    """Back-projection of one camera's pixels whose rays pass through the workspace."""

    def __init__(self, name: str) -> None:
        (left, _), (front, _), (_, self._top) = WORKSPACE_BOUNDS_M
        origin = camera_pose(name)[:3, 3] - (left, front, 0.0)
        slopes = back_projection(name).reshape(-1, 3)
        self._pixels = np.flatnonzero(_may_see(origin, slopes, self._top))
        scale = np.array([1 / CELL_M, 1 / CELL_M, 1.0])
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
        inside = (column >= 0) & (column < MAP_COLUMNS) & (row >= 0) & (row < MAP_ROWS)
        inside = np.flatnonzero(inside & (height > -MAX_BELOW_TABLE_M) & (height <= self._top))
        cell = row[inside].astype(np.int32) * MAP_COLUMNS + column[inside].astype(np.int32)
        height = np.maximum(height[inside], 0.0)
        # Later writes win, so the highest come last. 16 bits, which NumPy sorts by radix, are 5 um.
        order = np.argsort((height * (HEIGHT_LEVELS / self._top)).astype(np.uint16), kind="stable")
        cell = cell[order]
        seen = np.zeros(MAP_ROWS * MAP_COLUMNS, bool)
        colors = np.zeros((MAP_ROWS * MAP_COLUMNS, 3), np.uint8)
        heights = np.zeros(MAP_ROWS * MAP_COLUMNS, np.float32)
        seen[cell] = True
        colors[cell] = rgb.reshape(-1, 3)[self._pixels[inside[order]]]
        heights[cell] = height[order]
        return seen, colors, heights


def _may_see(
    origin: NDArray[np.float64], slopes: NDArray[np.float64], top: float
) -> NDArray[np.bool_]:
    """Return which rays (N, 3) from `origin` (3,), in the workspace's frame, pass through it."""
    low = np.array([0.0, 0.0, -MAX_BELOW_TABLE_M])
    high = np.array([MAP_COLUMNS * CELL_M, MAP_ROWS * CELL_M, top])
    with np.errstate(divide="ignore"):
        near, far = (low - origin) / slopes, (high - origin) / slopes
    enter, leave = np.minimum(near, far).max(axis=1), np.maximum(near, far).min(axis=1)
    return np.asarray((leave >= enter) & (leave > 0))
