"""From one observation's features to the tokens that history is made of."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from policies.seer.config import SeerConfig
from policies.seer.resampler import Resampler


class FrameEmbedding(nn.Module):
    """One frame to its tokens `[state][static Q][wrist Q][static CLS][wrist CLS]`.

    A frame's tokens depend on nothing but the frame, so acting computes them once.
    """

    def __init__(self, config: SeerConfig) -> None:
        super().__init__()
        width, hidden = config.vision_width, config.hidden
        self.gripper_width = config.gripper_width
        self.arm = nn.Linear(6, hidden)
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
        return self.state(torch.cat([self.arm(arm), self.gripper(gripper)], dim=-1))
