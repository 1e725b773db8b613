"""The jogged expert: bounded, bursty, reproducible, and never at the gripper."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict

from longhaul.envs.specs import ActionSpec, EnvSpec, ObservationSpec
from longhaul.errors import ConfigError
from longhaul.policies.policy import Batch, Setting, Start
from longhaul.policies.scripted.noisy_expert import NoisyExpertPolicy

SPACE = Box(-1.0, 1.0, (7,), np.float32)
STEPS = 4000


def policy(**options: Any) -> NoisyExpertPolicy:
    action = ActionSpec("delta", 7, rotation="euler_xyz", gripper="open=+1")
    env = EnvSpec(ObservationSpec(), action, splits=("test",))
    return NoisyExpertPolicy(Setting(env, Dict({}), SPACE, slots=2), **options)


def noise(label: float = 0.0, seed: int = 5, **options: Any) -> np.ndarray:
    """Return executed actions less labels (STEPS, 7)."""
    jogged = policy(**options)
    jogged.reset([0], [Start("a", seed, "")])
    labels = np.full((1, 7), label, np.float32)
    labels[0, 6] = -1.0
    actions = [jogged.act(Batch((0,), {"expert_action": labels}))[0] for _ in range(STEPS)]
    assert all(SPACE.contains(action) for action in actions)
    return np.stack(actions) - labels


def test_offsets_have_the_deviation_and_share_asked_for() -> None:
    found = noise(position=0.2, rotation=0.1, share=0.4, hold=4)
    jogged = np.any(found != 0, axis=1)
    assert abs(jogged.mean() - 0.4) < 0.05
    assert np.allclose(found[jogged, :3].std(), 0.2, atol=0.02)
    assert np.allclose(found[jogged, 3:6].std(), 0.1, atol=0.01)
    assert not found[:, 6].any()


def test_an_offset_holds_for_some_steps() -> None:
    found = noise(share=0.3, hold=5)[:, 0]
    changes = np.flatnonzero(np.diff(found)) + 1
    lengths = [b - a for a, b in pairwise(changes) if found[a] != 0]
    assert set(lengths) == {5}


def test_actions_stay_inside_the_space_and_none_means_none() -> None:
    assert noise(label=0.95, position=3.0, share=1.0)[:, :6].max() <= 0.05 + 1e-6
    assert not noise(share=0.0).any()
    assert not noise(position=0.0, rotation=0.0, share=1.0).any()


def test_all_randomness_comes_from_the_episodes_seed() -> None:
    np.testing.assert_array_equal(noise(seed=1), noise(seed=1))
    assert np.any(noise(seed=1) != noise(seed=2))


@pytest.mark.parametrize(
    ("option", "value"), [("position", -0.1), ("share", 1.5), ("hold", 0), ("rotation", -1)]
)
def test_a_wrong_number_is_named(option: str, value: float) -> None:
    with pytest.raises(ConfigError, match=rf"policy\.{option}={value}"):
        policy(**{option: value})
