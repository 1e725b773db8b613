"""From the env's observations to what the network reads."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

CAMERA_NAMES = ("rgb_static", "rgb_gripper")
"""CALVIN's cameras, in the order in which the network takes their pictures."""

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
"""Mean and standard deviation of RGB (0 to 1), from openai/CLIP's image transform; Seer uses them
for its ViT-MAE too."""


def normalize(images: Tensor) -> Tensor:
    """Standardize uint8 images (..., 3, S, S) by CLIP's mean and deviation, to float32 on the same
    device."""
    mean = torch.tensor(CLIP_MEAN, device=images.device)[:, None, None]
    std = torch.tensor(CLIP_STD, device=images.device)[:, None, None]
    return (images * (1 / (255 * std))).sub_(mean / std)


def normalize_rows(pictures: Tensor) -> Tensor:
    """Return what `normalize` does, bit for bit, for uint8 pictures (..., S, S, 3), as they are
    stored: (..., 3, S, S) float32. The channels stay last in memory, as convolutions and the
    patches of a loss read them fastest; a row of pixels is standardized at once."""
    side, device = pictures.shape[-2], pictures.device
    mean = torch.tensor(CLIP_MEAN, device=device)
    std = torch.tensor(CLIP_STD, device=device)
    rows = pictures.flatten(-2).float().mul_((1 / (255 * std)).repeat(side))
    return rows.sub_((mean / std).repeat(side)).unflatten(-1, (side, 3)).movedim(-1, -3)


def proprioception(robot_obs: np.ndarray | Tensor) -> tuple[Tensor, Tensor]:
    """Return two parts of CALVIN's robot_obs (..., 15): arm (..., 6), which is TCP xyz (m) and
    euler xyz (rad) in the world frame, and the last gripper command (...), 0 closed or 1 open."""
    state = torch.as_tensor(robot_obs, dtype=torch.float32)
    return state[..., :6], (state[..., 14] > 0).float()


def random_shift(pictures: Tensor, most: int) -> Tensor:
    """Shift the pictures (B, T, S, S, 3) of each row by up to `most` pixels along both sides, all T
    alike; border pixels are repeated. Draws from torch's generator on the CPU."""
    moves = torch.randint(-most, most + 1, (len(pictures), 2)).tolist()
    line = torch.arange(pictures.shape[2], device=pictures.device)
    moved = []
    for row, (down, right) in zip(pictures, moves, strict=True):
        ys, xs = ((line + by).clamp(0, len(line) - 1) for by in (down, right))
        moved.append(row.index_select(1, ys).index_select(2, xs))
    return torch.stack(moved)
