"""What a step remembers of earlier ones, in an episode that goes on and in a recorded window.

Both give the same: the steps before the present one, pooled as short_term.py says, and where they
were as seen from now.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longhaul.policies.mgdm.memory.short_term import Mode, ShortTermMemory, memory_weights
from longhaul.policies.mgdm.model import Glance, Memory
from longhaul.policies.mgdm.perception.observations import PLACE, RELATION, relations
from longhaul.policies.policy import Weights


class Past:
    """The earlier steps of one env slot's episode."""

    def __init__(self, capacity: int, mode: Mode, width: int) -> None:
        self.rows = ShortTermMemory(capacity, mode)
        self._width, self._steps = width, 0

    def clear(self) -> None:
        """Begin an episode."""
        self.rows.clear()
        self._steps = 0

    def push(self, glance: Glance, place: Tensor) -> None:
        """Add a step: its Glance, without a batch dimension, and its place (PLACE,)."""
        seen = torch.cat([glance.visual, place.to(glance.visual)])
        confidence = glance.reflex.float().softmax(-1)
        self.rows.push(_array(glance.h), _array(confidence), _array(seen))
        self._steps += 1

    def recall(self, place: Tensor) -> Memory:
        """Return the steps pushed so far as a step at `place` (PLACE,) sees them, (1, capacity)."""
        capacity, width, n = self.rows.capacity, self._width, len(self.rows)
        h, visual = torch.zeros(2, capacity, width)
        relation = torch.zeros(capacity, RELATION)
        if n:
            h[:n] = torch.from_numpy(self.rows.h)
            seen = torch.from_numpy(self.rows.visual)
            visual[:n] = seen[:, :width]
            age = self._steps - torch.from_numpy(self.rows.steps).float()
            relation[:n] = relations(place.cpu().expand(n, PLACE), seen[:, width:], age)
        rows = (h, visual, relation, torch.arange(capacity) < n)
        return Memory(*(row.to(place.device)[None] for row in rows))

    def likeness(self) -> dict[str, Weights]:
        """Return how like what each place remembers is to the latest step, as a cosine, none below
        0, by how many steps ago it was (the mean of those that are pooled there); {} with none."""
        if len(self.rows) < 2:
            return {}
        seen = self.rows.visual[:, : self._width]
        seen = seen / np.maximum(np.linalg.norm(seen, axis=1, keepdims=True), 1e-9)
        cosine = np.maximum(seen[:-1] @ seen[-1], 0)
        ages = [round(age) for age in (self._steps - 1 - self.rows.steps[:-1]).tolist()]
        return {"memory, like the present view": Weights(("cosine",), ages, cosine[None])}


def window_memory(glance: Glance, place: Tensor, capacity: int, mode: Mode) -> Memory:
    """Return what each step of windows remembers of those before it in its window.

    `glance` is (B, T, ...), `place` (B, T, PLACE); the memory is (B, T, capacity, ...) and keeps
    the gradients of what is remembered.
    """
    confidence = _array(glance.reflex.float().softmax(-1))
    after = [memory_weights(rows, capacity, mode) for rows in confidence]
    weights = torch.from_numpy(np.stack(after)).to(place.device).roll(1, dims=1)
    weights[:, 0] = 0  # the first step has none before it

    def of(features: Tensor) -> Tensor:
        return torch.einsum("btcs,bs...->btc...", weights, features.float())

    filled = weights.sum(-1) > 0.5
    steps = torch.arange(place.shape[1], device=place.device).expand(place.shape[:2]).float()
    age = (steps[:, :, None] - of(steps)) * filled
    relation = relations(place[:, :, None].expand(-1, -1, capacity, -1), of(place), age)
    return Memory(of(glance.h), of(glance.visual), relation * filled[..., None], filled)


def _array(values: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.detach().float().cpu().numpy()
    return array
