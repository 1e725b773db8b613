"""The tabletop as the network sees it: maps from above, and the conversion of pixels and meters.

Rows run along y, columns along x, in the world frame; pixel (0, 0) covers x and y from
MAP_CORNER_M to MAP_CORNER_M + PIXEL_M.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from longhaul.envs.specs import TRANSPOSED, ActionSpec, CameraSpec, ObservationSpec, Requirement

MAP_ROWS, MAP_COLUMNS = 320, 160
"""Size of the maps in pixels (CLIPort's tasks/task.py)."""

PIXEL_M = 0.003125
"""Side of a pixel on the table, in m (CLIPort's tasks/task.py)."""

MAP_CORNER_M = (0.25, -0.5)
"""Least x and y of the maps, in m, world frame (CLIPort's tasks/task.py)."""

COLOR_MAP, HEIGHT_MAP = "rgb_map", "height_map"
"""The observations that the network reads: colors and heights of the table from above."""

TABLETOP_REQUIREMENT = Requirement(
    observation=ObservationSpec(
        cameras=(
            CameraSpec(COLOR_MAP, MAP_ROWS, MAP_COLUMNS, orientation=TRANSPOSED),
            CameraSpec(HEIGHT_MAP, MAP_ROWS, MAP_COLUMNS, kind="height", orientation=TRANSPOSED),
        )
    ),
    action=ActionSpec(
        mode="pick_place", size=14, frame="world", rotation="quaternion_xyzw", position_scale=1.0
    ),
)
"""What CLIPort needs of an env. An action is pose0 (pick) and pose1 (place), each xyz (m) and a
quaternion xyzw, world frame."""


def to_pixels(xy: Tensor) -> Tensor:
    """Return the row and column (..., 2) int64 of the pixel that holds a point x, y (..., 2)."""
    column_row = ((xy - torch.tensor(MAP_CORNER_M, device=xy.device)) / PIXEL_M).floor().long()
    most = torch.tensor((MAP_ROWS - 1, MAP_COLUMNS - 1), device=xy.device)
    return torch.minimum(column_row.flip(-1).clamp(min=0), most)


def to_points(pixels: Tensor) -> Tensor:
    """Return x and y (..., 2) of the middle of pixels, given as row and column (..., 2)."""
    low = torch.tensor(MAP_CORNER_M, device=pixels.device, dtype=torch.float64)
    return low + (pixels.flip(-1).double() + 0.5) * PIXEL_M


def yaw_of(quaternion: Tensor) -> Tensor:
    """Return the angle about z (...) of a quaternion xyzw (..., 4), in rad."""
    x, y, z, w = quaternion.unbind(-1)
    return torch.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))


def labels(actions: Tensor, n_rotations: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return pick and place pixels (B, 2) and the bin of the yaw from one to the other (B,).

    `actions` (B, 14) are pose0 and pose1. Bin i stands for the yaw i / n_rotations of a turn.
    """
    pick, place = actions[:, :2], actions[:, 7:9]
    yaw = yaw_of(actions[:, 10:14]) - yaw_of(actions[:, 3:7])
    bins = (yaw * n_rotations / (2 * math.pi)).round().long() % n_rotations
    return to_pixels(pick), to_pixels(place), bins
