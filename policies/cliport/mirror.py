"""Augmentation by mirroring: a mirrored map goes with a sentence whose sides are exchanged.

Rows run from left to right and columns from top to bottom, as the tasks' sentences name them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from longhaul.policies.cliport.augment import DIRECTION_WORDS

ACROSS_ROWS = {"left": "right", "right": "left"}
ACROSS_COLUMNS = {"top": "bottom", "bottom": "top"}
SYMMETRIC = {"center", "centre", "middle", "edge", "side", "near", "far"}
MIRROR_VARIANTS: tuple[dict[str, str], ...] = (
    {},
    ACROSS_ROWS,
    ACROSS_COLUMNS,
    {**ACROSS_ROWS, **ACROSS_COLUMNS},
)
"""The words to exchange for each variant: not mirrored, rows mirrored, columns mirrored, both."""

UNMIRRORED_WORDS = DIRECTION_WORDS - ACROSS_ROWS.keys() - ACROSS_COLUMNS.keys() - SYMMETRIC
"""Direction words without a known mirror image. A sentence that has one is not mirrored."""


def mirrored(sentence: str, words: dict[str, str]) -> str | None:
    """Return a sentence with `words` exchanged; None if it has one of UNMIRRORED_WORDS."""
    found = re.findall(r"[a-z]+", sentence.lower())
    if words and not UNMIRRORED_WORDS.isdisjoint(found):
        return None
    return re.sub(r"[A-Za-z]+", lambda match: words.get(match[0].lower(), match[0]), sentence)


class SentenceVectors:
    """The vectors of sentences and of their mirrored versions; each is encoded once."""

    def __init__(self, sentences: Sequence[str], encode: Callable[[str], Tensor]) -> None:
        numbers: dict[str, int] = {}

        def number(text: str | None) -> int:
            return -1 if text is None else numbers.setdefault(text, len(numbers))

        table = [[number(mirrored(text, words)) for words in MIRROR_VARIANTS] for text in sentences]
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
