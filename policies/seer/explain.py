"""What the viewer shows of a Seer's prediction: the foreseen pictures and the attention."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from longhaul.policies.policy import Explanation, Picture, Weights
from longhaul.policies.seer.blocks import Block
from longhaul.policies.seer.losses import patchify
from longhaul.policies.seer.masks import IMAGES_COLUMN, STATE_COLUMN, TEXT_COLUMN, Layout
from longhaul.policies.seer.model import Seer
from longhaul.policies.seer.preprocess import CAMERA_NAMES

ATTENTION_SOURCES = ("instruction", "state", "static camera", "gripper camera", "foresight")
"""What a token can come from, as the viewer names it."""


@torch.inference_mode()
def explain(
    model: Seer,
    frames: Tensor,
    words: Tensor,
    lengths: Tensor,
    pictures: Tensor,
    cameras: Sequence[str] = CAMERA_NAMES,
) -> Explanation:
    """Predict once more, with the images and the attention that acting leaves out.

    The first arguments are those of Seer.act for one row; `pictures` (2, 3, S, S) uint8 are what
    both `cameras` show now. Foreseen pictures are named after the cameras. The attention is that of
    the action tokens, averaged over blocks, heads and tokens, by past step and by source
    (ATTENTION_SOURCES).
    """
    x, mask = model.acting_sequence(frames, words, lengths)
    layout, steps = model.layout, frames.shape[1]
    attended = []
    for block in model.trunk.blocks:
        assert isinstance(block, Block)
        attended.append(block.attention(x, mask)[0, :, -layout.inv :].mean((0, 1)))
        x = block(x, mask)
    readouts = model.trunk.norm(x)[:, -layout.readouts :]
    images = model.foresee(readouts[:, None, : layout.frs])[0, 0]
    ahead, size = model.config.foresight_steps, model.config.patch_size
    foreseen = {
        f"{name}, foreseen": Picture(_uint8(as_picture(image, now.float(), size)), name, ahead)
        for name, image, now in zip(cameras, images, pictures.to(images.device), strict=True)
    }
    ages = range(steps - 1, -1, -1)
    mean = torch.stack(attended).mean(0)
    shares, even = (
        attention_by_source(x, layout, steps) for x in (mean, torch.full_like(mean, 1 / len(mean)))
    )
    attention = Weights(ATTENTION_SOURCES, ages, shares, shares=True, even=even)
    return {**foreseen, "attention over history": attention}


def attention_by_source(attention: Tensor, layout: Layout, steps: int) -> np.ndarray:
    """Return attention (tokens,) over an acting sequence as shares (sources, steps), with the rows
    of ATTENTION_SOURCES; attention on the foresight tokens counts to the last step."""
    past = attention[: steps * layout.history].reshape(steps, layout.history)
    static, gripper = (_camera(past, layout, number) for number in (0, 1))
    foresight = torch.zeros(steps, device=past.device)
    foresight[-1] = attention[steps * layout.history :].sum()
    rows = torch.stack([past[:, TEXT_COLUMN], past[:, STATE_COLUMN], static, gripper, foresight])
    return np.asarray(rows.float().cpu().numpy())


def as_picture(foreseen: Tensor, now: Tensor, patch: int) -> Tensor:
    """Return a foreseen image (patches, patch * patch * 3) as a picture (3, H, W) in 0..255.

    The network foresees patches of zero mean and unit variance. Each gets the mean and variance of
    the same patch of the present picture, `now` (3, H, W).
    """
    deviation, mean = torch.std_mean(patchify(now, patch), dim=-1, keepdim=True)
    side = round(len(foreseen) ** 0.5)
    x = (foreseen * deviation + mean).reshape(side, side, patch, patch, 3)
    return x.permute(4, 0, 2, 1, 3).reshape(3, side * patch, side * patch)


def _camera(past: Tensor, layout: Layout, number: int) -> Tensor:
    """Return the attention (steps,) on a camera's latents and its CLS."""
    latents = IMAGES_COLUMN + number * layout.latents
    cls = IMAGES_COLUMN + 2 * layout.latents + number
    return past[:, latents : latents + layout.latents].sum(1) + past[:, cls]


def _uint8(picture: Tensor) -> np.ndarray:
    return np.asarray(picture.clamp(0, 255).byte().movedim(0, -1).cpu().numpy())
