"""The convolutional trunk of CLIP RN50, frozen, with the names of OpenAI's weights.

A ResNet whose stem has three convolutions and which pools before each stride (arXiv 2103.00020).
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from longhaul.errors import ConfigError
from longhaul.policies.seer.preprocess import CLIP_MEAN, CLIP_STD
from longhaul.tensors import read_header

STAGE_BLOCKS = (3, 4, 6, 3)
"""Residual blocks in each of the four stages of a ResNet-50."""

WEIGHT_PREFIX = "visual."
"""How the names of the vision weights begin in OpenAI's CLIP."""


class ClipTrunk(nn.Module):
    """Pictures to features of strides 4, 8, 16 and 32, with 4, 8, 16 and 32 x `width` channels."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        half = width // 2
        self.conv1 = nn.Conv2d(3, half, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(half)
        self.conv2 = nn.Conv2d(half, half, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(half)
        self.conv3 = nn.Conv2d(half, width, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        inputs = width
        for number, blocks in enumerate(STAGE_BLOCKS):
            planes, stride = width * 2**number, 1 if number == 0 else 2
            layer = [_Block(inputs, planes, stride)]
            layer += [_Block(4 * planes, planes, 1) for _ in range(blocks - 1)]
            setattr(self, f"layer{number + 1}", nn.Sequential(*layer))
            inputs = 4 * planes
        self.requires_grad_(False)
        self.eval()

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """Map colors (B, 3, H, W) in 0..1 to the features of all four stages."""
        mean, std = (
            torch.tensor(values, device=rgb.device)[:, None, None]
            for values in (CLIP_MEAN, CLIP_STD)
        )
        x = (rgb - mean) / std
        for number in (1, 2, 3):
            conv, norm = getattr(self, f"conv{number}"), getattr(self, f"bn{number}")
            x = functional.relu(norm(conv(x)))
        x = functional.avg_pool2d(x, 2)
        features = []
        for number in range(len(STAGE_BLOCKS)):
            x = getattr(self, f"layer{number + 1}")(x)
            features.append(x)
        return features

    def train(self, mode: bool = True) -> Self:
        """Ignore `mode`: batch normalization always uses the statistics of the loaded weights."""
        return super().train(False)

    @classmethod
    def from_folder(cls, folder: Path, width: int) -> ClipTrunk:
        """Read `visual.*` of a folder's model.safetensors; raises ConfigError, in one line."""
        trunk = cls(width)
        try:
            read_header(folder / "model.safetensors")
            weights = load_file(folder / "model.safetensors")
            trunk.load_state_dict(
                {k: weights[WEIGHT_PREFIX + k].float() for k in trunk.state_dict()}
            )
        except (OSError, SafetensorError, KeyError, RuntimeError) as error:
            reason = str(error).splitlines()[-1].strip()
            raise ConfigError(f"vision_folder {folder} holds no CLIP RN50 ({reason})") from None
        return trunk


class _Block(nn.Module):
    def __init__(self, inputs: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, 4 * planes, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * planes)
        self.stride = stride
        self.downsample = None
        if stride > 1 or inputs != 4 * planes:
            projection = nn.Conv2d(inputs, 4 * planes, 1, bias=False)
            layers = {"0": projection, "1": nn.BatchNorm2d(4 * planes)}
            self.downsample = nn.ModuleDict(layers)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.bn1(self.conv1(x)))
        y = functional.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(self._pooled(y)))
        if self.downsample is not None:
            x = self.downsample["1"](self.downsample["0"](self._pooled(x)))
        return functional.relu(y + x)

    def _pooled(self, x: Tensor) -> Tensor:
        return functional.avg_pool2d(x, self.stride) if self.stride > 1 else x
