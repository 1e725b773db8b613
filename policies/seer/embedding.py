"""From one observation's features to the tokens that history is made of."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.policies.seer.config import SeerConfig
from longhaul.policies.seer.resampler import Resampler

FREQUENCIES = tuple(math.pi * 2**k for k in range(6))
"""Of the fourier state, in 1/m: wavelengths from 2 m, the reach of the arm, to 6 cm."""


class StandardizedLinear(nn.Linear):
    """A linear layer behind a fixed shift and scale of its input.

    Sentence vectors of unit length lie close together; the few numbers in which "left" and
    "right" differ would take long to be learned from.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("scale", torch.ones(inputs))

    @torch.no_grad()
    def fit(self, examples: Tensor) -> None:
        """Take mean and deviation from vectors (n, inputs); of a single one, its mean alone."""
        self.mean.copy_(examples.mean(dim=0))
        if len(examples) > 1:
            self.scale.copy_(1 / examples.std(dim=0).clamp(min=1e-2))

    def forward(self, x: Tensor) -> Tensor:
        return super().forward((x - self.mean) * self.scale)


class FrameEmbedding(nn.Module):
    """One frame to its tokens `[state][static Q][wrist Q][static CLS][wrist CLS]`.

    A frame's tokens depend on no other frame, so acting computes them once. With state
    "fourier" the arm is given as sines and cosines (positions at FREQUENCIES, angles at 1): a
    centimeter then shows, and an angle has no jump at pi.
    """

    def __init__(self, config: SeerConfig) -> None:
        super().__init__()
        width, hidden = config.vision_width, config.hidden
        self.gripper_width = config.gripper_width
        self.fourier = config.state == "fourier"
        self.arm = nn.Linear(6 * (len(FREQUENCIES) + 1) if self.fourier else 6, hidden)
        self.gripper = nn.Linear(2, hidden)
        self.state = nn.Linear(2 * hidden, hidden)
        self.resampler = Resampler(
            width,
            config.latents,
            config.resampler_depth,
            config.resampler_heads,
            config.resampler_head_width,
        )
        self.patches = nn.ModuleList(nn.Linear(width, hidden) for _ in range(2))
        self.cls = nn.ModuleList(nn.Linear(width, hidden) for _ in range(2))

    def forward(self, features: Tensor, arm: Tensor, gripper: Tensor) -> Tensor:
        """Return tokens (N, 1 + 2 Q + 2, hidden).

        `features` (N, 2, 1 + P, width): cameras static and wrist, row 0 the CLS feature;
        `arm` (N, 6): TCP xyz (m) and euler xyz (rad), world frame; `gripper`: (N,) the last
        command, 0 closed and 1 open, or (N, 2) both finger positions (m) with `gripper_width`.
        """
        latents = self.resampler(features[:, :, 1:].flatten(0, 1)).unflatten(0, (-1, 2))
        tokens = [self._state(arm, gripper)[:, None]]
        tokens += [project(latents[:, camera]) for camera, project in enumerate(self.patches)]
        tokens += [project(features[:, c, :1]) for c, project in enumerate(self.cls)]
        return torch.cat(tokens, dim=1)

    def _state(self, arm: Tensor, gripper: Tensor) -> Tensor:
        if not self.gripper_width:
            gripper = functional.one_hot(gripper.long(), 2).to(arm.dtype)
        if self.fourier:
            arm = _fourier(arm)
        return self.state(torch.cat([self.arm(arm), self.gripper(gripper)], dim=-1))


def _fourier(arm: Tensor) -> Tensor:
    frequencies = torch.tensor(FREQUENCIES, dtype=arm.dtype, device=arm.device)
    phases = (arm[..., :3, None] * frequencies).flatten(-2)
    waves = torch.cat([phases, arm[..., 3:]], dim=-1)
    return torch.cat([waves.sin(), waves.cos()], dim=-1)
