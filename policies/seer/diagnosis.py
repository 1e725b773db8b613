"""How far a trained Seer's predictions are from held-out demonstrations.

    python -m longhaul.policies.seer.diagnosis CHECKPOINT DATASET --out FOLDER

It prints for each task how far the next action is from the demonstrated one, how often the gripper
agrees, and how often it agrees in the frames around a grasp or release; then how the errors change
when the sentence names another color (longhaul.policies.seer.wording). It writes foresight.png:
each row is one camera now, as foreseen, and as it really was later.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from rich.table import Table
from torch import Tensor

from longhaul.console import Console
from longhaul.demos.cache import build_cache
from longhaul.demos.open import open_source
from longhaul.demos.windows import Windows
from longhaul.errors import ConfigError
from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS
from longhaul.policies.seer.explain import as_picture
from longhaul.policies.seer.learning import SeerLearner
from longhaul.policies.seer.preprocess import CAMERA_NAMES
from longhaul.policies.seer.wording import color_sensitivity

NEAR_FRAMES = 3
"""Frames before and after a change of the gripper command that count as around the change."""

COLOR_FAMILIES = ("_block_table", "rotate", "push")
"""Substrings of the names of tasks in which only the color says which block is meant."""

Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Row:
    """The errors in one task's frames.

    `arm` is the mean absolute error of the next action (units of the action). `gripper` is the
    share of all frames in which the gripper agrees, `around` that of the frames around a change
    (NaN if there are none).
    """

    task: str
    frames: int
    arm: float
    gripper: float
    around: float


def load_learner(checkpoint: Path, sentences: tuple[str, ...]) -> SeerLearner:
    """Return a learner with a checkpoint's weights, ready to predict."""
    config, _ = SEER_CHECKPOINTS.read_architecture(checkpoint)
    learner = SeerLearner(sentences, architecture=config.name)
    SEER_CHECKPOINTS.load_into(learner.model, checkpoint, learner.config)
    return learner.eval()


@torch.inference_mode()
def open_loop(learner: SeerLearner, windows: Windows, frames: int) -> list[Row]:
    """Compare predictions of the newest timestep with the demonstrations, in at most `frames`
    windows that are spread evenly."""
    numbers = np.linspace(0, len(windows) - 1, min(frames, len(windows))).astype(np.int64)
    newest = learner.config.history - 1
    errors, agrees, changes = [], [], []
    for chosen in np.array_split(numbers, max(1, len(numbers) // 64)):
        batch = _tensors(windows, chosen)
        output = learner.predict(batch)
        label = batch["actions"][:, newest]
        errors.append((output.arm[:, newest, 0] - label[:, :6]).abs().mean(dim=1).numpy())
        opened = output.gripper_logits[:, newest, 0, 0] > 0
        agrees.append((opened == (label[:, 6] > 0)).numpy())
        around = batch["actions"][:, max(0, newest - NEAR_FRAMES) : newest + NEAR_FRAMES, 6]
        changes.append((around.amax(dim=1) != around.amin(dim=1)).numpy())
    error, agree, change = (np.concatenate(parts) for parts in (errors, agrees, changes))
    tasks = windows.tasks(numbers)
    names = windows.cache.tasks
    picks = [(names[task], tasks == task) for task in sorted(set(tasks), key=lambda t: names[t])]
    return [
        Row(name, int(own.sum()), *_means(error, agree, change, own))
        for name, own in [*picks, ("all", np.ones_like(agree))]
    ]


@torch.inference_mode()
def foresight(learner: SeerLearner, windows: Windows, count: int) -> NDArray[np.uint8]:
    """Return a picture (H, W, 3) of `count` windows: a row for each camera, with the picture now,
    the foreseen one and the true one side by side.

    A foreseen patch has the mean and variance of the present one: see as_picture.
    """
    batch = _tensors(windows, np.linspace(0, len(windows) - 1, count).astype(np.int64))
    config, newest = learner.config, learner.config.history - 1
    output = learner.predict(batch, foresee=True)
    assert output.images is not None
    rows = []
    for index in range(count):
        for number, camera in enumerate(CAMERA_NAMES):
            now, later = (
                batch[camera][index, t].movedim(-1, 0).float()
                for t in (newest, newest + config.foresight_steps)
            )
            made = as_picture(output.images[index, newest, number], now, config.patch_size)
            triple = torch.cat([now, made, later], dim=2)
            rows.append(triple.clamp(0, 255).byte().movedim(0, -1).numpy())
    return np.concatenate(rows)


def _tensors(windows: Windows, numbers: NDArray[np.int64]) -> Batch:
    return {name: torch.from_numpy(array) for name, array in windows.batch(numbers).items()}


def _means(
    error: NDArray[np.float32], agree: NDArray[np.bool_], change: NDArray[np.bool_], own: NDArray
) -> tuple[float, float, float]:
    near = own & change
    around = float(agree[near].mean()) if near.any() else float("nan")
    return float(error[own].mean()), float(agree[own].mean()), around


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--out", type=Path, default=Path("diagnosis"))
    parser.add_argument("--frames", type=int, default=4000)
    parser.add_argument("--holdout", type=float, default=0.05)
    given = parser.parse_args()
    try:
        config, _ = SEER_CHECKPOINTS.read_architecture(given.checkpoint)
        source = open_source(given.dataset)
        cache = build_cache(source, dict.fromkeys(CAMERA_NAMES, config.image_size))
        learner = load_learner(given.checkpoint, cache.sentences)
        length = learner.windows.length
        shape = {"holdout": given.holdout, "ahead": 1, "keyframe": "robot_obs"}
        windows = Windows(cache, length, split="validation", **shape)
        rows = open_loop(learner, windows, given.frames)
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    table = Table("task", "frames", "arm error", "gripper agrees", "around a change")
    for row in rows:
        shares = (f"{row.gripper:.1%}", f"{row.around:.1%}")
        table.add_row(row.task, str(row.frames), f"{row.arm:.3f}", *shares)
    Console().print(table)
    table = Table(
        "tasks", "frames", *("arm error", "other color"), *("keyframe, cm", "other color")
    )
    for found in color_sensitivity(learner, windows, given.frames, COLOR_FAMILIES):
        errors = (f"{found.own:.3f}", f"{found.other:.3f}")
        cm = (f"{found.keyframe_own:.1f}", f"{found.keyframe_other:.1f}")
        table.add_row(found.family, str(found.frames), *errors, *cm)
    Console().print(table)
    given.out.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(foresight(learner, windows, 4))
    large = (picture.width * 2, picture.height * 2)
    picture.resize(large, Image.Resampling.NEAREST).save(given.out / "foresight.png")
    print(given.out / "foresight.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
