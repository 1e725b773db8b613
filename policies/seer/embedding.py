"""From one observation's features to the tokens of a frame in the history."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.policies.seer.config import SeerConfig
from longhaul.policies.seer.resampler import Resampler

ARM_FREQUENCIES = tuple(math.pi * 2**k for k in range(6))
"""Angular frequencies (rad/m) that encode the arm's position if the state is fourier: wavelengths
from 2 m, the reach of the arm, to 6 cm. Chosen here."""


class StandardizedLinear(nn.Linear):
    """A linear layer behind a fixed shift and scale of its input.

    Sentence vectors of unit length lie close together, and "left" and "right" differ in few
    components; without the scale the network would learn that difference slowly.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("scale", torch.ones(inputs))

    @torch.no_grad()
    def fit(self, examples: Tensor) -> None:
        """Set mean and deviation from vectors (n, inputs); a single vector sets the mean only."""
        self.mean.copy_(examples.mean(dim=0))
        if len(examples) > 1:
            self.scale.copy_(1 / examples.std(dim=0).clamp(min=1e-2))

    def forward(self, x: Tensor) -> Tensor:
        return super().forward((x - self.mean) * self.scale)


class FrameEmbedding(nn.Module):
    """From one frame to its tokens `[state][static Q][wrist Q][static CLS][wrist CLS]`.

    A frame's tokens depend on no other frame, so acting computes them once. With state "fourier"
    the arm is encoded as sines and cosines (positions at ARM_FREQUENCIES, angles at frequency 1),
    so that the network can tell a centimeter, and angles have no jump at pi.
    """

    def __init__(self, config: SeerConfig) -> None:
        super().__init__()
        width, hidden = config.vision_width, config.hidden
        self.gripper_width = config.gripper_width
        self.fourier = config.state == "fourier"
        self.arm = nn.Linear(6 * (len(ARM_FREQUENCIES) + 1) if self.fourier else 6, hidden)
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
    frequencies = torch.tensor(ARM_FREQUENCIES, dtype=arm.dtype, device=arm.device)
    phases = (arm[..., :3, None] * frequencies).flatten(-2)
    waves = torch.cat([phases, arm[..., 3:]], dim=-1)
    return torch.cat([waves.sin(), waves.cos()], dim=-1)
