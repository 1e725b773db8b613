"""How far a trained CLIPort's picks and places are from those of held-out demonstrations.

    python -m longhaul.policies.cliport.diagnosis CHECKPOINT DATASET [--out FOLDER]

It prints for each task the median distance in cm of the best pick, and of the best place for the
demonstrated pick, from the demonstrated ones, and the share within 2 cm. It writes heat.png: each
row is one frame with the probabilities of pick and place in red; + is the demonstrated pixel, x the
best one.
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
from longhaul.policies.cliport.checkpoint import CLIPORT_CHECKPOINTS
from longhaul.policies.cliport.learning import CliportLearner, centimeters
from longhaul.policies.cliport.model import best

NEAR_CM = 2.0
"""Distance (cm) up to which a pixel counts as right: half of a small block's edge."""

MAX_PICTURES = 8
"""Frames that heat.png shows."""

MARK_ARM_PX = 4
"""Length (pixels) of each arm of a + or x."""


@dataclass(frozen=True)
class Answers:
    """Distances (n,) in cm of the best picks and places, and pictures of the first few samples."""

    pick_cm: NDArray[np.float32]
    place_cm: NDArray[np.float32]
    pictures: list[NDArray[np.uint8]]


def load_learner(checkpoint: Path, sentences: tuple[str, ...]) -> CliportLearner:
    """Return a learner with a checkpoint's weights, ready to predict."""
    config, _ = CLIPORT_CHECKPOINTS.read_architecture(checkpoint)
    learner = CliportLearner(sentences, config.name, config.n_rotations)
    CLIPORT_CHECKPOINTS.load_into(learner.model, checkpoint)
    return learner.eval()


@torch.inference_mode()
def answers(learner: CliportLearner, windows: Windows, numbers: NDArray[np.int64]) -> Answers:
    """Compare the best pixels with the demonstrated ones, one batch after the other."""
    picks, places = [], []
    pictures: list[NDArray[np.uint8]] = []
    for chosen in np.array_split(numbers, max(1, len(numbers) // 16)):
        batch = {name: torch.from_numpy(a) for name, a in windows.batch(chosen).items()}
        maps, text, pick, place, _ = learner.samples(batch)
        scene = learner.model.look(maps, text)
        fits = learner.model.place(scene, pick)
        found, target = best(scene.pick), best(fits)[1:]
        picks.append(centimeters(found, pick))
        places.append(centimeters(target, place))
        for row in range(min(len(pick), MAX_PICTURES - len(pictures))):
            halves = [
                _drawn(maps[row], scene.pick[row], pick[row], torch.stack(found, -1)[row]),
                _drawn(maps[row], fits[row].amax(0), place[row], torch.stack(target, -1)[row]),
            ]
            pictures.append(np.concatenate(halves, axis=1))
    return Answers(torch.cat(picks).numpy(), torch.cat(places).numpy(), pictures)


def _drawn(maps: Tensor, logits: Tensor, truth: Tensor, found: Tensor) -> NDArray[np.uint8]:
    """Return colors (H, W, 3) under the probabilities in red, and both marks."""
    heat = logits - logits.max()
    share = heat.exp().clamp(0, 1)[..., None]
    picture = 255 * (0.7 * maps[:3].movedim(0, -1) * (1 - share))
    picture[..., :1] += 255 * share
    marks = np.ascontiguousarray(picture.byte().numpy())
    for step in range(-MARK_ARM_PX, MARK_ARM_PX + 1):
        for (row, column), (down, right), tint in (
            (truth.tolist(), (step, 0), (255, 255, 255)),
            (truth.tolist(), (0, step), (255, 255, 255)),
            (found.tolist(), (step, step), (0, 255, 0)),
            (found.tolist(), (step, -step), (0, 255, 0)),
        ):
            y, x = row + down, column + right
            if 0 <= y < marks.shape[0] and 0 <= x < marks.shape[1]:
                marks[y, x] = tint
    return marks


def _report(names: tuple[str, ...], tasks: NDArray[np.int64], found: Answers) -> Table:
    """Return a table with a row for each task, and one for all of them."""
    table = Table("task", "frames", "pick cm", "within 2 cm", "place cm", "within 2 cm")
    everything = np.ones_like(tasks, bool)
    rows = [(names[task], tasks == task) for task in np.unique(tasks)]
    for name, own in [*rows, ("all", everything)]:
        pick, place = found.pick_cm[own], found.place_cm[own]
        shares = [f"{np.median(cm):.1f} {np.mean(cm <= NEAR_CM):.0%}" for cm in (pick, place)]
        table.add_row(name, str(own.sum()), *(word for s in shares for word in s.split()))
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--out", type=Path, default=Path("diagnosis"))
    parser.add_argument("--frames", type=int, default=400)
    parser.add_argument("--holdout", type=float, default=0.05)
    given = parser.parse_args()
    try:
        shape = CliportLearner.windows
        cache = build_cache(open_source(given.dataset), shape.sizes)
        windows = Windows(cache, shape.length, split="validation", holdout=given.holdout)
        learner = load_learner(given.checkpoint, cache.sentences)
        count = min(given.frames, len(windows))
        numbers = np.linspace(0, len(windows) - 1, count).astype(np.int64)
        found = answers(learner, windows, numbers)
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    Console().print(_report(cache.tasks, windows.tasks(numbers), found))
    given.out.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(found.pictures)).save(given.out / "heat.png")
    print(given.out / "heat.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
