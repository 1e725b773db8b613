"""Seer as a policy of the suite (`longhaul.policies.policy.Policy`), on CALVIN's observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from longhaul.demos.resize import resize
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, Requirement, StateSpec
from longhaul.errors import ConfigError
from longhaul.files import file_hash
from longhaul.policies.checkpoint import read_trained_on
from longhaul.policies.policy import Batch, Explanation, Setting, Start
from longhaul.policies.seer.acting import Actor
from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS, load_checkpoint
from longhaul.policies.seer.chunks import Chunks, require_valid
from longhaul.policies.seer.config import SEER_SMALL
from longhaul.policies.seer.config import architecture as architecture_named
from longhaul.policies.seer.encoders import (
    encoder_folders,
    encoder_hashes,
    load_encoders,
    require_same,
)
from longhaul.policies.seer.explain import explain
from longhaul.policies.seer.initialize import untrained
from longhaul.policies.seer.preprocess import CAMERA_NAMES, proprioception

SMALL_REPLAN_STEPS = 3
"""Control steps between two predictions of a small Seer. One that predicts at every step stops
where its predicted motion is small, and stays there (average length 0.82 on 60 sequences, see
README.md)."""

SHIPPED_WEIGHTS = Path(__file__).parent / "weights" / "seer_calvin.safetensors"

CALVIN_REQUIREMENT = Requirement(
    observation=ObservationSpec(
        cameras=(
            CameraSpec("rgb_static", 200, 200),
            CameraSpec("rgb_gripper", 84, 84, mount="gripper"),
        ),
        states=(StateSpec("robot_obs", 15, (), "world", "euler_xyz", "open=+1"),),
    ),
    action=ActionSpec(
        mode="delta",
        size=7,
        frame="world",
        rotation="euler_xyz",
        gripper="open=+1",
        position_scale=0.02,
        rotation_scale=0.05,
        rate=30.0,
    ),
)


class SeerPolicy:
    """Acts as the published evaluation does: K frames of history, cleared at every Start, and
    with the defaults the first predicted action of every step (not rounded to float16 as there).

    The weights are the setting's checkpoint, else the shipped one, else an untrained small network.
    Raises ConfigError or CheckpointError, both ValueError, in one line each.

    Args:
        architecture: The size of the network, small, base or large; a checkpoint of another size is
            refused; None takes the checkpoint's own.
        vision_folder: A ViT-MAE base as transformers saves it, which sizes base and large need.
        text_folder: A CLIP ViT-B/32 as transformers saves it, which sizes base and large need.
        chunk: How many actions of each prediction are used; None uses all of them (3).
        replan: Steps between predictions, at most `chunk`; None stands for 3 with a small network
            and for 1 with the others.
        temporal_ensemble: True averages all predictions of the current step's action.
        batch: How many env slots are computed at a time; None stands for 1 on a CPU and 8 on CUDA.
        precision: The type of floating-point numbers, float32 or bfloat16; None stands for float32
            on a CPU and bfloat16 on CUDA.
        compile: True compiles the network with torch.compile and CUDA graphs.
        threads: The number of torch's threads in this process; with busy env workers, more than one
            made a step 50 times slower; None leaves the number as it is.
        seed: The seed of the initial weights of an untrained network.
    """

    requirement = CALVIN_REQUIREMENT

    def __init__(
        self,
        setting: Setting,
        architecture: str | None = None,
        vision_folder: str | None = None,
        text_folder: str | None = None,
        chunk: int | None = None,
        replan: int | None = None,
        temporal_ensemble: bool = False,
        batch: int | None = None,
        precision: str | None = None,
        compile: bool = False,
        threads: int | None = 1,
        seed: int = 0,
    ) -> None:
        numbers = {"replan": replan, "chunk": chunk, "batch": batch, "threads": threads}
        for name, number in numbers.items():
            _require_whole(name, number)
        if threads is not None:
            torch.set_num_threads(threads)
        wanted = None if architecture is None else architecture_named(architecture)
        checkpoint, config, trained_with = SEER_CHECKPOINTS.choose(
            setting.checkpoint, SHIPPED_WEIGHTS, wanted, SEER_SMALL
        )
        if config.gripper_width:
            raise ConfigError(f"{checkpoint} reads finger positions, which CALVIN does not offer")
        chunk = config.inv if chunk is None else chunk
        if replan is None:
            replan = min(SMALL_REPLAN_STEPS, chunk) if config.name == SEER_SMALL.name else 1
        require_valid(chunk, replan, config.inv)
        folders = encoder_folders(config, vision_folder, text_folder)
        require_same(trained_with, folders)
        encoders = load_encoders(config, folders)
        model = untrained(config, seed) if checkpoint is None else load_checkpoint(checkpoint)
        on_cpu = torch.device(setting.device).type == "cpu"
        self.trained = checkpoint is not None
        self._trained_on = read_trained_on(checkpoint)
        self.encode_text = encoders.text
        self.texts: dict[str, torch.Tensor] = {}
        self.actor = Actor(
            model,
            encoders.vision,
            setting.slots,
            setting.device,
            batch or (1 if on_cpu else 8),
            precision or ("float32" if on_cpu else "bfloat16"),
            compile,
        )
        self.chunks = [Chunks(chunk, replan, temporal_ensemble) for _ in range(setting.slots)]
        self.looked_at: dict[int, torch.Tensor] = {}
        self.explained: dict[int, Explanation] = {}
        self._provenance = {
            "checkpoint": "none" if checkpoint is None else file_hash(checkpoint),
            "architecture": config.name,
            "precision": self.actor.precision,
            "batch": str(self.actor.batch),
            "chunk": str(chunk),
            "replan": str(replan),
            **encoder_hashes(folders),
        }

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """Forget the slots' history and take up their new instructions."""
        for slot, start in zip(slots, starts, strict=True):
            if start.instruction not in self.texts:
                self.texts[start.instruction] = self.encode_text(start.instruction)
            self.actor.start(slot, self.texts[start.instruction])
            self.explained.pop(slot, None)
            self.chunks[slot].clear()

    def act(self, batch: Batch) -> np.ndarray:
        """Return relative actions (n, 7) float32 in [-1, 1], gripper exactly -1 or +1."""
        size = self.actor.model.config.image_size
        cameras = [batch.observations[name] for name in CAMERA_NAMES]
        images = torch.stack([resize(pictures, size) for pictures in cameras], dim=1)
        arm, gripper = proprioception(batch.observations["robot_obs"])
        self.actor.observe(batch.slots, images, arm, gripper)
        self.looked_at = dict(zip(batch.slots, images, strict=True))
        due = [slot for slot in batch.slots if self.chunks[slot].due]
        for slot in due:
            self.explained.pop(slot, None)
        if due:
            for slot, *prediction in zip(due, *self.actor.predict(due), strict=True):
                self.chunks[slot].add(*prediction)
        return np.stack([self.chunks[slot].next() for slot in batch.slots])

    def explain(self, slot: int) -> Explanation:
        """Return the foreseen pictures and the attention over the history, of the last prediction;
        it stays the same object until the next prediction."""
        if slot not in self.explained:
            memory = self.actor.remembered(slot)
            self.explained[slot] = explain(self.actor.model, *memory, self.looked_at[slot])
        return self.explained[slot]

    def provenance(self) -> Mapping[str, str]:
        return dict(self._provenance)

    def trained_on(self) -> Mapping[str, Any]:
        return self._trained_on


def _require_whole(name: str, number: int | None) -> None:
    if number is not None and (type(number) is not int or number < 1):
        raise ConfigError(f"policy.{name}={number} must be a whole number, at least 1")
