"""Learns the view encoder from views whose patches are labeled with things and kinds of rooms.

Labels are used in training only: the policy never sees one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.demos.source import NO_NAME
from longhaul.demos.source import ROOM_PREFIX as ROOM_NAME
from longhaul.envs.specs import CameraSpec, ObservationSpec, Requirement
from longhaul.errors import ConfigError
from longhaul.policies.mgdm.checkpoint import FILES, untrained
from longhaul.policies.mgdm.config import architecture as architecture_named
from longhaul.policies.mgdm.config import named
from longhaul.policies.mgdm.perception.observations import stack_rgbd
from longhaul.policies.mgdm.perception.text_embedding import TextEmbedder
from longhaul.policies.training.learner import WindowSpec

RGB, DEPTH, THING, ROOM = "rgb", "depth", "thing", "room"

LABELED_VIEWS = Requirement(
    ObservationSpec(
        (
            CameraSpec(RGB, 0, 0, "rgb", mount="robot"),
            CameraSpec(DEPTH, 0, 0, "depth", mount="robot"),
            CameraSpec(THING, 0, 0, "ids", mount="robot"),
            CameraSpec(ROOM, 0, 0, "ids", mount="robot"),
        )
    )
)


class EncoderLearner(nn.Module):
    """Fulfills longhaul.policies.training.learner.Learner with the views of `python -m
    longhaul.navgen.views`.

    Half of the views are mirrored.

    Args:
        sentences: The names of things and of kinds of rooms.
        architecture: The size of the network, small.
        patches: How many patches of each view are learned from, drawn so that rare things are seen
            as often as the square root of how rare they are says.
        room_weight: The weight of telling the kind of room.
        brightness: The share by which a view's colors are scaled at most.
        tint: The share by which each of them is scaled further at most.
        seed: The seed of the weights at the start.
    """

    terms: ClassVar[Mapping[str, str]] = {
        "loss": "weighted sum of the losses",
        "thing": "things: cross-entropy over patches",
        "room": "rooms: cross-entropy over patches",
        "things": "things: share named right, mean of kinds",
        "rooms": "rooms: share named right, mean of kinds",
    }

    requirement = LABELED_VIEWS

    def __init__(
        self,
        sentences: Sequence[str],
        architecture: str = "small",
        patches: int = 160,
        room_weight: float = 0.3,
        brightness: float = 0.2,
        tint: float = 0.08,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if type(patches) is not int or patches < 1:
            raise ConfigError(f"policy.patches={patches} must be a whole number, at least 1")
        for name, share in {"brightness": brightness, "tint": tint}.items():
            if not 0 <= share < 1:
                raise ConfigError(f"policy.{name}={share} must be at least 0 and below 1")
        things = [s for s in sentences if not s.startswith(ROOM_NAME)]
        rooms = [s.removeprefix(ROOM_NAME) for s in sentences if s.startswith(ROOM_NAME)]
        self.config = named(architecture_named(architecture), things, rooms)
        self.patches, self.room_weight = patches, room_weight
        self.brightness, self.tint = brightness, tint
        sizes: dict[str, int | None] = {RGB: self.config.picture, DEPTH: None}
        self.windows = WindowSpec(1, sizes | {THING: None, ROOM: None}, "trajectory", ahead=0)
        self.model = untrained(self.config, seed)
        texts = TextEmbedder()
        self.model.encoder.names.copy_(torch.stack([texts(name) for name in (*things, *rooms)]))

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the losses `loss`, `thing` and `room`.

        When not training, also the accuracies `things` and `rooms`: the share of patches that are
        named right, averaged over the names, so that each name counts as much as another.
        """
        views = stack_rgbd(batch[RGB][:, 0], batch[DEPTH][:, 0])
        thing, room = batch[THING][:, 0].long(), batch[ROOM][:, 0, ::2, ::2].long()
        if self.training:
            views, thing, room = self._augmented(views, thing, room)
        encoder = self.model.encoder
        encoded = encoder(views)
        thing = thing.flatten(1)
        things = encoded.things.flatten(1, 2)
        if self.training:
            chosen = self._sampled_patches(thing)
            thing = thing.gather(1, chosen)
            things = things.gather(1, chosen.unsqueeze(-1).expand(-1, -1, things.shape[-1]))
        with torch.autocast(views.device.type, enabled=False):
            thing_logits = encoder.thing_logits(things).flatten(0, 1)
            room_logits = encoder.room_logits(encoded.rooms).flatten(0, 2)
        thing, room = thing.flatten(), room.flatten()
        room = torch.where(room == NO_NAME, room, room - encoder.things)
        losses = {
            "thing": _cross_entropy(thing_logits, thing),
            "room": _cross_entropy(room_logits, room),
        }
        losses["loss"] = losses["thing"] + self.room_weight * losses["room"]
        if not self.training:
            losses["things"] = _mean_accuracy(thing_logits.argmax(-1) == thing, thing)
            losses["rooms"] = _mean_accuracy(room_logits.argmax(-1) == room, room)
        return losses

    def module(self) -> nn.Module:
        return self.model.encoder

    def save(self, path: Path, weights: Mapping[str, Tensor]) -> None:
        kept = {f"encoder.{name}": value for name, value in weights.items()}
        rest = {k: v for k, v in self.model.state_dict().items() if not k.startswith("encoder.")}
        FILES.save(path, self.config, kept | rest)

    def _sampled_patches(self, thing: Tensor) -> Tensor:
        """Return the indices of the patches to learn from, (views, patches)."""
        known = thing != NO_NAME
        shares = self.model.encoder.shares
        counts = torch.bincount(thing[known], minlength=len(shares))
        shares.mul_(0.995).add_(counts / counts.sum().clamp(min=1), alpha=0.005)
        rarity = shares.clamp(min=1e-6).rsqrt()
        weights = torch.where(known, rarity[torch.where(known, thing, 0)], 1e-6)
        return torch.multinomial(weights, self.patches, replacement=True)

    def _augmented(
        self, views: Tensor, thing: Tensor, room: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return views that are mirrored and colored at random, with their labels."""
        count, device = len(views), views.device
        mirrored = torch.rand(count, device=device) < 0.5
        views = torch.where(mirrored[:, None, None, None], views.flip(-1), views)
        thing = torch.where(mirrored[:, None, None], thing.flip(-1), thing)
        room = torch.where(mirrored[:, None, None], room.flip(-1), room)
        light = 1 + self.brightness * (2 * torch.rand(count, 1, 1, 1, device=device) - 1)
        tint = 1 + self.tint * (2 * torch.rand(count, 3, 1, 1, device=device) - 1)
        colors = (views[:, :3] * light * tint).clamp(0, 1)
        return torch.cat([colors, views[:, 3:]], 1), thing, room


def _mean_accuracy(right: Tensor, kinds: Tensor) -> Tensor:
    """Return the share that is right, averaged over the kinds that occur."""
    known = kinds != NO_NAME
    count = torch.bincount(kinds[known])
    found = torch.bincount(kinds[known], weights=right[known].float())
    return (found[count > 0] / count[count > 0]).mean()


def _cross_entropy(logits: Tensor, names: Tensor) -> Tensor:
    """Return the mean cross-entropy over the patches that have a name; 0 where none has."""
    total = functional.cross_entropy(logits, names, ignore_index=NO_NAME, reduction="sum")
    return total / (names != NO_NAME).sum().clamp(min=1)
