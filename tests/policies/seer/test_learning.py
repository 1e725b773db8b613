"""How Seer learns: windows in, losses of the right frames out, weights that acting takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from longhaul.errors import ConfigError
from longhaul.policies.checkpoint import CheckpointError
from longhaul.policies.seer import config as configs
from longhaul.policies.seer.checkpoint import load_checkpoint
from longhaul.policies.seer.learning import SeerLearner
from longhaul.policies.seer.losses import foresight_target, losses
from longhaul.policies.seer.preprocess import normalize, random_shift
from tests.policies.seer.small import TINY, lively

SENTENCES = ("push it left", "push it right", "open the drawer")


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = type(TINY)(**{**vars(TINY), "text_width": 384, "dropout": 0.0})
    monkeypatch.setitem(configs.SEER_ARCHITECTURES, "tiny", tiny)


def learner(**options: Any) -> SeerLearner:
    return SeerLearner(SENTENCES, architecture="tiny", **options)


def batch_for(made: SeerLearner, size: int = 3, seed: int = 0) -> dict[str, Tensor]:
    random = np.random.default_rng(seed)
    length = made.windows.length
    shape = (size, length, 32, 32, 3)
    robot = random.normal(size=(size, length, 15)).astype(np.float32)
    actions = random.uniform(-1, 1, (size, length, 7)).astype(np.float32)
    actions[..., 6] = np.sign(actions[..., 6])
    arrays = {
        "rgb_static": random.integers(0, 256, shape, np.uint8),
        "rgb_gripper": random.integers(0, 256, shape, np.uint8),
        "robot_obs": robot,
        "actions": actions,
        "sentence": np.arange(size) % len(SENTENCES),
        "valid": np.ones((size, length), bool),
    }
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def test_losses_are_those_of_the_network_and_the_frames_meant() -> None:
    made = learner().eval()
    batch, steps = batch_for(made), made.config.history
    pictures = torch.stack([batch["rgb_static"], batch["rgb_gripper"]], dim=2).movedim(-1, -3)
    images = normalize(pictures)
    text = torch.stack([made.texts[i] for i in batch["sentence"]])
    robot = batch["robot_obs"][:, :steps]
    grip = (robot[..., 14] > 0).float()
    output = made.model(images[:, :steps], text, robot[..., :6], grip)
    ahead = made.config.foresight_steps
    target = foresight_target(images[:, ahead : ahead + steps], made.config.patch_size)
    wanted = losses(output, batch["actions"], target, made.config)
    found = made(batch)
    for name, value in (("loss", wanted.total), ("arm", wanted.arm), ("image", wanted.image)):
        torch.testing.assert_close(found[name], value)
    assert output.images is not None and target.shape == output.images.shape


def test_the_keyframe_is_learned_where_it_is_asked_for() -> None:
    """The loss is zero where the position is told exactly, in decimeters, and counts its share."""
    made = learner(keyframe_weight=0.5).eval()
    assert (made.windows.keyframe, learner().windows.keyframe) == ("robot_obs", "")
    batch = batch_for(made)
    told = made.predict(batch).keyframe
    assert told is not None
    batch["keyframe"] = torch.zeros_like(batch["robot_obs"])
    batch["keyframe"][:, : told.shape[1], :3] = told.detach() / 10
    right = made(batch)
    assert right["keyframe"].item() == pytest.approx(0, abs=1e-6)
    batch["keyframe"][..., 2] += 0.1
    wrong = made(batch)
    assert wrong["keyframe"].item() == pytest.approx((1 - 0.1) / 3, abs=1e-5)
    assert (wrong["loss"] - right["loss"]).item() == pytest.approx(0.15, abs=1e-5)
    with pytest.raises(ConfigError, match="tells no keyframe"):
        SeerLearner(SENTENCES, architecture="base", keyframe_weight=0.5)


@pytest.mark.parametrize("wrong", [-1, "much", float("nan"), True])
def test_a_share_of_the_loss_is_a_number(wrong: Any) -> None:
    for name in ("gripper_weight", "image_weight", "switch_weight", "keyframe_weight"):
        with pytest.raises(ConfigError, match=rf"policy\.{name}={wrong} must be a number"):
            learner(**{name: wrong})


def test_what_is_not_valid_changes_nothing() -> None:
    made = learner().eval()
    batch = batch_for(made)
    batch["valid"][:, 4:] = False
    before = made(batch)
    for name in ("actions", "rgb_static", "rgb_gripper"):
        batch[name][:, 4:] = batch[name][:, 4:].flip(0)
    for name, value in made(batch).items():
        torch.testing.assert_close(value, before[name])
    batch["actions"][:, 3] *= 0.5
    assert made(batch)["arm"] != before["arm"]


def test_pretraining_reads_the_goal_and_no_sentence() -> None:
    made = learner(stage="pretrain").eval()
    assert made.windows.within == "trajectory"
    assert made.windows.length == TINY.history + 4 + 3
    made.model.load_state_dict(lively(made.config).state_dict())
    batch = batch_for(made)
    before = made(batch)
    batch["sentence"] = batch["sentence"].flip(0)
    assert made(batch)["loss"] == before["loss"]
    batch["robot_obs"][:, TINY.history + 3] += 1  # the goal of the last supervised timestep
    assert made(batch)["loss"] != before["loss"]


def test_finetuning_starts_from_pretraining(tmp_path: Path) -> None:
    first = learner(stage="pretrain", seed=1)
    with torch.no_grad():
        first.model.inv.add_(1.0)
    first.save(tmp_path / "first.safetensors", first.model.state_dict())
    second = learner(pretrained=str(tmp_path / "first.safetensors"))
    assert not second.model.inv.any()
    torch.testing.assert_close(second.model.trunk.norm.weight, first.model.trunk.norm.weight)
    same = first.model.timesteps[:, : TINY.history]
    torch.testing.assert_close(second.model.timesteps, same)
    torch.testing.assert_close(second.model.text.weight, first.model.text.weight)
    assert second.model.text.mean.any() and not torch.equal(
        second.model.text.mean, first.model.text.mean
    )
    other = SeerLearner(SENTENCES, architecture="small")
    other.save(tmp_path / "other.safetensors", other.model.state_dict())
    with pytest.raises(CheckpointError, match="hidden 256 and 32"):
        learner(pretrained=str(tmp_path / "other.safetensors"))


def test_the_next_round_goes_on_with_the_readouts(tmp_path: Path) -> None:
    first = learner()
    with torch.no_grad():
        first.model.inv.add_(1.0)
    path = tmp_path / "first.safetensors"
    first.save(path, first.model.state_dict())
    second = learner(pretrained=str(path), reset_readouts=False)
    torch.testing.assert_close(second.model.inv, first.model.inv)


def test_a_gripper_that_changes_may_count_more() -> None:
    plain, weighted = learner().eval(), learner(switch_weight=5.0).eval()
    batch, steps = batch_for(plain), plain.config.history
    batch["actions"][..., 6] = 1.0
    batch["robot_obs"][..., 14] = 1.0
    assert weighted(batch)["gripper"] == plain(batch)["gripper"]
    batch["robot_obs"][..., 14] = -1.0
    torch.testing.assert_close(weighted(batch)["gripper"], 5 * plain(batch)["gripper"])
    batch["robot_obs"][:, steps:, 14] = 1.0  # commands after the last timestep are not read
    torch.testing.assert_close(weighted(batch)["gripper"], 5 * plain(batch)["gripper"])


def test_sentences_are_told_apart() -> None:
    made = learner().eval()
    words = made.model.text(made.texts)
    near = torch.nn.functional.cosine_similarity(made.texts[0], made.texts[1], dim=0)
    apart = torch.nn.functional.cosine_similarity(words[0], words[1], dim=0)
    assert near > 0.85 and apart < 0.5


def test_foresight_may_be_left_out_or_thinned() -> None:
    without = learner(foresight=False)
    assert "image" not in without(batch_for(without))
    thinned = learner(foresight_timesteps=1)
    full = learner()
    batch = batch_for(full)
    assert thinned.eval()(batch)["image"] == full.eval()(batch)["image"]
    thinned.train()(batch)["loss"].backward()
    assert thinned.model.foresight.pixels.weight.grad is not None


def test_a_window_is_moved_as_one() -> None:
    torch.manual_seed(0)
    rows = torch.arange(16, dtype=torch.uint8)[:, None, None].expand(16, 16, 3)
    pictures = rows.expand(40, 5, 16, 16, 3)
    moved = random_shift(pictures, 3)
    assert (moved == moved[:, :1]).all()
    shifts = moved[:, 0, 8, 8, 0].int() - 8
    assert shifts.min() == -3 and shifts.max() == 3
    down = moved[shifts == 3][0, 0, :, 0, 0]
    assert down.tolist() == [*range(3, 16), 15, 15, 15]


def test_shift_acts_in_training_only() -> None:
    made = learner(shift={"rgb_static": 56, "rgb_gripper": 56})
    batch = batch_for(made)
    assert made.eval()(batch)["loss"] == learner().eval()(batch)["loss"]
    torch.manual_seed(0)
    assert made.train()(batch)["loss"] != learner().train()(batch)["loss"]


def test_what_was_learned_is_what_acts(tmp_path: Path) -> None:
    made = learner()
    optimizer = torch.optim.AdamW(made.parameters(), 3e-3)
    batch = batch_for(made, size=2)
    first = made(batch)["arm"].item()
    for _ in range(60):
        made(batch)["loss"].backward()
        optimizer.step()
        optimizer.zero_grad()
    assert made(batch)["arm"].item() < 0.5 * first
    made.save(tmp_path / "made.safetensors", made.model.state_dict())
    loaded = load_checkpoint(tmp_path / "made.safetensors")
    for name, weight in made.model.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], weight)


def test_wrong_options_are_named() -> None:
    with pytest.raises(ConfigError, match=r"policy.stage=both is unknown; valid: pretrain, fine"):
        learner(stage="both")
    with pytest.raises(CheckpointError, match=r"nowhere.safetensors: no such file"):
        learner(pretrained="nowhere.safetensors")
