"""The fast path of acting against the published one, and the independence of slots."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from longhaul.errors import ConfigError
from longhaul.policies.seer.acting import Actor
from longhaul.policies.seer.config import SEER_BASE, SeerConfig
from longhaul.policies.seer.model import Seer
from longhaul.policies.seer.reference import official_step
from tests.policies.seer.small import TINY, Recorder, frames, lively

FROZEN = replace(TINY, vision="vitmae")
CLOSE = 1e-5


def network(config: SeerConfig) -> tuple[Seer, nn.Module | None]:
    torch.manual_seed(0)
    vision = Recorder(config.vision_width, config.patches) if config.vision == "vitmae" else None
    return lively(config), vision


@pytest.mark.parametrize("config", [TINY, FROZEN], ids=["trained", "frozen"])
@pytest.mark.parametrize("batch", [1, 3])
def test_equals_the_published_way_at_every_length(config: SeerConfig, batch: int) -> None:
    model, vision = network(config)
    text = torch.randn(config.text_width)
    images, arm, gripper = frames(3 * config.history, config.image_size)
    actor = Actor(model, vision, slots=1, batch=batch)
    actor.start(0, text)
    predictions = []
    for step in range(len(images)):
        now = slice(step, step + 1)
        actor.observe([0], images[now], arm[now], gripper[now])
        ours = actor.predict([0])
        window = slice(max(0, step + 1 - config.history), step + 1)
        inputs = (x[window][None] for x in (images, arm, gripper))
        theirs = official_step(model, vision, *inputs, text[None])
        for mine, reference in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine, reference.numpy(), atol=CLOSE)
        predictions.append(ours[0])
    assert np.ptp(np.concatenate(predictions), axis=0).min() > 100 * CLOSE


def test_each_frame_is_encoded_once() -> None:
    model, vision = network(FROZEN)
    assert isinstance(vision, Recorder)
    actor = Actor(model, vision, slots=1)
    actor.start(0, torch.zeros(FROZEN.text_width))
    images, arm, gripper = frames(7, FROZEN.image_size)
    for step in range(7):
        now = slice(step, step + 1)
        actor.observe([0], images[now], arm[now], gripper[now])
        actor.predict([0])
    assert vision.seen == 2 * 7


def play(actor: Actor, order: list[int], steps: int) -> dict[int, np.ndarray]:
    """Let each slot of `order` live through its own frames; slot s starts s steps late."""
    lives = {slot: frames(steps, actor.model.config.image_size, seed=slot) for slot in order}
    for slot in order:
        words = torch.full((actor.model.config.text_width,), float(slot))
        actor.start(slot, words)
    answers: dict[int, list[np.ndarray]] = {slot: [] for slot in order}
    for step in range(steps):
        ready = [slot for slot in order if slot <= step]
        inputs = [torch.stack([lives[s][i][step - s] for s in ready]) for i in range(3)]
        actor.observe(ready, *inputs)
        for slot, arm, gripper in zip(ready, *actor.predict(ready), strict=True):
            answers[slot].append(np.column_stack([arm, gripper]))
    return {slot: np.stack(rows) for slot, rows in answers.items()}


def test_with_batch_one_neighbors_change_no_bit() -> None:
    model, vision = network(FROZEN)
    together = play(Actor(model, vision, slots=4), [0, 1, 2, 3], steps=9)
    reordered = play(Actor(model, vision, slots=4), [2, 0, 3], steps=9)
    for slot in (0, 2, 3):
        np.testing.assert_array_equal(together[slot], reordered[slot])


def test_larger_batches_agree_to_rounding() -> None:
    model, vision = network(FROZEN)
    one = play(Actor(model, vision, slots=4), [0, 1, 2, 3], steps=9)
    many = play(Actor(model, vision, slots=4, batch=3), [0, 1, 2, 3], steps=9)
    for slot, rows in one.items():
        np.testing.assert_allclose(rows, many[slot], atol=CLOSE)


def test_a_start_forgets_and_leaves_other_slots_alone() -> None:
    model, vision = network(TINY)
    images, arm, gripper = frames(6, TINY.image_size)
    text = torch.ones(TINY.text_width)
    actor, fresh = Actor(model, vision, slots=2), Actor(model, vision, slots=2)
    for both in (0, 1):
        actor.start(both, text)
    for step in range(5):
        if step == 3:
            actor.start(0, 2 * text)
            fresh.start(0, 2 * text)
        rows = [step, step]
        actor.observe([0, 1], images[rows], arm[rows], gripper[rows])
        if step >= 3:
            now = slice(step, step + 1)
            fresh.observe([0], images[now], arm[now], gripper[now])
    np.testing.assert_array_equal(actor.predict([0])[0], fresh.predict([0])[0])
    assert actor.seen.tolist() == [2, 5]


def test_bfloat16_stays_near_float32() -> None:
    model, vision = network(FROZEN)
    exact = play(Actor(model, vision, slots=2), [0, 1], steps=6)
    rough = play(Actor(model, vision, slots=2, precision="bfloat16"), [0, 1], steps=6)
    for slot, rows in exact.items():
        assert 0 < np.abs(rows - rough[slot]).max() < 0.1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": "float8"}, "float32, bfloat16"),
        ({"compiled": True}, "device=cuda"),
    ],
)
def test_bad_options_name_the_valid_ones(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Actor(lively(TINY), None, slots=1, **options)  # type: ignore[arg-type]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_cuda_equals_the_published_way() -> None:
    config = replace(SEER_BASE, layers=4)
    torch.manual_seed(0)
    vision = Recorder(config.vision_width, config.patches)
    model = lively(config, noise=0.03)
    alone = play(Actor(model, vision, slots=3), [0, 1, 2], steps=12)
    options = [("float32", False, 1e-3), ("bfloat16", False, 0.05), ("float32", True, 1e-3)]
    for precision, compiled, room in options:
        actor = Actor(model, vision, 3, "cuda", 8, precision, compiled)
        for slot, rows in play(actor, [0, 1, 2], steps=12).items():
            np.testing.assert_allclose(rows, alone[slot], atol=room)
        model.to("cpu")
        vision.to("cpu")
