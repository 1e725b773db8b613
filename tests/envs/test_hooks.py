"""Which env of the suite has which ability, and what is said of one that is none of the suite."""

from __future__ import annotations

import gymnasium
import pytest

from longhaul.envs import hooks
from longhaul.envs.calvin.env import CalvinEnv
from longhaul.envs.lhvln.env import LhVlnEnv
from longhaul.envs.lohoravens.env import LoHoRavensEnv
from longhaul.envs.specs import suite_env
from longhaul.envs.videowebarena.env import VideoWebArenaEnv
from longhaul.errors import ConfigError
from longhaul.evaluation.loop.task import open_task
from longhaul.policies.planner.policy import PlannerPolicy
from longhaul.policies.policy import NeedsParts
from tests.toy import ToyEnv, ToyPolicy

HOOKS = (
    hooks.Captions,
    hooks.Demonstrates,
    hooks.Discloses,
    hooks.DrawsOnDemand,
    hooks.Labels,
    hooks.Locates,
    hooks.Performs,
    hooks.Remembers,
    hooks.Verifies,
)

OF_ALL = {hooks.Demonstrates, hooks.DrawsOnDemand}


@pytest.mark.parametrize(
    ("env", "abilities"),
    [
        (
            CalvinEnv,
            {*OF_ALL, hooks.Discloses, hooks.Labels, hooks.Remembers},
        ),
        (LhVlnEnv, {*OF_ALL, hooks.Captions, hooks.Locates}),
        (
            LoHoRavensEnv,
            {*OF_ALL, hooks.Captions, hooks.Discloses, hooks.Performs, hooks.Verifies},
        ),
        (VideoWebArenaEnv, {*OF_ALL, hooks.Discloses}),
        (ToyEnv, set()),
    ],
)
def test_an_env_has_the_abilities_whose_methods_it_has(env: type, abilities: set[type]) -> None:
    assert {hook for hook in HOOKS if issubclass(env, hook)} == abilities


def test_the_class_of_a_policy_is_asked_which_parts_its_options_need() -> None:
    assert isinstance(PlannerPolicy, NeedsParts)
    assert not isinstance(ToyPolicy, NeedsParts)


class Bare(gymnasium.Env):
    observation_space = action_space = gymnasium.spaces.Discrete(2)


def test_an_env_that_is_none_of_the_suite_is_told_what_it_lacks() -> None:
    assert isinstance(suite_env(gymnasium.make("tests.toy:longhaul/Toy-v0")), ToyEnv)
    with pytest.raises(ConfigError, match="Bare lacks conventions, episodes or provenance"):
        suite_env(Bare())
    gymnasium.register("longhaul/Bare-v0", "tests.envs.test_hooks:Bare")
    try:
        with pytest.raises(ConfigError, match="Bare lacks conventions"):
            open_task({"id": "longhaul/Bare-v0"}, {}, None, 1, 0)
    finally:
        del gymnasium.registry["longhaul/Bare-v0"]
