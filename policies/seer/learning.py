"""How Seer learns: pre-training on unlabeled play, fine-tuning on instructed segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.envs.specs import Conventions
from longhaul.errors import ConfigError, require_known
from longhaul.options import group
from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS
from longhaul.policies.seer.config import architecture as architecture_named
from longhaul.policies.seer.embedding import StandardizedLinear
from longhaul.policies.seer.encoders import encoder_folders, encoder_hashes, load_encoders
from longhaul.policies.seer.initialize import start_readouts, untrained
from longhaul.policies.seer.losses import LossWeights, foresight_target, losses
from longhaul.policies.seer.masks import PretrainMask, attention_mask
from longhaul.policies.seer.model import SeerOutput
from longhaul.policies.seer.observed import observed_in
from longhaul.policies.seer.preprocess import normalize_rows, random_shift
from longhaul.policies.training.learner import WindowSpec

NO_LANGUAGE = "no lang"
"""The sentence of every window in pre-training, as published."""

STAGES = ("pretrain", "finetune")
"""The stages of training: without instructions, then with them."""


@dataclass(frozen=True)
class Shift:
    """The most that a window's pictures are moved by, in pixels of a 224 picture.

    Every frame of a window moves alike, so that motion in it stays true.

    Attributes:
        rgb_static: The largest shift for the static camera, whatever its name is.
        rgb_gripper: The largest shift for the gripper's camera, whatever its name is.
    """

    rgb_static: float = 10
    rgb_gripper: float = 4


class SeerLearner(nn.Module):
    """Fulfills longhaul.policies.training.learner.Learner with the observations of CALVIN, or of
    LIBERO where the dataset has those.

    Stage pretrain reads windows of any frames: a later state stands for an instruction. Stage
    finetune reads windows of one instruction.

    Args:
        stage: The stage of the training, pretrain or finetune; a recipe sets it.
        architecture: The size of the network, small, base or large.
        pretrained: A checkpoint to start from; None or False starts from scratch.
        reset_readouts: False keeps the checkpoint's own [FRS] and [INV] tokens, as published for
            size large, and between rounds of DAgger.
        foresight: False leaves out the image loss.
        foresight_timesteps: At how many timesteps, drawn anew for each batch, the image loss is
            computed, which saves most of its time; None computes it at all of them.
        goal_steps: In stage pretrain, how many steps later the state is that stands for the goal.
        sees_state: True lets actions attend to the state of their own timestep in stage pretrain.
        hidden_frs: The share of the foresight tokens that is hidden from actions in stage pretrain.
        gripper_weight: The weight of the gripper's loss.
        image_weight: The weight of the image loss.
        beta: The threshold at which SmoothL1, the loss of the arm, changes from quadratic to
            linear.
        switch_weight: The weight of a gripper label that differs from the last command.
        keyframe_weight: The weight of predicting where the gripper next opens or closes (SmoothL1,
            in dm), which a small network learns in stage finetune.
        shift: The largest shift of a window's pictures in the augmentation.
        vision_folder: A ViT-MAE base as transformers saves it, which sizes base and large need.
        text_folder: A CLIP ViT-B/32 as transformers saves it, which sizes base and large need.
        seed: The seed of the initial weights.
        offered: The conventions of the dataset; None stands for CALVIN's.
    """

    terms: ClassVar[Mapping[str, str]] = {
        "loss": "weighted sum of the losses",
        "arm": "arm: smooth L1 loss of the pose's change",
        "gripper": "gripper: binary cross-entropy",
        "image": "foresight: squared error of normalized patches",
        "keyframe": "keyframe: smooth L1 loss of the position (0.1 m)",
    }

    def __init__(
        self,
        sentences: Sequence[str],
        stage: str = "finetune",
        architecture: str = "small",
        pretrained: str | bool | None = None,
        reset_readouts: bool = True,
        foresight: bool = True,
        foresight_timesteps: int | None = None,
        goal_steps: int = 4,
        sees_state: bool = False,
        hidden_frs: float = 0.0,
        gripper_weight: float = 0.01,
        image_weight: float = 0.1,
        beta: float = 1.0,
        switch_weight: float = 1.0,
        keyframe_weight: float = 0.0,
        shift: Shift | Mapping[str, float] = Shift(),
        vision_folder: str | None = None,
        text_folder: str | None = None,
        seed: int = 0,
        *,
        offered: Conventions | None = None,
    ) -> None:
        super().__init__()
        self.observed = observed_in(offered)
        self.requirement = self.observed.learnable()
        require_known("policy.stage", stage, STAGES)
        _require_shares(
            gripper_weight=gripper_weight,
            image_weight=image_weight,
            switch_weight=switch_weight,
            keyframe_weight=keyframe_weight,
        )
        config = replace(architecture_named(architecture), gripper_width=self.observed.widths)
        goal = goal_steps if stage == "pretrain" else 0
        self.supervised = config.history
        self.config = replace(config, history=config.history + goal)
        self.mask = PretrainMask(goal_steps, sees_state, hidden_frs) if goal else None
        self.foresight, self.foresight_timesteps = foresight, foresight_timesteps
        self.weights = LossWeights(gripper_weight, image_weight, beta, switch_weight)
        shifted = group("policy.shift", shift, Shift)
        self.shifts = (shifted.rgb_static, shifted.rgb_gripper)
        self.keyframe_weight = 0.0 if goal else keyframe_weight
        if keyframe_weight and config.vision != "small":
            raise ConfigError(f"policy.keyframe_weight: Seer {architecture!r} tells no keyframe")
        folders = encoder_folders(config, vision_folder, text_folder)
        self.hashes = encoder_hashes(folders)
        encoders = load_encoders(config, folders)
        self.vision = encoders.vision
        texts = [NO_LANGUAGE] if self.mask else list(sentences)
        self.register_buffer("texts", torch.stack([encoders.text(s) for s in texts]), False)
        self.model = untrained(self.config, seed)
        if isinstance(pretrained, str):
            self._load(Path(pretrained), reset_readouts)
        if isinstance(self.model.text, StandardizedLinear):
            self.model.text.fit(self.texts)
        self.windows = self._windows()

    texts: Tensor

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the losses `loss`, `arm`, `gripper` and, if foreseen, `image`."""
        pictures = [
            self._shifted(most, batch[name])
            for name, most in zip(self.observed.cameras, self.shifts, strict=True)
        ]
        chosen = self._foreseen()
        later = [i + self.config.foresight_steps for i in chosen]
        targets = _targets(pictures, later, self.config.patch_size) if later else None
        output = self._output(batch, pictures, chosen)
        valid = batch.get("valid")
        terms = losses(
            output,
            batch["actions"],
            targets,
            self.config,
            self.supervised,
            self.weights,
            valid,
            None if valid is None else valid[:, later],
            self._commanded(batch),
        )
        named = {"loss": terms.total, "arm": terms.arm, "gripper": terms.gripper}
        if self.keyframe_weight:
            assert output.keyframe is not None
            position = 10 * batch["keyframe"][:, : self.supervised, :3]
            named["keyframe"] = functional.smooth_l1_loss(output.keyframe, position, beta=0.2)
            named["loss"] = terms.total + self.keyframe_weight * named["keyframe"]
        return {**named, "image": terms.image} if chosen else named

    def predict(self, batch: Mapping[str, Tensor], foresee: bool = False) -> SeerOutput:
        """Return the network's output for a batch without augmentation, with images if asked."""
        pictures = [batch[name] for name in self.observed.cameras]
        return self._output(batch, pictures, range(self.supervised) if foresee else [])

    def module(self) -> nn.Module:
        """Return the network that is saved."""
        return self.model

    def save(self, path: Path, weights: Mapping[str, Tensor]) -> None:
        """Write weights of the network as a checkpoint of policy=seer."""
        SEER_CHECKPOINTS.save(path, self.config, weights, self.hashes)

    def _output(
        self, batch: Mapping[str, Tensor], pictures: Sequence[Tensor], foreseen: Sequence[int]
    ) -> SeerOutput:
        steps = self.config.history
        arm, gripper = (x[:, :steps] for x in self.observed.proprioception(batch))
        sentence = torch.zeros_like(batch["sentence"]) if self.mask else batch["sentence"]
        output: SeerOutput = self.model(
            self._features(_images(pictures, range(steps))),
            self.texts[sentence],
            arm,
            gripper,
            self._attention(),
            foreseen if len(foreseen) else False,
        )
        return output

    def _windows(self) -> WindowSpec:
        config = self.config
        return WindowSpec(
            length=config.history + max(config.foresight_steps, config.inv - 1),
            sizes=dict.fromkeys(self.observed.cameras, config.image_size),
            within="trajectory" if self.mask else "segment",
            keyframe=self.observed.arm if self.keyframe_weight else "",
        )

    def _commanded(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the gripper's last command at each frame, 0 closed and 1 open.

        Where the state does not tell it, it is that of the action before; the first frame's own
        action stands for the one before the window.
        """
        if not self.observed.widths:
            return self.observed.proprioception(batch)[1]
        commands = (batch["actions"][..., 6] > 0).float()
        return torch.cat([commands[:, :1], commands[:, :-1]], dim=1)

    def _shifted(self, shift: float, pictures: Tensor) -> Tensor:
        most = round(shift * self.config.image_size / 224)
        return random_shift(pictures, most) if self.training and most else pictures

    def _features(self, images: Tensor) -> Tensor:
        if self.vision is None:
            return images
        with torch.no_grad():
            return self.vision(images.flatten(0, 2)).unflatten(0, images.shape[:3])

    def _attention(self) -> Tensor:
        if self.mask is None:
            return attention_mask(self.model.layout, self.config.history)
        rng = np.random.default_rng(int(torch.randint(2**31, ())))
        return attention_mask(self.model.layout, self.config.history, self.mask, rng)

    def _foreseen(self) -> list[int]:
        """Return the timesteps whose future images are foreseen in this batch."""
        if not self.foresight:
            return []
        if self.foresight_timesteps is None or not self.training:
            return list(range(self.supervised))
        drawn = torch.randperm(self.supervised)[: self.foresight_timesteps]
        return sorted(drawn.tolist())

    def _load(self, path: Path, reset: bool) -> None:
        """Load another stage's weights; a longer history is cut to its first timesteps."""
        weights = SEER_CHECKPOINTS.read_weights(path, self.config)
        weights["timesteps"] = weights["timesteps"][:, : self.config.history]
        self.model.load_state_dict(weights)
        if reset:
            start_readouts(self.model)


def _require_shares(**weights: float) -> None:
    for name, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not weight >= 0:
            raise ConfigError(f"policy.{name}={weight} must be a number, at least 0")


@torch.compiler.disable  # compiled, it would read the pictures value by value, and take longer
def _targets(pictures: Sequence[Tensor], frames: Sequence[int], patch_size: int) -> Tensor:
    return foresight_target(_images(pictures, frames), patch_size)


@torch.compiler.disable
def _images(pictures: Sequence[Tensor], frames: Sequence[int]) -> Tensor:
    """Return some frames of each camera's pictures (B, T, S, S, 3), normalized:
    (B, frames, cameras, 3, S, S)."""
    return normalize_rows(torch.stack([camera[:, list(frames)] for camera in pictures], dim=2))
