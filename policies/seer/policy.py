"""Seer as a policy of the suite (`longhaul.policies.policy.Policy`), on CALVIN's observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from longhaul.demos.resize import resize
from longhaul.errors import ConfigError
from longhaul.files import file_hash
from longhaul.policies.checkpoint import read_trained_on
from longhaul.policies.policy import Actions, Batch, Explanation, Setting, Start
from longhaul.policies.seer.acting import Actor
from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS, load_checkpoint
from longhaul.policies.seer.chunks import Chunks, require_valid
from longhaul.policies.seer.config import SEER_SMALL, SeerConfig
from longhaul.policies.seer.config import architecture as architecture_named
from longhaul.policies.seer.demands import demands_of
from longhaul.policies.seer.encoders import (
    encoder_folders,
    encoder_hashes,
    load_encoders,
    require_same,
)
from longhaul.policies.seer.explain import explain
from longhaul.policies.seer.initialize import untrained
from longhaul.policies.seer.observed import CALVIN_REQUIREMENT
from longhaul.profiling import part

SMALL_REPLAN_STEPS = 3
"""Control steps between two predictions of a small Seer. One that predicts at every step stops
where its predicted motion is small, and stays there (average length 0.82 on 60 sequences, see
README.md)."""

SHIPPED_WEIGHTS = Path(__file__).parent / "weights" / "seer_calvin.safetensors"


class SeerPolicy:
    """Acts as the published evaluation does: K frames of history, cleared at every Start, and
    with the defaults the first predicted action of every step (not rounded to float16 as there).

    The weights are the setting's checkpoint, else the shipped one, else an untrained small network.
    They demand of the env the conventions of their demonstrations, as the checkpoint tells them, or
    CALVIN's. Raises ConfigError or CheckpointError, both ValueError, in one line each.

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
        resample: What may be bridged between an env and the demonstrations, pictures (of another
            size), rate (of control, where one rate is a whole multiple of the other) or all; None
            refuses an env that differs.
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
        resample: str | None = None,
    ) -> None:
        _require_whole(replan=replan, chunk=chunk, batch=batch, threads=threads)
        if threads is not None:
            torch.set_num_threads(threads)
        wanted = None if architecture is None else architecture_named(architecture)
        checkpoint, config, trained_with = SEER_CHECKPOINTS.choose(
            setting.checkpoint, SHIPPED_WEIGHTS, wanted, SEER_SMALL
        )
        self._trained_on = read_trained_on(checkpoint)
        demands = demands_of(checkpoint, self._trained_on, config, resample)
        self.requirement, self.observed = demands.requirement, demands.observed
        self.reads = self.observed.names
        chunk, replan = _steps(config, chunk, replan)
        self.paces = demands.paces(setting.env, setting.slots, chunk, config.history)
        replan = self.paces[0].replan(replan)
        folders = encoder_folders(config, vision_folder, text_folder)
        require_same(trained_with, folders)
        encoders = load_encoders(config, folders)
        model = untrained(config, seed) if checkpoint is None else load_checkpoint(checkpoint)
        on_cpu = torch.device(setting.device).type == "cpu"
        self.trained = checkpoint is not None
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
            **({"resample": resample} if resample else {}),
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
            self.paces[slot].clear()

    def act(self, batch: Batch) -> np.ndarray:
        """Return relative actions (n, 7) float32 in [-1, 1], gripper exactly -1 or +1."""
        self._continue(batch)
        return np.stack([self.paces[slot].next() for slot in batch.slots])

    def act_ahead(self, batch: Batch) -> Sequence[Actions]:
        """Return the actions up to the next frame that a prediction looks at, (k, 7) each."""
        self._continue(batch)
        for slot in batch.slots:
            while self._until_read(slot):
                self._take(slot)
        return [self.paces[slot].rest() for slot in batch.slots]

    def _continue(self, batch: Batch) -> None:
        """Take the network's next actions where none is left; it looks at those frames that a
        prediction needs, now or later, and at no others."""
        due = [row for row, slot in enumerate(batch.slots) if self.paces[slot].due]
        read = [row for row in due if not self._until_read(batch.slots[row])]
        if read:
            with part("encode"):
                self._look(batch, read)
        predicted = [batch.slots[row] for row in due if self.chunks[batch.slots[row]].due]
        for slot in predicted:
            self.explained.pop(slot, None)
        if predicted:
            with part("predict"):
                predictions = self.actor.predict(predicted)
            for slot, *prediction in zip(predicted, *predictions, strict=True):
                self.chunks[slot].add(*prediction)
        for row in due:
            self._take(batch.slots[row])

    def _look(self, batch: Batch, rows: Sequence[int]) -> None:
        slots = [batch.slots[row] for row in rows]
        size = self.actor.model.config.image_size
        seen = {name: batch.observations[name][list(rows)] for name in self.reads}
        cameras = [resize(seen[name], size) for name in self.observed.cameras]
        images = torch.stack(cameras, dim=1)
        self.actor.observe(slots, images, *self.observed.proprioception(seen))
        self.looked_at.update(zip(slots, images, strict=True))

    def _take(self, slot: int) -> None:
        pace = self.paces[slot]
        pace.take([self.chunks[slot].next() for _ in range(pace.joined)])

    def _until_read(self, slot: int) -> int:
        """Return in how many of the network's steps a prediction looks at a frame again; 0 if it
        looks at the present one."""
        return self.chunks[slot].until_read(self.actor.model.config.history)

    def explain(self, slot: int) -> Explanation:
        """Return the foreseen pictures and the attention over the history, of the last prediction;
        it stays the same object until the next prediction."""
        if slot not in self.explained:
            memory = self.actor.remembered(slot)
            looked_at, cameras = self.looked_at[slot], self.observed.cameras
            self.explained[slot] = explain(self.actor.model, *memory, looked_at, cameras)
        return self.explained[slot]

    def provenance(self) -> Mapping[str, str]:
        return dict(self._provenance)

    def trained_on(self) -> Mapping[str, Any]:
        return self._trained_on


def _steps(config: SeerConfig, chunk: int | None, replan: int | None) -> tuple[int, int]:
    """Return how many actions of a prediction are used, and the steps between two predictions."""
    chunk = config.inv if chunk is None else chunk
    if replan is None:
        replan = min(SMALL_REPLAN_STEPS, chunk) if config.name == SEER_SMALL.name else 1
    require_valid(chunk, replan, config.inv)
    return chunk, replan


def _require_whole(**numbers: int | None) -> None:
    for name, number in numbers.items():
        if number is not None and (type(number) is not int or number < 1):
            raise ConfigError(f"policy.{name}={number} must be a whole number, at least 1")
