"""From the env's observations to what the network reads."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
"""Of openai/CLIP's image transform; Seer uses them for its ViT-MAE too."""


def normalize(images: Tensor) -> Tensor:
    """Map uint8 (..., 3, S, S) to float32 of CLIP's mean and deviation, on the same device."""
    mean = torch.tensor(CLIP_MEAN, device=images.device)[:, None, None]
    std = torch.tensor(CLIP_STD, device=images.device)[:, None, None]
    return (images * (1 / (255 * std))).sub_(mean / std)


def proprioception(robot_obs: np.ndarray | Tensor) -> tuple[Tensor, Tensor]:
    """Split CALVIN's robot_obs (..., 15) into arm (..., 6), TCP xyz in m and euler xyz in rad,
    and the last gripper command (...): 0 closed, 1 open."""
    state = torch.as_tensor(robot_obs, dtype=torch.float32)
    return state[..., :6], (state[..., 14] > 0).float()


def random_shift(pictures: Tensor, most: int) -> Tensor:
    """Move the pictures (B, T, S, S, 3) of each row by up to `most` pixels either way in both
    directions, all T alike; the border is repeated. Draws from torch's generator on the CPU."""
    moves = torch.randint(-most, most + 1, (len(pictures), 2)).tolist()
    line = torch.arange(pictures.shape[2], device=pictures.device)
    moved = []
    for row, (down, right) in zip(pictures, moves, strict=True):
        ys, xs = ((line + by).clamp(0, len(line) - 1) for by in (down, right))
        moved.append(row.index_select(1, ys).index_select(2, xs))
    return torch.stack(moved)
