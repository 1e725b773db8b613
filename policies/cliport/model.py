"""The CLIPort network: which pixel to pick, and which pixel and yaw to place."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.policies.cliport.config import CliportConfig
from longhaul.policies.cliport.published import Published
from longhaul.policies.cliport.scene import Scene
from longhaul.policies.cliport.small import Small


class Network(Protocol):
    def look(self, maps: Tensor, text: Tensor) -> Scene:
        """Encode maps (B, 4, H, W), color in 0..1 and height in m, and the sentences' tokens
        (B, text_tokens, text_width), padded with rows of 0; H and W are multiples of 32."""

    def place(self, scene: Scene, pixels: Tensor) -> Tensor:
        """Return the place's logits (B, n_rotations, H, W) for picks at `pixels` (B, 2)."""


class Cliport(nn.Module):
    """The network that `config.streams` names: Small or Published."""

    def __init__(self, config: CliportConfig) -> None:
        super().__init__()
        self.config = config
        self.net: Small | Published
        self.net = Small(config) if config.streams == "small" else Published(config)

    def look(self, maps: Tensor, text: Tensor) -> Scene:
        return self.net.look(maps, text)

    def place(self, scene: Scene, pixels: Tensor) -> Tensor:
        return self.net.place(scene, pixels)

    def trainable(self) -> int:
        """Return the number of trained weights."""
        return sum(weight.numel() for weight in self.parameters() if weight.requires_grad)


def untrained(config: CliportConfig, seed: int) -> Cliport:
    """Build a network with weights that depend on the seed alone."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Cliport(config)


def cross_entropy(logits: Tensor, indices: tuple[Tensor, ...]) -> Tensor:
    """Return the losses (B,) of logits (B, *shape) in which each element is a class; `indices`
    holds the labels, one tensor (B,) for each axis of the shape."""
    target = torch.zeros_like(indices[0])
    for index, size in zip(indices, logits.shape[1:], strict=True):
        target = target * size + index
    return functional.cross_entropy(logits.flatten(1).float(), target, reduction="none")


def best(logits: Tensor) -> tuple[Tensor, ...]:
    """Return the index of the greatest of logits (B, *shape): (B,) for each axis of the shape."""
    return torch.unravel_index(logits.flatten(1).argmax(dim=1), logits.shape[1:])
