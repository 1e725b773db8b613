"""The network: three views become columns, these and a subgoal one vector, and that with what is
remembered and the places that there are a decision: which waypoint to go to, or to stop.

The released network chooses among a stop and three views; this one among a stop and places on its
own map, of which it is known by which action one gets there. What is remembered of a step depends
on that step alone, so that training computes the steps of a window at once. So does the confidence
by which memories are pooled: it is told by a head on the present step's vector, where the published
one is the decision's own distribution.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.errors import ConfigError
from longhaul.language.weights import Weights
from longhaul.policies.checkpoint import CheckpointError, CheckpointFormat
from longhaul.policies.mgdm.config import MgdmConfig
from longhaul.policies.mgdm.decision.language_head import LanguageHead
from longhaul.policies.mgdm.mapping.waypoints import DISTANCE, NUMBERS, TARGET
from longhaul.policies.mgdm.perception.encoder import ViewEncoder
from longhaul.policies.mgdm.perception.observations import (
    ACTIONS,
    LEFT,
    LONG,
    RELATION,
    STOP,
    VIEWS,
)

FILES = CheckpointFormat("mgdm", "MGDM", MgdmConfig, frozen="decision.model.")
"""Files of weights. MiniLM, beside which they are trained, comes with its package; of a language
model as the head they have the hash."""


NEAR = 0.04
"""The distance of a waypoint below which one is there: in units of 10 m, as its numbers have it."""

SHIPPED = Path(__file__).parent / "weights" / "mgdm_lhvln.safetensors"

DROPOUT, BLANKED = 0.1, 0.5
"""While training, in the transformers, and of what was seen around a waypoint: there are but some
hundred houses, and these are learned by heart by what stands next to what."""

SURE = 6.0
"""Logits beyond this are as sure as this."""


class Glance(NamedTuple):
    """What is made of single steps: `h` (..., width) with the subgoal in mind, `visual` (...,
    width) without, `reflex` (..., ACTIONS) logits of an action without memory and places."""

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


class Choices(NamedTuple):
    """Waypoints (mapping/waypoints.py): `numbers` (..., waypoints, NUMBERS), the first of which is
    1 for a waypoint and 0 for none, and evidence of `things` and `rooms` (..., waypoints, words),
    in the space of words."""

    numbers: Tensor
    things: Tensor
    rooms: Tensor

    @property
    def filled(self) -> Tensor:
        return self.numbers[..., 0] > 0.5

    @property
    def targets(self) -> Tensor:
        """Which of them may be the target, (..., waypoints) bool."""
        return self.filled & (self.numbers[..., TARGET] > 0.5)

    @property
    def near(self) -> Tensor:
        """Which of these the robot is at, (..., waypoints) bool."""
        return self.targets & (self.numbers[..., DISTANCE] < NEAR)

    @property
    def actions(self) -> Tensor:
        """One-hot actions (..., waypoints, ACTIONS): which one leads to each."""
        return functional.pad(self.numbers[..., 1:ACTIONS], (1, 0))


class Decision(NamedTuple):
    """`going` (..., waypoints) logits, -inf where there is none; `goal` (..., waypoints) logits of
    its being where the subtask ends, -SURE where it is no thing that may be the target; `stop`
    (...,) the logit of a stop, that of the likeliest goal where one stands; `actions` (...,
    waypoints, ACTIONS) one-hot, to the waypoints."""

    going: Tensor
    goal: Tensor
    stop: Tensor
    actions: Tensor

    def probabilities(self) -> Tensor:
        """Return the distribution over all actions, (..., ACTIONS); one turns where there is
        nowhere to go."""
        stop = self.stop.sigmoid().unsqueeze(-1)
        nowhere = torch.isinf(self.going).all(-1, keepdim=True)
        share = torch.where(nowhere, 0.0, self.going.masked_fill(nowhere, 0.0).softmax(-1))
        motion = (share.unsqueeze(-2) @ self.actions).squeeze(-2)
        turn = _one_hot(LEFT, self.stop)
        motion = torch.where(nowhere, turn, motion)
        return (1 - stop) * motion + stop * _one_hot(STOP, self.stop)


def _one_hot(action: int, like: Tensor) -> Tensor:
    return functional.one_hot(torch.tensor(action, device=like.device), ACTIONS).to(like.dtype)


def transformer(config: MgdmConfig, layers: int) -> nn.TransformerEncoder:
    layer = nn.TransformerEncoderLayer(
        config.width,
        config.heads,
        2 * config.width,
        dropout=DROPOUT,
        activation="gelu",
        batch_first=True,
        norm_first=True,
    )
    return nn.TransformerEncoder(layer, layers, nn.LayerNorm(config.width), False)


class Mgdm(nn.Module):
    """The network of policy=mgdm: `encoder` on its own, `look` at steps, then `decide` with what is
    remembered and where one can go. What a waypoint's numbers say by themselves is added to what
    comes of all together: it is the same in every house."""

    def __init__(self, config: MgdmConfig, language: Weights | None = None) -> None:
        super().__init__()
        self.config, width = config, config.width
        features, columns = 6 * config.channels, config.columns * len(VIEWS)
        self.encoder = ViewEncoder(config)
        self.column = nn.Sequential(nn.LayerNorm(features), nn.Linear(features, width))
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
        self.waypoint = nn.Sequential(nn.Linear(NUMBERS, width), nn.GELU(), nn.Linear(width, width))
        self.around = nn.Sequential(
            nn.Dropout(BLANKED),
            nn.Linear(2 * config.words, config.around),
            nn.GELU(),
            nn.Linear(config.around, width),
        )
        self.decision = _head(config, language)
        self.going, self.goal = nn.Linear(width, 1), nn.Linear(width, 1)
        self.plainly = nn.Sequential(nn.Linear(NUMBERS, 32), nn.GELU(), nn.Linear(32, 2))

    def look(self, columns: Tensor, target: Tensor, room: Tensor) -> Glance:
        """Make vectors of steps: `columns` (n, 3 * columns, features) of the encoder, `target` and
        `room` (n, text_width) embedded words."""
        seen = self.column(columns)
        words = torch.stack([self.target(target), self.room(room)], dim=1)
        read = self.read.expand(len(columns), 1, -1)
        h = self.panorama(torch.cat([read, words, seen + self.bearing], dim=1))[:, 0]
        return Glance(h, seen.mean(1), self.reflex(h))

    def decide(
        self, h: Tensor, memory: Memory, choices: Choices, thought: Tensor, step: Tensor
    ) -> Decision:
        """Decide on steps: `h` (n, width), what each remembers and its choices, `thought` (n,
        text_width), zeros for none, and `step` (n,), the actions taken so far."""
        now = h + self.now + self.clock((step / LONG).unsqueeze(-1))
        rows = self.recall(torch.cat([memory.h, memory.visual, memory.relation], dim=-1))
        around = self.around(torch.cat([choices.things, choices.rooms], dim=-1))
        places = self.waypoint(choices.numbers) + around
        tokens = torch.cat([now[:, None], self.thought(thought)[:, None], rows, places], 1)
        filled = torch.cat([memory.filled, choices.filled], 1)
        empty = functional.pad(~filled, (2, 0))  # the first two are always there
        answer = self.decision(tokens, empty, rows.shape[1])
        of_each = answer[:, -places.shape[1] :]
        plainly = self.plainly(choices.numbers)
        going = (self.going(of_each) + plainly[..., :1]).squeeze(-1).float()
        goal = (self.goal(of_each) + plainly[..., 1:]).squeeze(-1).float()
        going = going.masked_fill(~choices.filled, -torch.inf)
        goal = goal.clamp(-SURE, SURE).masked_fill(~choices.targets, -SURE)
        stop = goal.masked_fill(~choices.near, -SURE).max(-1).values
        return Decision(going, goal, stop, choices.actions)


class SmallHead(nn.Module):
    """A transformer that trains on a CPU: every token reads all others."""

    def __init__(self, config: MgdmConfig) -> None:
        super().__init__()
        self.layers = transformer(config, config.decision_layers)

    def forward(self, tokens: Tensor, empty: Tensor, rows: int) -> Tensor:
        """Return a vector for each token (n, length, width), but for those that are `empty` (n,
        length) bool; it needs not know how many `rows` are the memory's."""
        answer: Tensor = self.layers(tokens, src_key_padding_mask=empty)
        return answer


def _head(config: MgdmConfig, language: Weights | None) -> nn.Module:
    if config.head == "transformer":
        return SmallHead(config)
    if language is None:
        raise ConfigError(
            "this MGDM decides with a language model: policy.language_model=FOLDER says where it is"
        )
    return LanguageHead(language, config.width)


def untrained(config: MgdmConfig, seed: int, language: Weights | None = None) -> Mgdm:
    """Return a network with random weights that depend on the seed alone, but for those of a
    `language` model as its head."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Mgdm(config, language)


def onlooker(checkpoint: Path) -> Mgdm:
    """Return a checkpoint's network in eval mode for its encoder and `look`, not to decide: of
    whichever head it has nothing is read. Raises CheckpointError."""
    config, _ = FILES.read_architecture(checkpoint)
    model = untrained(replace(config, head="transformer"), 0)
    weights = FILES.read_weights(checkpoint)
    kept = {name: w for name, w in weights.items() if not name.startswith("decision.")}
    found = model.load_state_dict(kept, strict=False)
    odd = [n for n in found.missing_keys if not n.startswith("decision.")] + found.unexpected_keys
    if odd:
        raise CheckpointError(f"checkpoint {checkpoint}: weights do not fit ({odd[0]} and others)")
    return model.eval()
