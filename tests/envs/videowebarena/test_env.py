"""Browser tasks as an env: the oracle solves each template, doing nothing solves none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from longhaul.envs.episode import Episode
from longhaul.envs.text import decode, encode
from longhaul.envs.videowebarena.conventions import ACTION_BYTES
from longhaul.envs.videowebarena.env import VideoWebArenaEnv
from longhaul.errors import ConfigError
from longhaul.evaluation.loop.task import open_task
from longhaul.evaluation.records.code import made_with
from longhaul.webagents.generator.generate import SKILL_TEMPLATES
from tests.shared import data

NAMES = [f"{template.site}-{template.name}" for template in SKILL_TEMPLATES]


@pytest.fixture(scope="module")
def env() -> Iterator[VideoWebArenaEnv]:
    made = VideoWebArenaEnv(hang_s=120.0)
    yield made
    made.close()


@pytest.fixture(scope="module")
def by_template(env: VideoWebArenaEnv) -> dict[str, Episode]:
    """One episode of every template, in the templates' order."""
    found: dict[str, Episode] = {}
    for episode in env.episodes("test", None, seed=5):
        task = episode.start["task"]
        found.setdefault(f"{task['sites'][0]}-{task['comments']}", episode)
    return found


def say(text: str) -> dict[str, Any]:
    return encode("action", text, ACTION_BYTES)


def play(env: VideoWebArenaEnv, episode: Episode) -> tuple[float, dict[str, Any]]:
    """Let the oracle act; return the last reward and info."""
    env.reset(options={"episode": episode})
    return act(env, episode)


def act(env: VideoWebArenaEnv, episode: Episode) -> tuple[float, dict[str, Any]]:
    expert = env.expert()
    expert.reset(episode.seed)
    while True:
        _, reward, terminated, truncated, info = env.step(expert.act())
        if terminated or truncated:
            return reward, info


def is_solved(env: VideoWebArenaEnv) -> bool:
    """Say whether an episode would count as solved if it ended now, without an answer."""
    session, _ = env._running()
    found = env._look_back(session, "")
    return all(env._referee.decide(env._task, found).values())


@pytest.mark.parametrize("name", NAMES)
def test_the_oracle_solves_every_template_and_doing_nothing_none(
    env: VideoWebArenaEnv, by_template: dict[str, Episode], name: str
) -> None:
    episode = by_template[name]
    env.reset(options={"episode": episode})
    assert not is_solved(env), episode.instruction
    reward, info = act(env, episode)
    assert reward == 1.0, episode.instruction
    assert all(outcome.success for outcome in info["outcomes"]), info["outcomes"]
    steps = [outcome.end_step for outcome in info["outcomes"]]
    assert steps == sorted(steps) and steps[-1] == sum(s.gt_steps for s in episode.subtasks)


@pytest.mark.parametrize("name", NAMES[:2])
def test_stopping_at_once_is_a_failure(
    env: VideoWebArenaEnv, by_template: dict[str, Episode], name: str
) -> None:
    env.reset(options={"episode": by_template[name]})
    _, reward, terminated, _, info = env.step(say("stop []"))
    assert terminated and reward == 0.0 and not info["outcomes"][-1].success


def test_one_episode_leaves_nothing_to_the_next(env: VideoWebArenaEnv) -> None:
    episode = env.episodes("test", 1, seed=0)[0]
    trees = []
    for _ in range(2):
        observation, _ = env.reset(options={"episode": episode})
        trees.append(decode("tree", observation))
        play(env, episode)
    assert trees[0] == trees[1] and "My Cart" in trees[0]


def test_what_cannot_be_done_is_feedback_and_the_episode_goes_on(env: VideoWebArenaEnv) -> None:
    env.reset(options={"episode": env.episodes("test", 1, seed=0)[0]})
    for text, problem in [
        ("dance", "no action in 'dance'"),
        ("click [9999]", "no such element"),
        ("goto [http://example.com]", "not an allowed address"),
        ("goto [http://127.0.0.1]", "not an allowed address"),
    ]:
        observation, reward, terminated, truncated, _ = env.step(say(text))
        assert problem in decode("feedback", observation)
        assert (reward, terminated, truncated) == (0.0, False, False)


def test_out_of_steps_is_scored_too() -> None:
    """As published: an episode that never stops counts by what it did."""
    made = VideoWebArenaEnv(max_steps=1, hang_s=120.0)
    made.reset(options={"episode": made.episodes("test", 1, seed=0)[0]})
    _, reward, terminated, truncated, info = made.step(say("none"))
    assert (reward, terminated, truncated) == (0.0, False, True)
    assert info["outcomes"][0].end_step == 1
    with pytest.raises(RuntimeError, match="is over"):
        made.step(say("none"))
    made.close()


@pytest.mark.golden
def test_official_files_are_splits_without_their_defective_tasks() -> None:
    urls = {name: f"http://{name}.localhost" for name in ("shopping", "reddit", "gitlab")}
    made = VideoWebArenaEnv(tasks=str(data("videowebarena")), sites=urls)
    assert made.conventions.splits == ("test_gitlab", "test_reddit", "test_shopping")
    counts = {s: len(made.episodes(s, None, 0)) for s in made.conventions.splits}
    assert counts == {"test_gitlab": 70, "test_reddit": 86, "test_shopping": 119}
    episode = made.episodes("test_shopping", 1, 0)[0]
    assert episode.start["task"]["start_url"] == "http://shopping.localhost"
    assert Episode.from_json(json.loads(json.dumps(episode.to_json()))) == episode


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"tasks": "/no/folder"}, "no task files"),
        ({"rules": "mine"}, "valid: videowa-2024"),
        ({"observations": ["smell"]}, "env.observations=smell is unknown"),
        ({"max_steps": 0}, "at least 1"),
        ({"chromium": "/no/chromium"}, "apt-get install chromium-headless-shell"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as raised:
        VideoWebArenaEnv(**options)
    assert "\n" not in str(raised.value)


def test_a_broken_task_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "test.json").write_text('[{"intent": "x", "eval"')
    with pytest.raises(ConfigError, match=r"test\.json is no JSON"):
        VideoWebArenaEnv(tasks=str(tmp_path)).episodes("test", None, 0)


def test_the_browsers_version_belongs_to_what_made_a_record(tmp_path: Path) -> None:
    for name, version in (("one", "Chromium 1.2.3"), ("other", "Chromium 1.2.4")):
        browser = tmp_path / name
        browser.write_text(f"#!/bin/sh\necho '{version} '\n")
        browser.chmod(0o755)
        task = open_task(
            {"id": "longhaul/VideoWebArena-v0", "chromium": str(browser)}, {}, None, 1, 0
        )
        assert task.versions == {"chromium": version}
        assert made_with(None, [], [], task.versions).packages["chromium"] == version
    (tmp_path / "other").write_text("no program")
    assert VideoWebArenaEnv(chromium=str(tmp_path / "other")).versions() == {"chromium": ""}
