"""What a policy's YAML asks of an env holds where the command says nothing else."""

from __future__ import annotations

import pytest
from gymnasium.spaces import Box, Dict

from longhaul.configs.build import build_policy, env_for
from longhaul.envs.specs import ActionSpec, EnvSpec, ObservationSpec
from longhaul.errors import ConfigError
from longhaul.policies.policy import Setting
from tests.conformance.catalog import load, names

ENV = {"id": "longhaul/LhVln-v0", "size": None, "hfov": 90.0, "observations": None}
SETTING = Setting(
    EnvSpec(ObservationSpec(), ActionSpec("delta", 7), splits=("test",)),
    Dict({}),
    Box(-1.0, 1.0, (7,)),
    slots=1,
)


def test_null_is_as_the_policy_asks() -> None:
    asked = {"env": {"size": 128, "hfov": 60.0}}
    assert env_for(ENV, asked) == {**ENV, "size": 128}
    assert env_for({**ENV, "size": 64}, asked)["size"] == 64
    for nothing in ({}, {"env": None}, {"env": {}}):
        assert env_for(ENV, nothing) == ENV
    assert ENV["size"] is None  # what was given is as it was


def test_what_is_asked_of_an_env_is_no_option_of_the_policy() -> None:
    config = {"_target_": "longhaul.policies.scripted.random.RandomPolicy", "env": {"size": 128}}
    build_policy(config, SETTING)
    with pytest.raises(ConfigError, match=r"policy\.size is unknown"):
        build_policy({**config, "size": 128}, SETTING)


@pytest.mark.parametrize("name", names("policy"))
def test_what_a_policy_asks_for_an_env_leaves_open(name: str) -> None:
    """Else the question is never heard: a YAML's own value comes first."""
    asked = load("policy", name).get("env") or {}
    assert {key for key, value in load("env", "lhvln").items() if value is None} >= set(asked)
