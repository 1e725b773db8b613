"""CLIPort as a policy of the suite (`longhaul.policies.policy.Policy`), on the tabletop's maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from longhaul.errors import ConfigError
from longhaul.files import file_hash
from longhaul.policies.checkpoint import read_trained_on
from longhaul.policies.cliport.checkpoint import CLIPORT_CHECKPOINTS
from longhaul.policies.cliport.config import CLIPORT_SMALL
from longhaul.policies.cliport.config import architecture as architecture_named
from longhaul.policies.cliport.encoders import Encoders
from longhaul.policies.cliport.explain import Decision, explain
from longhaul.policies.cliport.model import untrained
from longhaul.policies.cliport.workspace import (
    COLOR_MAP,
    HEIGHT_MAP,
    TABLETOP_REQUIREMENT,
    to_points,
)
from longhaul.policies.conventions import trained_requirement, without
from longhaul.policies.policy import Batch, Explanation, Setting, Start
from longhaul.profiling import part

SHIPPED_WEIGHTS = Path(__file__).parent / "weights" / "cliport_lohoravens.safetensors"
SAMPLING_STREAM = 13
"""Added to an episode's seed, so that these draws differ from others made with that seed."""

MAX_POSE_HEIGHT_M = 0.28
"""Greatest height (m) of a pose: the upper bound of CLIPort's action space."""


class CliportPolicy:
    """Picks at the best pixel and places at the best pixel and yaw for that pick.

    The weights are the setting's checkpoint, else the shipped one, else an untrained small network.
    Raises ConfigError or CheckpointError in one line.

    Args:
        architecture: The size of the network, small or published; a checkpoint of another size is
            refused; None takes the checkpoint's own.
        vision_folder: OpenAI's CLIP RN50 as model.safetensors, which size published needs.
        text_folder: The text encoder of that CLIP as transformers saves it, which size published
            needs.
        sample: True draws pixels from the softmax of the logits, by the episode's seed, instead of
            taking the best ones.
        temperature: The number by which the logits are divided before that softmax.
        n_rotations: The number of yaws to choose from when placing; None takes the checkpoint's
            number.
        batch: How many env slots are computed at a time; the last batch is filled up, so that an
            answer never depends on the other slots; None stands for 1 on a CPU and 8 on CUDA.
        threads: The number of torch's threads in this process; more than one slows the env workers
            down; None leaves the number as it is.
        seed: The seed of the initial weights of an untrained network.
    """

    requirement = TABLETOP_REQUIREMENT
    reads = (COLOR_MAP, HEIGHT_MAP)

    def __init__(
        self,
        setting: Setting,
        architecture: str | None = None,
        vision_folder: str | None = None,
        text_folder: str | None = None,
        sample: bool = False,
        temperature: float = 1.0,
        n_rotations: int | None = None,
        batch: int | None = None,
        threads: int | None = 1,
        seed: int = 0,
    ) -> None:
        for name, number in (("n_rotations", n_rotations), ("batch", batch), ("threads", threads)):
            if number is not None and (type(number) is not int or number < 1):
                raise ConfigError(f"policy.{name}={number} must be a whole number, at least 1")
        if not temperature > 0:
            raise ConfigError(f"policy.temperature={temperature} must be above 0")
        if threads is not None:
            torch.set_num_threads(threads)
        wanted = None if architecture is None else architecture_named(architecture)
        checkpoint, config, trained_with = CLIPORT_CHECKPOINTS.choose(
            setting.checkpoint, SHIPPED_WEIGHTS, wanted, CLIPORT_SMALL
        )
        config = replace(config, n_rotations=n_rotations or config.n_rotations)
        encoders = Encoders.find(config, vision_folder, text_folder)
        encoders.require(trained_with)
        model = untrained(config, seed)
        encoders.put_into(model)
        if checkpoint is not None:
            CLIPORT_CHECKPOINTS.load_into(model, checkpoint, config)
        self.trained = checkpoint is not None
        self._trained_on = read_trained_on(checkpoint)
        # An action is a whole pick and place, whatever rate a dataset gives its frames.
        demanded = trained_requirement(self._trained_on, TABLETOP_REQUIREMENT)
        self.requirement = without(demanded, ["rate"])
        self._model = model.to(setting.device).eval()
        self._encode = encoders.text(config)
        self._texts: dict[str, Tensor] = {}
        self._told: dict[int, str] = {}
        self._generators: dict[int, np.random.Generator] = {}
        self._decided: dict[int, Decision] = {}
        self._device = torch.device(setting.device)
        self._batch = batch or (1 if self._device.type == "cpu" else 8)
        self._temperature = temperature if sample else 0.0
        self._provenance = {
            "checkpoint": "none" if checkpoint is None else file_hash(checkpoint),
            "architecture": config.name,
            "batch": str(self._batch),
            **encoders.hashes,
        }

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """Take up the slots' instructions; each distinct one is encoded once."""
        for slot, start in zip(slots, starts, strict=True):
            if start.instruction not in self._texts:
                self._texts[start.instruction] = self._encode(start.instruction)
            self._told[slot] = start.instruction
            if start.new_episode or slot not in self._generators:
                self._generators[slot] = np.random.default_rng([start.seed, SAMPLING_STREAM])

    def act(self, batch: Batch) -> dict[str, np.ndarray]:
        """Return pose0 and pose1, each (n, 7) float32: xyz (m) and quaternion xyzw."""
        color = torch.from_numpy(np.ascontiguousarray(batch.observations[COLOR_MAP]))
        heights = np.asarray(batch.observations[HEIGHT_MAP], np.float32)
        maps = torch.cat(
            [color.movedim(-1, 1).float() / 255, torch.from_numpy(heights)[:, None]], dim=1
        )
        poses = [
            self._poses(maps[i : i + self._batch], batch.slots[i : i + self._batch])
            for i in range(0, len(batch.slots), self._batch)
        ]
        return {key: np.concatenate([pair[key] for pair in poses]) for key in ("pose0", "pose1")}

    def explain(self, slot: int) -> Explanation:
        """Return how likely each pixel was for pick and place, and which were chosen."""
        return explain(self._decided[slot])

    def provenance(self) -> Mapping[str, str]:
        return dict(self._provenance)

    def trained_on(self) -> Mapping[str, Any]:
        return self._trained_on

    @torch.inference_mode()
    def _poses(self, maps: Tensor, slots: Sequence[int]) -> dict[str, np.ndarray]:
        """Return the poses of at most `batch` slots, each (n, 7)."""
        rows = len(slots)
        texts = torch.stack([self._texts[self._told[slot]] for slot in slots])
        filled = [_filled(values, self._batch).to(self._device) for values in (maps, texts)]
        with part("encode"):
            scene = self._model.look(*filled)
        generators = [self._generators[slot] for slot in slots]
        picks = self._choose(scene.pick[:rows, None], generators)[:, 1:]
        with part("predict"):
            place = self._model.place(scene, _filled(picks, self._batch).to(self._device))[:rows]
        places = self._choose(place, generators)
        colors = maps[:, :3].movedim(1, -1)
        for row, slot in enumerate(slots):
            shown = (colors[row], scene.pick[row], place[row], picks[row], places[row])
            self._decided[slot] = Decision(*shown)
        heights = maps[:, 3]
        turns = places[:, 0].numpy() / self._model.config.n_rotations
        yaws = 2 * np.pi * (turns - (turns > 0.5))
        return {
            "pose0": _pose(picks, heights, np.zeros(rows)),
            "pose1": _pose(places[:, 1:], heights, yaws),
        }

    def _choose(self, logits: Tensor, generators: Sequence[np.random.Generator]) -> Tensor:
        """Return bin, row and column (n, 3) for logits (n, R, H, W), on the CPU."""
        flat = logits.flatten(1).double().cpu()
        if not self._temperature:
            index = flat.argmax(dim=1)
        else:
            shares = (flat / self._temperature).softmax(dim=1).cumsum(dim=1)
            draws = torch.tensor([[generator.random()] for generator in generators])
            index = torch.searchsorted(shares, draws * shares[:, -1:])[:, 0]
        return torch.stack(torch.unravel_index(index, logits.shape[1:]), dim=1)


def _filled(values: Tensor, count: int) -> Tensor:
    """Return values padded with rows of 0 to `count` rows."""
    return functional.pad(values, [0, 0] * (values.ndim - 1) + [0, count - len(values)])


def _pose(pixels: Tensor, heights: Tensor, yaws: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return poses (n, 7) at pixels (n, 2) of height maps (n, H, W), turned about z."""
    z = heights[torch.arange(len(pixels)), pixels[:, 0], pixels[:, 1]].clamp(0, MAX_POSE_HEIGHT_M)
    zeros = np.zeros_like(yaws)
    turns = np.stack([zeros, zeros, np.sin(yaws / 2), np.cos(yaws / 2)], axis=1)
    points = torch.cat([to_points(pixels), z[:, None].double()], dim=1).numpy()
    return np.concatenate([points, turns], axis=1).astype(np.float32)
