"""What a network has seen of a map and a sentence, kept for when the pick is known."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Scene:
    """`pick` (B, H, W) logits of where to take hold; `key` (B, C, H, W), what a place is found by.

    `around` (B, *, H, W) is what the crop is cut from: the maps, or features of them. `context` is
    a network's own: the sentences, or what they say of places by themselves.
    """

    pick: Tensor
    key: Tensor
    around: Tensor
    context: Tensor
