"""What a window remembers while learning is what an episode remembers while acting."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from policies.mgdm.augment import mirrored

from envs.lhvln.simulator import FORWARD, Pose
from policies.mgdm.model import Glance
from policies.mgdm.observations import ACTIONS, LEFT, POSE, RIGHT, VIEWS, offsets, places
from policies.mgdm.remembering import Past, window_memory
from policies.mgdm.short_term import Mode

WIDTH, STEPS, CAPACITY = 6, 17, 5


def glances(count: int) -> Glance:
    drawn = torch.Generator().manual_seed(count)
    h, visual = torch.randn(2, 2, count, WIDTH, generator=drawn)
    return Glance(h, visual, 2 * torch.randn(2, count, ACTIONS, generator=drawn))


def poses(count: int) -> torch.Tensor:
    drawn = torch.Generator().manual_seed(1)
    return 3 * torch.randn(2, count, 4, generator=drawn)


@pytest.mark.parametrize("mode", ["entropy", "scalar", "fifo", "uniform", "none"])
def test_a_window_remembers_what_an_episode_does(mode: Mode) -> None:
    glance, place = glances(STEPS), places(poses(STEPS))
    learnt = window_memory(glance, place, CAPACITY, mode)
    for row in range(2):
        past = Past(CAPACITY, mode, WIDTH)
        for step in range(STEPS):
            acted = past.recall(place[row, step])
            assert (acted.filled[0] == learnt.filled[row, step]).all()
            for theirs, ours in zip(acted[:3], learnt[:3], strict=True):
                assert torch.allclose(theirs[0], ours[row, step], atol=1e-5)
            past.push(Glance(*(part[row, step] for part in glance)), place[row, step])


def test_offsets_are_the_simulators() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        pose = Pose(tuple(rng.uniform(-4, 4, 3)), float(rng.uniform(-3, 3)))
        here = places(torch.tensor([*pose.position, pose.yaw]))
        there = places(torch.tensor([*pose.ahead(), pose.yaw]))
        assert offsets(here, there).tolist() == pytest.approx([0, 0, FORWARD], abs=1e-5)
        beside = pose.turned(-np.pi / 2).ahead(2.0)
        right = places(torch.tensor([*beside, 0.0]))
        assert offsets(here, right).tolist() == pytest.approx([2.0, 0, 0], abs=1e-5)


def test_a_mirror_twice_changes_nothing_and_once_swaps_sides() -> None:
    drawn = torch.Generator().manual_seed(0)
    batch = {f"rgb_{v}": torch.randint(0, 256, (2, 3, 4, 4, 3), generator=drawn) for v in VIEWS}
    batch |= {f"depth_{v}": torch.rand(2, 3, 4, 4, generator=drawn) for v in VIEWS}
    batch |= {POSE: poses(3), "keyframe": poses(3)}
    batch["actions"] = torch.randint(0, ACTIONS, (2, 3), generator=drawn)
    which = torch.tensor([True, False])
    once = mirrored(batch, which)
    again = mirrored(once, which)
    assert all(torch.equal(again[name], batch[name]) for name in batch)
    assert torch.equal(once["rgb_left"][0], batch["rgb_right"][0].flip(-2))
    assert all(torch.equal(once[name][1], batch[name][1]) for name in batch)
    turned = batch["actions"][0] == LEFT
    assert (once["actions"][0][turned] == RIGHT).all()
    ways = offsets(places(batch[POSE]), places(batch["keyframe"]))
    seen = offsets(places(once[POSE]), places(once["keyframe"]))
    assert torch.allclose(seen[0], ways[0] * torch.tensor([-1.0, 1.0, 1.0]), atol=1e-5)
