"""The network of the paper: a spatial and a semantic stream for each of pick, key and query."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.policies.cliport.blocks import Bottleneck, Joined, doubled, stage
from longhaul.policies.cliport.clip_vision import ClipTrunk
from longhaul.policies.cliport.config import CliportConfig
from longhaul.policies.cliport.correlate import correlate, rotated_crops
from longhaul.policies.cliport.scene import Scene

RGB_MEAN, RGB_STD = 0.18877, 0.07276
HEIGHT_MEAN, HEIGHT_STD = 0.00509, 0.00904
"""Means and standard deviations of colors (0 to 1) and of heights (m), from CLIPort's utils."""


class SpatialStream(nn.Module):
    """Color and height to `outputs` channels of the same size: five stages down, five up.

    The published decoder ends at twice the input's resolution and is then made smaller again; this
    one leaves out that last step up, which has no weights.
    """

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(6, width, 3, padding=1)
        down = [width * 2**i for i in range(5)]
        self.encoder = nn.Sequential(
            stage(width, width), *(stage(n, 2 * n, stride=2) for n in down[:-1])
        )
        up = [16 * width, 8 * width, 4 * width, 2 * width, width, width // 2]
        self.decoder = nn.ModuleList(stage(a, b) for a, b in pairwise(up))
        quarter = width // 4
        self.head = nn.Sequential(
            Bottleneck(width // 2, quarter, outputs, project=True, last=True),
            Bottleneck(outputs, quarter, outputs, last=True),
        )

    def forward(self, maps: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the output, and the features before each decoder stage and before the head."""
        x = self.encoder(functional.relu(self.stem(maps)))
        laterals = []
        for number, decode in enumerate(self.decoder):
            laterals.append(x)
            x = decode(x)
            if number < len(self.decoder) - 1:
                x = doubled(x)
        laterals.append(x)
        return self.head(x), laterals


class SemanticStream(nn.Module):
    """CLIP's features to `outputs` channels; the sentence multiplies them at three levels."""

    def __init__(self, width: int, text_width: int, outputs: int) -> None:
        super().__init__()
        w = width
        self.stem = nn.Conv2d(32 * w, 16 * w, 3, padding=1, bias=False)
        self.gates = nn.ModuleList(nn.Linear(text_width, n) for n in (16 * w, 8 * w, 4 * w))
        self.joins = nn.ModuleList(Joined(n, n // 4) for n in (32 * w, 16 * w, 8 * w))
        self.ups = nn.ModuleList(stage(n, n // 2) for n in (2 * w, w, w // 2))
        lateral = [16 * w, 8 * w, 4 * w, 2 * w, w, w // 2]
        self.laterals = nn.ModuleList(nn.Conv2d(n + n // 2, n // 2, 1, bias=False) for n in lateral)
        self.head = nn.Conv2d(w // 4, outputs, 1)

    def forward(self, clip: list[Tensor], laterals: list[Tensor], text: Tensor) -> Tensor:
        x = functional.relu(self.stem(clip[3]))
        for number, join in enumerate(self.joins):
            x = x * self.gates[number](text)[:, :, None, None]
            x = self._fused(number, join(x, clip[2 - number]), laterals)
        for number, up in enumerate(self.ups, len(self.joins)):
            x = up(x)
            if number < len(self.laterals) - 1:
                x = doubled(x)
            x = self._fused(number, x, laterals)
        return self.head(x)

    def _fused(self, number: int, x: Tensor, laterals: list[Tensor]) -> Tensor:
        both = torch.cat([x, laterals[number]], dim=1)
        fused: Tensor = self.laterals[number](functional.relu(both))
        return fused


class TwoStreams(nn.Module):
    """Both streams. A 1x1 convolution joins their outputs if `merged`, else they are added."""

    def __init__(self, config: CliportConfig, outputs: int, merged: bool) -> None:
        super().__init__()
        self.spatial = SpatialStream(config.width, outputs)
        self.semantic = SemanticStream(config.width, config.text_width, outputs)
        self.merge = nn.Conv2d(2 * outputs, outputs, 1) if merged else None

    def forward(self, maps: Tensor, clip: list[Tensor], text: Tensor) -> Tensor:
        """Map normalized maps (B, 6, H, W), CLIP's features of them and a sentence (B, width) to
        (B, outputs, H, W)."""
        one, laterals = self.spatial(maps)
        other = self.semantic(clip, laterals, text)
        if self.merge is None:
            added: Tensor = one + other
            return added
        merged: Tensor = self.merge(functional.relu(torch.cat([one, other], dim=1)))
        return merged


class Published(nn.Module):
    """Fulfills model.Network with one frozen CLIP trunk for all of its streams."""

    def __init__(self, config: CliportConfig) -> None:
        super().__init__()
        self.config = config
        self.vision = ClipTrunk(config.width)
        self.pick = TwoStreams(config, 1, merged=False)
        self.key = TwoStreams(config, config.channels, merged=True)
        self.query = TwoStreams(config, config.channels, merged=True)

    def look(self, maps: Tensor, text: Tensor) -> Scene:
        sentence, normal, clip = text[:, 0], normalize(maps), self.vision(maps[:, :3])
        pick = self.pick(normal, clip, sentence)[:, 0]
        return Scene(pick, self.key(normal, clip, sentence), maps, text)

    def place(self, scene: Scene, pixels: Tensor) -> Tensor:
        n, size = self.config.n_rotations, self.config.crop
        crops = rotated_crops(scene.around, pixels, n, size).flatten(0, 1)
        sentence = scene.context[:, 0].repeat_interleave(n, dim=0)
        kernels = self.query(normalize(crops), self.vision(crops[:, :3]), sentence)
        return correlate(scene.key, kernels.unflatten(0, (-1, n)))


def normalize(maps: Tensor) -> Tensor:
    """Map color in 0..1 and height in m (B, 4, H, W) to CLIPort's six channels."""
    color = (maps[:, :3] - RGB_MEAN) / RGB_STD
    height = (maps[:, 3:] - HEIGHT_MEAN) / HEIGHT_STD
    return torch.cat([color, height.expand(-1, 3, -1, -1)], dim=1)
