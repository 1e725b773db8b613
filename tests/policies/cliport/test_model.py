"""Sizes as published, and what both networks have to do by their make."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from longhaul.errors import ConfigError
from longhaul.policies.cliport.config import (
    CLIPORT_ARCHITECTURES,
    CLIPORT_PUBLISHED,
    CLIPORT_SMALL,
    CliportConfig,
    architecture,
)
from longhaul.policies.cliport.model import Cliport, best, cross_entropy
from longhaul.policies.cliport.published import Published
from longhaul.policies.cliport.small import ANCHOR_CHANNELS, ANCHOR_KERNEL_CELLS, Beside
from tests.policies.cliport.tiny import CONFIGS, TINY, inputs, lively


def millions(module: nn.Module) -> float:
    return sum(p.numel() for p in module.parameters() if p.requires_grad) / 1e6


def test_the_published_network_has_the_published_number_of_weights() -> None:
    """The figures that spec/lohoravens_cliport.md, section 3, computed from the layers' shapes.

    The semantic stream's up-sampling has no BatchNorm here: 2,688 weights fewer.
    """
    with torch.device("meta"):
        model = Cliport(CLIPORT_PUBLISHED)
    net = model.net
    assert isinstance(net, Published)
    assert millions(net.pick.spatial) == pytest.approx(39.47, abs=0.005)
    assert millions(net.pick.semantic) == pytest.approx(52.87 - 0.0027, abs=0.005)
    assert millions(net.pick) == pytest.approx(92.34, abs=0.01)
    assert millions(net.key) + millions(net.query) == pytest.approx(184.68, abs=0.02)
    assert model.trainable() / 1e6 == pytest.approx(277.0, abs=0.05)
    trunk = sum(p.numel() for p in net.vision.parameters()) / 1e6
    assert trunk == pytest.approx(23.5, abs=0.05) and millions(net.vision) == 0
    assert not any(isinstance(m, nn.BatchNorm2d) for m in (*net.pick.modules(), *net.key.modules()))


def test_the_small_network_fits_into_its_checkpoint() -> None:
    with torch.device("meta"):
        model = Cliport(CLIPORT_SMALL)
    assert 2 * model.trainable() < 12 * 2**20


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: c.streams)
def test_answers_are_of_the_maps_size(config: CliportConfig) -> None:
    model = lively(config)
    maps, text, pixels = inputs(config)
    with torch.no_grad():
        scene = model.look(maps, text)
        fits = model.place(scene, pixels)
    assert scene.pick.shape == (2, 64, 32)
    assert fits.shape == (2, config.n_rotations, 64, 32)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: c.streams)
def test_every_weight_gets_a_gradient(config: CliportConfig) -> None:
    model = lively(config).train()
    maps, text, pixels = inputs(config)
    scene = model.look(maps, text)
    fits = model.place(scene, pixels)
    turn = torch.tensor([1, 0])
    losses = cross_entropy(scene.pick, tuple(pixels.unbind(-1)))
    (losses + cross_entropy(fits, (turn, *pixels.unbind(-1)))).sum().backward()
    trained = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    assert [n for n, p in trained if p.grad is None or not p.grad.any()] == []
    assert all("net.vision" not in name for name, _ in trained)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: c.streams)
def test_pick_and_place_read_the_sentence_and_the_place_the_pick(config: CliportConfig) -> None:
    model = lively(config)
    maps, text, pixels = inputs(config)
    with torch.no_grad():
        scene, other = model.look(maps, text), model.look(maps, text.flip(0))
        fits = model.place(scene, pixels)
        assert not torch.allclose(scene.pick, other.pick)
        assert not torch.allclose(fits, model.place(other, pixels))
        assert not torch.allclose(fits, model.place(scene, pixels + 3))


def test_the_order_of_words_counts_and_what_is_empty_does_not() -> None:
    model = lively()
    maps, text, _ = inputs(TINY)
    swapped = text.clone()
    swapped[:, [1, 3]] = text[:, [3, 1]]
    with torch.no_grad():
        seen = model.look(maps, text).pick
        assert not torch.allclose(seen, model.look(maps, swapped).pick, atol=1e-3)
        model.net.phrases.places[-1] += 5  # of the last token, which is none  # type: ignore[union-attr]
        torch.testing.assert_close(model.look(maps, text).pick, seen)


def test_a_shifted_map_shifts_the_pick_and_the_place() -> None:
    """Exactly so for whole cells of the coarsest level (16 pixels) away from the border, and but
    for what is learned of coordinates, which is nothing at the start."""
    model = lively()
    nn.init.zeros_(model.net.prior.weight)  # type: ignore[union-attr]
    nn.init.zeros_(model.net.prior.bias)  # type: ignore[union-attr]
    _, text, _ = inputs(TINY, 1)
    pattern = torch.rand(1, 4, 32, 32, generator=torch.Generator().manual_seed(2))
    answers = []
    for row, column in ((240, 240), (288, 224)):
        maps = torch.full((1, 4, 544, 512), 0.3)
        maps[..., row : row + 32, column : column + 32] = pattern
        with torch.no_grad():
            scene = model.look(maps, text)
            fits = model.place(scene, torch.tensor([[row + 16, column + 16]]))
        around = (..., slice(row - 16, row + 48), slice(column - 16, column + 48))
        answers.append((scene.pick[around], fits[around]))
    for first, second in zip(*answers, strict=True):
        torch.testing.assert_close(first, second, rtol=1e-3, atol=1e-3)
        assert first.std() > 1e-3


def test_the_place_of_a_new_small_network_is_its_keys_alone() -> None:
    model = Cliport(replace(TINY, n_rotations=3))
    maps, text, pixels = inputs(TINY)
    with torch.no_grad():
        scene = model.look(maps, text)
        fits = model.place(scene, pixels)
    for turn in range(3):
        torch.testing.assert_close(fits[:, turn], scene.key.sum(1), rtol=1e-4, atol=1e-4)


def test_a_phrases_kernel_points_from_a_thing_to_beside_it() -> None:
    beside = Beside(width=3)
    found = torch.zeros(1, 3, 80, 40)
    found[:, :, 40:42, 20:22] = 1  # a cell of 8 pixels in row 20, column 10
    nn.init.ones_(beside.anchor.weight)
    nn.init.zeros_(beside.anchor.bias)
    with torch.no_grad():
        assert not beside(found, torch.ones(1, 128)).any()
        kernel = beside.kernel.bias.view(ANCHOR_CHANNELS, ANCHOR_KERNEL_CELLS, ANCHOR_KERNEL_CELLS)
        kernel[:, ANCHOR_KERNEL_CELLS // 2 + 6, ANCHOR_KERNEL_CELLS // 2] = (
            1  # what has a thing 6 cells further down
        )
        (row,), (column,) = best(beside(found, torch.zeros(1, 128)))
    assert row // 8 == 20 - 6 and column // 8 == 10


def test_losses_are_those_of_one_hot_targets() -> None:
    logits = torch.randn(2, 3, 8, 4, generator=torch.Generator().manual_seed(0))
    indices = torch.tensor([2, 0]), torch.tensor([7, 1]), torch.tensor([0, 3])
    one_hot = torch.zeros_like(logits)
    one_hot[(torch.arange(2), *indices)] = 1
    expected = -(one_hot * logits.flatten(1).log_softmax(1).view_as(logits)).sum((1, 2, 3))
    torch.testing.assert_close(cross_entropy(logits, indices), expected)
    found = best(one_hot)
    assert [axis.tolist() for axis in found] == [axis.tolist() for axis in indices]


def test_architectures_are_named_and_odd_ones_refused() -> None:
    assert {architecture(name).name for name in CLIPORT_ARCHITECTURES} == set(CLIPORT_ARCHITECTURES)
    with pytest.raises(ConfigError, match="huge is unknown; valid: small, published"):
        architecture("huge")
    with pytest.raises(ConfigError, match="width=0 must be at least 1"):
        replace(CLIPORT_SMALL, width=0)
    with pytest.raises(ConfigError, match="streams=three is unknown"):
        replace(CLIPORT_SMALL, streams="three")
    assert CLIPORT_SMALL.differences(replace(CLIPORT_SMALL, n_rotations=1)) == []
    assert CLIPORT_SMALL.differences(CLIPORT_PUBLISHED)[0] == "name small and published"
