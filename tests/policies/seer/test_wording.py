"""A network that reads colors is told from one that does not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from longhaul.policies.seer.model import SeerOutput
from longhaul.policies.seer.wording import color_sensitivity, other_color

SENTENCES = ("lift the red block", "lift the blue block", "lift the pink block", "open the drawer")
TASKS = ("lift_red_block_table", "lift_blue_block_table", "lift_pink_block_table", "open_drawer")
FRAMES = 40


class FourTasks:
    """Frame i belongs to task i % 4; in it the right action is the task's number / 4 and the
    keyframe the task's number in m."""

    cache = SimpleNamespace(sentences=SENTENCES, tasks=TASKS)

    def __len__(self) -> int:
        return FRAMES

    def tasks(self, numbers: np.ndarray) -> np.ndarray:
        return numbers % 4

    def batch(self, numbers: np.ndarray) -> dict[str, np.ndarray]:
        task = (numbers % 4).astype(np.float32)
        rows = np.ones((len(numbers), 1, 1), np.float32) * task[:, None, None]
        actions, keyframe = np.repeat(rows / 4, 7, axis=2), np.repeat(rows, 15, axis=2)
        return {"actions": actions, "keyframe": keyframe, "sentence": numbers % 4}


class Reader:
    """Acts by its sentence, or as if every sentence named the red block."""

    config = SimpleNamespace(history=1)

    def __init__(self, reads: bool) -> None:
        self._reads = reads

    def predict(self, batch: dict[str, Tensor]) -> SeerOutput:
        said = batch["sentence"].float() * self._reads
        arm = (said / 4)[:, None, None, None].expand(-1, 1, 3, 6)
        return SeerOutput(arm, arm[..., :1], None, 10 * said[:, None, None].expand(-1, 1, 3))


@pytest.mark.parametrize("reads", [True, False])
def test_heed_tells_who_reads_the_color(reads: bool) -> None:
    learner: Any = Reader(reads)
    windows: Any = FourTasks()
    (found,) = color_sensitivity(learner, windows, 100, ["_block_table"])
    assert found.frames == FRAMES * 3 // 4  # the drawer has no color
    errors = (found.own, found.other, found.keyframe_own, found.keyframe_other)
    meter = 100 * 3**0.5  # one of the three is wrong by a meter in x, y and z
    # Of red, blue, pink the numbers 0, 1, 2; under another color 1, 2, 0.
    expected = (0.0, 1 / 3, 0.0, meter) if reads else (1 / 4, 1 / 4, meter, meter)
    torch.testing.assert_close(torch.tensor(errors), torch.tensor(expected))


def test_the_other_color_of_a_sentence() -> None:
    assert other_color("grasp the pink block, then turn it") == "grasp the red block, then turn it"
    assert other_color("open the drawer") is None
