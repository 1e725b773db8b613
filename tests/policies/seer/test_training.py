"""What training relies on: gradients everywhere, dropout, labels, and a loss that goes down."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from longhaul.policies.seer.losses import action_chunks, foresight_target, losses, patchify
from longhaul.policies.seer.preprocess import normalize
from tests.policies.seer.small import TINY, frames, lively

BATCH = 3


def batch() -> tuple[list[Tensor], Tensor, Tensor]:
    """Return inputs (images, text, arm, gripper), actions and the targets of foresight."""
    steps = TINY.history
    images, arm, gripper = (x.unflatten(0, (BATCH, -1)) for x in frames(BATCH * steps, 32))
    generator = torch.Generator().manual_seed(1)
    text = torch.randn(BATCH, TINY.text_width, generator=generator)
    actions = torch.rand(BATCH, steps + TINY.inv - 1, 7, generator=generator) * 2 - 1
    actions[..., 6] = actions[..., 6].sign()
    targets = foresight_target(normalize(images.flip(1)), TINY.patch_size)
    return [normalize(images), text, arm, gripper], actions, targets


def test_every_weight_gets_a_gradient_and_training_fits_a_batch() -> None:
    model = lively(TINY, noise=0.02).train()
    inputs, actions, ahead = batch()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    history = []
    for step in range(60):
        output = model(*inputs)
        assert output.keyframe is not None
        total = losses(output, actions, ahead, TINY).total + output.keyframe.square().mean()
        optimizer.zero_grad()
        total.backward()
        if step == 0:
            missing = [name for name, p in model.named_parameters() if not p.grad.abs().any()]
            assert missing == []
        optimizer.step()
        history.append(total.item())
    assert history[-1] < 0.7 * history[0]


def test_dropout_acts_in_training_only() -> None:
    model = lively(TINY)
    inputs, *_ = batch()
    with torch.no_grad():
        assert torch.equal(model(*inputs).arm, model(*inputs).arm)
        model.train()
        assert not torch.equal(model(*inputs).arm, model(*inputs).arm)


def test_fewer_timesteps_are_supervised_when_fewer_labels_are_given() -> None:
    inputs, actions, ahead = batch()
    with torch.no_grad():
        output = lively(TINY)(*inputs)
    part = losses(output, actions, ahead[:, :2], TINY)
    output.arm[:, 2:] = 9
    assert losses(output, actions, ahead[:, :2], TINY).total == part.total
    assert losses(output, actions, ahead, TINY).total > part.total


def test_labels_of_a_timestep_are_this_action_and_the_next() -> None:
    actions = torch.arange(6.0)[None, :, None]
    expected = [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]]
    assert action_chunks(actions, 4, 3)[0, :, :, 0].tolist() == expected


def test_patches_run_line_by_line_with_channels_last() -> None:
    image = torch.arange(2 * 4 * 6.0).reshape(2, 4, 6)
    patches = patchify(image, 2)
    assert patches.shape == (6, 8)
    assert patches[1].tolist() == [2, 26, 3, 27, 8, 32, 9, 33]
    assert patches[3, 0] == 12
    images = torch.randn(1, 3, 32, 32)
    target = foresight_target(images, 16)
    torch.testing.assert_close(target.var(-1, correction=1), torch.ones(1, 4), rtol=0, atol=1e-4)
    variance, mean = torch.var_mean(patchify(images, 16), dim=-1, keepdim=True, correction=1)
    wanted = (patchify(images, 16) - mean) / torch.sqrt(variance + 1e-6)
    torch.testing.assert_close(target, wanted, rtol=1e-5, atol=1e-5)
    even = foresight_target(torch.full((1, 3, 16, 16), 2.0), 16)
    torch.testing.assert_close(even, torch.zeros(1, 1, 768))


def test_a_shorter_window_than_k_is_the_beginning_of_a_longer_one() -> None:
    model = lively(replace(TINY, dropout=0.0))
    inputs, *_ = batch()
    images, text, arm, gripper = inputs
    with torch.no_grad():
        whole = model(*inputs, foresight=False)
        part = model(images[:, :2], text, arm[:, :2], gripper[:, :2], foresight=False)
    torch.testing.assert_close(part.arm, whole.arm[:, :2], rtol=1e-4, atol=1e-5)
    assert part.images is None
