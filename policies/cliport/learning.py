"""How CLIPort learns: from single frames, and the pixels where a demonstrator picked and placed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from longhaul.errors import ConfigError
from longhaul.policies.cliport.augment import YAW_DEVIATION_DEG, draw, may_shift, may_turn
from longhaul.policies.cliport.checkpoint import CLIPORT_CHECKPOINTS
from longhaul.policies.cliport.config import architecture as architecture_named
from longhaul.policies.cliport.encoders import Encoders
from longhaul.policies.cliport.mirror import MIRROR_VARIANTS, SentenceVectors, flip
from longhaul.policies.cliport.model import best, cross_entropy, untrained
from longhaul.policies.cliport.workspace import (
    COLOR_MAP,
    HEIGHT_MAP,
    PIXEL_M,
    TABLETOP_REQUIREMENT,
    labels,
)
from longhaul.policies.training.learner import WindowSpec


class Samples(NamedTuple):
    """Maps (B, 4, H, W), sentences (B, text_tokens, text_width), pick and place pixels (B, 2: row,
    column) and yaw bins (B,)."""

    maps: Tensor
    text: Tensor
    pick: Tensor
    place: Tensor
    turn: Tensor


class CliportLearner(nn.Module):
    """Fulfills longhaul.policies.training.learner.Learner with the tabletop's observations.

    Args:
        architecture: The size of the network, small or published.
        n_rotations: The number of yaws to choose from when placing; 1 is enough, and 36 times less
            to compute, if nothing is ever turned; None takes the architecture's 36.
        augment: True rotates and shifts the maps, as far as the directions in their sentence stay
            true.
        yaw: The standard deviation of that rotation in degrees, by default CLIPort's.
        mirror: True also mirrors the maps, and swaps the words of directions in their sentences.
        pretrained: A checkpoint to start from; None starts from scratch.
        vision_folder: OpenAI's CLIP RN50 as model.safetensors, which size published needs.
        text_folder: The text encoder of that CLIP as transformers saves it, which size published
            needs.
        seed: The seed of the initial weights.
    """

    terms: ClassVar[Mapping[str, str]] = {
        "loss": "sum of the losses",
        "pick": "pick: cross-entropy over pixels",
        "place": "place: cross-entropy over pixels and turns",
        "pick_cm": "pick: distance of the best pixel (cm)",
        "place_cm": "place: distance of the best pixel (cm)",
    }
    requirement = TABLETOP_REQUIREMENT
    windows = WindowSpec(length=1, sizes={COLOR_MAP: None, HEIGHT_MAP: None}, ahead=0)

    def __init__(
        self,
        sentences: Sequence[str],
        architecture: str = "small",
        n_rotations: int | None = None,
        augment: bool = True,
        yaw: float = YAW_DEVIATION_DEG,
        mirror: bool = True,
        pretrained: str | None = None,
        vision_folder: str | None = None,
        text_folder: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if not 0 <= yaw < math.inf:
            raise ConfigError(f"policy.yaw={yaw} must be degrees, at least 0")
        config = architecture_named(architecture)
        self.config = config if n_rotations is None else replace(config, n_rotations=n_rotations)
        self.augment, self.yaw, self.mirror = augment, yaw, mirror
        encoders = Encoders.find(self.config, vision_folder, text_folder)
        self.hashes = encoders.hashes
        self.model = untrained(self.config, seed)
        encoders.put_into(self.model)
        if pretrained is not None:
            CLIPORT_CHECKPOINTS.load_into(self.model, Path(pretrained), self.config)
        told = SentenceVectors(sentences, encoders.text(self.config))
        self.register_buffer("texts", told.texts, False)
        self.register_buffer("numbers", told.numbers, False)
        self.register_buffer("turns", torch.tensor([may_turn(s) for s in sentences]), False)
        self.register_buffer("shifts", torch.tensor([may_shift(s) for s in sentences]), False)

    texts: Tensor
    numbers: Tensor
    turns: Tensor
    shifts: Tensor

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the losses `loss`, `pick` and `place`, and when not training the mean distances
        of the best pixels from the demonstrated ones, `pick_cm` and `place_cm`."""
        samples = self.samples(batch)
        pick, place = samples.pick, samples.place
        scene = self.model.look(samples.maps, samples.text)
        fits = self.model.place(scene, pick)
        losses = {
            "pick": cross_entropy(scene.pick, tuple(pick.unbind(-1))).mean(),
            "place": cross_entropy(fits, (samples.turn, *place.unbind(-1))).mean(),
        }
        losses["loss"] = losses["pick"] + losses["place"]
        if not self.training:
            losses["pick_cm"] = centimeters(best(scene.pick), pick).mean()
            losses["place_cm"] = centimeters(best(fits)[1:], place).mean()
        return losses

    def samples(self, batch: Mapping[str, Tensor]) -> Samples:
        """Return the network's inputs and labels; while training they are augmented."""
        color = batch[COLOR_MAP][:, 0].movedim(-1, 1).float() / 255
        maps = torch.cat([color, batch[HEIGHT_MAP][:, :1].float()], dim=1)
        pick, place, turn = labels(batch["actions"][:, 0], self.config.n_rotations)
        told, variant = batch["sentence"], torch.zeros_like(batch["sentence"])
        if self.training and self.augment:
            both = torch.stack([pick, place], dim=1)
            if self.mirror:
                variant = torch.randint(len(MIRROR_VARIANTS), (len(told),)).to(told.device)
                variant = variant * (self.numbers[told, variant] >= 0)
                maps, both = flip(maps, both, variant)
                turn = torch.where((variant == 1) | (variant == 2), -turn, turn)
            size = (maps.shape[-2], maps.shape[-1])
            warp = draw(both, size, self.turns[told], self.shifts[told], self.yaw)
            maps = warp.maps(maps)
            pick, place = warp.points(both, size).round().long().unbind(1)
        text = self.texts[self.numbers[told, variant]].float()
        return Samples(maps, text, pick, place, turn % self.config.n_rotations)

    def module(self) -> nn.Module:
        """Return the network that is saved."""
        return self.model

    def save(self, path: Path, weights: Mapping[str, Tensor]) -> None:
        """Write weights of the network as a checkpoint of policy=cliport."""
        CLIPORT_CHECKPOINTS.save(path, self.config, weights, self.hashes, torch.float16)


def centimeters(found: tuple[Tensor, ...], pixels: Tensor) -> Tensor:
    """Return the distances (B,) between pixels, in cm on the table."""
    return (torch.stack(found, dim=-1) - pixels).float().norm(dim=-1) * (100 * PIXEL_M)
