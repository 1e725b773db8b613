"""Image encoders: a frozen ViT-MAE from a folder, and a small network that trains on a CPU."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.errors import ConfigError
from longhaul.policies.seer.config import SeerConfig

NORM_GROUPS = 4
"""Number of groups in each GroupNorm. Chosen here."""

KEYPOINT_FREQUENCIES = (math.pi, 2 * math.pi, 4 * math.pi)
"""Angular frequencies of the sines and cosines that encode a keypoint's coordinates (-1 to 1): the
shortest wavelength is a quarter of the picture's side. Chosen here."""


class SmallVision(nn.Module):
    """Convolutions that give the features of a ViT: cells for patches, keypoints for CLS.

    Each cell of the last layer has a learned position embedding. The keypoints are image positions
    under a spatial softmax (arXiv 1504.00702), from which a small network that learns from scratch
    finds a block's position soonest: width / 4 of learned features, and width / 24 of features
    that queries from the instruction select, encoded as sines and cosines at KEYPOINT_FREQUENCIES.
    Without the queries, no network learned in 700,000 windows which of three blocks that differ in
    color alone was meant.
    """

    STRIDE = 16
    grid: Tensor

    def __init__(self, config: SeerConfig) -> None:
        super().__init__()
        width = config.vision_width
        fine = width // 3
        self.stem = nn.Sequential(
            nn.Conv2d(3, fine, 8, stride=4, padding=2), nn.ReLU(), ResidualBlock(fine)
        )
        self.middle = nn.Sequential(
            nn.Conv2d(fine, width, 3, stride=2, padding=1), ResidualBlock(width)
        )
        self.top = nn.Sequential(
            nn.GroupNorm(NORM_GROUPS, width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, stride=2, padding=1),
            ResidualBlock(width),
        )
        self.detail = nn.Sequential(
            nn.GroupNorm(NORM_GROUPS, fine), nn.ReLU(), nn.Conv2d(fine, fine, 1)
        )
        self.context = nn.Conv2d(width, fine, 1)
        self.heat = nn.Conv2d(fine, width // 4, 1)
        asked = (
            width // 2 // (4 * len(KEYPOINT_FREQUENCIES))
        )  # each has a sine and a cosine of x and y
        self.query = nn.Linear(config.hidden, asked * fine)
        side = math.ceil(config.image_size / self.STRIDE)
        self.positions = nn.Parameter(torch.zeros(1, side**2, width))
        self.norm = nn.LayerNorm(width)
        line = np.linspace(-1, 1, config.image_size // 4, dtype=np.float32)
        grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
        self.register_buffer("grid", torch.from_numpy(grid), persistent=False)

    def forward(self, images: Tensor, words: Tensor) -> Tensor:
        """Map normalized images (N, 3, S, S) and embedded instructions (N, hidden) to features
        (N, 1 + (S/16)^2, vision_width)."""
        fine = self.stem(images)
        middle = self.middle(fine)
        context = functional.interpolate(self.context(middle), fine.shape[-2:], mode="bilinear")
        maps = self.detail(fine) + context
        queries = self.query(words).unflatten(1, (-1, maps.shape[1]))
        asked = queries @ maps.flatten(2) / math.sqrt(maps.shape[1])
        waves = _waves(self._places(asked)).flatten(1)
        keypoints = self._places(self.heat(maps).flatten(2)).flatten(1)
        cells = self.norm(self.top(middle).flatten(2).transpose(1, 2) + self.positions)
        return torch.cat([torch.cat([keypoints, waves], dim=1)[:, None], cells], dim=1)

    def _places(self, heat: Tensor) -> Tensor:
        """Return the mean place (N, maps, 2), in -1 to 1, under each softmax of heat (N, maps,
        cells)."""
        return heat.float().softmax(dim=-1) @ self.grid


class KeyframeHead(nn.Module):
    """Predicts from the static camera's keypoints where the TCP will be at the next keyframe.

    That position depends on which block the instruction names. The loss of this head therefore
    teaches the keypoints to tell colors, which the loss of the next small motion hardly does.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(width, 128), nn.ReLU(), nn.Linear(128, 3))

    def forward(self, keypoints: Tensor) -> Tensor:
        """Map the first row of static features (N, vision_width) to a TCP position (N, 3), dm."""
        return self.layers(keypoints)


def _waves(places: Tensor) -> Tensor:
    """Return sines and cosines of positions, so that a difference of one pixel counts."""
    phases = places[..., None] * torch.tensor(KEYPOINT_FREQUENCIES, device=places.device)
    return torch.cat([phases.sin(), phases.cos()], dim=-1)


class ResidualBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(NORM_GROUPS, width)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(functional.relu(self.first(self.norm(x))))


class ViTMAE(nn.Module):
    """The frozen encoder of a masked autoencoder with nothing masked: CLS, and patches in order."""

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
        """Map normalized images (N, 3, S, S) to features (N, 1 + patches, width)."""
        order = torch.arange(self.patches, device=images.device).expand(len(images), -1)
        return self.encoder(images, noise=order).last_hidden_state
