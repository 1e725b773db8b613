"""Seer's joint loss: imitate the actions, foresee the images."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from longhaul.policies.seer.config import SeerConfig
from longhaul.policies.seer.model import SeerOutput


@dataclass(frozen=True)
class LossWeights:
    """The weights of the loss terms; the defaults are those of the published code (the paper has
    0.5 for the image).

    `beta` is the error at which SmoothL1 turns from quadratic to linear. A gripper label that
    differs from the last command counts `switch` times: the hand rests for several frames and
    closes in one of them, and a network that cannot tell these frames apart would never close.
    """

    gripper: float = 0.01
    image: float = 0.1
    beta: float = 1.0
    switch: float = 1.0


@dataclass
class Losses:
    """The terms, and their sum `total`, in which gripper and image are weighted. `image` is the
    mean over both cameras, and zero if no images are foreseen."""

    total: Tensor
    arm: Tensor
    gripper: Tensor
    image: Tensor


def patchify(images: Tensor, size: int) -> Tensor:
    """Cut images (..., 3, H, W) into patches (..., patches, size * size * 3). Patches, and the
    pixels in them, are in row-major order, channels last."""
    x = images.unflatten(-1, (-1, size)).unflatten(-3, (-1, size))
    return x.movedim(-5, -1).movedim(-3, -4).flatten(-3).flatten(-3, -2)


def foresight_target(images: Tensor, size: int) -> Tensor:
    """Return normalized images as patches of zero mean and unit (unbiased) variance each."""
    patches = patchify(images, size)
    centered = patches - patches.mean(dim=-1, keepdim=True)
    squares = torch.linalg.vector_norm(centered, dim=-1, keepdim=True).square()
    return centered * torch.rsqrt(squares / (patches.shape[-1] - 1) + 1e-6)


def action_chunks(actions: Tensor, timesteps: int, inv: int) -> Tensor:
    """Return the labels (B, timesteps, inv, D): actions i, i + 1, ... for timestep i."""
    return torch.stack([actions[:, i : i + timesteps] for i in range(inv)], dim=2)


def losses(
    output: SeerOutput,
    actions: Tensor,
    targets: Tensor | None,
    config: SeerConfig,
    supervised: int | None = None,
    weights: LossWeights | None = None,
    valid: Tensor | None = None,
    seen: Tensor | None = None,
    commanded: Tensor | None = None,
) -> Losses:
    """Compare the first `S` timesteps (`supervised`; None: as many as there are targets) with
    their labels.

    `actions` (B, at least S + inv - 1, 7): arm in [-1, 1] and gripper -1 or +1, from the first
    timestep on. `targets` (B, F, 2, patches, patch_values): `foresight_target` of the frames
    `foresight_steps` after each timestep that was foreseen, or None if none was. In pretraining S
    is K - 4, the others having no goal; in fine-tuning S is K. `valid` (B, as actions) and `seen`
    (B, F) bool say which labels count. `commanded` (B, at least S), 0 closed and 1 open, is the
    last command of each timestep; a `switch` weight needs it.
    """
    weights = weights or LossWeights()
    if supervised is None:
        if targets is None:
            raise ValueError("without targets the number of supervised timesteps must be given")
        supervised = targets.shape[1]
    labels = action_chunks(actions, supervised, config.inv)
    counts = None if valid is None else action_chunks(valid[..., None], supervised, config.inv)
    arm = functional.smooth_l1_loss(
        output.arm[:, :supervised], labels[..., :6], beta=weights.beta, reduction="none"
    )
    opened = ((labels[..., 6:] + 1) // 2).to(output.gripper_logits.dtype)
    gripper = functional.binary_cross_entropy_with_logits(
        output.gripper_logits[:, :supervised], opened, reduction="none"
    )
    if commanded is not None and weights.switch != 1:
        switches = opened != commanded[:, :supervised, None, None]
        gripper = gripper * torch.where(switches, weights.switch, 1.0)
    arm_loss, gripper_loss = _mean(arm, counts), _mean(gripper, counts)
    total = arm_loss + weights.gripper * gripper_loss
    if targets is None:
        return Losses(total, arm_loss, gripper_loss, torch.zeros_like(total))
    if output.images is None:
        raise ValueError("the loss compares images: run the network with foresight=True")
    error = functional.mse_loss(output.images[:, : targets.shape[1]], targets, reduction="none")
    image_loss = _mean(error.flatten(2).mean(dim=-1), seen)
    return Losses(total + weights.image * image_loss, arm_loss, gripper_loss, image_loss)


def _mean(values: Tensor, counts: Tensor | None) -> Tensor:
    """Return the mean of the values that count: all of them, or where `counts` holds."""
    if counts is None:
        return values.mean()
    counts = counts.expand_as(values)
    return (values * counts).sum() / counts.sum().clamp(min=1)
