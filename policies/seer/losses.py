"""Seer's joint loss: imitate the actions, foresee the images."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from policies.seer.config import SeerConfig
from policies.seer.model import SeerOutput

GRIPPER_WEIGHT, IMAGE_WEIGHT = 0.01, 0.1
"""As in the published code; the paper names 0.5 for the image term."""


@dataclass
class Losses:
    """`total` = arm + 0.01 gripper + 0.1 image; `image` is the mean over both cameras."""

    total: Tensor
    arm: Tensor
    gripper: Tensor
    image: Tensor


def patchify(images: Tensor, size: int) -> Tensor:
    """Cut (..., 3, H, W) into (..., patches, size * size * 3), patches and pixels line by line,
    channels last."""
    x = images.unflatten(-1, (-1, size)).unflatten(-3, (-1, size))
    return x.movedim(-5, -1).movedim(-3, -4).flatten(-3).flatten(-3, -2)


def foresight_target(images: Tensor, size: int) -> Tensor:
    """Return normalised images as patches of zero mean and unit (unbiased) variance each."""
    patches = patchify(images, size)
    variance, mean = torch.var_mean(patches, dim=-1, keepdim=True, correction=1)
    return (patches - mean) / torch.sqrt(variance + 1e-6)


def action_chunks(actions: Tensor, timesteps: int, inv: int) -> Tensor:
    """Return the labels (B, timesteps, inv, D): actions i, i + 1, ... for timestep i."""
    return torch.stack([actions[:, i : i + timesteps] for i in range(inv)], dim=2)


def losses(output: SeerOutput, actions: Tensor, images: Tensor, config: SeerConfig) -> Losses:
    """Compare the first `S` timesteps with their labels.

    `actions` (B, S + inv - 1, 7): arm in [-1, 1] and gripper -1 or +1, from the first timestep on.
    `images` (B, S, 2, 3, size, size): normalised frames `foresight_steps` after each timestep. In
    pretraining S is K - 4, the others having no goal; in fine-tuning S is K.
    """
    if output.images is None:
        raise ValueError("the loss compares images: run the network with foresight=True")
    supervised = images.shape[1]
    labels = action_chunks(actions, supervised, config.inv)
    arm = functional.smooth_l1_loss(output.arm[:, :supervised], labels[..., :6])
    opened = ((labels[..., 6:] + 1) // 2).to(output.gripper_logits.dtype)
    gripper = functional.binary_cross_entropy_with_logits(
        output.gripper_logits[:, :supervised], opened
    )
    target = foresight_target(images, config.patch_size)
    image = functional.mse_loss(output.images[:, :supervised], target)
    return Losses(arm + GRIPPER_WEIGHT * gripper + IMAGE_WEIGHT * image, arm, gripper, image)
