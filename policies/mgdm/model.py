"""The network: from three views, a subgoal, a memory and waypoints to a decision.

    views (3, 4, 128, 128)   target, room (2, 384)      subgoal, as MiniLM embeds it
            | encoder, frozen         |
            |                         |
    columns (24, 96)                  |                 8 of each view, from left to right
            | column + bearing        | target, room
    (24, 128)                  (2, 128)    read (1, 128)
            |                     |          |
            |                     +-- cat ---+
            +-- mean -> visual    | panorama: transformer over 27 tokens, the read token's output
                (128)             h (128) -- reflex --> action logits (4): the confidence by which
                                  |                     the short-term memory merges this step
                                  | + now + clock(step)
    present       (1, 128)  <-----+
    thought       (1, 128)  <- thought <- chain of thought (384), as MiniLM embeds it
    memory rows  (20, 128)  <- recall <- h, visual, relative pose of each row (2 * 128 + 7)
    waypoints    (40, 128)  <- waypoint(features (20)) + around(evidence of things, rooms (2 * 64))
            |
            | decision: a small transformer over 62 tokens, or a language model
            |
    outputs of the waypoints (40, 128)
            | going, goal, each + plainly(features (20))
    waypoint logits (40), goal logits (40)
            |
    stop logit = the greatest goal logit of a target at which the robot is
    action probabilities (4) = stop with sigmoid(stop logit), else by the waypoints' actions

Sizes are the shipped network's, without the batch dimension. Names beside the arrows are the
modules', and so the weights' names in a checkpoint.

Glossary:
    step            one observation and one action of an episode
    subgoal         target and room of the current subtask, read from the instruction
    percept         what the encoder recognizes in a step's views
    panorama        the columns of the three views, from left to right
    h               a step's features with the subgoal, which the paper calls h_i
    visual          a step's features without the subgoal, for the long-term memory
    reflex          a decision on the present step alone, as a simple reflex agent makes it
    memory row      one row of the short-term memory: a step, or the mean of some
    relative pose   the pose of a memory row as seen from the present one
    waypoint        a place to which the robot may go next: a target, a support or a frontier
    target          a thing that may be what the subgoal names
    goal            the waypoint where the subtask ends, if the robot is right
    thought         the chain of thought that is in force, in words

The released network chooses a stop or one of three views; this one chooses a waypoint, of which it
is known by which action one gets there. What is remembered of a step depends on that step alone, so
training computes all steps of a window at once. That is also why the memory's confidence comes from
the reflex, where the published one is the decision's own distribution.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.errors import ConfigError
from longhaul.language.weights import Weights
from longhaul.policies.mgdm.config import MgdmConfig
from longhaul.policies.mgdm.decision.language_head import LanguageHead
from longhaul.policies.mgdm.decision.waypoint_features import WAYPOINT_FEATURES, WaypointTokens
from longhaul.policies.mgdm.perception.encoder import ViewEncoder
from longhaul.policies.mgdm.perception.observations import (
    ACTION_COUNT,
    MAX_EPISODE_STEPS,
    STOP,
    TURN_LEFT,
    VIEWS,
)
from longhaul.policies.mgdm.perception.relative_pose import RELATIVE_POSE_FEATURES

DROPOUT = 0.1
"""Dropout in the transformers while training; ours."""

EVIDENCE_DROPOUT = 0.5
"""Dropout of the evidence around a waypoint while training; ours. There are only some hundred
houses, and the network would learn by heart which things stand next to each other in them."""

MAX_GOAL_LOGIT = 6.0
"""Goal logits are cut off at plus and minus this, which is a probability of 0.9975; ours."""


class StepEncoding(NamedTuple):
    """What the network makes of single steps: `h` (..., width) with the subgoal, `visual` (...,
    width) without it, and `reflex` (..., ACTION_COUNT), logits of the action by this step alone."""

    h: Tensor
    visual: Tensor
    reflex: Tensor


class MemoryRows(NamedTuple):
    """The short-term memory of steps: `h` and `visual` (..., rows, width), `relative_pose` (...,
    rows, RELATIVE_POSE_FEATURES) to the present step, and which rows are `filled` (..., rows)
    bool."""

    h: Tensor
    visual: Tensor
    relative_pose: Tensor
    filled: Tensor


class Decision(NamedTuple):
    """A decision on steps: `waypoint_logits` (..., waypoints), -inf where there is none;
    `goal_logits` (..., waypoints) of a waypoint's being the goal, -MAX_GOAL_LOGIT where it is no
    target; `stop_logit` (...,), the greatest goal logit where the robot is; `actions` (...,
    waypoints, ACTION_COUNT), one-hot, that begin the paths to the waypoints."""

    waypoint_logits: Tensor
    goal_logits: Tensor
    stop_logit: Tensor
    actions: Tensor

    def action_probabilities(self) -> Tensor:
        """Return the distribution over actions, (..., ACTION_COUNT). Without any waypoint the robot
        turns."""
        stop = self.stop_logit.sigmoid().unsqueeze(-1)
        nowhere = torch.isinf(self.waypoint_logits).all(-1, keepdim=True)
        logits = self.waypoint_logits.masked_fill(nowhere, 0.0)
        share = torch.where(nowhere, 0.0, logits.softmax(-1))
        motion = (share.unsqueeze(-2) @ self.actions).squeeze(-2)
        turn = _one_hot(TURN_LEFT, self.stop_logit)
        motion = torch.where(nowhere, turn, motion)
        return (1 - stop) * motion + stop * _one_hot(STOP, self.stop_logit)


def _one_hot(action: int, like: Tensor) -> Tensor:
    number = torch.tensor(action, device=like.device)
    return functional.one_hot(number, ACTION_COUNT).to(like.dtype)


def transformer(config: MgdmConfig, layers: int) -> nn.TransformerEncoder:
    """Return a transformer encoder with normalization before each block and at its end."""
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
    """The network of policy=mgdm. First `encoder` sees, then `encode_step` adds the subgoal, then
    `decide` adds the memory and the waypoints.

    The logits that `plainly` makes of a waypoint's features alone are added to those that come of
    all tokens together, since these features mean the same in every house.
    """

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
        self.reflex = nn.Linear(width, ACTION_COUNT)
        self.recall = nn.Linear(2 * width + RELATIVE_POSE_FEATURES, width)
        self.thought = nn.Linear(config.text_width, width)
        self.clock = nn.Linear(1, width)
        self.now = nn.Parameter(0.02 * torch.randn(width))
        self.waypoint = nn.Sequential(
            nn.Linear(WAYPOINT_FEATURES, width), nn.GELU(), nn.Linear(width, width)
        )
        self.around = nn.Sequential(
            nn.Dropout(EVIDENCE_DROPOUT),
            nn.Linear(2 * config.words, config.around),
            nn.GELU(),
            nn.Linear(config.around, width),
        )
        self.decision = _head(config, language)
        self.going, self.goal = nn.Linear(width, 1), nn.Linear(width, 1)
        self.plainly = nn.Sequential(nn.Linear(WAYPOINT_FEATURES, 32), nn.GELU(), nn.Linear(32, 2))

    def encode_step(self, columns: Tensor, target: Tensor, room: Tensor) -> StepEncoding:
        """Encode n steps: `columns` (n, 3 * columns, features) come from the encoder, `target` and
        `room` (n, text_width) are the subgoal's embeddings."""
        panorama = self.column(columns)
        subgoal = torch.stack([self.target(target), self.room(room)], dim=1)
        read = self.read.expand(len(columns), 1, -1)
        tokens = torch.cat([read, subgoal, panorama + self.bearing], dim=1)
        h = self.panorama(tokens)[:, 0]
        return StepEncoding(h, panorama.mean(1), self.reflex(h))

    def decide(
        self,
        h: Tensor,
        memory: MemoryRows,
        waypoints: WaypointTokens,
        thought: Tensor,
        step: Tensor,
    ) -> Decision:
        """Decide on n steps: `h` (n, width), the memory and the waypoints of each, `thought` (n,
        text_width), zeros for none, and `step` (n,), the number of actions taken so far."""
        present = h + self.now + self.clock((step / MAX_EPISODE_STEPS).unsqueeze(-1))
        rows = self.recall(torch.cat([memory.h, memory.visual, memory.relative_pose], dim=-1))
        evidence = self.around(torch.cat([waypoints.things, waypoints.rooms], dim=-1))
        places = self.waypoint(waypoints.features) + evidence
        tokens = torch.cat([present[:, None], self.thought(thought)[:, None], rows, places], 1)
        filled = torch.cat([memory.filled, waypoints.filled], 1)
        empty = functional.pad(~filled, (2, 0))  # present and thought are always there
        outputs = self.decision(tokens, empty, rows.shape[1])[:, -places.shape[1] :]
        plainly = self.plainly(waypoints.features)
        going = (self.going(outputs) + plainly[..., :1]).squeeze(-1).float()
        goal = (self.goal(outputs) + plainly[..., 1:]).squeeze(-1).float()
        going = going.masked_fill(~waypoints.filled, -torch.inf)
        goal = goal.clamp(-MAX_GOAL_LOGIT, MAX_GOAL_LOGIT)
        goal = goal.masked_fill(~waypoints.targets, -MAX_GOAL_LOGIT)
        stop = goal.masked_fill(~waypoints.at_targets, -MAX_GOAL_LOGIT).max(-1).values
        return Decision(going, goal, stop, waypoints.actions)


class SmallHead(nn.Module):
    """The head that trains on a CPU: a transformer in which every token attends to all others."""

    def __init__(self, config: MgdmConfig) -> None:
        super().__init__()
        self.layers = transformer(config, config.decision_layers)

    def forward(self, tokens: Tensor, empty: Tensor, rows: int) -> Tensor:
        """Return an output for each token (n, length, width); those that are `empty` (n, length)
        bool are not attended to. `rows`, the number of memory rows, is for the language model."""
        outputs: Tensor = self.layers(tokens, src_key_padding_mask=empty)
        return outputs


def _head(config: MgdmConfig, language: Weights | None) -> nn.Module:
    if config.head == "transformer":
        return SmallHead(config)
    if language is None:
        raise ConfigError(
            "this MGDM decides with a language model: policy.language_model=FOLDER says where it is"
        )
    return LanguageHead(language, config.width)
