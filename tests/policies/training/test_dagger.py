"""Taking turns: whose action it is, for how long, and that the learner sees every step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict

from configs.build import build_policy
from envs.specs import ActionSpec, ConfigError, EnvSpec, ObservationSpec, Requirement
from policies.policy import Batch, Setting, Start
from policies.training.dagger import DaggerPolicy

STEPS = 6000
ACTION = ActionSpec("delta", 7, rotation="euler_xyz", gripper="open=+1")
SETTING = Setting(
    EnvSpec(ObservationSpec(), ACTION, splits=("test",)),
    Dict({}),
    Box(-1.0, 1.0, (7,), np.float32),
    slots=2,
)


class Ones:
    """Always answers one; counts what it is shown."""

    requirement, trained = Requirement(action=ActionSpec(mode="delta")), True

    def __init__(self) -> None:
        self.seen, self.starts = 0, 0

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        self.starts += len(slots)

    def act(self, batch: Batch) -> np.ndarray:
        self.seen += len(batch.slots)
        return np.ones((len(batch.slots), 7), np.float32)

    def provenance(self) -> Mapping[str, str]:
        return {"checkpoint": "abc"}


def turns(seed: int = 5, **options: Any) -> tuple[np.ndarray, Ones]:
    """Return for each step whether the learner acted; the expert always says zero."""
    learner = Ones()
    policy = DaggerPolicy(SETTING, learner, **options)
    policy.reset([0, 1], [Start("a", seed, "x"), Start("b", seed + 1, "x")])
    labels = Batch((0,), {"expert_action": np.zeros((1, 7), np.float32)})
    acted = []
    for step in range(STEPS):
        if step == STEPS // 2:
            policy.reset([0], [Start("a", seed, "y", new_episode=False)])
        acted.append(policy.act(labels)[0])
    assert learner.seen == STEPS and learner.starts == 3
    assert policy.provenance() == {"checkpoint": "abc"} and policy.trained
    found = np.stack(acted)
    assert set(np.unique(found)) <= {0.0, 1.0} and (found == found[:, :1]).all()
    return found[:, 0] == 1, learner


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_share_and_length_of_turns(share: float) -> None:
    acted, _ = turns(share=share, hold=8)
    assert acted.mean() == pytest.approx(share, abs=0.06)
    lengths = [len(list(run)) for mine, run in groupby(acted) if mine]
    assert np.mean(lengths) == pytest.approx(8, rel=0.2)
    assert len(set(lengths)) > 8


def test_one_may_act_alone() -> None:
    assert turns(share=1.0)[0].all()
    assert not turns(share=0.0)[0].any()


def test_all_randomness_comes_from_the_episodes_seed() -> None:
    np.testing.assert_array_equal(turns(seed=1)[0], turns(seed=1)[0])
    assert np.any(turns(seed=1)[0] != turns(seed=2)[0])


@pytest.mark.parametrize(("option", "value"), [("share", 1.5), ("share", -0.1), ("hold", 0)])
def test_a_wrong_number_is_named(option: str, value: float) -> None:
    with pytest.raises(ConfigError, match=rf"policy\.{option}={value}"):
        DaggerPolicy(SETTING, Ones(), **{option: value})


def test_a_policy_inside_a_policy_is_built_by_the_same_rules() -> None:
    config = {
        "_target_": "policies.training.dagger.DaggerPolicy",
        "learner": {"_target_": "policies.scripted.random.RandomPolicy"},
    }
    assert isinstance(build_policy(config, SETTING), DaggerPolicy)
    with pytest.raises(ConfigError, match=r"policy\._target_=os\.system is not allowed"):
        build_policy({**config, "learner": {"_target_": "os.system"}}, SETTING)
