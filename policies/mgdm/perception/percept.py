"""What the view encoder recognizes at a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longhaul.policies.mgdm.perception.encoder import ViewEncoder
from longhaul.policies.mgdm.perception.observations import stack_views

Array = NDArray[np.float32]


class Percept(NamedTuple):
    """The encoder's output for one step: probabilities of `things` (3 * p * p, things) and of
    `rooms` (3 * p * p, rooms) at the p x p patches of the three views, and `columns` (3 * columns,
    features), the panorama's features from left to right."""

    things: Array
    rooms: Array
    columns: Tensor


@torch.inference_mode()
def perceive(encoder: ViewEncoder, observations: Mapping[str, Tensor]) -> list[Percept]:
    """Return the percepts of a batch of observations (n, ...)."""
    views = stack_views(observations)
    encoded = encoder(views.flatten(0, 1))
    things = encoder.thing_logits(encoded.things).softmax(-1)
    rooms = encoder.room_logits(encoded.rooms).softmax(-1)
    rooms = rooms.repeat_interleave(2, 1).repeat_interleave(2, 2)
    count = len(views)
    by_step = (
        values.unflatten(0, (count, -1)).flatten(1, last).cpu()
        for values, last in ((things, 3), (rooms, 3), (encoded.columns, 2))
    )
    return [Percept(a.numpy(), b.numpy(), c) for a, b, c in zip(*by_step, strict=True)]
