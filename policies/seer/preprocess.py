"""From the env's observations to what the network reads."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
"""Of openai/CLIP's image transform; Seer uses them for its ViT-MAE too."""


def resize(images: np.ndarray, size: int) -> Tensor:
    """Resize square pictures (N, H, H, 3) uint8 to (N, 3, size, size) uint8 on the CPU.

    Bicubic with antialiasing on bytes, as Pillow does for CLIP: the two differ by at most two
    grey levels, on fewer than one value in a hundred.
    """
    pictures = torch.tensor(images).permute(0, 3, 1, 2)
    return functional.interpolate(pictures, size=(size, size), mode="bicubic", antialias=True)


def normalise(images: Tensor) -> Tensor:
    """Map uint8 (..., 3, S, S) to float32 of CLIP's mean and deviation, on the same device."""
    mean = torch.tensor(CLIP_MEAN, device=images.device)[:, None, None]
    std = torch.tensor(CLIP_STD, device=images.device)[:, None, None]
    return (images.float() / 255 - mean) / std


def proprioception(robot_obs: np.ndarray) -> tuple[Tensor, Tensor]:
    """Split CALVIN's robot_obs (..., 15) into arm (..., 6), TCP xyz in m and euler xyz in rad,
    and the last gripper command (...): 0 closed, 1 open."""
    state = torch.from_numpy(np.asarray(robot_obs, dtype=np.float32))
    return state[..., :6], (state[..., 14] > 0).float()
