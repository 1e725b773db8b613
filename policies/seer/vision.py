"""Image encoders: a frozen ViT-MAE from a folder, and a small network that trains on a CPU."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from envs.specs import ConfigError
from policies.seer.config import SeerConfig


class SmallVision(nn.Module):
    """Three strided convolutions and two residual blocks, with a learned position per cell.

    Its last cells take the place of a ViT's patches. In the place of CLS stand keypoints: where in
    the picture each of width / 2 learned features is (the spatial softmax of arXiv 1504.00702),
    since a small network that learns from scratch tells a block's place by them soonest.
    """

    STRIDE = 16
    grid: Tensor

    def __init__(self, config: SeerConfig) -> None:
        super().__init__()
        width = config.vision_width
        self.stem = nn.Sequential(
            nn.Conv2d(3, width // 3, 8, stride=4, padding=2),
            nn.GroupNorm(8, width // 3),
            nn.ReLU(),
            nn.Conv2d(width // 3, width, 3, stride=2, padding=1),
            ResidualBlock(width),
        )
        self.heat = nn.Conv2d(width, width // 2, 1)
        self.top = nn.Sequential(
            nn.GroupNorm(8, width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, stride=2, padding=1),
            ResidualBlock(width),
        )
        middle, side = (math.ceil(config.image_size / stride) for stride in (8, self.STRIDE))
        self.positions = nn.Parameter(torch.zeros(1, side**2, width))
        self.norm = nn.LayerNorm(width)
        line = np.linspace(-1, 1, middle, dtype=np.float32)
        grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
        self.register_buffer("grid", torch.from_numpy(grid), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Map normalised images (N, 3, S, S) to features (N, 1 + (S/16)^2, vision_width)."""
        x = self.stem(images)
        heat = self.heat(x).flatten(2).float().softmax(dim=-1)
        keypoints = (heat @ self.grid).flatten(1)
        cells = self.norm(self.top(x).flatten(2).transpose(1, 2) + self.positions)
        return torch.cat([keypoints[:, None], cells], dim=1)


class ResidualBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(functional.relu(self.first(self.norm(x))))


class ViTMAE(nn.Module):
    """A frozen masked autoencoder's encoder, nothing masked: CLS and every patch in order."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        encoder.config.mask_ratio = 0.0
        self.patches: int = encoder.embeddings.patch_embeddings.num_patches
        self.encoder = encoder.eval().requires_grad_(False)

    @classmethod
    def from_folder(cls, folder: str | Path, config: SeerConfig) -> ViTMAE:
        """Load `config.json` and safetensors weights as transformers writes them.

        Raises ConfigError if they are unreadable or not of the width and image size that `config`
        asks for. Nothing is fetched.
        """
        from transformers import ViTMAEConfig, ViTMAEModel

        try:
            found = ViTMAEConfig.from_pretrained(folder, local_files_only=True)
            model = ViTMAEModel.from_pretrained(folder, local_files_only=True, use_safetensors=True)
        except (OSError, ValueError, RuntimeError) as error:
            raise ConfigError(f"vision_folder {folder} cannot be read ({error})") from None
        wanted = (config.vision_width, config.image_size)
        if (found.hidden_size, found.image_size) != wanted:
            raise ConfigError(
                f"vision_folder {folder}: width {found.hidden_size} at {found.image_size} px, "
                f"the architecture wants width {wanted[0]} at {wanted[1]} px"
            )
        return cls(model)

    def forward(self, images: Tensor) -> Tensor:
        """Map normalised images (N, 3, S, S) to features (N, 1 + patches, width)."""
        order = torch.arange(self.patches, device=images.device).expand(len(images), -1)
        return self.encoder(images, noise=order).last_hidden_state
