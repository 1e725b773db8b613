"""Taking turns: whose action it is, for how long, and that the learner sees every step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete

from longhaul.configs.build import build_policy
from longhaul.envs.specs import ActionSpec, EnvSpec, ObservationSpec, Requirement
from longhaul.errors import ConfigError
from longhaul.policies.policy import Batch, Setting, Start
from longhaul.policies.training.dagger import DaggerPolicy

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
        "_target_": "longhaul.policies.training.dagger.DaggerPolicy",
        "learner": {"_target_": "longhaul.policies.scripted.random.RandomPolicy"},
    }
    assert isinstance(build_policy(config, SETTING), DaggerPolicy)
    with pytest.raises(ConfigError, match=r"policy\._target_=os\.system is not allowed"):
        build_policy({**config, "learner": {"_target_": "os.system"}}, SETTING)


class Cycles:
    """Does 0, 1, 2, 3 in turn in each slot, and writes down what is said to have been done."""

    requirement, trained = Requirement(action=ActionSpec(mode="discrete")), True

    def __init__(self) -> None:
        self.steps = {0: 0, 1: 0}
        self.done: list[tuple[tuple[int, ...], list[int]]] = []

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        pass

    def act(self, batch: Batch) -> np.ndarray:
        for slot in batch.slots:
            self.steps[slot] += 1
        return np.array([(self.steps[slot] - 1 + slot) % 4 for slot in batch.slots])

    def executed(self, slots: Sequence[int], actions: np.ndarray) -> None:
        self.done.append((tuple(slots), np.asarray(actions).tolist()))

    def provenance(self) -> Mapping[str, str]:
        return {}


IN_HOUSES = Setting(
    EnvSpec(ObservationSpec(), ActionSpec("discrete", 1), splits=("test",)),
    Dict({}),
    Discrete(4),
    slots=2,
)


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_what_is_forbidden_is_the_experts_and_the_learner_is_told(share: float) -> None:
    learner = Cycles()
    policy = DaggerPolicy(IN_HOUSES, learner, share, hold=3, forbidden=[0, 2])
    policy.reset([0, 1], [Start("a", 1, "x"), Start("b", 2, "x")])
    labels, mine = np.array([3, 3]), 0
    for step in range(200):
        slots = (0, 1) if step % 3 else (1, 0)
        done = policy.act(Batch(slots, {"expert_action": labels}))
        answers = [(step + slot) % 4 for slot in slots]
        for answer, action in zip(answers, done.tolist(), strict=True):
            assert action in ({3} if answer in (0, 2) else {answer, 3})
            mine += action == 1
        assert learner.done[-1] == (slots, done.tolist())
    assert len(learner.done) == 200
    assert mine == 100 if share == 1.0 else 20 < mine < 80


def test_nothing_is_forbidden_unless_it_is_said() -> None:
    policy = DaggerPolicy(IN_HOUSES, Cycles(), share=1.0)
    policy.reset([0], [Start("a", 1, "x")])
    labels = Batch((0,), {"expert_action": np.array([3])})
    assert [int(policy.act(labels)[0]) for _ in range(8)] == [0, 1, 2, 3] * 2


def test_only_an_action_of_the_env_can_be_forbidden() -> None:
    with pytest.raises(
        ConfigError, match=r"policy.forbidden=\[4\] must be actions of Discrete\(4\)"
    ):
        DaggerPolicy(IN_HOUSES, Cycles(), forbidden=[4])
    with pytest.raises(ConfigError, match=r"policy.forbidden=\[0\] must be actions of Box"):
        DaggerPolicy(SETTING, Ones(), forbidden=[0])
