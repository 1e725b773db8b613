"""Scripted policies where actions are discrete."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Dict, Discrete

from longhaul.envs.specs import ActionSpec, EnvSpec, ObservationSpec
from longhaul.errors import ConfigError
from longhaul.policies.policy import Batch, Setting, Start
from longhaul.policies.scripted.constant import ConstantPolicy
from longhaul.policies.scripted.random import RandomPolicy
from longhaul.policies.scripted.straying_expert import StrayingExpertPolicy

ENV = EnvSpec(ObservationSpec(), ActionSpec("discrete", 4), splits=("test",))
SETTING = Setting(ENV, Dict({}), Discrete(4), slots=2)
STEPS = 4000


def play(policy: Any, label: int = 2, seed: int = 5) -> np.ndarray:
    policy.reset([0], [Start("a", seed, "")])
    batch = Batch((0,), {"expert_action": np.array([label])})
    actions = [policy.act(batch)[0] for _ in range(STEPS)]
    assert all(SETTING.action_space.contains(action) for action in actions)
    return np.array(actions)


def test_random_draws_every_action_as_often() -> None:
    counts = np.bincount(play(RandomPolicy(SETTING)), minlength=4)
    assert np.all(np.abs(counts / STEPS - 0.25) < 0.03)


def test_constant_is_constant() -> None:
    assert set(play(ConstantPolicy(SETTING, action=2))) == {2}


def test_the_expert_strays_as_often_as_asked_for_and_never_stops_by_that() -> None:
    actions = play(StrayingExpertPolicy(SETTING, share=0.3, among=[1, 3]))
    assert set(actions) == {1, 2, 3}
    assert abs(np.mean(actions != 2) - 0.3) < 0.03
    assert set(play(StrayingExpertPolicy(SETTING, share=0.0, among=[1]))) == {2}


def test_an_episode_strays_by_its_seed() -> None:
    one, other = (StrayingExpertPolicy(SETTING, share=0.5, among=[1, 3]) for _ in range(2))
    np.testing.assert_array_equal(play(one), play(other))
    assert not np.array_equal(play(one), play(other, seed=6))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ConstantPolicy(SETTING, action=4), "policy.action=4 is none of 0 to 3"),
        (lambda: StrayingExpertPolicy(SETTING, 1.5, [1]), "policy.share=1.5 must be between"),
        (lambda: StrayingExpertPolicy(SETTING, 0.5, [7]), r"policy.among=\[7\] must be actions"),
        (lambda: StrayingExpertPolicy(SETTING, 0.5, []), r"policy.among=\[\] must be actions"),
    ],
)
def test_what_cannot_be_is_one_line(make: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make()
