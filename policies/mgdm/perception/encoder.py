"""The view encoder: it recognizes things and kinds of rooms in patches of pictures with depth.

It is a small network in the manner of CLIP, trained on labeled views of houses
(learning/encoder_learner.py) and frozen afterwards, as the published EVA-CLIP is. Each patch gets
two vectors in a space that it shares with words: the nearest embedded name (a linear map of
MiniLM's vector) says which thing the patch shows, and in which kind of room it is.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.policies.mgdm.config import MgdmConfig


class EncodedViews(NamedTuple):
    """The encoder's output for n views: embeddings of unit length of `things` (n, p, p, words) and
    `rooms` (n, p/2, p/2, words) at p x p patches, and `columns` (n, columns, features), averages
    over the picture's height from left to right."""

    things: Tensor
    rooms: Tensor
    columns: Tensor


class Residual(nn.Module):
    """Two convolutions with a residual connection."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        inner = torch.relu(self.first_norm(self.first(x)))
        return torch.relu(x + self.second_norm(self.second(inner)))


def downsampling(inputs: int, outputs: int) -> nn.Sequential:
    """Return a convolution that halves the resolution."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


def projection(inputs: int, outputs: int) -> nn.Sequential:
    """Return a 1 x 1 convolution to another number of channels."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))


def upsample(x: Tensor) -> Tensor:
    """Return a map with twice the resolution."""
    return functional.interpolate(x, scale_factor=2, mode="nearest")


class ViewEncoder(nn.Module):
    """Maps views (n, 4, picture, picture) to EncodedViews.

    Its features have 1/4, 1/8 and 1/16 of the picture's resolution; the coarse ones are added to
    the finer ones on the way back up. The buffers are saved with the weights: `names` (names,
    text_width) are MiniLM's embeddings of the names of things and then of rooms, `shares` (things,)
    how often each thing was seen in training, as a share of all patches.
    """

    names: Tensor
    shares: Tensor

    def __init__(self, config: MgdmConfig) -> None:
        super().__init__()
        c, w = config.channels, config.words
        self.columns = config.columns
        self.fine = nn.Sequential(downsampling(4, c), downsampling(c, 2 * c), Residual(2 * c))
        self.middle = nn.Sequential(downsampling(2 * c, 6 * c), Residual(6 * c), Residual(6 * c))
        self.coarse = nn.Sequential(downsampling(6 * c, 8 * c), Residual(8 * c), Residual(8 * c))
        self.whole = nn.Linear(8 * c, 8 * c)
        self.to_middle, self.mixed = projection(8 * c, 6 * c), Residual(6 * c)
        self.to_fine, self.kept = projection(6 * c, 4 * c), projection(2 * c, 4 * c)
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

    def forward(self, views: Tensor) -> EncodedViews:
        fine = self.fine(views.contiguous(memory_format=torch.channels_last))
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        coarse = torch.relu(coarse + self.whole(coarse.mean((2, 3)))[:, :, None, None])
        middle = self.mixed(torch.relu(middle + upsample(self.to_middle(coarse))))
        fine = self.last(torch.relu(self.kept(fine) + upsample(self.to_fine(middle))))
        columns = functional.adaptive_avg_pool2d(middle, (1, self.columns)).squeeze(2)
        things, rooms = _unit(self.thing(fine)), _unit(self.room(middle))
        return EncodedViews(things, rooms, columns.movedim(1, 2))

    def thing_logits(self, things: Tensor) -> Tensor:
        """Return logits (..., things) of patches' embeddings (..., words)."""
        words = functional.normalize(self.thing_word(self.names[: self.things]).float(), dim=-1)
        return things @ words.T * self.scale[0].exp()

    def room_logits(self, rooms: Tensor) -> Tensor:
        """Return logits (..., rooms) of patches' embeddings (..., words)."""
        words = functional.normalize(self.room_word(self.names[self.things :]).float(), dim=-1)
        return rooms @ words.T * self.scale[1].exp()


def _unit(features: Tensor) -> Tensor:
    return functional.normalize(features.float(), dim=1).movedim(1, -1)
