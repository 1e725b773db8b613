"""Acting exactly as the published evaluation does. Tests and `scripts/bench/seer.py` compare our
actions and speed with it; nothing else uses it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from longhaul.policies.seer.model import Seer
from longhaul.policies.seer.preprocess import normalize


@torch.inference_mode()
def official_step(
    model: Seer,
    vision: nn.Module | None,
    images: Tensor,
    arm: Tensor,
    gripper: Tensor,
    text: Tensor,
) -> tuple[Tensor, Tensor]:
    """Encode every frame, keep every read-out, decode the images, and return timestep n - 1.

    It computes in float32, except for the frozen encoder on CUDA: bfloat16, as published.

    `images` (B, n, 2, 3, S, S) uint8, `arm` (B, n, 6), `gripper` (B, n), n <= K; fewer than K
    frames are filled up on the right with copies of the newest. `text` (B, text_width).
    Returns arm (B, inv, 6) and the probability of an open gripper (B, inv).
    """
    n, history = images.shape[1], model.config.history
    padded = [*range(n), *[n - 1] * (history - n)]
    frames = normalize(images[:, padded])
    if vision is not None:
        with torch.autocast("cuda", torch.bfloat16, enabled=images.is_cuda):
            features = vision(frames.flatten(0, 2)).float()
        frames = features.unflatten(0, frames.shape[:3])
    output = model(frames, text, arm[:, padded], gripper[:, padded])
    return output.arm[:, n - 1], output.gripper_logits[:, n - 1, :, 0].sigmoid()
