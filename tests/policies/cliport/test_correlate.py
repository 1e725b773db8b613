"""Crops turn about the pick, and the best yaw is the one in which the shape fits."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from longhaul.policies.cliport.correlate import correlate, rotated_crops
from longhaul.policies.cliport.model import best


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("size", "shape"), [(16, (40, 24)), (64, (320, 160)), (9, (17, 30))])
def test_is_the_convolution_that_torch_computes(size: int, shape: tuple[int, int]) -> None:
    keys, kernels = noise(2, 3, *shape), noise(2, 4, 3, size, size, seed=1)
    half = size // 2
    padded = functional.pad(keys, (half, size - 1 - half, half, size - 1 - half))
    expected = [functional.conv2d(k[None], w)[0] for k, w in zip(padded, kernels, strict=True)]
    torch.testing.assert_close(
        correlate(keys, kernels), torch.stack(expected), rtol=1e-4, atol=1e-3
    )


def test_gradients_are_those_of_the_convolution() -> None:
    keys, kernels = noise(1, 2, 12, 10).double(), noise(1, 3, 2, 4, 4, seed=1).double()
    for tensor in (keys, kernels):
        tensor.requires_grad_()
    weights = noise(1, 3, 12, 10, seed=2)
    (correlate(keys, kernels) * weights).sum().backward()
    ours = keys.grad, kernels.grad
    keys.grad = kernels.grad = None
    padded = functional.pad(keys, (2, 1, 2, 1))
    (functional.conv2d(padded, kernels[0]) * weights).sum().backward()
    torch.testing.assert_close(ours, (keys.grad, kernels.grad), rtol=1e-4, atol=1e-4)


def test_a_crop_is_what_lies_around_the_pixel() -> None:
    maps, pixels = noise(2, 3, 30, 20), torch.tensor([[12, 9], [2, 17]])
    crops = rotated_crops(maps, pixels, 1, 8)
    torch.testing.assert_close(crops[0, 0], maps[0, :, 8:16, 5:13], rtol=0, atol=1e-5)
    border = crops[1, 0]
    torch.testing.assert_close(border[:, 2:, :7], maps[1, :, :6, 13:20], rtol=0, atol=1e-5)
    assert max(border[:, :2].abs().max(), border[:, :, 7:].abs().max()) < 1e-5


def test_a_quarter_turn_goes_from_columns_to_rows() -> None:
    maps = torch.zeros(1, 1, 32, 32)
    maps[0, 0, 16, 20] = 1  # four columns to the right of the pick
    crops = rotated_crops(maps, torch.tensor([[16, 16]]), 4, 16)[0, :, 0]
    places = [tuple(torch.nonzero(crop > 0.9)[0].tolist()) for crop in crops]
    assert places == [(8, 12), (12, 8), (8, 4), (4, 8)]


def letter_l(angle: float, size: int = 48) -> np.ndarray:
    """Draw an L, turned by an angle from columns to rows about the middle pixel."""
    rows, columns = np.mgrid[:size, :size] - size // 2
    across = np.cos(angle) * columns + np.sin(angle) * rows
    down = np.cos(angle) * rows - np.sin(angle) * columns
    upright = (np.abs(across + 6) < 2.5) & (np.abs(down) < 9)
    foot = (np.abs(down - 7) < 2.5) & (across > -8) & (across < 8)
    return (upright | foot).astype(np.float32)


@settings(deadline=None, max_examples=20)
@given(turn=st.integers(0, 35), row=st.integers(80, 130), column=st.integers(40, 80))
def test_a_letter_is_found_where_it_fits_and_as_it_is_turned(
    turn: int, row: int, column: int
) -> None:
    scene = torch.zeros(1, 1, 160, 120)
    scene[0, 0, 6:54, 6:54] = torch.from_numpy(letter_l(0.0))
    pick = torch.tensor([[30, 30]])
    hole = torch.zeros(1, 1, 160, 120)
    turned = torch.from_numpy(letter_l(turn * 2 * math.pi / 36))
    hole[0, 0, row - 24 : row + 24, column - 24 : column + 24] = turned
    crops = rotated_crops(scene, pick, 36, 48)
    crops = crops - crops.mean(dim=(-1, -2), keepdim=True)
    found = [int(axis) for axis in best(correlate(hole, crops))]
    assert min((found[0] - turn) % 36, (turn - found[0]) % 36) == 0
    assert abs(found[1] - row) <= 1 and abs(found[2] - column) <= 1
