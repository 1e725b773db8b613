"""Every registered id as Gymnasium's users know an env: made by its id, reset by a seed, checked by
Gymnasium's own checker, rendered, wrapped and vectorized."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env

import longhaul.envs  # noqa: F401  registers the ids
from longhaul.envs.episode import Episode

IDS = sorted(
    name
    for name, spec in gymnasium.registry.items()
    if str(spec.entry_point).startswith("longhaul.")
)

SMALL: Mapping[str, Mapping[str, Any]] = {
    "longhaul/LhVln-v0": {"size": 32},
    "longhaul/LoHoRavens-v0": {"fast_motion": True},
    "longhaul/VideoWebArena-v0": {"width": 320, "height": 240},
}
"""Options that make an env cheap."""

BLIND: Mapping[str, Mapping[str, Any]] = {
    "longhaul/Calvin-v0": {"observations": ["robot_obs"]},
    "longhaul/LhVln-v0": {"observations": ["pose"]},
    # Gymnasium's checker refuses an env that observes nothing.
    "longhaul/LoHoRavens-v0": {"observations": [], "disable_env_checker": True},
    "longhaul/VideoWebArena-v0": {"observations": ["url"]},
}
"""Options of an env that observes no picture."""

UNITS = "we recommend using a symmetric and normalized space"
"""What the checker says of actions in meters and in bytes, whose unit is meant."""


def make(name: str, **options: Any) -> gymnasium.Env[Any, Any]:
    return gymnasium.make(name, **{**SMALL.get(name, {}), **options})


def episode_of(env: gymnasium.Env[Any, Any]) -> Episode:
    episode = env.unwrapped.episode  # type: ignore[attr-defined]
    assert isinstance(episode, Episode)
    return episode


def corners(space: spaces.Space[Any]) -> list[Any]:
    """Return the extreme members of a space, and what lies in the middle of a Box."""
    if isinstance(space, spaces.Dict):
        parts = {key: corners(member) for key, member in space.spaces.items()}
        return [
            {key: found[i] for key, found in parts.items()}
            for i in range(min(map(len, parts.values())))
        ]
    if isinstance(space, spaces.Discrete):
        return [space.start + i for i in range(int(space.n))]
    assert isinstance(space, spaces.Box)
    middle = (space.low / 2 + space.high / 2).astype(space.dtype)
    return [space.low, space.high, middle]


def digest(observation: Mapping[str, np.ndarray]) -> str:
    state = hashlib.sha256()
    for key in sorted(observation):
        state.update(key.encode() + np.ascontiguousarray(observation[key]).tobytes())
    return state.hexdigest()[:16]


def test_an_id_needs_no_import_before_it() -> None:
    """Gymnasium imports what stands before the colon."""
    program = (
        "import gymnasium\n"
        f"for name in {IDS!r}:\n"
        "    env = gymnasium.make('longhaul.envs:' + name)\n"
        "    print(env.spec.id)\n"
        "    env.close()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.split() == IDS, done.stderr


@pytest.mark.parametrize("name", IDS)
def test_gymnasiums_checker_passes_without_a_warning(name: str) -> None:
    env = make(name, render_mode="rgb_array")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_env(env.unwrapped)
    env.close()
    assert [str(w.message) for w in caught if UNITS not in str(w.message)] == []


@pytest.mark.parametrize("name", IDS)
def test_a_seed_draws_an_episode_and_its_first_observation(name: str) -> None:
    env, other = make(name), make(name)
    ids = []
    for seed in range(4):
        first, info = env.reset(seed=seed)
        ids.append(episode_of(env).id)
        assert info["instruction"] in {
            episode_of(env).instruction,
            *(subtask.instruction for subtask in episode_of(env).subtasks),
        }
        if seed == 0:
            same, _ = other.reset(seed=seed)
            assert digest(same) == digest(first) and episode_of(other) == episode_of(env)
            again, _ = other.reset(options={"episode": episode_of(env)})
            assert digest(again) == digest(first)
    assert len(set(ids)) > 1
    following = []
    for _ in range(2):
        env.reset(seed=7)
        env.reset()
        following.append(episode_of(env).id)
    assert following[0] == following[1]
    env.close()
    other.close()


@pytest.mark.parametrize("name", IDS)
def test_every_member_of_the_action_space_is_taken(name: str) -> None:
    env = make(name)
    env.reset(seed=1)
    env.action_space.seed(1)
    for action in [*corners(env.action_space), *(env.action_space.sample() for _ in range(3))]:
        assert env.action_space.contains(action)
        observation, reward, terminated, truncated, _ = env.step(action)
        assert env.observation_space.contains(observation)
        assert isinstance(reward, float) and np.isfinite(reward)
        if "feedback" in observation:  # bytes that are no action are told to be none
            assert observation["feedback_length"][0] > 0
        if terminated or truncated:
            env.reset()
    env.close()


@pytest.mark.parametrize("name", IDS)
def test_rendering_shows_the_state_and_changes_nothing(name: str) -> None:
    seen: dict[bool, list[str]] = {}
    for renders in (False, True):
        env = make(name, render_mode="rgb_array")
        env.action_space.seed(2)
        observation, _ = env.reset(seed=2)
        seen[renders] = [digest(observation)]
        for _ in range(2):
            if renders:
                picture = env.render()
                assert isinstance(picture, np.ndarray) and picture.dtype == np.uint8
                assert picture.ndim == 3 and picture.shape[2] == 3 and picture.std() > 0
            observation, *_ = env.step(env.action_space.sample())
            seen[renders].append(digest(observation))
        env.close()
    assert seen[True] == seen[False]


@pytest.mark.parametrize("name", IDS)
def test_an_env_that_observes_no_picture_renders_all_the_same(name: str) -> None:
    env = make(name, render_mode="rgb_array", **BLIND[name])
    env.reset(seed=3)
    picture = env.render()
    assert isinstance(picture, np.ndarray) and picture.ndim == 3 and picture.std() > 0
    env.close()


@pytest.mark.parametrize("name", IDS)
def test_a_time_limit_truncates_and_a_spec_makes_the_env_again(name: str) -> None:
    env = make(name, max_episode_steps=2)
    assert env.spec is not None
    again = gymnasium.make(EnvSpec.from_json(env.spec.to_json()))
    env.action_space.seed(3)
    actions = [env.action_space.sample() for _ in range(2)]
    ends = []
    for made in (env, again):
        observation, _ = made.reset(seed=4)
        for action in actions:
            observation, _, terminated, truncated, _ = made.step(action)
        ends.append((digest(observation), terminated, truncated))
        made.close()
    assert ends[0] == ends[1]
    assert ends[0][1] or ends[0][2]


def vector_trace(name: str, mode: str, context: str | None) -> str:
    """Return what two envs in a vector show in three steps."""
    options = {"context": context} if context else {}
    envs = gymnasium.make_vec(name, 2, mode, vector_kwargs=options, **SMALL.get(name, {}))
    envs.action_space.seed(5)
    observation, _ = envs.reset(seed=5)
    found = digest(observation)
    for _ in range(3):
        observation, rewards, *_ = envs.step(envs.action_space.sample())
        found += digest(observation) + repr(rewards.tolist())
    envs.close()
    return found


VECTORS = (("sync", None), ("async", "fork"), ("async", "forkserver"))


@pytest.mark.parametrize("name", IDS)
def test_vectors_show_the_same_in_one_process_and_in_several(name: str) -> None:
    """In a process of its own, which has used the env before it forks."""
    program = (
        "import json\n"
        "from tests.conformance.test_gymnasium import VECTORS, vector_trace\n"
        "if __name__ == '__main__':\n"
        f"    print(json.dumps([vector_trace({name!r}, *vector) for vector in VECTORS]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    traces = json.loads(done.stdout.splitlines()[-1])
    assert len(traces) == 3 and len(set(traces)) == 1
