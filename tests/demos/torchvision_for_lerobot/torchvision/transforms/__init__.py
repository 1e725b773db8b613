"""What turns a picture of a parquet file into a tensor, and a name that transformers imports."""

from enum import Enum

import numpy as np
import torch


class InterpolationMode(Enum):
    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


class ToTensor:
    """Called with a PIL image of bytes it returns a tensor (channels, H, W) from 0 to 1."""

    def __call__(self, image) -> torch.Tensor:
        values = np.array(image)
        assert values.dtype == np.uint8, values.dtype
        return torch.from_numpy(np.atleast_3d(values).transpose(2, 0, 1) / np.float32(255))
