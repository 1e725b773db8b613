"""The layers of the published streams: bottlenecks without normalization, and up-sampling."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions beside a shortcut, which is a 1x1 convolution (`project`)
    where a stage begins, else the input itself."""

    def __init__(
        self,
        inputs: int,
        width: int,
        outputs: int,
        stride: int = 1,
        project: bool = False,
        last: bool = False,
    ) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(inputs, width, 1, bias=False)
        self.middle = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.expand = nn.Conv2d(width, outputs, 1, bias=False)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if project else None
        self.last = last

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.middle(functional.relu(self.reduce(x))))
        y = self.expand(y) + (x if self.shortcut is None else self.shortcut(x))
        return y if self.last else functional.relu(y)


def stage(inputs: int, width: int, stride: int = 1) -> nn.Sequential:
    """Return two bottlenecks, the first of which changes channels and resolution."""
    return nn.Sequential(
        Bottleneck(inputs, width, width, stride, project=True), Bottleneck(width, width, width)
    )


class Joined(nn.Module):
    """Doubles the resolution, joins a skip connection, and folds both into fewer channels."""

    def __init__(self, inputs: int, outputs: int) -> None:
        """`inputs` channels come in together: half are up-sampled, half come by the skip."""
        super().__init__()
        self.first = nn.Conv2d(inputs, inputs // 2, 3, padding=1)
        self.second = nn.Conv2d(inputs // 2, outputs, 3, padding=1)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = torch.cat([doubled(x), skip], dim=1)
        return functional.relu(self.second(functional.relu(self.first(x))))


def doubled(x: Tensor) -> Tensor:
    """Return (B, C, 2H, 2W), bilinear."""
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
