"""The features of a map and a sentence, kept until the pick is known and a place is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Scene:
    """`pick` (B, H, W) are the pick's logits; `key` (B, C, H, W) are the features that kernels are
    correlated with to find the place.

    The crop around the pick is cut from `around` (B, *, H, W): the maps, or features of them.
    `context` differs by network: Published keeps the sentences in it, Small the part of the
    place's logits (B, H, W) that does not depend on the pick.
    """

    pick: Tensor
    key: Tensor
    around: Tensor
    context: Tensor
