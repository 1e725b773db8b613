"""The tabletop as the network sees it: a map of pixels, and what a pixel is in meters.

Rows run along y, columns along x; pixel (0, 0) covers x and y from LOW to LOW + PIXEL.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from longhaul.envs.specs import TRANSPOSED, ActionSpec, CameraSpec, ObservationSpec, Requirement

ROWS, COLUMNS = 320, 160
PIXEL = 0.003125
"""Meters; of CLIPort's tasks/task.py and utils, as LOW is."""

LOW = (0.25, -0.5)
"""x and y of the first pixel's corner (m)."""

COLOR, HEIGHT = "rgb_map", "height_map"

LOHORAVENS = Requirement(
    observation=ObservationSpec(
        cameras=(
            CameraSpec(COLOR, ROWS, COLUMNS, orientation=TRANSPOSED),
            CameraSpec(HEIGHT, ROWS, COLUMNS, kind="height", orientation=TRANSPOSED),
        )
    ),
    action=ActionSpec(
        mode="pick_place", size=14, frame="world", rotation="quaternion_xyzw", position_scale=1.0
    ),
)
"""The action: pose0 (pick) and pose1 (place), each xyz (m) and a quaternion xyzw."""


def to_pixels(xy: Tensor) -> Tensor:
    """Return the row and column (..., 2) int64 of the pixel that holds a point x, y (..., 2)."""
    column_row = ((xy - torch.tensor(LOW, device=xy.device)) / PIXEL).floor().long()
    most = torch.tensor((ROWS - 1, COLUMNS - 1), device=xy.device)
    return torch.minimum(column_row.flip(-1).clamp(min=0), most)


def to_points(pixels: Tensor) -> Tensor:
    """Return x and y (..., 2) of the middle of pixels, given as row and column (..., 2)."""
    low = torch.tensor(LOW, device=pixels.device, dtype=torch.float64)
    return low + (pixels.flip(-1).double() + 0.5) * PIXEL


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
