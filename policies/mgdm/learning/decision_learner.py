"""How MGDM learns to decide: from windows of digested episodes, every step supervised."""

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
from longhaul.policies.mgdm.agent import choices
from longhaul.policies.mgdm.decision.language_head import language_model as open_language_model
from longhaul.policies.mgdm.decision.subgoals import SubgoalReader
from longhaul.policies.mgdm.learning.feature_dataset import COLUMNS, COSTS, THOUGHT, WAYPOINTS
from longhaul.policies.mgdm.learning.mirror import mirrored
from longhaul.policies.mgdm.mapping.waypoints import DISTANCE, MATCH, NUMBERS
from longhaul.policies.mgdm.memory.episode_memory import window_memory
from longhaul.policies.mgdm.model import FILES, SHIPPED, Decision, Glance, untrained
from longhaul.policies.mgdm.options import short_term_of
from longhaul.policies.mgdm.perception.observations import HOUSE, POSE, STATES, STEP, STOP, places
from longhaul.policies.mgdm.perception.text_embedding import Words
from longhaul.policies.training.learner import WindowSpec

DIGEST = Requirement(
    ObservationSpec(
        tuple(CameraSpec(n, 0, 0, "rows", mount="robot") for n in (COLUMNS, WAYPOINTS, COSTS)),
        STATES,
    ),
    HOUSE.action,
)

REACHED = 0.8
"""A waypoint from which it is less far (m) to where the subtask ended may be the goal:
demonstrations are to be recorded with env.approach=0.4, so that one stands within 1.2 m of the
target there."""

ALIKE = 0.5
"""Of those, what looks less than so much like the target as the likest only stands next to it."""

ONWARD = 0.6
"""What a meter to a waypoint costs of one from there on: all that lie on the way would cost the
same otherwise, the one where the robot stands too."""


class Labels(NamedTuple):
    """What is known of each step: the expert's `action` (B, T), what its waypoints `cost`
    (B, T, waypoints) in m, which of them are the `goal`, may be the target (`targets`) and are such
    and `near` (B, T, waypoints) bool, and which steps are `taught` (B, T) bool."""

    action: Tensor
    cost: Tensor
    goal: Tensor
    targets: Tensor
    near: Tensor
    taught: Tensor


class MgdmLearner(nn.Module):
    """Fulfills longhaul.policies.training.learner.Learner with digested episodes
    (policies/mgdm/learning/feature_dataset.py).

    Encoder, names and architecture are those of the file `encoder` (None: the shipped one), with
    which the episodes were digested; `pretrained` is a checkpoint whose decision to go on from,
    too. A window has `window` steps. `short_term` holds the memory's `mode` and `capacity` (None:
    the architecture's), `thought` is none or template. Waypoints are told apart by `sharpness` (m):
    one that costs so much more than the best is to be chosen e times as rarely. `goal_weight` is
    the weight of telling which of them is the goal, and `stop_weight` how much more it counts of
    one where the robot is, since there it stops or does not; `reflex_weight` is that of deciding
    without a memory. `mirror` mirrors half of the windows. `language_model` is a folder with a
    causal language model that is to decide (policies/mgdm/decision/language_head.py).
    """

    terms: ClassVar[Mapping[str, str]] = {
        "loss": "weighted sum of the losses",
        "waypoint": "waypoint: loss",
        "goal": "goal: binary cross-entropy",
        "reflex": "reflex: cross-entropy over actions",
        "accuracy": "actions as labeled (share)",
        "chosen": "best waypoint chosen (share)",
        "detour": "detour of the chosen waypoint (m)",
        "goals": "goals known (share)",
        "precision": "goals thought to be one that are (share)",
        "stops": "steps labeled with a stop (share)",
        "found": "stops decided rightly (share)",
        "falsely": "stops decided falsely (share)",
    }

    requirement = DIGEST

    def __init__(
        self,
        sentences: Sequence[str],
        encoder: str | None = None,
        window: int = 64,
        short_term: Mapping[str, Any] | None = None,
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
        self.sharpness, self.mirror, self.thinks = sharpness, mirror, thought != "none"
        cameras = (COLUMNS, WAYPOINTS, COSTS, *([THOUGHT] if self.thinks else []))
        self.windows = WindowSpec(window, dict.fromkeys(cameras), within="episode", ahead=0)
        self.model = untrained(self.config, seed, language)
        self._take_up(start, whole=pretrained is not None)
        self.model.encoder.requires_grad_(False)
        self.register_buffer("texts", read_texts(sentences), False)

    texts: Tensor

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the losses `loss`, `waypoint`, `goal` and `reflex`.

        When not training also shares of the steps: those whose action is as labeled (`accuracy`),
        whose waypoint is the best within half a meter (`chosen`) and how much more it costs
        (`detour`, m), the share of goals that are known (`goals`) and of those thought to be one
        that are (`precision`), the steps labeled with a stop (`stops`), and the stops that are
        `found` and those decided `falsely`.
        """
        if self.training and self.mirror:
            which = torch.rand(len(batch["actions"])).to(self.texts.device) < 0.5
            batch = mirrored(batch, which)
        glance, decision = self.decide(batch)
        told = labels(batch)
        losses = self._losses(glance, decision, told)
        if not self.training:
            losses |= scores(decision, told)
        return losses

    def decide(self, batch: Mapping[str, Tensor]) -> tuple[Glance, Decision]:
        """Return what the network makes of each step of windows, (B, T, ...)."""
        count, steps = batch["actions"].shape[:2]
        texts = self.texts[batch["sentence"]].flatten(0, 1)
        flat = self.model.look(batch[COLUMNS].flatten(0, 1).float(), *texts.unbind(1))
        glance = Glance(*(value.unflatten(0, (count, steps)) for value in flat))
        memory = window_memory(glance, places(batch[POSE]), self.config.capacity, self.mode)
        thought = torch.zeros_like(texts[:, 0])
        if self.thinks:
            thought = batch[THOUGHT].flatten(0, 1)[:, 0].float()
        decision = self.model.decide(
            flat.h,
            type(memory)(*(value.flatten(0, 1) for value in memory)),
            choices(batch[WAYPOINTS].flatten(0, 1).float(), self.config.words),
            thought,
            batch[STEP].flatten(),
        )
        return glance, Decision(*(value.unflatten(0, (count, steps)) for value in decision))

    def module(self) -> nn.Module:
        """Return the network that is saved."""
        return self.model

    def save(self, path: Path, weights: Mapping[str, Tensor]) -> None:
        """Write weights of the network as a checkpoint of policy=mgdm."""
        FILES.save(path, self.config, weights, self.encoders)

    def _take_up(self, file: Path, whole: bool) -> None:
        """Read the encoder of a checkpoint, or all of it."""
        if whole:
            FILES.load_into(self.model, file, self.config)
            return
        found = FILES.read_weights(file)
        kept = {n: w for n, w in found.items() if n.startswith("encoder.")}
        self.model.load_state_dict(kept, strict=False)

    def _losses(self, glance: Glance, decision: Decision, told: Labels) -> dict[str, Tensor]:
        taught, moves = told.taught, self._moves(decision, told)
        going, cost = decision.going[moves], told.cost[moves]
        there = ~torch.isinf(going)
        wanted = (-cost / self.sharpness).masked_fill(~there, -torch.inf).softmax(-1)
        log = going.log_softmax(-1).masked_fill(~there, 0.0)
        reflex = functional.cross_entropy(glance.reflex.float()[taught], told.action[taught])
        losses = {
            "waypoint": -(wanted * log).sum() / moves.sum().clamp(min=1),
            "goal": self._goal_loss(decision, told),
            "reflex": reflex if taught.any() else 0.0 * glance.reflex.sum(),
        }
        rest = self.goal_weight * losses["goal"] + self.reflex_weight * losses["reflex"]
        losses["loss"] = losses["waypoint"] + rest
        return losses

    def _goal_loss(self, decision: Decision, told: Labels) -> Tensor:
        """Return the cross-entropy of telling which of the things that may be it are the goal."""
        things = told.targets & told.taught.unsqueeze(-1)
        if not things.any():
            return 0.0 * decision.goal.sum()
        weight = torch.where(told.near, self.stop_weight, 1.0)[things]
        loss = functional.binary_cross_entropy_with_logits(
            decision.goal[things], told.goal[things].float(), weight, reduction="sum"
        )
        return loss / weight.sum()

    @staticmethod
    def _moves(decision: Decision, told: Labels) -> Tensor:
        """Return the steps on which there was somewhere to go, and reason to."""
        somewhere = ~torch.isinf(decision.going).all(-1)
        return told.taught & (told.action != STOP) & somewhere


def read_texts(sentences: Sequence[str]) -> Tensor:
    """Return target and room of each sentence, (sentences + 1, 2, text_width).

    The last row is zeros: number -1 stands for a step of which no sentence is known.
    """
    words, reader = Words(), SubgoalReader()
    rows = [words.subgoal(reader(sentence)[-1]) for sentence in sentences]
    return torch.stack([*rows, torch.zeros_like(rows[0])])


def labels(batch: Mapping[str, Tensor]) -> Labels:
    """Return what a batch says of its steps; a step without a sentence is not taught."""
    taught = batch["valid"] & (batch["sentence"] >= 0)
    total, left = batch[COSTS].float().unbind(2)
    there = choices(batch[WAYPOINTS].float(), (batch[WAYPOINTS].shape[-1] - NUMBERS) // 2)
    gone = (1 - ONWARD) * 10 * there.numbers[..., DISTANCE]
    ended = (left < REACHED) & there.targets
    match = there.numbers[..., MATCH].masked_fill(~ended, 0.0)
    goal = ended & (match >= ALIKE * match.max(-1, keepdim=True).values)
    action = batch["actions"][..., 0].long()
    return Labels(action, total - gone, goal, there.targets, there.near, taught)


def scores(decision: Decision, told: Labels) -> dict[str, Tensor]:
    """Return the shares that `forward` promises."""
    stop, labeled = decision.stop > 0, told.action == STOP
    chosen = torch.where(stop, STOP, decision.probabilities()[..., 1:].argmax(-1) + 1)
    best = told.cost.masked_fill(torch.isinf(decision.going), torch.inf).min(-1).values
    cost = told.cost.gather(-1, decision.going.argmax(-1, keepdim=True)).squeeze(-1)
    moves = MgdmLearner._moves(decision, told)

    def share(which: Tensor) -> Tensor:
        return which[told.taught].float().mean()

    thought = decision.goal > 0
    known = (told.goal & thought)[told.taught].sum()
    return {
        "accuracy": share(chosen == told.action),
        "chosen": (cost - best < 0.5)[moves].float().mean(),
        "goals": known / told.goal[told.taught].sum().clamp(min=1),
        "precision": known / thought[told.taught].sum().clamp(min=1),
        "detour": (cost - best)[moves].clamp(max=20).mean(),
        "stops": share(labeled),
        "found": share(stop & labeled),
        "falsely": share(stop & ~labeled),
    }
