"""LoHoRavens as a Gymnasium environment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np
import pytest

import longhaul.envs  # noqa: F401  registers the ids
from longhaul.envs.episode import Episode
from longhaul.envs.lohoravens import env as module
from longhaul.envs.lohoravens.conventions import OBSERVATIONS, action_of, tips_of
from longhaul.envs.lohoravens.env import LoHoRavensEnv
from longhaul.envs.lohoravens.things import Pose
from longhaul.envs.parts import CAPTION_SIZE, SKILL_SIZE
from longhaul.envs.text import decode, encode
from longhaul.errors import ConfigError
from tests.envs.lohoravens.scenes import turned

TASK = "put-block-into-matching-bowl"
NOTHING = action_of(Pose((0.25, -0.5, 0.0)), Pose((0.25, -0.5, 0.0)))


@pytest.fixture(scope="module")
def blind() -> Iterator[LoHoRavensEnv]:
    env = LoHoRavensEnv(tasks=[TASK], observations=[], fast_motion=True)
    yield env
    env.close()


@pytest.fixture(scope="module")
def episode(blind: LoHoRavensEnv) -> Episode:
    return blind.episodes("seen", 1, 0)[0]


def solve(env: gymnasium.Env[Any, Any], episode: Episode) -> tuple[int, dict[str, Any]]:
    """Let the expert act to the end; return steps and the last info."""
    ours: Any = env.unwrapped
    env.reset(options={"episode": episode})
    expert = ours.expert()
    expert.reset(episode.seed)
    for step in range(1, 30):
        _, _, terminated, truncated, info = env.step(expert.act())
        if terminated or truncated:
            return step, info
    raise AssertionError("no end in 30 steps")


def test_the_registered_env_shows_what_it_declares_and_the_expert_solves_it() -> None:
    env = gymnasium.make(
        "longhaul/LoHoRavens-v0", observations=list(OBSERVATIONS), fast_motion=True, tasks=[TASK]
    )
    ours: Any = env.unwrapped
    episode = ours.episodes("seen", 1, 3)[0]
    observation, info = env.reset(options={"episode": episode})
    assert info["instruction"] == episode.instruction and not info["executed"]
    expert = ours.expert()
    expert.reset(episode.seed)
    rewards, over = [], False
    while not over:
        assert env.observation_space.contains(observation)
        action = expert.act()
        assert env.action_space.contains(action)
        observation, reward, terminated, truncated, info = env.step(action)
        rewards.append(reward)
        over = terminated or truncated
        assert info["executed"] and info["grasped"] and info["refusal"] == ""
    assert terminated and all(outcome.success for outcome in info["outcomes"])
    assert sum(rewards) == pytest.approx(1.0) and min(rewards) > 0
    assert 0.03 < observation["height_map"].max() < 0.08
    with pytest.raises(RuntimeError, match="is over"):
        env.step(action)
    env.close()


def test_constructing_starts_no_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("the simulator was started")

    monkeypatch.setattr(module, "Tabletop", fail)
    monkeypatch.setattr(module, "Cameras", fail)
    env = LoHoRavensEnv()
    assert len(env.episodes("seen", 7, 0)) == 7
    for call in (lambda: env.step(NOTHING), env.expert, lambda: env.table):
        with pytest.raises(RuntimeError, match="reset comes first"):
            call()
    env.close()


def test_without_observations_nothing_is_drawn(
    monkeypatch: pytest.MonkeyPatch, blind: LoHoRavensEnv, episode: Episode
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("a camera was made")

    monkeypatch.setattr(module, "Cameras", fail)
    assert blind.reset(options={"episode": episode})[0] == {} == blind.step(NOTHING)[0]
    assert blind.provenance() == {}


def pose(**changes: float) -> dict[str, np.ndarray]:
    """Return NOTHING with some components of pose1 replaced."""
    places = {name: index for index, name in enumerate(("x", "y", "z", "qx", "qy", "qz", "qw"))}
    values = NOTHING["pose1"].copy()
    for name, value in changes.items():
        values[places[name]] = value
    return {**NOTHING, "pose1": values}


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (pose(x=0.9), r"pose1=\[0\.89.*beyond \[0\.25"),
        (pose(y=-0.6), r"pose1=.*-0\.6.*beyond"),
        (pose(z=0.5), "pose1"),
        (pose(z=-0.1), "pose1"),
        (pose(x=np.nan), "pose1=.*nan.*not finite"),
        (pose(qw=np.inf), "pose1=.*inf.*not finite"),
        ({"pose0": NOTHING["pose0"]}, "keys pose0, pose1"),
        ({**NOTHING, "pose2": NOTHING["pose0"]}, "keys pose0, pose1"),
        ({**NOTHING, "pose0": np.zeros(3)}, "pose0=.*7 components"),
        (np.zeros(14), "keys pose0, pose1"),
    ],
)
def test_bad_actions_are_named_and_move_nothing(
    blind: LoHoRavensEnv, episode: Episode, action: Any, words: str
) -> None:
    blind.reset(options={"episode": episode})
    before = blind.table.snapshot()
    with pytest.raises(ValueError, match=words):
        blind.step(action)
    assert blind.table.snapshot() == before


def test_rendering_draws_none_of_the_sensors_noise(episode: Episode) -> None:
    seen = []
    for renders in (False, True):
        env = gymnasium.make(
            "longhaul/LoHoRavens-v0",
            tasks=[TASK],
            fast_motion=True,
            perturb={"rgb": 3.0, "depth": 0.003},
            render_mode="rgb_array",
        )
        env.reset(options={"episode": episode})
        if renders:
            env.render()
        seen.append(env.step(NOTHING)[0])
        env.close()
    for name in seen[0]:
        np.testing.assert_array_equal(seen[0][name], seen[1][name])


def test_a_quaternion_without_a_direction_is_no_rotation() -> None:
    assert tips_of(pose(qw=0.0)) == tips_of(pose(qw=1.0))


def test_what_is_held_turns_by_the_difference_of_the_rotations() -> None:
    for before, after in ((0.4, 1.5), (3.0, -3.0), (-1.0, -0.2)):
        action = action_of(
            Pose((0.5, 0.1, 0.0), turned(before)), Pose((0.3, 0.2, 0.1), turned(after))
        )
        start, end = tips_of(action)
        turn = (after - before + np.pi) % (2 * np.pi) - np.pi
        assert end.yaw - start.yaw == pytest.approx(turn, abs=1e-6)
        assert abs(start.yaw) <= np.pi / 2 >= abs(end.yaw)
    tilted = Pose((0.5, 0.1, 0.0), (0.7071068, 0.0, 0.0, 0.7071068))
    start, end = tips_of(action_of(tilted, tilted))
    assert start.yaw == end.yaw == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"renderer": "crayon"}, ("crayon", "gl, bullet_egl, bullet_tiny")),
        ({"shadow": "hard"}, ("hard", "soft, none")),
        ({"static_layer": True}, ("True", "auto, on, off")),
        ({"observations": ["rgb_top"]}, ("rgb_top", "rgb_map", "depth_front")),
        ({"perturb": {"wind": 1}}, ("wind", "rgb, depth, drop")),
        ({"perturb": {"drop": 1.5}}, ("drop=1.5", "0 to 1")),
        ({"perturb": {"rgb": -1}}, ("rgb=-1", "at least 0")),
        ({"perturb": {"depth": float("nan")}}, ("depth=nan",)),
    ],
)
def test_wrong_options_are_named_with_the_valid_ones(
    options: dict[str, Any], words: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as caught:
        LoHoRavensEnv(**options)
    assert all(word in str(caught.value) for word in words)


def test_wrong_splits_tasks_and_resets_are_named(blind: LoHoRavensEnv) -> None:
    with pytest.raises(ConfigError, match=r"split=hard .*seen"):
        blind.episodes("hard", 1, 0)
    with pytest.raises(ConfigError, match=f"juggle.*{TASK}"):
        LoHoRavensEnv(tasks=["juggle"]).episodes("seen", 1, 0)
    with pytest.raises(ValueError, match="options"):
        blind.reset(options={"episode": "pyramid"})


def test_drops_cost_the_expert_steps_and_are_the_episodes_own() -> None:
    ends = []
    for drop in (0.0, 0.5, 0.5):
        env = LoHoRavensEnv(tasks=[TASK], observations=[], fast_motion=True, perturb={"drop": drop})
        ends.append([solve(env, episode) for episode in env.episodes("seen", 4, 1)])
        env.close()
    calm, shaken, again = ends
    assert shaken == again
    assert sum(steps for steps, _ in shaken) > sum(steps for steps, _ in calm)
    assert all(outcome.success for _, info in calm for outcome in info["outcomes"])


def test_noise_reaches_the_observations_and_leaves_the_outcomes_alone() -> None:
    found = []
    for perturb in ({}, {"rgb": 3.0, "depth": 0.003}):
        env = LoHoRavensEnv(tasks=[TASK], fast_motion=True, perturb=perturb)
        episode = env.episodes("seen", 1, 0)[0]
        found.append((env.reset(options={"episode": episode})[0], *solve(env, episode)))
        env.close()
    (clean, *quiet), (noisy, *loud) = found
    assert quiet == loud
    assert (clean["rgb_map"] != noisy["rgb_map"]).mean() > 0.5
    assert not np.array_equal(clean["height_map"], noisy["height_map"])


def test_parts_speak_and_listen() -> None:
    parts = {"success": "oracle", "skills": "oracle", "captions": "oracle"}
    env = gymnasium.make(
        "longhaul/LoHoRavens-v0", observations=["rgb_map"], fast_motion=True, parts=parts
    )
    ours: Any = env.unwrapped
    episode = next(e for e in ours.episodes("seen", 5, 0) if e.start["task"] == TASK)
    observation, _ = env.reset(options={"episode": episode})
    assert env.observation_space.contains(observation)
    assert set(observation) == {"rgb_map", "caption", "caption_length", "success"}
    caption = decode("caption", observation)
    assert caption == ours.caption() and 20 < len(caption) < CAPTION_SIZE
    mover, bowl = episode.subtasks[0].goal["movers"][0], episode.subtasks[0].goal["targets"][0]
    text = json.dumps({"pick": mover, "place": bowl})
    action = encode("skill", text, SKILL_SIZE)
    assert env.action_space.contains(action)
    observation, reward, _, _, info = env.step(action)
    assert reward > 0 and observation["success"] == 1 and info["refusal"] == ""
    assert decode("caption", observation) == ours.caption() != caption
    before = ours.state()
    nonsense = encode("skill", "please\xff tidy up", SKILL_SIZE)
    observation, reward, terminated, _, info = env.step(nonsense)
    assert info["refusal"].startswith("malformed") and not (info["executed"] or terminated)
    assert observation["success"] == 0 and reward == 0 and ours.state() == before
    env.close()


def test_success_tells_what_fell_from_what_arrived() -> None:
    for drop, arrived in ((0.0, 1), (1.0, 0)):
        env = gymnasium.make(
            "longhaul/LoHoRavens-v0",
            observations=["rgb_map"],
            tasks=[TASK],
            fast_motion=True,
            perturb={"drop": drop},
            parts={"success": "oracle", "expert": "act"},
        )
        ours: Any = env.unwrapped
        observation, _ = env.reset(options={"episode": ours.episodes("seen", 1, 0)[0]})
        assert observation["success"].tolist() == [0]
        observation, _, _, _, info = env.step(NOTHING)
        assert observation["success"].tolist() == [arrived]
        assert info["grasped"] and info["executed"] == bool(arrived)
        assert set(info["executed_action"]) == {"pose0", "pose1"}
        env.close()


def test_expert_labels_are_one_vector() -> None:
    env = gymnasium.make(
        "longhaul/LoHoRavens-v0", observations=["rgb_map"], parts={"expert": "label"}
    )
    ours: Any = env.unwrapped
    episode = ours.episodes("seen", 1, 0)[0]
    observation, _ = env.reset(options={"episode": episode})
    label = observation["expert_action"]
    assert env.observation_space.contains(observation) and label.shape == (14,)
    expert = ours.expert()
    expert.reset(episode.seed)
    action = expert.act()
    np.testing.assert_array_equal(label, np.concatenate([action["pose0"], action["pose1"]]))
    env.close()


def test_skills_and_expert_do_not_mix_and_hooks_are_asked_for() -> None:
    with pytest.raises(ConfigError, match="leave out skills or expert"):
        module.make(parts={"skills": "oracle", "expert": "act"})
    with pytest.raises(ConfigError, match=r"captions=oracle: this env does not offer it"):
        gymnasium.make("longhaul/Calvin-v0", parts={"captions": "oracle"})
