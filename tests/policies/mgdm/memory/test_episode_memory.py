"""The memory of a window in training is that of an episode while acting."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from longhaul.envs.lhvln.simulator import FORWARD_M, Pose
from longhaul.policies.mgdm.memory.episode_memory import EpisodeMemory, window_memory
from longhaul.policies.mgdm.memory.short_term import Mode
from longhaul.policies.mgdm.model import StepEncoding
from longhaul.policies.mgdm.perception.observations import ACTION_COUNT
from longhaul.policies.mgdm.perception.relative_pose import offsets, pose_features

WIDTH, STEPS, CAPACITY = 6, 17, 5


def encodings(count: int) -> StepEncoding:
    drawn = torch.Generator().manual_seed(count)
    h, visual = torch.randn(2, 2, count, WIDTH, generator=drawn)
    return StepEncoding(h, visual, 2 * torch.randn(2, count, ACTION_COUNT, generator=drawn))


def poses(count: int) -> torch.Tensor:
    drawn = torch.Generator().manual_seed(1)
    return 3 * torch.randn(2, count, 4, generator=drawn)


@pytest.mark.parametrize("mode", ["entropy", "scalar", "fifo", "uniform", "none"])
def test_a_window_remembers_what_an_episode_does(mode: Mode) -> None:
    encoding, pose_rows = encodings(STEPS), pose_features(poses(STEPS))
    learned = window_memory(encoding, pose_rows, CAPACITY, mode)
    for row in range(2):
        memory = EpisodeMemory(CAPACITY, mode, WIDTH)
        for step in range(STEPS):
            acted = memory.rows_seen_from(pose_rows[row, step])
            assert (acted.filled[0] == learned.filled[row, step]).all()
            for theirs, ours in zip(acted[:3], learned[:3], strict=True):
                assert torch.allclose(theirs[0], ours[row, step], atol=1e-5)
            memory.push(
                StepEncoding(*(values[row, step] for values in encoding)), pose_rows[row, step]
            )


def test_offsets_are_the_simulators() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        pose = Pose(tuple(rng.uniform(-4, 4, 3)), float(rng.uniform(-3, 3)))
        here = pose_features(torch.tensor([*pose.position, pose.yaw]))
        there = pose_features(torch.tensor([*pose.ahead(), pose.yaw]))
        assert offsets(here, there).tolist() == pytest.approx([0, 0, FORWARD_M], abs=1e-5)
        beside = pose.turned(-np.pi / 2).ahead(2.0)
        right = pose_features(torch.tensor([*beside, 0.0]))
        assert offsets(here, right).tolist() == pytest.approx([2.0, 0, 0], abs=1e-5)
