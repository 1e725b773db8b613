"""Image encoders: a frozen ViT-MAE from a folder, and a small network that trains on a CPU."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from envs.specs import ConfigError
from policies.seer.config import SeerConfig


class SmallVision(nn.Module):
    """Three strided convolutions, two residual blocks, a learned position per cell.

    Its cells take the place of a ViT's patches, their mean that of CLS. GroupNorm, since batches
    are small and frames of one window alike.
    """

    STRIDE = 8

    def __init__(self, config: SeerConfig) -> None:
        super().__init__()
        width = config.vision_width
        channels = (3, width // 4, width // 2, width)
        stem: list[nn.Module] = []
        for before, after in pairwise(channels):
            stem += [nn.Conv2d(before, after, 3, stride=2, padding=1)]
            stem += [nn.GroupNorm(8, after), nn.ReLU()]
        self.stem = nn.Sequential(*stem)
        self.blocks = nn.ModuleList(ResidualBlock(width) for _ in range(2))
        cells = math.ceil(config.image_size / self.STRIDE) ** 2
        self.positions = nn.Parameter(torch.zeros(1, cells, width))
        self.norm = nn.LayerNorm(width)

    def forward(self, images: Tensor) -> Tensor:
        """Map normalised images (N, 3, S, S) to features (N, 1 + (S/8)^2, vision_width)."""
        x = self.stem(images)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x.flatten(2).transpose(1, 2) + self.positions)
        return torch.cat([x.mean(dim=1, keepdim=True), x], dim=1)


class ResidualBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(2)
        )
        self.norms = nn.ModuleList(nn.GroupNorm(8, width) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        first, second = self.convolutions
        hidden = functional.relu(self.norms[0](first(x)))
        return functional.relu(x + self.norms[1](second(hidden)))


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
