"""Learns MGDM's decision from windows of a feature dataset, in which every step is labeled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.envs.specs import CameraSpec, ObservationSpec, Requirement
from longhaul.errors import ConfigError
from longhaul.policies.mgdm.checkpoint import FILES, SHIPPED, untrained
from longhaul.policies.mgdm.decision.language_head import language_model as open_language_model
from longhaul.policies.mgdm.decision.subgoals import SubgoalReader
from longhaul.policies.mgdm.decision.waypoint_features import PATH_UNIT_M, WaypointTokens
from longhaul.policies.mgdm.learning.feature_dataset import COLUMNS, COSTS, THOUGHT, WAYPOINTS
from longhaul.policies.mgdm.learning.mirror import mirrored
from longhaul.policies.mgdm.memory.episode_memory import window_memory
from longhaul.policies.mgdm.model import Decision, StepEncoding
from longhaul.policies.mgdm.options import ShortTermOptions, short_term_of
from longhaul.policies.mgdm.perception.observations import POSE, REQUIREMENT, STATES, STEP, STOP
from longhaul.policies.mgdm.perception.relative_pose import pose_features
from longhaul.policies.mgdm.perception.text_embedding import TextEmbedder
from longhaul.policies.training.learner import WindowSpec

FEATURES = Requirement(
    ObservationSpec(
        tuple(CameraSpec(n, 0, 0, "rows", mount="robot") for n in (COLUMNS, WAYPOINTS, COSTS)),
        STATES,
    ),
    REQUIREMENT.action,
)

GOAL_DISTANCE_M = 0.8
"""A target less far (m) than this from where the subtask ended may be the goal; ours.
Demonstrations are recorded with env.approach=0.4, so such a target is within 1.2 m of the true
one."""

GOAL_MATCH_SHARE = 0.5
"""Of these, a target whose match is less than this share of the best match only stands beside the
goal; ours."""

APPROACH_COST = 0.6
"""Cost of a meter to a waypoint, where a meter from there on costs 1; ours. With 1 all waypoints on
the path would cost the same, the one where the robot stands included."""

GOOD_WAYPOINT_M = 0.5
"""A chosen waypoint counts as good if it costs less than this more than the best one (m); ours."""

MAX_DETOUR_M = 20.0
"""A chosen waypoint's additional cost (m) counts up to this in the mean; ours."""


class Labels(NamedTuple):
    """The labels of each step: the expert's `action` (B, T), the waypoints' `cost` (B, T,
    waypoints) in m, which waypoints are the `goal`, which are `targets` and at which targets the
    robot is (`at_targets`), (B, T, waypoints) bool, and which steps are `labeled` (B, T) bool."""

    action: Tensor
    cost: Tensor
    goal: Tensor
    targets: Tensor
    at_targets: Tensor
    labeled: Tensor


class MgdmLearner(nn.Module):
    """Fulfills longhaul.policies.training.learner.Learner with feature datasets
    (learning/feature_dataset.py).

    Names and architecture are those of the encoder's checkpoint.

    Args:
        sentences: The texts of the data, which a batch's `sentence` indexes.
        encoder: The checkpoint that made the feature datasets; None is the shipped one.
        window: Steps of an episode in one sample.
        short_term: The memory of the latest steps.
        thought: Whether thoughts are read, none or template.
        sharpness: How waypoints are told apart: one that costs so many m more than the best is to
            be chosen e times as rarely.
        goal_weight: The weight of the loss of which waypoint is the goal.
        stop_weight: How much more that counts of a waypoint where the robot is, since there it
            stops or does not.
        reflex_weight: The weight of the loss of the reflex, by which the short-term memory merges
            steps.
        mirror: True mirrors half of the windows.
        pretrained: A checkpoint whose decision is learned on from; None takes up its encoder only.
        language_model: A folder with a causal language model that decides
            (decision/language_head.py); None has a small transformer decide.
        seed: The seed of the weights at the start.
    """

    terms: ClassVar[Mapping[str, str]] = {
        "loss": "weighted sum of the losses",
        "waypoint": "waypoint: cross-entropy",
        "goal": "goal: binary cross-entropy",
        "reflex": "reflex: cross-entropy over actions",
        "accuracy": "actions as labeled (share)",
        "chosen": "best waypoint chosen (share)",
        "detour": "detour of the chosen waypoint (m)",
        "goals": "goals recognized (share)",
        "precision": "recognized goals that are one (share)",
        "stops": "steps labeled with a stop (share)",
        "found": "right stops (share)",
        "falsely": "wrong stops (share)",
    }

    requirement = FEATURES

    def __init__(
        self,
        sentences: Sequence[str],
        encoder: str | None = None,
        window: int = 64,
        short_term: ShortTermOptions | Mapping[str, Any] = ShortTermOptions(),
        thought: str = "template",
        sharpness: float = 0.5,
        goal_weight: float = 3.0,
        stop_weight: float = 4.0,
        reflex_weight: float = 0.2,
        mirror: bool = True,
        pretrained: str | None = None,
        language_model: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.goal_weight, self.stop_weight = goal_weight, stop_weight
        self.reflex_weight = reflex_weight
        for name in ("goal_weight", "stop_weight", "reflex_weight"):
            if not (value := getattr(self, name)) >= 0:
                raise ConfigError(f"policy.{name}={value} must be at least 0")
        if not sharpness > 0:
            raise ConfigError(f"policy.sharpness={sharpness} must be above 0")
        if type(window) is not int or window < 2:
            raise ConfigError(f"policy.window={window} must be a whole number of steps, 2 or more")
        if thought not in ("none", "template"):
            raise ConfigError(f"policy.thought={thought} cannot be learned; valid: none, template")
        start = Path(pretrained or encoder or SHIPPED)
        config, _ = FILES.read_architecture(start)
        mode, capacity = short_term_of(short_term, config)
        language = open_language_model(language_model)
        self.encoders = {} if language is None else {"text": language.sha256}
        head = "transformer" if language is None else "language_model"
        self.mode = mode
        self.config = replace(config, short_term=mode, capacity=capacity, head=head)
        self.sharpness, self.mirror, self.reads_thoughts = sharpness, mirror, thought != "none"
        cameras = (COLUMNS, WAYPOINTS, COSTS, *([THOUGHT] if self.reads_thoughts else []))
        self.windows = WindowSpec(window, dict.fromkeys(cameras), within="episode", ahead=0)
        self.model = untrained(self.config, seed, language)
        self._load(start, whole=pretrained is not None)
        self.model.encoder.requires_grad_(False)
        self.register_buffer("texts", read_texts(sentences), False)

    texts: Tensor

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the losses `loss`, `waypoint`, `goal` and `reflex`, and the `scores` when not
        training."""
        if self.training and self.mirror:
            which = torch.rand(len(batch["actions"])).to(self.texts.device) < 0.5
            batch = mirrored(batch, which)
        encoding, decision = self.decide(batch)
        label = labels(batch)
        losses = self._losses(encoding, decision, label)
        if not self.training:
            losses |= scores(decision, label)
        return losses

    def decide(self, batch: Mapping[str, Tensor]) -> tuple[StepEncoding, Decision]:
        """Return the encoding of each step of windows and the decision on it, (B, T, ...)."""
        count, steps = batch["actions"].shape[:2]
        texts = self.texts[batch["sentence"]].flatten(0, 1)
        flat = self.model.encode_step(batch[COLUMNS].flatten(0, 1).float(), *texts.unbind(1))
        encoding = StepEncoding(*(value.unflatten(0, (count, steps)) for value in flat))
        pose = pose_features(batch[POSE])
        memory = window_memory(encoding, pose, self.config.capacity, self.mode)
        thought = torch.zeros_like(texts[:, 0])
        if self.reads_thoughts:
            thought = batch[THOUGHT].flatten(0, 1)[:, 0].float()
        decision = self.model.decide(
            flat.h,
            type(memory)(*(value.flatten(0, 1) for value in memory)),
            WaypointTokens.of(batch[WAYPOINTS].flatten(0, 1).float()),
            thought,
            batch[STEP].flatten(),
        )
        return encoding, Decision(*(value.unflatten(0, (count, steps)) for value in decision))

    def module(self) -> nn.Module:
        """Return the network that a checkpoint holds."""
        return self.model

    def save(self, path: Path, weights: Mapping[str, Tensor]) -> None:
        """Write the network's weights as a checkpoint of policy=mgdm."""
        FILES.save(path, self.config, weights, self.encoders)

    def _load(self, file: Path, whole: bool) -> None:
        """Read the encoder of a checkpoint, or its whole network."""
        if whole:
            FILES.load_into(self.model, file, self.config)
            return
        found = FILES.read_weights(file)
        kept = {n: w for n, w in found.items() if n.startswith("encoder.")}
        self.model.load_state_dict(kept, strict=False)

    def _losses(
        self, encoding: StepEncoding, decision: Decision, label: Labels
    ) -> dict[str, Tensor]:
        labeled, moves = label.labeled, moving_steps(decision, label)
        logits, cost = decision.waypoint_logits[moves], label.cost[moves]
        filled = ~torch.isinf(logits)
        wanted = (-cost / self.sharpness).masked_fill(~filled, -torch.inf).softmax(-1)
        log = logits.log_softmax(-1).masked_fill(~filled, 0.0)
        reflex = functional.cross_entropy(encoding.reflex.float()[labeled], label.action[labeled])
        losses = {
            "waypoint": -(wanted * log).sum() / moves.sum().clamp(min=1),
            "goal": self._goal_loss(decision, label),
            "reflex": reflex if labeled.any() else 0.0 * encoding.reflex.sum(),
        }
        rest = self.goal_weight * losses["goal"] + self.reflex_weight * losses["reflex"]
        losses["loss"] = losses["waypoint"] + rest
        return losses

    def _goal_loss(self, decision: Decision, label: Labels) -> Tensor:
        """Return the binary cross-entropy of the targets' goal logits."""
        targets = label.targets & label.labeled.unsqueeze(-1)
        if not targets.any():
            return 0.0 * decision.goal_logits.sum()
        weight = torch.where(label.at_targets, self.stop_weight, 1.0)[targets]
        loss = functional.binary_cross_entropy_with_logits(
            decision.goal_logits[targets], label.goal[targets].float(), weight, reduction="sum"
        )
        return loss / weight.sum()


def moving_steps(decision: Decision, label: Labels) -> Tensor:
    """Return which labeled steps (B, T) have a waypoint and are not labeled with a stop."""
    somewhere = ~torch.isinf(decision.waypoint_logits).all(-1)
    return label.labeled & (label.action != STOP) & somewhere


def read_texts(sentences: Sequence[str]) -> Tensor:
    """Return the embeddings of each sentence's target and room, (sentences + 1, 2, text_width).

    The last row is zeros, for number -1, which stands for a step without a sentence.
    """
    texts, reader = TextEmbedder(), SubgoalReader()
    rows = [texts.subgoal(reader(sentence)[-1]) for sentence in sentences]
    return torch.stack([*rows, torch.zeros_like(rows[0])])


def labels(batch: Mapping[str, Tensor]) -> Labels:
    """Return the labels of a batch's steps; a step without a sentence is not labeled."""
    labeled = batch["valid"] & (batch["sentence"] >= 0)
    total, onward = batch[COSTS].float().unbind(2)
    waypoints = WaypointTokens.of(batch[WAYPOINTS].float())
    discount = (1 - APPROACH_COST) * PATH_UNIT_M * waypoints.get("path_length")
    at_end = (onward < GOAL_DISTANCE_M) & waypoints.targets
    match = waypoints.get("target_match").masked_fill(~at_end, 0.0)
    goal = at_end & (match >= GOAL_MATCH_SHARE * match.max(-1, keepdim=True).values)
    action = batch["actions"][..., 0].long()
    cost = total - discount
    return Labels(action, cost, goal, waypoints.targets, waypoints.at_targets, labeled)


def scores(decision: Decision, label: Labels) -> dict[str, Tensor]:
    """Return the quality of decisions: shares of the labeled steps where nothing else is said.

    `accuracy`: the action is as labeled. `chosen`, of the moving steps: the waypoint costs less
    than GOOD_WAYPOINT_M more than the best. `detour` (m): how much more it costs on average.
    `goals`, of the goals: they are recognized. `precision`, of the waypoints taken for a goal: they
    are one. `stops`: the label is a stop. `found`: it is, and so is the decision. `falsely`: it is
    not, but the decision is.
    """
    stop, stop_label = decision.stop_logit > 0, label.action == STOP
    motion = decision.action_probabilities()[..., 1:].argmax(-1) + 1
    action = torch.where(stop, STOP, motion)
    logits = decision.waypoint_logits
    best = label.cost.masked_fill(torch.isinf(logits), torch.inf).min(-1).values
    cost = label.cost.gather(-1, logits.argmax(-1, keepdim=True)).squeeze(-1)
    moves = moving_steps(decision, label)

    def share(which: Tensor) -> Tensor:
        return which[label.labeled].float().mean()

    taken = decision.goal_logits > 0
    right = (label.goal & taken)[label.labeled].sum()
    return {
        "accuracy": share(action == label.action),
        "chosen": (cost - best < GOOD_WAYPOINT_M)[moves].float().mean(),
        "goals": right / label.goal[label.labeled].sum().clamp(min=1),
        "precision": right / taken[label.labeled].sum().clamp(min=1),
        "detour": (cost - best)[moves].clamp(max=MAX_DETOUR_M).mean(),
        "stops": share(stop_label),
        "found": share(stop & stop_label),
        "falsely": share(stop & ~stop_label),
    }
