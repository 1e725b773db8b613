"""The one way in which pictures are made smaller: for acting and for training alike."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


def resize(images: np.ndarray, size: int) -> Tensor:
    """Resize pictures (N, H, W, 3) uint8 to (N, 3, size, size) uint8 on the CPU.

    Of one that is not square the middle is taken.

    Bicubic with antialiasing on bytes, as Pillow does for CLIP: the two differ by at most two
    gray levels, on fewer than one value in a hundred. Pictures of that size stay as they are.
    """
    height, width = images.shape[1:3]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = images[:, top : top + side, left : left + side]
    pictures = torch.tensor(square).permute(0, 3, 1, 2)
    if pictures.shape[-1] == size:
        return pictures
    return functional.interpolate(pictures, size=(size, size), mode="bicubic", antialias=True)
