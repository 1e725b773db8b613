"""What a Seer has in mind at a prediction: the pictures that it foresees, and what it heeds."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from longhaul.policies.policy import Explanation, Picture, Weights
from longhaul.policies.seer.blocks import Block
from longhaul.policies.seer.losses import patchify
from longhaul.policies.seer.masks import IMAGES, STATE, TEXT, Layout
from longhaul.policies.seer.model import Seer

CAMERAS = ("rgb_static", "rgb_gripper")
HEEDED = ("instruction", "state", "static camera", "gripper camera", "foresight")


@torch.inference_mode()
def explain(
    model: Seer, frames: Tensor, words: Tensor, lengths: Tensor, pictures: Tensor
) -> Explanation:
    """Predict once more and return what acting leaves out.

    The first arguments are those of Seer.act for one row; `pictures` (2, 3, S, S) uint8 are what
    both cameras show now. Foreseen pictures have the names of the cameras. Attention is that of the
    action tokens, averaged over blocks, heads and tokens, by past step and by what a token is of.
    """
    x, mask = model.acting_sequence(frames, words, lengths)
    layout, steps = model.layout, frames.shape[1]
    heeded = []
    for block in model.trunk.blocks:
        assert isinstance(block, Block)
        heeded.append(block.attention(x, mask)[0, :, -layout.inv :].mean((0, 1)))
        x = block(x, mask)
    readouts = model.trunk.norm(x)[:, -layout.readouts :]
    images = model.foresee(readouts[:, None, : layout.frs])[0, 0]
    ahead, size = model.config.foresight_steps, model.config.patch_size
    foreseen = {
        f"{name}, foreseen": Picture(_uint8(as_picture(image, now.float(), size)), name, ahead)
        for name, image, now in zip(CAMERAS, images, pictures.to(images.device), strict=True)
    }
    ages = range(steps - 1, -1, -1)
    mean = torch.stack(heeded).mean(0)
    shares, even = (
        heed_by_source(x, layout, steps) for x in (mean, torch.full_like(mean, 1 / len(mean)))
    )
    attention = Weights(HEEDED, ages, shares, shares=True, even=even)
    return {**foreseen, "attention over history": attention}


def heed_by_source(heeded: Tensor, layout: Layout, steps: int) -> np.ndarray:
    """Return attention (tokens,) over an acting sequence as shares (HEEDED, steps); that on the
    foresight tokens belongs to the last step."""
    past = heeded[: steps * layout.history].reshape(steps, layout.history)
    static, gripper = (_camera(past, layout, number) for number in (0, 1))
    foresight = torch.zeros(steps, device=past.device)
    foresight[-1] = heeded[steps * layout.history :].sum()
    rows = torch.stack([past[:, TEXT], past[:, STATE], static, gripper, foresight])
    return np.asarray(rows.float().cpu().numpy())


def as_picture(foreseen: Tensor, now: Tensor, patch: int) -> Tensor:
    """Return a foreseen image (patches, patch * patch * 3) as a picture (3, H, W) in 0..255.

    The network foresees patches of zero mean and unit variance; they get mean and variance of the
    patch as it is `now` (3, H, W).
    """
    deviation, mean = torch.std_mean(patchify(now, patch), dim=-1, keepdim=True)
    side = round(len(foreseen) ** 0.5)
    x = (foreseen * deviation + mean).reshape(side, side, patch, patch, 3)
    return x.permute(4, 0, 2, 1, 3).reshape(3, side * patch, side * patch)


def _camera(past: Tensor, layout: Layout, number: int) -> Tensor:
    """Return the attention (steps,) on a camera's latents and its CLS."""
    latents = IMAGES + number * layout.latents
    cls = IMAGES + 2 * layout.latents + number
    return past[:, latents : latents + layout.latents].sum(1) + past[:, cls]


def _uint8(picture: Tensor) -> np.ndarray:
    return np.asarray(picture.clamp(0, 255).byte().movedim(0, -1).cpu().numpy())
