"""An image adapter for a local language model: features projected into its embedding space.

It follows LLaVA (Liu et al., 2023): an encoder's features on a grid of patches become as many
tokens before the question. LLaVA uses a frozen CLIP, which no package provides; here the encoder is
a small convolutional network that is trained with the projection. Its input channels include the
coordinates of the pixels, since a caption says where things lie.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from longhaul.documents import parse_json
from longhaul.errors import ConfigError
from longhaul.files import replacing
from longhaul.language.chat import ChatModel
from longhaul.language.local import LocalModel
from longhaul.policies.tensors import write_tensors
from longhaul.tensors import read_header

ADAPTER_FORMAT = "longhaul.planner.adapter/1"
"""The name and version of the files that this module writes and reads, in their metadata."""

MOST_LAYERS, MOST_SIDE = 32, 16384
"""The layers, and the width and the pixels of a side, that an adapter may claim to have."""


@dataclass(frozen=True)
class AdapterConfig:
    """`size` is the rows and columns to which pictures are resized, `grid` the rows and columns of
    the tokens, `channels` the channels of the encoder's layers, each of which halves rows and
    columns, and `width` the width of the language model's embeddings."""

    width: int
    size: tuple[int, int] = (160, 80)
    grid: tuple[int, int] = (8, 4)
    channels: tuple[int, ...] = (32, 64, 96)


class Adapter(nn.Module):
    """From a picture (H, W, 3) uint8 to tokens (grid rows * columns, width)."""

    def __init__(self, config: AdapterConfig) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        for before, after in zip((5, *config.channels), config.channels, strict=False):
            layers += [nn.Conv2d(before, after, 3, 2, 1), nn.GroupNorm(8, after), nn.GELU()]
        self.encoder = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(config.grid))
        deep = config.channels[-1]
        self.projector = nn.Sequential(
            nn.Linear(deep, config.width), nn.GELU(), nn.Linear(config.width, config.width)
        )

    def forward(self, picture: NDArray[np.uint8]) -> Tensor:
        image = torch.from_numpy(np.ascontiguousarray(picture)).to(self._device)
        image = image.movedim(-1, 0)[None].float() / 127.5 - 1
        image = functional.interpolate(image, self.config.size, mode="area")
        seen = self.encoder(torch.cat([image, self._coordinates()], dim=1))
        tokens: Tensor = self.projector(seen[0].flatten(1).T)
        return tokens

    def _coordinates(self) -> Tensor:
        """Return row and column of every pixel, (1, 2, H, W), from -1 to 1."""
        axes = [torch.linspace(-1, 1, n, device=self._device) for n in self.config.size]
        return torch.stack(torch.meshgrid(*axes, indexing="ij"))[None]

    @property
    def _device(self) -> torch.device:
        return next(self.parameters()).device


def save_adapter(path: Path, adapter: Adapter, model_sha256: str) -> None:
    """Write the weights, and the hash of the language model that they are for; the file appears
    whole or not at all."""
    metadata = {
        "format": ADAPTER_FORMAT,
        "config": json.dumps(asdict(adapter.config)),
        "model": model_sha256,
    }
    weights = {name: weight.detach().contiguous() for name, weight in adapter.state_dict().items()}
    with replacing(path) as new:
        write_tensors(new, weights, metadata)


def load_adapter(path: Path) -> tuple[Adapter, str]:
    """Return an adapter and the hash of its language model's weights.

    Raises ConfigError for a file that is no adapter.
    """
    try:
        read_header(path)
        with safe_open(path, "pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
        if metadata.get("format") != ADAPTER_FORMAT:
            raise ConfigError(f"policy.adapter={path} is no {ADAPTER_FORMAT}")
        adapter = Adapter(_config(parse_json(metadata["config"], "config")))
        adapter.load_state_dict(load_file(path))
    except (OSError, SafetensorError, ValueError, LookupError, TypeError, RuntimeError) as error:
        raise ConfigError(f"policy.adapter={path} cannot be read: {error}") from None
    return adapter.eval(), metadata["model"]


def _config(data: dict[str, Any]) -> AdapterConfig:
    (rows, columns), (down, across) = data["size"], data["grid"]
    sides = (data["width"], rows, columns, down, across, *data["channels"])
    if len(sides) > MOST_LAYERS or not all(type(n) is int and 0 < n <= MOST_SIDE for n in sides):
        raise ConfigError(f"an adapter of {len(data['channels'])} layers, its largest {max(sides)}")
    return AdapterConfig(data["width"], (rows, columns), (down, across), tuple(data["channels"]))


def attach(model: ChatModel, path: Path) -> None:
    """Give a local back end the adapter in a file. Raises ConfigError if it was trained for another
    model."""
    if not isinstance(model, LocalModel):
        raise ConfigError("policy.adapter is for policy.backend=local")
    adapter, trained_with = load_adapter(path)
    ours = model.provenance()["weights"]
    if trained_with != ours:
        raise ConfigError(
            f"policy.adapter={path} was trained for a language model with weights "
            f"{trained_with[:12]}, not {ours[:12]} ({model.path})"
        )
    device = next(model.model.parameters()).device
    model.image_adapter = torch.no_grad()(adapter.to(device))
