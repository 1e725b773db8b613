"""A checkpoint of other demonstrations than CALVIN's: what it demands, and what is resampled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict

from longhaul.envs.specs import EnvSpec, Requirement, SpecMismatchError, require_compatible
from longhaul.errors import ConfigError
from longhaul.policies.conventions import conventions_of
from longhaul.policies.policy import Batch, Setting, Start
from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS
from longhaul.policies.seer.observed import CALVIN_REQUIREMENT
from longhaul.policies.seer.policy import SeerPolicy
from tests.policies.seer.small import TINY, lively

START = [Start("a", 1, "open the drawer")]
assert CALVIN_REQUIREMENT.observation is not None and CALVIN_REQUIREMENT.action is not None
CALVIN = EnvSpec(CALVIN_REQUIREMENT.observation, CALVIN_REQUIREMENT.action, splits=("D",))


def trained(
    folder: Path, rate: float = 15.0, side: int = 180, history: int = 1, **more: Any
) -> Path:
    """Write a checkpoint whose demonstrations were at this rate, with static pictures so high."""
    cameras = (replace(CALVIN.observation.cameras[0], height=side), CALVIN.observation.cameras[1])
    spec = EnvSpec(
        replace(CALVIN.observation, cameras=cameras),
        replace(CALVIN.action, rate=rate, **more),
        splits=(),
    )
    config = replace(TINY, text_width=384, history=history)
    path = folder / "tiny.safetensors"
    facts = {"conventions": conventions_of(Requirement(spec.observation), {"data": spec})}
    weights = lively(config).state_dict()
    SEER_CHECKPOINTS.save(path, config, weights, trained_on=facts)
    return path


def make(checkpoint: Path, env: EnvSpec = CALVIN, **options: Any) -> SeerPolicy:
    setting = Setting(env, Dict(), Box(-1, 1, (7,)), slots=2, checkpoint=checkpoint)
    return SeerPolicy(setting, **options)


def seen(step: int, side: int = 200) -> dict[str, np.ndarray]:
    random = np.random.default_rng(step)
    return {
        "rgb_static": random.integers(0, 256, (1, side, side, 3), dtype=np.uint8),
        "rgb_gripper": random.integers(0, 256, (1, 84, 84, 3), dtype=np.uint8),
        "robot_obs": random.choice([-1.0, 1.0], (1, 15)).astype(np.float32),
    }


def at_rate(rate: float) -> EnvSpec:
    return replace(CALVIN, action=replace(CALVIN.action, rate=rate))


def refusal(policy: SeerPolicy, env: EnvSpec = CALVIN) -> str:
    with pytest.raises(SpecMismatchError) as refused:
        require_compatible(env, policy.requirement)
    return str(refused.value)


def test_every_difference_is_named_with_both_values_and_the_remedy(tmp_path: Path) -> None:
    path = trained(tmp_path)
    told = refusal(make(path))
    assert "rgb_static.height: policy wants 180, env has 200" in told
    assert "action.rate: policy wants 15.0, env has 30.0" in told
    assert "policy.resample=pictures" in told and "policy.resample=rate" in told
    assert "rate" not in refusal(make(path, resample="rate")).partition("(")[0]
    assert "height" not in refusal(make(path, resample="pictures")).partition("(")[0]
    require_compatible(CALVIN, make(path, resample="all").requirement)
    with pytest.raises(ConfigError, match="resample=some is unknown; valid: pictures, rate, all"):
        make(path, resample="some")


def test_what_resampling_cannot_bridge_is_still_refused(tmp_path: Path) -> None:
    path = trained(tmp_path, 30.0, 200, gripper="open=-1", position_scale=0.05)
    told = refusal(make(path, resample="all"))
    assert "action.gripper: policy wants 'open=-1', env has 'open=+1'" in told
    assert (
        "position_scale: policy wants 0.05, env has 0.02" in told and "another checkpoint" in told
    )


def test_demonstrations_like_calvins_need_no_resampling(tmp_path: Path) -> None:
    policy = make(trained(tmp_path, 30.0, 200))
    require_compatible(CALVIN, policy.requirement)
    assert "resample" not in policy.provenance()
    assert make(trained(tmp_path), resample="all").provenance()["resample"] == "all"


def test_a_faster_env_is_looked_at_when_the_demonstrations_would(tmp_path: Path) -> None:
    """At twice the rate the network sees every second frame, and its motions are halved."""
    path = trained(tmp_path, history=2)
    plain, resampled = make(path, at_rate(15.0)), make(path, resample="all")
    for policy in (plain, resampled):
        policy.reset([1], START)
    for step in range(4):
        (whole,) = plain.act(Batch((1,), seen(step)))
        (first,) = resampled.act(Batch((1,), seen(step)))
        (second,) = resampled.act(Batch((1,), seen(99 + step)))
        np.testing.assert_allclose(first[:6] * 2, whole[:6], rtol=1e-6)
        np.testing.assert_array_equal(first, second)
        assert first[6] == whole[6]
    assert resampled.actor.seen.tolist() == [0, 4]


def test_a_slower_env_gets_several_actions_of_a_prediction_at_once(tmp_path: Path) -> None:
    path = trained(tmp_path, rate=60.0, side=200)
    plain, resampled = make(path, at_rate(60.0), replan=2), make(path, resample="rate")
    for policy in (plain, resampled):
        policy.reset([0], START)
    for step in range(3):
        parts = [plain.act(Batch((0,), seen(step)))[0], plain.act(Batch((0,), seen(99)))[0]]
        (joined,) = resampled.act(Batch((0,), seen(step)))
        summed = np.clip(parts[0][:6] + parts[1][:6], -1, 1)
        np.testing.assert_allclose(joined[:6], summed, atol=1e-6)
        assert joined[6] == parts[1][6]
    assert resampled.provenance()["replan"] == "2"


def test_rates_too_far_apart_are_refused_with_both(tmp_path: Path) -> None:
    path = trained(tmp_path, rate=60.0, side=200)
    with pytest.raises(ConfigError, match="env's 10 Hz are 1/6 of the trained 60, and only 3"):
        make(path, at_rate(10.0), resample="rate")
    with pytest.raises(ConfigError, match="40 Hz and the trained rate 60 Hz"):
        make(path, at_rate(40.0), resample="rate")
    path = trained(tmp_path, rate=60.0, side=200, history=4)
    with pytest.raises(ConfigError, match="history of 4 frames would reach 2 times as far"):
        make(path, resample="rate")


def test_pictures_are_resized_as_training_did(tmp_path: Path) -> None:
    """A picture of twice the size, whose pixels are doubled, is seen as the original."""
    path = trained(tmp_path, 30.0, 32)
    small, large = make(path), make(path, resample="pictures")
    for policy in (small, large):
        policy.reset([0], START)
    frame = seen(3, 32)
    flat = {**frame, "rgb_static": np.full((1, 32, 32, 3), 90, np.uint8)}
    wide = {**frame, "rgb_static": np.full((1, 64, 128, 3), 90, np.uint8)}
    one, two = small.act(Batch((0,), flat)), large.act(Batch((0,), wide))
    np.testing.assert_allclose(one, two, atol=1e-5)


def test_conventions_of_another_network_are_refused(tmp_path: Path) -> None:
    """A file whose metadata was changed: the network reads fingers, the conventions name none."""
    spec = EnvSpec(CALVIN.observation, CALVIN.action, splits=())
    config = replace(TINY, text_width=384, gripper_width=True)
    path = tmp_path / "odd.safetensors"
    facts = {"conventions": conventions_of(Requirement(spec.observation), {"data": spec})}
    SEER_CHECKPOINTS.save(path, config, lively(config).state_dict(), trained_on=facts)
    with pytest.raises(ConfigError, match=r"odd\.safetensors has conventions of other"):
        make(path)
