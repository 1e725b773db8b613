"""Rotated crops around the pick, and their cross-correlation with the map of places."""

from __future__ import annotations

import math

import torch
from scipy.fft import next_fast_len
from torch import Tensor
from torch.nn import functional


def rotated_crops(maps: Tensor, pixels: Tensor, rotations: int, size: int) -> Tensor:
    """Return crops (B, R, C, size, size) of maps (B, C, H, W) around pixels (B, 2: row, column).

    Crop r shows what lies around the pixel, turned about it by r / R of a turn from x (columns)
    to y (rows). The pixel itself is in row and column size // 2; outside of the map is 0.
    """
    line = torch.arange(size, device=maps.device, dtype=torch.float32) - size // 2
    down, right = torch.meshgrid(line, line, indexing="ij")
    angles = torch.arange(rotations, device=maps.device) * (2 * math.pi / rotations)
    cos, sin = (f(angles)[:, None, None] for f in (torch.cos, torch.sin))
    offsets = torch.stack([cos * right + sin * down, cos * down - sin * right], dim=-1)
    places = pixels.flip(-1)[:, None, None, None] + offsets  # (B, R, size, size, 2: column, row)
    extent = torch.tensor([maps.shape[-1], maps.shape[-2]], device=maps.device)
    grid = (2 * places + 1) / extent - 1
    crops = functional.grid_sample(maps.float(), grid.flatten(1, 2), align_corners=False)
    return crops.unflatten(2, (rotations, size)).transpose(1, 2)


def correlate(keys: Tensor, kernels: Tensor) -> Tensor:
    """Return (B, R, H, W): how well each kernel fits around each pixel, summed over channels.

    `keys` (B, C, H, W) are 0 outside; `kernels` (B, R, C, size, size) have their middle in row and
    column size // 2. It is computed by FFT: 36 kernels of 64 x 64 need a hundredth of the
    multiplications of a convolution.
    """
    half = kernels.shape[-1] // 2
    height, width = keys.shape[-2:]
    shape = [next_fast_len(side + half, real=True) for side in (height, width)]
    spectrum = torch.fft.rfft2(keys.float(), s=shape)[:, None]
    product = (spectrum * torch.fft.rfft2(kernels.float(), s=shape).conj()).sum(dim=2)
    whole = torch.fft.irfft2(product, s=shape)
    return whole.roll((half, half), dims=(-2, -1))[..., :height, :width]
