"""The network: three views become 24 columns, these and a subgoal one vector, and that with the
memory a decision.

What is remembered of a step depends on that step alone, so that training computes the steps of a
window at once. So does the confidence by which memories are pooled: it is told by a head on the
present step's vector, where the published one is the decision's own distribution.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from policies.mgdm.config import MgdmConfig
from policies.mgdm.observations import ACTIONS, LONG, RELATION, STOP, VIEWS

GROUND = 2
"""Offsets are told on the ground: to the right and ahead."""


class Glance(NamedTuple):
    """What is made of single steps: `h` (..., width) with the subgoal in mind, `visual` (...,
    width) without, `reflex` (..., ACTIONS) logits of an action without any memory."""

    h: Tensor
    visual: Tensor
    reflex: Tensor


class Memory(NamedTuple):
    """Remembered steps: `h` and `visual` (..., n, width), `relation` (..., n, RELATION) to the
    present step, and which of them are `filled` (..., n) bool."""

    h: Tensor
    visual: Tensor
    relation: Tensor
    filled: Tensor


class Decision(NamedTuple):
    """`motion` (..., ACTIONS) logits, that of a stop -inf; `stop` (...,) the logit of a stop;
    `offset` (..., GROUND) where the subtask ends, as observations.squashed says it."""

    motion: Tensor
    stop: Tensor
    offset: Tensor

    def probabilities(self) -> Tensor:
        """Return the distribution over all actions, (..., ACTIONS)."""
        stop = self.stop.sigmoid().unsqueeze(-1)
        return (1 - stop) * self.motion.softmax(-1) + stop * functional.one_hot(
            torch.tensor(STOP, device=stop.device), ACTIONS
        )


def convolution(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1), nn.GroupNorm(1, outputs), nn.GELU()
    )


class ViewEncoder(nn.Module):
    """From a view (n, 4, picture, picture) to its columns (n, columns, width), left to right."""

    def __init__(self, config: MgdmConfig) -> None:
        super().__init__()
        c = config.channels
        self.body = nn.Sequential(
            nn.Conv2d(4, c, 4, 4),
            nn.GroupNorm(1, c),
            nn.GELU(),
            convolution(c, 2 * c, 2),
            convolution(2 * c, 2 * c, 1),
            convolution(2 * c, 4 * c, 2),
            convolution(4 * c, 4 * c, 1),
            nn.AdaptiveAvgPool2d((8, config.columns)),
            nn.Conv2d(4 * c, config.width, (8, 1)),
        ).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, views: Tensor) -> Tensor:
        columns: Tensor = self.body(views.contiguous(memory_format=torch.channels_last))
        return columns.squeeze(2).movedim(1, 2)


def transformer(config: MgdmConfig, layers: int) -> nn.TransformerEncoder:
    layer = nn.TransformerEncoderLayer(
        config.width,
        config.heads,
        2 * config.width,
        dropout=0.0,
        activation="gelu",
        batch_first=True,
        norm_first=True,
    )
    return nn.TransformerEncoder(layer, layers, nn.LayerNorm(config.width), False)


class Mgdm(nn.Module):
    """The network of policy=mgdm; `look` at steps, then `decide` with what is remembered."""

    def __init__(self, config: MgdmConfig) -> None:
        super().__init__()
        self.config, width = config, config.width
        columns = config.columns * len(VIEWS)
        self.view = ViewEncoder(config)
        self.bearing = nn.Parameter(0.02 * torch.randn(columns, width))
        self.target = nn.Linear(config.text_width, width)
        self.room = nn.Linear(config.text_width, width)
        self.read = nn.Parameter(0.02 * torch.randn(width))
        self.panorama = transformer(config, config.panorama_layers)
        self.reflex = nn.Linear(width, ACTIONS)
        self.recall = nn.Linear(2 * width + RELATION, width)
        self.thought = nn.Linear(config.text_width, width)
        self.clock = nn.Linear(1, width)
        self.now = nn.Parameter(0.02 * torch.randn(width))
        self.decision = transformer(config, config.decision_layers)
        self.heads = nn.Linear(width, ACTIONS + GROUND)

    def look(self, views: Tensor, target: Tensor, room: Tensor) -> Glance:
        """Make vectors of steps: `views` (n, 3, 4, picture, picture) as observations.pictures
        gives them, `target` and `room` (n, text_width) embedded words."""
        columns = self.view(views.flatten(0, 1)).unflatten(0, views.shape[:2]).flatten(1, 2)
        words = torch.stack([self.target(target), self.room(room)], dim=1)
        read = self.read.expand(len(views), 1, -1)
        tokens = torch.cat([read, words, columns + self.bearing], dim=1)
        h = self.panorama(tokens)[:, 0]
        return Glance(h, columns.mean(1), self.reflex(h))

    def decide(self, h: Tensor, memory: Memory, thought: Tensor, step: Tensor) -> Decision:
        """Decide on steps: `h` (n, width), what each remembers, `thought` (n, text_width), zeros
        for none, and `step` (n,), the actions taken so far."""
        now = h + self.now + self.clock((step / LONG).unsqueeze(-1))
        rows = torch.cat([memory.h, memory.visual, memory.relation], dim=-1)
        tokens = torch.cat([now[:, None], self.thought(thought)[:, None], self.recall(rows)], 1)
        empty = functional.pad(~memory.filled, (2, 0))  # the first two are always there
        answer = self.heads(self.decision(tokens, src_key_padding_mask=empty)[:, 0])
        motion = answer[:, :ACTIONS].clone()
        motion[:, STOP] = -torch.inf
        return Decision(motion, answer[:, STOP], answer[:, ACTIONS:])


def untrained(config: MgdmConfig, seed: int) -> Mgdm:
    """Return a network with random weights that depend on the seed alone."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Mgdm(config)
