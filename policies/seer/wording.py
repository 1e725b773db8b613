"""Does a trained Seer react to the color word that tells one block from another?

It compares the predictions for the same frame under its own sentence and under that sentence with
another color. It found a network that ignored colors although its losses were low.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longhaul.demos.windows import Windows
from longhaul.policies.seer.learning import SeerLearner

BLOCK_COLORS = ("red", "blue", "pink")
"""The colors of CALVIN's blocks, as its sentences name them."""


@dataclass(frozen=True)
class ColorSensitivity:
    """The errors in frames of tasks whose name contains `family`.

    `own` and `other` are the mean errors of the next action (units of the action) under the frame's
    own sentence and under one with another color. `keyframe_own` and `keyframe_other` are the
    median errors of the keyframe (cm; NaN for an architecture that predicts none).
    """

    family: str
    frames: int
    own: float
    other: float
    keyframe_own: float
    keyframe_other: float


def other_color(sentence: str) -> str | None:
    """Return the sentence with its color replaced by the next of BLOCK_COLORS; None without one."""
    for color, another in zip(BLOCK_COLORS, (*BLOCK_COLORS[1:], BLOCK_COLORS[0]), strict=True):
        if color in sentence:
            return sentence.replace(color, another)
    return None


@torch.inference_mode()
def color_sensitivity(
    learner: SeerLearner, windows: Windows, frames: int, families: Sequence[str]
) -> list[ColorSensitivity]:
    """Compare predictions of the newest timestep under both sentences, in at most `frames` frames
    of tasks whose name has a color; `windows` must hold keyframes."""
    sentences = list(windows.cache.sentences)
    swaps = [other_color(sentence) for sentence in sentences]
    places = [sentences.index(s) if s in sentences else -1 for s in swaps]
    tasks = windows.tasks(np.arange(len(windows)))
    named = [any(color in name for color in BLOCK_COLORS) for name in windows.cache.tasks]
    numbers = np.flatnonzero(np.array(named)[tasks])
    numbers = numbers[np.linspace(0, len(numbers) - 1, min(frames, len(numbers))).astype(int)]
    errors = []
    for chosen in np.array_split(numbers, max(1, len(numbers) // 64)):
        batch = {name: torch.from_numpy(array) for name, array in windows.batch(chosen).items()}
        swapped = {**batch, "sentence": torch.tensor(places)[batch["sentence"]]}
        rows = [error for b in (batch, swapped) for error in _errors(learner, batch, b)]
        errors.append(np.stack(rows, axis=1))
    found = np.concatenate(errors)
    names = np.array([windows.cache.tasks[task] for task in tasks[numbers]])
    return [_summary(family, found[np.char.find(names, family) >= 0]) for family in families]


def _errors(
    learner: SeerLearner, truth: dict[str, Tensor], batch: dict[str, Tensor]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    newest = learner.config.history - 1
    output = learner.predict(batch)
    action = (output.arm[:, newest, 0] - truth["actions"][:, newest, :6]).abs().mean(dim=1)
    if output.keyframe is None:
        return action.numpy(), np.full(len(action), np.nan, np.float32)
    away = output.keyframe[:, newest] - 10 * truth["keyframe"][:, newest, :3]
    return action.numpy(), 10 * away.norm(dim=1).numpy()


def _summary(family: str, errors: NDArray[np.float32]) -> ColorSensitivity:
    own, key_own, other, key_other = errors.T
    medians = float(np.median(key_own)), float(np.median(key_other))
    return ColorSensitivity(family, len(errors), float(own.mean()), float(other.mean()), *medians)
