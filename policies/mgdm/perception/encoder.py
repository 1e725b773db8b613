"""The view encoder: from pictures with depth to what is where in them, in the space of words.

A small network in CLIP's manner, trained on labeled views of houses (encoder_learning.py) and
frozen afterwards, as the published encoder is. Each patch has a vector; the nearest of the names'
vectors, linear in MiniLM's, says what it shows, and another one in which kind of room it is.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.policies.mgdm.config import MgdmConfig


class Seen(NamedTuple):
    """What views show: `things` (n, p, p, words) and `rooms` (n, p/2, p/2, words), of unit length,
    in the space of words, and `columns` (n, columns, features), left to right."""

    things: Tensor
    rooms: Tensor
    columns: Tensor


class Residual(nn.Module):
    """Two convolutions beside a short cut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        inner = torch.relu(self.first_norm(self.first(x)))
        return torch.relu(x + self.second_norm(self.second(inner)))


def halved(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


def beside(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))


def doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2, mode="nearest")


class ViewEncoder(nn.Module):
    """From a view (n, 4, picture, picture) to Seen: down to an eighth of a quarter, and up again.

    `names` are the embedded words (names, text_width) of things and then of rooms, `shares`
    how often each thing is seen in training, of all.
    """

    names: Tensor
    shares: Tensor

    def __init__(self, config: MgdmConfig) -> None:
        super().__init__()
        c, w = config.channels, config.words
        self.columns = config.columns
        self.fine = nn.Sequential(halved(4, c), halved(c, 2 * c), Residual(2 * c))
        self.middle = nn.Sequential(halved(2 * c, 6 * c), Residual(6 * c), Residual(6 * c))
        self.coarse = nn.Sequential(halved(6 * c, 8 * c), Residual(8 * c), Residual(8 * c))
        self.whole = nn.Linear(8 * c, 8 * c)
        self.to_middle, self.mixed = beside(8 * c, 6 * c), Residual(6 * c)
        self.to_fine, self.kept = beside(6 * c, 4 * c), beside(2 * c, 4 * c)
        self.last = nn.Sequential(
            nn.Conv2d(4 * c, 4 * c, 3, 1, 1, bias=False), nn.BatchNorm2d(4 * c), nn.ReLU()
        )
        self.thing, self.room = nn.Conv2d(4 * c, w, 1), nn.Conv2d(6 * c, w, 1)
        self.thing_word = nn.Linear(config.text_width, w)
        self.room_word = nn.Linear(config.text_width, w)
        self.scale = nn.Parameter(torch.full((2,), 2.3))
        self.register_buffer("names", torch.zeros(config.names, config.text_width))
        self.things = len(config.thing_names)
        self.register_buffer("shares", torch.full((self.things,), 1 / max(self.things, 1)))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, views: Tensor) -> Seen:
        fine = self.fine(views.contiguous(memory_format=torch.channels_last))
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        coarse = torch.relu(coarse + self.whole(coarse.mean((2, 3)))[:, :, None, None])
        middle = self.mixed(torch.relu(middle + doubled(self.to_middle(coarse))))
        fine = self.last(torch.relu(self.kept(fine) + doubled(self.to_fine(middle))))
        columns = functional.adaptive_avg_pool2d(middle, (1, self.columns)).squeeze(2)
        return Seen(_unit(self.thing(fine)), _unit(self.room(middle)), columns.movedim(1, 2))

    def thing_scores(self, things: Tensor) -> Tensor:
        """Return logits (..., things' names) of patches (..., words)."""
        words = functional.normalize(self.thing_word(self.names[: self.things]).float(), dim=-1)
        return things @ words.T * self.scale[0].exp()

    def room_scores(self, rooms: Tensor) -> Tensor:
        """Return logits (..., rooms' names) of patches (..., words)."""
        words = functional.normalize(self.room_word(self.names[self.things :]).float(), dim=-1)
        return rooms @ words.T * self.scale[1].exp()


def _unit(features: Tensor) -> Tensor:
    return functional.normalize(features.float(), dim=1).movedim(1, -1)
