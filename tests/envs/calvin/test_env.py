"""CALVIN as a Gymnasium environment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
import pytest
from numpy.typing import NDArray

import longhaul.envs  # noqa: F401  registers the ids
from longhaul.envs.calvin import env as module
from longhaul.envs.calvin.conventions import OBSERVATIONS
from longhaul.envs.calvin.env import CalvinEnv
from longhaul.envs.calvin.initial_states import START_ROBOT_OBS
from longhaul.envs.calvin.simulation import PlayTable
from longhaul.envs.episode import Episode
from longhaul.errors import ConfigError

HOLD = np.array([0, 0, 0, 0, 0, 0, 1], np.float32)


@pytest.fixture(scope="module")
def blind() -> Iterator[CalvinEnv]:
    env = CalvinEnv(observations=["robot_obs", "scene_obs"], subtask_steps=5)
    yield env
    env.close()


@pytest.fixture(scope="module")
def episode(blind: CalvinEnv) -> Episode:
    return blind.episodes("ABC", 1, 0)[0]


def test_the_registered_env_shows_what_it_declares() -> None:
    env = gymnasium.make("longhaul/Calvin-v0", observations=OBSERVATIONS, renderer="bullet_tiny")
    ours: Any = env.unwrapped
    episode = ours.episodes("D", 1, 3)[0]
    observation, info = env.reset(options={"episode": episode})
    for _ in range(2):
        assert env.observation_space.contains(observation)
        assert set(observation) == set(OBSERVATIONS)
        assert info["instruction"] == episode.subtasks[0].instruction
        assert info["subtask"] == 0 and len(info["outcomes"]) == 5
        observation, reward, terminated, truncated, info = env.step(HOLD)
        assert (reward, terminated, truncated) == (0.0, False, False)
    np.testing.assert_allclose(observation["robot_obs"][7:14], START_ROBOT_OBS[7:14], atol=1e-3)
    assert 3.0 < observation["depth_static"].min() < observation["depth_static"].max() <= 10.0
    assert 0.05 < observation["depth_gripper"].min() < 0.3
    assert len(np.unique(observation["rgb_static"].reshape(-1, 3), axis=0)) > 50
    env.close()


def test_a_run_without_pictures_draws_nothing(
    monkeypatch: pytest.MonkeyPatch, blind: CalvinEnv, episode: Episode
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("a camera was made")

    monkeypatch.setattr(module, "Cameras", fail)
    monkeypatch.setattr(module, "describe_renderer", fail)
    observation, _ = blind.reset(options={"episode": episode})
    assert set(observation) == {"robot_obs", "scene_obs"}
    assert "renderer" not in blind.provenance()
    np.testing.assert_allclose(observation["scene_obs"], episode.start["scene_obs"], atol=1e-4)


def test_constructing_starts_no_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("the simulator was started")

    monkeypatch.setattr(module, "PlayTable", fail)
    env = CalvinEnv()
    assert len(env.episodes("ABCD", 3, 0)) == 3
    with pytest.raises(RuntimeError, match="reset comes first"):
        env.step(HOLD)
    env.close()


@pytest.mark.parametrize(
    ("action", "word"),
    [
        ([0, 0, np.nan, 0, 0, 0, 1], "nan"),
        ([0, np.inf, 0, 0, 0, 0, 1], "inf"),
        ([1.25, 0, 0, 0, 0, 0, 1], r"1\.25"),
        ([0, 0, 0, 0, 0, -1.5, 1], r"-1\.5"),
        ([0, 0, 0], "7 components"),
    ],
)
def test_bad_actions_are_named_and_move_nothing(
    blind: CalvinEnv, episode: Episode, action: list[float], word: str
) -> None:
    blind.reset(options={"episode": episode})
    before = blind.table.snapshot()
    with pytest.raises(ValueError, match=word):
        blind.step(np.array(action, np.float32))
    assert blind.table.snapshot() == before
    blind.step(np.array([1 + 1e-7, 0, 0, 0, 0, 0, -1.0]))


@pytest.mark.parametrize(("given", "command"), [(0.0, 1.0), (0.3, 1.0), (-0.01, -1.0)])
def test_the_gripper_goes_by_the_sign(
    blind: CalvinEnv, episode: Episode, given: float, command: float
) -> None:
    """calvin_env's play_table_env.py: `(int(action[-1] >= 0) * 2) - 1`."""
    states = []
    for value in (given, command):
        blind.reset(options={"episode": episode})
        for _ in range(3):
            observation, *_ = blind.step([0.1, 0, 0, 0, 0, 0, value])
        states.append(observation["robot_obs"])
    assert states[0][-1] == command
    np.testing.assert_array_equal(*states)


def test_a_subtask_that_runs_out_of_steps_truncates(blind: CalvinEnv, episode: Episode) -> None:
    blind.reset(options={"episode": episode})
    ends = [blind.step(HOLD)[2:4] for _ in range(5)]
    assert ends == [(False, False)] * 4 + [(False, True)]
    with pytest.raises(RuntimeError, match="is over"):
        blind.step(HOLD)
    _, info = blind.reset(options={"episode": episode})
    assert not any(outcome.success for outcome in info["outcomes"])


def test_success_moves_on_and_the_last_one_terminates(
    blind: CalvinEnv, episode: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The LED goes on, then off: its state is set behind the env's back."""
    names = ("turn_on_led", "turn_off_led")
    subtasks = tuple(
        replace(episode.subtasks[0], name=name, instruction=f"do {name}") for name in names
    )
    start = {**episode.start, "scene_obs": [*episode.start["scene_obs"]]}
    start["scene_obs"][5] = 0.0
    short = replace(episode, subtasks=subtasks, start=start)
    _, info = blind.reset(options={"episode": short})
    assert info["instruction"] == "do turn_on_led"
    tcp = blind.table.robot_obs()[:3]
    blind.table.lights.led = 1
    _, reward, terminated, truncated, info = blind.step(HOLD)
    assert (reward, terminated, truncated) == (1.0, False, False)
    assert info["instruction"] == "do turn_off_led" and info["subtask"] == 1
    # The arm is not reset between subtasks, nor the world.
    np.testing.assert_allclose(blind.table.robot_obs()[:3], tcp, atol=1e-4)
    _, reward, terminated, _, _ = blind.step(HOLD)
    assert (reward, terminated) == (0.0, False)
    blind.table.lights.led = 0
    _, reward, terminated, truncated, info = blind.step(HOLD)
    assert (reward, terminated, truncated) == (1.0, True, False)
    assert [outcome.success for outcome in info["outcomes"]] == [True, True]
    assert [outcome.end_step for outcome in info["outcomes"]] == [1, 3]


def test_observations_do_not_depend_on_the_episode_before() -> None:
    env = CalvinEnv(scene="A", observations=["rgb_gripper", "robot_obs"], renderer="bullet_tiny")
    episodes = env.episodes("ABC", 3, 0)

    def trace(episode: Episode) -> list[NDArray[Any]]:
        shown = [env.reset(options={"episode": episode})[0]]
        for sign in (1, 1, -1, -1):
            shown.append(env.step([0.5, 0.5, -0.8, 0, 0, 0.3, sign])[0])
        return [array for observation in shown for array in observation.values()]

    first = trace(episodes[0])
    trace(episodes[2])
    for ours, again in zip(first, trace(episodes[0]), strict=True):
        np.testing.assert_array_equal(ours, again)
    env.close()


def test_episodes_are_the_benchmarks_in_any_scene() -> None:
    env = CalvinEnv(scene="B")
    episodes = env.episodes("ABC", 4, 7)
    assert [episode.id for episode in episodes] == [f"calvin-B-{i:04d}" for i in range(4)]
    assert env.episodes("D", 4, 7) == episodes, "a split names training data only"
    assert env.episodes("ABC", 2, 7) == episodes[:2]
    other = [episode.seed for episode in env.episodes("ABC", 4, 8)]
    assert not set(other) & {episode.seed for episode in episodes}
    seeds = [int(np.random.SeedSequence([7, i]).generate_state(1)[0]) for i in range(4)]
    assert [episode.seed for episode in episodes] == seeds
    for episode in episodes:
        assert Episode.from_json(json.loads(json.dumps(episode.to_json()))) == episode
        assert episode.start["slots"] != "official" and episode.start["scene"] == "B"
        assert len(episode.subtasks) == 5
    assert CalvinEnv().episodes("D", 1, 0)[0].start["slots"] == "official"
    assert [s.name for s in CalvinEnv().episodes("D", 1, 0)[0].subtasks] == [
        "rotate_blue_block_right",
        "move_slider_right",
        "lift_red_block_slider",
        "place_in_slider",
        "turn_off_lightbulb",
    ]


def test_a_chain_replaces_the_tasks() -> None:
    env = CalvinEnv(chain=["open_drawer", "close_drawer"])
    assert [task.name for task in env.episodes("D", 1, 0)[0].subtasks] == [
        "open_drawer",
        "close_drawer",
    ]
    with pytest.raises(ConfigError, match=r"fly.*open_drawer"):
        CalvinEnv(chain=["fly"]).episodes("D", 1, 0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scene": "E"}, ("E", "A, B, C, D")),
        ({"renderer": "crayon"}, ("crayon", "gl, bullet_egl, bullet_tiny")),
        ({"shadow": "hard"}, ("hard", "soft", "none")),
        ({"static_layer": "yes"}, ("yes", "auto, on, off")),
        ({"action": "joint"}, ("joint", "rel, abs")),
        ({"observations": ["rgb_head"]}, ("rgb_head", "rgb_static", "scene_obs")),
        ({"subtask_steps": 0}, ("subtask_steps=0",)),
        ({"assets": "/nowhere"}, ("/nowhere",)),
    ],
)
def test_wrong_options_are_named_with_the_valid_ones(
    options: dict[str, Any], words: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as caught:
        CalvinEnv(**options)
    assert all(word in str(caught.value) for word in words)


def test_wrong_episodes_and_splits_are_named(blind: CalvinEnv, episode: Episode) -> None:
    with pytest.raises(ConfigError, match=r"split=E .*ABC, ABCD, D"):
        blind.episodes("E", 1, 0)
    with pytest.raises(ValueError, match="options"):
        blind.reset(options={"episode": episode.to_json()})
    elsewhere = replace(episode, start={**episode.start, "scene": "A"})
    with pytest.raises(ValueError, match="scene A"):
        blind.reset(options={"episode": elsewhere})


def test_absolute_actions_reach_a_pose(episode: Episode) -> None:
    env = CalvinEnv(action="abs", observations=["robot_obs"])
    assert env.conventions.action.mode == "absolute"
    env.reset(options={"episode": episode})
    goal = np.array([0.1, -0.2, 0.6, 3.09, -0.03, 1.5, 1.0])
    for _ in range(60):
        observation, *_ = env.step(goal)
    np.testing.assert_allclose(observation["robot_obs"][:3], goal[:3], atol=3e-3)
    with pytest.raises(ValueError, match="beyond"):
        env.step([5.0, 0, 0, 0, 0, 0, 1])
    with pytest.raises(ConfigError, match="rel"):
        env.expert()
    env.close()


def test_provenance_tells_assets_apart() -> None:
    hashes = {CalvinEnv(scene=s, observations=["robot_obs"]).provenance()["assets"] for s in "AB"}
    assert len(hashes) == 2
    found = CalvinEnv(renderer="bullet_tiny").provenance()
    assert found["renderer"] == "bullet_tiny" and "tiny" in found["renderer_description"]


def test_the_expert_acts_on_the_envs_own_simulator(blind: CalvinEnv, episode: Episode) -> None:
    blind.reset(options={"episode": episode})
    expert = blind.expert()
    expert.reset(episode.seed)
    assert blind.action_space.contains(np.asarray(expert.act(), np.float32))
    assert isinstance(blind.table, PlayTable)
