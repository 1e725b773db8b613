"""How MGDM learns: from windows of expert-labelled episodes, all of whose steps are supervised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from envs.specs import ConfigError
from policies.mgdm.augment import mirrored
from policies.mgdm.checkpoint import FILES
from policies.mgdm.config import architecture as architecture_named
from policies.mgdm.model import Decision, Glance, untrained
from policies.mgdm.observations import (
    COLOURS,
    DEPTHS,
    FORWARD,
    HOUSE,
    POSE,
    STEP,
    STOP,
    offsets,
    pictures,
    places,
    squashed,
)
from policies.mgdm.options import short_term_of
from policies.mgdm.remembering import window_memory
from policies.mgdm.subgoals import SubgoalReader
from policies.mgdm.words import Words, taught_thought
from policies.training.learner import WindowSpec

GROUND = [0, 2]
"""Of an offset: to the right and ahead."""


class Labels(NamedTuple):
    """What a recording says of each step: the expert's `action` (B, T), where the subtask ended
    `offset` (B, T, 2), squashed, and which steps are `taught` (B, T) bool."""

    action: Tensor
    offset: Tensor
    taught: Tensor


class MgdmLearner(nn.Module):
    """Fulfils policies.training.learner.Learner with LH-VLN's observations.

    A window has `window` steps. `short_term` holds the memory's `mode` and `capacity` (None: the
    architecture's), `thought` is none or template. `stop_weight` is how much a step with a stop
    counts, about one in fifty. `offset_weight` is that of the squared error of where the subtask
    ends, which a recording knows afterwards, `reflex_weight` that of deciding without a memory.
    `mirror` mirrors half of the windows, `brightness` is the most by which a window's colours are
    scaled. Starts from the file `pretrained`, or from scratch.
    """

    requirement = HOUSE

    def __init__(
        self,
        sentences: Sequence[str],
        architecture: str = "small",
        window: int = 64,
        short_term: Mapping[str, Any] | None = None,
        thought: str = "none",
        stop_weight: float = 8.0,
        offset_weight: float = 1.0,
        reflex_weight: float = 0.5,
        mirror: bool = True,
        brightness: float = 0.2,
        pretrained: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        weights = {"stop_weight": stop_weight, "offset_weight": offset_weight}
        for name, value in {**weights, "reflex_weight": reflex_weight}.items():
            if not value >= 0:
                raise ConfigError(f"policy.{name}={value} must be at least 0")
        if type(window) is not int or window < 2:
            raise ConfigError(f"policy.window={window} must be a whole number of steps, 2 or more")
        if not 0 <= brightness < 1:
            raise ConfigError(f"policy.brightness={brightness} must be at least 0 and below 1")
        if thought not in ("none", "template"):
            raise ConfigError(f"policy.thought={thought} cannot be learned; valid: none, template")
        config = architecture_named(architecture)
        mode, capacity = short_term_of(short_term, config)
        self.config, self.mode = replace(config, short_term=mode, capacity=capacity), mode
        self.stop_weight, self.offset_weight = stop_weight, offset_weight
        self.reflex_weight, self.mirror, self.brightness = reflex_weight, mirror, brightness
        pixels = self.config.picture
        sizes: dict[str, int | None] = {**dict.fromkeys(COLOURS, pixels), **dict.fromkeys(DEPTHS)}
        self.windows = WindowSpec(window, sizes, within="episode", ahead=0, keyframe=POSE)
        self.model = untrained(self.config, seed)
        if pretrained is not None:
            FILES.load_into(self.model, Path(pretrained), self.config)
        self.register_buffer("texts", read_texts(sentences, thought), False)

    texts: Tensor

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the losses `loss`, `motion`, `stop`, `offset` and `reflex`.

        When not training also shares of the steps: those decided as labelled (`accuracy`), labelled
        with a move forward (`majority`) or a stop (`stops`), and the stops that are `found` and
        those decided `falsely`.
        """
        if self.training and self.mirror:
            batch = mirrored(batch, torch.rand(len(batch["actions"])).to(self.texts.device) < 0.5)
        glance, decision = self.decide(batch)
        told = labels(batch)
        losses = self._losses(glance, decision, told)
        if not self.training:
            losses |= scores(decision, told)
        return losses

    def decide(self, batch: Mapping[str, Tensor]) -> tuple[Glance, Decision]:
        """Return what the network makes of each step of windows, (B, T, ...)."""
        count, steps = batch["actions"].shape[:2]
        texts = self.texts[batch["sentence"]]
        seen = self._brightened(pictures(batch)).flatten(0, 1)
        flat = self.model.look(seen, *texts[:, :, :2].flatten(0, 1).unbind(1))
        glance = Glance(*(value.unflatten(0, (count, steps)) for value in flat))
        place = places(batch[POSE])
        memory = window_memory(glance, place, self.config.capacity, self.mode)
        decision = self.model.decide(
            flat.h,
            type(memory)(*(value.flatten(0, 1) for value in memory)),
            texts[:, :, 2].flatten(0, 1),
            batch[STEP].flatten(),
        )
        return glance, Decision(*(value.unflatten(0, (count, steps)) for value in decision))

    def module(self) -> nn.Module:
        """Return the network that is saved."""
        return self.model

    def save(self, path: Path, weights: Mapping[str, Tensor]) -> None:
        """Write weights of the network as a checkpoint of policy=mgdm."""
        FILES.save(path, self.config, weights)

    def _losses(self, glance: Glance, decision: Decision, told: Labels) -> dict[str, Tensor]:
        taught, moves = told.taught, told.taught & (told.action != STOP)
        stops = (told.action == STOP).float()
        weight = 1 + (self.stop_weight - 1) * stops
        motion = functional.cross_entropy(
            decision.motion.float()[moves], told.action[moves], reduction="sum"
        )
        stop = functional.binary_cross_entropy_with_logits(
            decision.stop.float(), stops, weight, reduction="none"
        )
        miss = (decision.offset.float() - told.offset).square().sum(-1)
        reflex = functional.cross_entropy(
            glance.reflex.float()[taught], told.action[taught], reduction="sum"
        )
        total = taught.sum().clamp(min=1)
        losses = {
            "motion": motion / total,
            "stop": stop[taught].sum() / total,
            "offset": miss[taught].sum() / total,
            "reflex": reflex / total,
        }
        losses["loss"] = (
            losses["motion"]
            + losses["stop"]
            + self.offset_weight * losses["offset"]
            + self.reflex_weight * losses["reflex"]
        )
        return losses

    def _brightened(self, views: Tensor) -> Tensor:
        """Scale the colours of each window (B, T, 3, 4, H, W) by one number, while training."""
        if not (self.training and self.brightness):
            return views
        gain = 1 + self.brightness * (2 * torch.rand(len(views), 1, 1, 1) - 1)
        scale = torch.ones(len(views), 1, 1, 4)
        scale[..., :3] = gain
        return views * scale.to(views)[..., None, None]


def read_texts(sentences: Sequence[str], thought: str) -> Tensor:
    """Return target, room and thought of each sentence, (sentences + 1, 3, text_width).

    The last row is zeros: number -1 stands for a step of which no sentence is known.
    """
    words, reader = Words(), SubgoalReader()
    rows = []
    for sentence in sentences:
        subgoal = reader(sentence)[-1]
        said = words(taught_thought(subgoal) if thought == "template" else "")
        rows.append(torch.cat([words.subgoal(subgoal), said[None]]))
    return torch.stack([*rows, torch.zeros_like(rows[0])])


def labels(batch: Mapping[str, Tensor]) -> Labels:
    """Return what a batch says of its steps; a step without a sentence is not taught."""
    offset = offsets(places(batch[POSE]), places(batch["keyframe"]))[..., GROUND]
    taught = batch["valid"] & (batch["sentence"] >= 0)
    return Labels(batch["actions"][..., 0].long(), squashed(offset), taught)


def scores(decision: Decision, told: Labels) -> dict[str, Tensor]:
    """Return the shares that `forward` promises."""
    stop = decision.stop > 0
    chosen = torch.where(stop, STOP, decision.motion.argmax(-1))
    labelled = told.action == STOP

    def share(which: Tensor) -> Tensor:
        return which[told.taught].float().mean()

    return {
        "accuracy": share(chosen == told.action),
        "majority": share(told.action == FORWARD),
        "stops": share(labelled),
        "found": share(stop & labelled),
        "falsely": share(stop & ~labelled),
    }
