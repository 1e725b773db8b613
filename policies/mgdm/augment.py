"""Windows of a house seen in a mirror: left is right, and the way is as good a way."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from policies.mgdm.observations import LEFT, POSE, RIGHT, VIEWS

KINDS: Mapping[str, int] = {"rgb": -2, "depth": -1}
"""Kinds of pictures, and which of their dimensions are the columns."""


def mirrored(batch: Mapping[str, Tensor], which: Tensor) -> dict[str, Tensor]:
    """Return a batch in which the windows that `which` (B,) bool chooses are mirrored.

    Pictures, poses (also those of keyframes) and the labels change; x becomes -x.
    """
    changed = dict(batch)
    for kind, columns in KINDS.items():
        for view, other in zip(VIEWS, reversed(VIEWS), strict=True):
            name, seen = f"{kind}_{view}", batch[f"{kind}_{other}"]
            changed[name] = _where(which, seen.flip(columns), batch[name])
    for name in (POSE, "keyframe"):
        sign = batch[name].new_tensor([-1.0, 1.0, 1.0, -1.0])
        changed[name] = _where(which, batch[name] * sign, batch[name])
    label = batch["actions"]
    turned = torch.where(label == LEFT, RIGHT, torch.where(label == RIGHT, LEFT, label))
    changed["actions"] = _where(which, turned.to(label), label)
    return changed


def _where(which: Tensor, yes: Tensor, no: Tensor) -> Tensor:
    return torch.where(which.view(-1, *[1] * (no.ndim - 1)), yes, no)
