"""What every env of the suite must do, run over every YAML in configs/env."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
import pytest

import longhaul.envs  # noqa: F401  registers the ids
from longhaul.configs.navigation import with_dataset
from longhaul.envs.drawing import draws_on_demand
from longhaul.envs.episode import Episode, SubtaskOutcome
from longhaul.envs.specs import CameraSpec
from longhaul.errors import ConfigError
from longhaul.evaluation.loop.task import ENV_NAMESPACE, open_task
from tests.conformance.catalog import load, names, open_env

STEPS = 12
ENVS = names("env")
PUBLIC_INFO = {"instruction", "subtask", "outcomes", "executed_action"}
FACTS = {"executed", "grasped", "refusal"}
"""What a robot knows of its last step by itself."""


def actions_for(space: gymnasium.Space[Any], gripper: bool) -> list[Any]:
    """Return a fixed series of valid actions; a gripper gets its sign."""
    space.seed(1)
    actions = [space.sample() for _ in range(STEPS)]
    if gripper:
        for action in actions:
            action[-1] = 1.0 if action[-1] > 0 else -1.0
    return actions


def trace(name: str, index: int) -> list[str]:
    """Run one episode for a few steps; return a digest of every observation and info."""
    task = open_env(name)
    env = task.make_env()
    observation, info = env.reset(options={"episode": task.episodes[index]})
    digests = [digest(observation, info)]
    for action in actions_for(task.action_space, bool(task.conventions.action.gripper)):
        observation, _, terminated, truncated, info = env.step(action)
        digests.append(digest(observation, info))
        if terminated or truncated:
            break
    env.close()
    return digests


def digest(observation: dict[str, np.ndarray], info: dict[str, Any]) -> str:
    state = hashlib.sha256()
    for key in sorted(observation):
        state.update(key.encode() + np.ascontiguousarray(observation[key]).tobytes())
    state.update(repr((info["instruction"], info["subtask"], info["outcomes"])).encode())
    return state.hexdigest()


def test_every_registered_env_has_a_yaml() -> None:
    registered = {name for name in gymnasium.registry if name.startswith(ENV_NAMESPACE)}
    of_tests = {name for name in registered if name.endswith("Toy-v0")}
    assert {load("env", name)["id"] for name in ENVS} == registered - of_tests


@pytest.mark.parametrize("name", ENVS)
def test_observations_are_declared_and_nothing_else_leaves(name: str) -> None:
    task = open_env(name)
    env = task.make_env()
    declared = task.conventions.observation.by_name()
    observation, info = env.reset(options={"episode": task.episodes[0]})
    over = False
    for action in [None, *actions_for(task.action_space, bool(task.conventions.action.gripper))]:
        if over:
            break
        if action is not None:
            observation, _, terminated, truncated, info = env.step(action)
            over = terminated or truncated
        assert task.observation_space.contains(observation)
        assert set(observation) == set(declared)
        assert set(info) <= PUBLIC_INFO | FACTS
        assert isinstance(info["instruction"], str) and info["instruction"]
        assert len(info["outcomes"]) == len(task.episodes[0].subtasks)
        assert all(isinstance(outcome, SubtaskOutcome) for outcome in info["outcomes"])
        json.dumps([dict(outcome.measures) for outcome in info["outcomes"]])
    for key, spec in declared.items():
        if isinstance(spec, CameraSpec):
            assert observation[key].shape[:2] == (spec.height, spec.width)
        else:
            assert observation[key].shape == (spec.size,)
    env.close()


@pytest.mark.parametrize("name", ENVS)
def test_no_privileged_key_in_the_default_observation(name: str) -> None:
    privileged = ("scene", "state_dict", "pose", "expert", "success", "contact", "semantic")
    keys = open_env(name).conventions.observation.by_name()
    assert not [key for key in keys if any(word in key for word in privileged)]


@pytest.mark.parametrize("name", ENVS)
def test_same_episode_same_pictures_in_another_process(name: str) -> None:
    here = trace(name, 1)
    program = f"from tests.conformance.test_envs import trace; print(*trace({name!r}, 1))"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert other.returncode == 0, other.stderr
    assert other.stdout.split()[-len(here) :] == here


@pytest.mark.parametrize("name", [name for name in ENVS if name != "videowebarena"])
def test_what_is_drawn_on_demand_is_what_is_always_drawn(name: str) -> None:
    """A browser's pages are looked at in any case, so videowebarena leaves nothing out."""
    task = open_env(name)
    always, demanded = task.make_env(), task.make_env()
    keys = set(task.observation_space.spaces)
    ours = draws_on_demand(demanded)
    assert ours is not None
    asked: list[bool] = []

    def wanted(info: Mapping[str, Any], over: bool) -> set[str]:
        asked.append(len(asked) % 3 == 2 or over)
        return keys if asked[-1] else set()

    ours.draw_only(wanted)
    options, over = {"episode": task.episodes[0]}, False
    whole, told = always.reset(options=options)
    part, said = demanded.reset(options=options)
    for action in [*actions_for(task.action_space, bool(task.conventions.action.gripper)), None]:
        if asked[-1]:
            assert digest(part, said) == digest(whole, told)
        else:
            assert not part and said["outcomes"] == told["outcomes"]
        if action is None or over:
            break
        whole, _, terminated, truncated, told = always.step(action)
        over = terminated or truncated
        part, *_, said = demanded.step(action)
    assert len(asked) > 3
    always.close()
    demanded.close()


@pytest.mark.parametrize("name", ENVS)
def test_an_episode_does_not_remember_the_one_before(name: str) -> None:
    task = open_env(name)
    env = task.make_env()
    actions = actions_for(task.action_space, bool(task.conventions.action.gripper))
    digests: list[list[str]] = []
    for episode in (task.episodes[0], task.episodes[1], task.episodes[0]):
        observation, info = env.reset(options={"episode": episode})
        digests.append([digest(observation, info)])
        for action in actions:
            observation, _, terminated, truncated, info = env.step(action)
            digests[-1].append(digest(observation, info))
            if terminated or truncated:
                break
    env.close()
    assert digests[0] == digests[2]
    assert digests[0] != digests[1]


@pytest.mark.parametrize("name", ENVS)
def test_episodes_are_reproducible_prefixes_and_plain(name: str) -> None:
    three, five = open_env(name, 3).episodes, open_env(name, 5).episodes
    assert list(three) == list(five[:3])
    assert len({episode.id for episode in five}) == 5
    assert [e.seed for e in open_env(name, 5, seed=1).episodes] != [e.seed for e in five]
    for episode in five:
        again = Episode.from_json(json.loads(json.dumps(episode.to_json())))
        assert again.to_json() == episode.to_json()
        assert all(subtask.gt_steps > 0 and subtask.instruction for subtask in episode.subtasks)


@pytest.mark.parametrize("name", ENVS)
def test_an_unknown_split_is_named_with_the_valid_ones(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_task(with_dataset(load("env", name)), {}, "nonsense", 1, 0)
    splits = open_env(name).conventions.splits
    assert all(word in str(caught.value) for word in ("nonsense", *splits))
