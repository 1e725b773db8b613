"""Decoders of the read-out tokens: [FRS] to the images a few frames ahead, [INV] to actions."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from longhaul.policies.seer.blocks import Block
from longhaul.policies.seer.config import SeerConfig


def sincos_grid(width: int, side: int) -> np.ndarray:
    """Return the fixed 2-D sine-cosine embedding of MAE for a side x side grid: (side^2, width).

    Rows run over the grid line by line; the first half of the width encodes the column, the
    second the row, each as sines then cosines of position / 10000^(i / (width / 4)). Frequencies
    are float32 as in the published code; in double the images would differ by 2e-7.
    """
    steps = np.arange(width // 4, dtype=np.float32) / np.float32(width // 4)
    frequency = np.float32(1) / np.float32(10000) ** steps
    row, column = np.divmod(np.arange(side * side, dtype=np.float32), np.float32(side))
    angles = [np.outer(position, frequency) for position in (column, row)]
    return np.concatenate([f(a) for a in angles for f in (np.sin, np.cos)], axis=1)


class ForesightDecoder(nn.Module):
    """A decoder as in MAE: from one camera's [FRS] and mask tokens to the pixels of every patch."""

    positions: Tensor

    def __init__(self, config: SeerConfig) -> None:
        super().__init__()
        hidden, tokens = config.hidden, config.frs_per_camera
        self.patches = config.patches
        self.project = nn.Linear(hidden, hidden)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, hidden))
        sides = (round(tokens**0.5), config.image_size // config.patch_size)
        positions = np.concatenate([sincos_grid(hidden, side) for side in sides])
        self.register_buffer("positions", torch.from_numpy(positions), persistent=False)
        self.blocks = nn.ModuleList(
            Block(hidden, config.decoder_heads, gelu="none") for _ in range(config.decoder_layers)
        )
        self.norm = nn.LayerNorm(hidden)
        self.pixels = nn.Linear(hidden, config.patch_values)

    def forward(self, frs: Tensor) -> Tensor:
        """Map (N, n, hidden) to (N, patches, patch_size^2 * 3), standardized per patch."""
        masked = self.mask_token.expand(len(frs), self.patches, -1)
        x = torch.cat([self.project(frs), masked], dim=1) + self.positions
        for block in self.blocks:
            x = block(x)
        return self.pixels(self.norm(x[:, -self.patches :]))


class ActionHead(nn.Module):
    """From one [INV] token to one action."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        half = hidden // 2
        self.trunk = nn.Sequential(nn.Linear(hidden, half), nn.ReLU(), nn.Linear(half, half))
        self.arm = nn.Linear(half, 6)
        self.gripper = nn.Linear(half, 1)

    def forward(self, inv: Tensor) -> tuple[Tensor, Tensor]:
        """Map (..., hidden) to the arm's delta in [-1, 1] (..., 6) and the logit of an open
        gripper (..., 1)."""
        hidden = torch.relu(self.trunk(inv))
        return torch.tanh(self.arm(hidden)), self.gripper(hidden)
