"""Mirrored maps, whose sentences name the other side: what is left of the mirror's edge is right.

Rows run from left to right and columns from top to bottom, as the tasks' sentences name them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from longhaul.policies.cliport.augment import SPATIAL

ACROSS_ROWS = {"left": "right", "right": "left"}
ACROSS_COLUMNS = {"top": "bottom", "bottom": "top"}
SYMMETRIC = {"center", "centre", "middle", "edge", "side", "near", "far"}
VARIANTS: tuple[dict[str, str], ...] = (
    {},
    ACROSS_ROWS,
    ACROSS_COLUMNS,
    {**ACROSS_ROWS, **ACROSS_COLUMNS},
)
"""Words to exchange where a map is mirrored not at all, in its rows, in its columns, in both."""

UNKNOWN = SPATIAL - ACROSS_ROWS.keys() - ACROSS_COLUMNS.keys() - SYMMETRIC


def mirrored(sentence: str, words: dict[str, str]) -> str | None:
    """Return a sentence with these words exchanged; None if others in it would change, too."""
    found = re.findall(r"[a-z]+", sentence.lower())
    if words and not UNKNOWN.isdisjoint(found):
        return None
    return re.sub(r"[A-Za-z]+", lambda match: words.get(match[0].lower(), match[0]), sentence)


class Told:
    """The vectors of some sentences and of their mirrored ones, each encoded once."""

    def __init__(self, sentences: Sequence[str], encode: Callable[[str], Tensor]) -> None:
        numbers: dict[str, int] = {}

        def number(text: str | None) -> int:
            return -1 if text is None else numbers.setdefault(text, len(numbers))

        table = [[number(mirrored(text, words)) for words in VARIANTS] for text in sentences]
        self.numbers = torch.tensor(table)
        """(sentences, variants): rows of `texts`, -1 where a sentence cannot be mirrored so."""
        self.texts = torch.stack([encode(text).half() for text in numbers])


def flip(maps: Tensor, pixels: Tensor, variants: Tensor) -> tuple[Tensor, Tensor]:
    """Return maps (B, C, H, W) and pixels (B, labels, 2) mirrored as `variants` (B,) say."""
    across = torch.stack([variants % 2 == 1, variants >= 2], dim=1)
    for axis in (0, 1):
        chosen = across[:, axis]
        maps = torch.where(chosen[:, None, None, None], maps.flip(axis + 2), maps)
    last = torch.tensor(maps.shape[-2:], device=pixels.device) - 1
    return maps, torch.where(across[:, None], last - pixels, pixels)
