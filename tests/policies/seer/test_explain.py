"""What a Seer says it has in mind is what its network computes on another path."""

from __future__ import annotations

import numpy as np
import torch

from longhaul.policies.policy import Picture, Weights
from longhaul.policies.seer.acting import Actor
from longhaul.policies.seer.explain import (
    ATTENTION_SOURCES,
    as_picture,
    attention_by_source,
    explain,
)
from longhaul.policies.seer.losses import foresight_target
from longhaul.policies.seer.masks import Layout
from longhaul.policies.seer.preprocess import normalize
from tests.policies.seer.small import TINY, frames, lively


def acted(steps: int) -> tuple[Actor, torch.Tensor]:
    torch.manual_seed(1)
    actor = Actor(lively(TINY), None, slots=2)
    images, arm, gripper = frames(steps, TINY.image_size)
    actor.start(1, torch.randn(TINY.text_width))
    for step in range(steps):
        now = slice(step, step + 1)
        actor.observe([1], images[now], arm[now], gripper[now])
    return actor, images


def test_foreseen_pictures_are_those_of_training() -> None:
    """Training predicts all timesteps at once, each with its read-outs; acting the newest alone."""
    torch.manual_seed(1)
    model, text = lively(TINY), torch.randn(1, TINY.text_width)
    images, arm, gripper = frames(TINY.history, TINY.image_size)
    with torch.no_grad():
        whole = model(normalize(images)[None], text, arm[None], gripper[None])
    assert whole.images is not None
    torch.manual_seed(1)
    actor, _ = acted(TINY.history)
    found = explain(model, *actor.remembered(1), images[-1])
    for number, name in enumerate(("rgb_static", "rgb_gripper")):
        picture = found[f"{name}, foreseen"]
        assert isinstance(picture, Picture)
        assert (picture.of, picture.ahead) == (name, TINY.foresight_steps)
        now = images[-1, number].float()
        expected = as_picture(whole.images[0, -1, number], now, TINY.patch_size)
        expected = expected.clamp(0, 255).movedim(0, -1)
        np.testing.assert_allclose(picture.image, expected.numpy(), atol=1.01)


def test_a_picture_comes_back_from_its_own_patches() -> None:
    picture = torch.rand(3, 32, 32) * 255
    again = as_picture(foresight_target(picture, 16), picture, 16)
    torch.testing.assert_close(again, picture, atol=0.05, rtol=0)


def test_attention_is_what_a_block_attends_with() -> None:
    """Values weighted by it, by hand, are what the block's own (torch's fused) attention gives."""
    actor, _ = acted(3)
    x, mask = actor.model.acting_sequence(*actor.remembered(1))
    block = actor.model.trunk.blocks[0]
    with torch.no_grad():
        shares = block.attention(x, mask)
        fused = block._attention(block.norm_attention(x), mask, None)
        value = block.qkv(block.norm_attention(x)).unflatten(-1, (3, block.heads, -1))[:, :, 2]
        mixed = torch.einsum("bhts,bshd->bthd", shares, value).flatten(2)
        torch.testing.assert_close(block.attention_out(mixed), fused, atol=1e-5, rtol=1e-4)


def test_shares_of_attention_are_one_in_all() -> None:
    for steps in (1, 3, TINY.history, TINY.history + 3):
        actor, images = acted(steps)
        found = explain(actor.model, *actor.remembered(1), images[-1])["attention over history"]
        assert isinstance(found, Weights) and found.shares
        kept = min(steps, TINY.history)
        assert list(found.ages) == list(range(kept))[::-1]
        assert found.values.shape == (len(found.rows), kept)
        assert found.values.min() >= 0
        np.testing.assert_allclose(found.values.sum(), 1, atol=1e-5)
        assert found.even is not None and found.even.shape == found.values.shape
        np.testing.assert_allclose(found.even.sum(), 1, atol=1e-5)
        static, state = (
            found.even[ATTENTION_SOURCES.index("static camera")],
            found.even[ATTENTION_SOURCES.index("state")],
        )
        np.testing.assert_allclose(static, (TINY.latents + 1) * state)  # tokens of each


def test_each_token_counts_for_its_source() -> None:
    """Two timesteps of text, state, 2 x 2 latents, 2 CLS, then 2 foresight tokens: by hand."""
    layout = Layout(latents=2, frs_per_camera=1, inv=1)
    tokens = torch.arange(1.0, 2 * layout.history + layout.readouts + 1)
    found = attention_by_source(tokens, layout, 2)
    np.testing.assert_array_equal(
        found,
        [[1, 9], [2, 10], [3 + 4 + 7, 11 + 12 + 15], [5 + 6 + 8, 13 + 14 + 16], [0, 17 + 18 + 19]],
    )
