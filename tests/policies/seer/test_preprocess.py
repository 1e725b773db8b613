"""Pictures against Pillow, which CLIP's own transform uses, and proprioception."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from longhaul.demos.resize import resize
from longhaul.policies.seer.preprocess import (
    CLIP_MEAN,
    CLIP_STD,
    normalize,
    normalize_rows,
    proprioception,
)


@pytest.mark.parametrize("target", [224, 112])
@pytest.mark.parametrize("source", [200, 84])
@pytest.mark.parametrize("smooth", [False, True])
def test_resize_is_pillows_bicubic_within_two_levels(
    source: int, target: int, smooth: bool
) -> None:
    rng = np.random.default_rng(source + target)
    side = 12 if smooth else source
    picture = Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8))
    picture = picture.resize((source, source), Image.Resampling.BICUBIC)
    pillow = np.asarray(picture.resize((target, target), Image.Resampling.BICUBIC)).astype(int)
    ours = resize(np.asarray(picture)[None], target)
    assert ours.dtype == torch.uint8 and ours.shape == (1, 3, target, target)
    difference = np.abs(ours[0].permute(1, 2, 0).numpy().astype(int) - pillow)
    assert difference.max() <= 2
    assert (difference > 0).mean() < 0.01


def test_normalize_gives_clips_mean_and_deviation() -> None:
    white = normalize(torch.full((1, 3, 2, 2), 255, dtype=torch.uint8))
    expected = (1 - np.array(CLIP_MEAN)) / np.array(CLIP_STD)
    np.testing.assert_allclose(white[0, :, 1, 1], expected, rtol=1e-6)


def test_stored_pictures_are_normalized_bit_for_bit_and_keep_their_channels_last() -> None:
    pictures = torch.randint(0, 256, (2, 3, 2, 6, 6, 3), dtype=torch.uint8)
    found, wanted = normalize_rows(pictures), normalize(pictures.movedim(-1, -3))
    assert found.dtype == torch.float32 and torch.equal(found, wanted)
    assert found[0, 0].is_contiguous(memory_format=torch.channels_last)
    cut = pictures[..., 1:5, 1:5, :]
    assert torch.equal(normalize_rows(cut), wanted[..., 1:5, 1:5])


def test_proprioception_takes_pose_and_last_gripper_command() -> None:
    robot = np.arange(30, dtype=np.float64).reshape(2, 15)
    robot[:, 14] = (-1, 1)
    arm, gripper = proprioception(robot)
    np.testing.assert_array_equal(arm, robot[:, :6])
    assert gripper.tolist() == [0, 1]
    assert arm.dtype == gripper.dtype == torch.float32
