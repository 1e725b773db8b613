"""Labels follow the pixels, and what a sentence says of directions stays true."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from longhaul.policies.cliport.augment import Warp, draw, may_shift, may_turn
from longhaul.policies.cliport.learning import CliportLearner
from longhaul.policies.cliport.mirror import MIRROR_VARIANTS, flip, mirrored
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


def test_sizes_and_colors_stay_what_they_are() -> None:
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
    words = ("on the left of the blue bowl", "in the top left area")
    told = [*sentences(), *(f"pick up the red block and place it {where}" for where in words)]
    learner = CliportLearner(told, n_rotations=1, mirror=False).train()
    examples = [scene(np.random.default_rng(i)) for i in range(4)]
    plain, spatial = batch(examples, told), batch(examples, told)
    spatial["sentence"] = torch.tensor([len(told) - 1] * 2 + [len(told) - 2] * 2)
    torch.manual_seed(0)
    maps, text, pick, place, _ = learner.eval().samples(spatial)
    kept = learner.train().samples(spatial)
    for warped, original in zip(kept, (maps, text, pick, place), strict=False):
        assert torch.equal(warped[:2], original[:2])
    assert not torch.equal(kept.pick[2:], pick[2:])
    difference = (
        pick - place,
        kept.pick - kept.place,
    )  # shifted: from one label to the other as before
    assert torch.equal(*difference)
    turned = learner.train().samples(plain)
    assert not any(torch.equal(turned.maps[i], maps[i]) for i in range(4))
    for row in range(4):  # the picked pixel still shows the block's color and height
        y, x = turned.pick[row].tolist()
        before = maps[row, :, pick[row, 0], pick[row, 1]]
        assert torch.equal(turned.maps[row, :, y, x], before) and before[3] > 0.03
    flat = CliportLearner(told, n_rotations=1, augment=False).train()
    assert torch.equal(flat.samples(plain).maps, maps)


def test_a_mirrored_sentence_names_the_other_side() -> None:
    sentence = "pick up the Red block in the top left area and place it to the right of the bowl"
    rows, columns, both = (mirrored(sentence, words) for words in MIRROR_VARIANTS[1:])
    assert rows == sentence.replace("left", "L").replace("right", "left").replace("L", "right")
    assert columns == sentence.replace("top", "bottom")
    assert both == mirrored(rows or "", MIRROR_VARIANTS[2])
    assert mirrored("the block near the center", MIRROR_VARIANTS[3]) == "the block near the center"
    assert mirrored("the upper block", MIRROR_VARIANTS[1]) is None
    assert mirrored("the upper block", MIRROR_VARIANTS[0]) == "the upper block"


def test_a_mirrored_label_points_at_what_it_pointed_at() -> None:
    maps = torch.rand(4, 4, *SIZE, generator=torch.Generator().manual_seed(0))
    pixels = labels(4)
    flipped, moved = flip(maps, pixels, torch.arange(4))
    assert torch.equal(flipped[0], maps[0]) and torch.equal(moved[0], pixels[0])
    for row in range(4):
        for (y, x), (v, u) in zip(pixels[row].tolist(), moved[row].tolist(), strict=True):
            assert torch.equal(flipped[row, :, v, u], maps[row, :, y, x])
            assert (v != y) == (row in (1, 3)) and (u != x) == (row in (2, 3))


def test_the_learner_mirrors_words_with_the_map() -> None:
    sides = {word: f"pick up the red block in the {word} area" for word in ("left", "right")}
    told = list(sides.values())
    learner = CliportLearner(told, n_rotations=36).train()
    example = replace(scene(np.random.default_rng(0)), sentence=sides["left"])
    seen = batch([example] * 32, told)
    seen["actions"][..., 12:14] = torch.tensor(
        [np.sin(np.pi / 36), np.cos(np.pi / 36)]
    )  # 10 degrees
    torch.manual_seed(0)
    samples = learner.samples(seen)
    below = samples.pick[:, 0] == example.pick[0]
    assert 5 < below.sum() < 27
    assert torch.equal(
        samples.pick[~below, 0], torch.full_like(samples.pick[~below, 0], 319 - example.pick[0])
    )
    left, right = (learner.texts[learner.numbers[i, 0]].float() for i in (0, 1))
    assert all(torch.equal(text, left) for text in samples.text[below])
    assert all(torch.equal(text, right) for text in samples.text[~below])
    once = (samples.pick == torch.tensor(example.pick)).sum(dim=1) == 1
    assert (samples.turn[once] == 35).all() and (samples.turn[~once] == 1).all()
