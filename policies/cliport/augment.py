"""Augmentation: maps are turned and shifted with their labels; not where a sentence says where."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

DIRECTION_WORDS = frozenset(
    re.findall(
        r"[a-z]+",
        "left right top bottom upper lower front back center center middle corner above below "
        "beneath north south east west edge side near far",
    )
)
"""Words that name a direction or an area. A turned map would make them wrong."""

RELATIVE = re.compile(r"\b(left|right|top|bottom) of\b")
"""A direction relative to a thing. It stays right in a shifted map."""

YAW_DEVIATION_DEG = 60.0
"""Standard deviation of the random turn about z, in degrees (CLIPort's utils)."""

MAX_SHIFT_SHARE = 0.25
"""The largest shift along either side of a map, as a fraction of that side. Chosen here."""

WARP_DRAWS = 64
"""Warps that are drawn for a sample. The first that keeps both labels on the map is used; if none
does, the map stays as it is."""


def may_turn(sentence: str) -> bool:
    """True if a sentence names neither a direction nor an area of the table."""
    return DIRECTION_WORDS.isdisjoint(re.findall(r"[a-z]+", sentence.lower()))


def may_shift(sentence: str) -> bool:
    """True if all directions that a sentence names are relative to a thing."""
    return may_turn(RELATIVE.sub("", sentence.lower()))


@dataclass(frozen=True)
class Warp:
    """A turn about the map's middle by `angle` (B,) from columns to rows, in rad, then a shift
    (B, 2: rows, columns) in pixels."""

    angle: Tensor
    shift: Tensor

    def points(self, pixels: Tensor, size: tuple[int, int]) -> Tensor:
        """Return where pixels (B, ..., 2: row, column) of a map of `size` move to, not rounded."""
        middle = (torch.tensor(size, device=pixels.device) - 1) / 2
        row, column = (pixels - middle).unbind(-1)
        shape = (-1, *[1] * (row.ndim - 1))
        cos, sin = self.angle.cos().view(shape), self.angle.sin().view(shape)
        turned = torch.stack([sin * column + cos * row, cos * column - sin * row], dim=-1)
        return turned + middle + self.shift.view(*shape, 2)

    def maps(self, maps: Tensor) -> Tensor:
        """Return maps (B, C, H, W) warped by nearest neighbor; pixels from outside are 0."""
        height, width = maps.shape[-2:]
        rows = torch.arange(height, device=maps.device) - (height - 1) / 2
        columns = torch.arange(width, device=maps.device) - (width - 1) / 2
        row = rows[:, None] - self.shift[:, 0, None, None]
        column = columns - self.shift[:, 1, None, None]
        cos, sin = self.angle.cos()[:, None, None], self.angle.sin()[:, None, None]
        source = torch.stack([cos * column + sin * row, cos * row - sin * column], dim=-1)
        grid = source / (torch.tensor([width, height], device=maps.device) / 2)
        return functional.grid_sample(maps, grid, mode="nearest", align_corners=False)


def draw(
    pixels: Tensor,
    size: tuple[int, int],
    turns: Tensor,
    shifts: Tensor,
    yaw: float = YAW_DEVIATION_DEG,
) -> Warp:
    """Draw a warp for each sample from torch's generator on the CPU.

    `pixels` (B, labels, 2) stay on the map of `size`. Only samples in `turns` (B,) are turned and
    only those in `shifts` are shifted. `yaw` is the turn's standard deviation in degrees.
    """
    count = len(pixels)
    angles = (torch.randn(WARP_DRAWS, count) * math.radians(yaw)).to(pixels.device) * turns
    most = MAX_SHIFT_SHARE * torch.tensor(size)
    moves = ((2 * torch.rand(WARP_DRAWS, count, 2) - 1) * most).to(pixels.device) * shifts[:, None]
    many = Warp(angles.flatten(), moves.flatten(0, 1))
    moved = (
        many.points(pixels.repeat(WARP_DRAWS, 1, 1), size).round().unflatten(0, (WARP_DRAWS, count))
    )
    inside = (moved >= 0) & (moved < torch.tensor(size, device=pixels.device))
    fits = inside.flatten(2).all(dim=2)
    first = fits.int().argmax(dim=0)
    rows, kept = torch.arange(count, device=pixels.device), fits.any(dim=0)
    return Warp(angles[first, rows] * kept, moves[first, rows] * kept[:, None])
