"""The video of an episode: found by its name, never outside of its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from longhaul.envs.episode import Episode, Subtask
from longhaul.envs.videowebarena.conventions import conventions
from longhaul.envs.videowebarena.env import VideoWebArenaEnv
from longhaul.envs.videowebarena.episodes import BUILTIN_TASK_SETS, Source
from longhaul.envs.videowebarena.videos import Videos
from longhaul.envs.videowebarena.world import LOCAL_URLS, RemoteWorld
from longhaul.errors import ConfigError
from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.errors import VideoError
from longhaul.webagents.tutorials.library import Library
from longhaul.webagents.tutorials.script import Script

NOBODY = cast(Browser, None)
"""No browser: none of these is recorded."""


def official(video: Any) -> Episode:
    start = {"task": {"video": video}, "legs": []}
    return Episode("e", 0, "do it", (Subtask("task", "do it", 30),), start)


@pytest.fixture
def world() -> RemoteWorld:
    return RemoteWorld({"shopping": "http://shop.example"}, None, None)


@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".webm"])
def test_an_official_video_is_found_by_its_name(
    tmp_path: Path, world: RemoteWorld, suffix: str
) -> None:
    (tmp_path / f"add_to_wishlist{suffix}").write_bytes(b"")
    found = Videos(tmp_path).find(official("add_to_wishlist"), world, NOBODY)
    assert found == str((tmp_path / f"add_to_wishlist{suffix}").resolve())


def test_a_task_without_a_video_has_none(tmp_path: Path, world: RemoteWorld) -> None:
    assert Videos(tmp_path).find(official(""), world, NOBODY) == ""


@pytest.mark.parametrize("name", ["gone", "../secret", "/etc/passwd"])
def test_a_missing_video_is_said_in_one_line(tmp_path: Path, world: RemoteWorld, name: str) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    (tmp_path / "secret.mp4").write_bytes(b"")
    with pytest.raises(VideoError, match=r"env\.videos=") as caught:
        Videos(folder).find(official(name), world, NOBODY)
    assert "\n" not in str(caught.value)


def test_sites_elsewhere_record_nothing(tmp_path: Path, world: RemoteWorld) -> None:
    episode = Source("builtin-factual", LOCAL_URLS).episodes("test", 1, 0)[0]
    with pytest.raises(VideoError, match=r"recorded with env\.sites=null"):
        Videos(tmp_path).find(episode, world, NOBODY)
    path = Library(tmp_path).path(Script.from_json(episode.start["script"]))
    path.write_bytes(b"")
    path.with_suffix(".json").write_text("{}")
    assert Videos(tmp_path).find(episode, world, NOBODY) == str(path.resolve())


def test_episodes_of_every_set_say_their_video() -> None:
    for name in BUILTIN_TASK_SETS:
        for episode in Source(name, LOCAL_URLS).episodes("test", 12, 0):
            script = Script.from_json(episode.start["script"])
            assert episode.start["task"]["video"] == script.name
            assert Episode.from_json(episode.to_json()) == episode


def test_other_sites_have_other_tasks() -> None:
    here, there = (
        [e.instruction for e in Source("builtin", LOCAL_URLS, seed).episodes("test", 8, 0)]
        for seed in (0, 1)
    )
    assert here != there


def test_a_folder_of_videos_makes_them_an_observation() -> None:
    names = {
        state.name for state in conventions(("tree", "video"), 8, 8, ("test",)).observation.states
    }
    assert {"video", "video_length"} <= names
    with pytest.raises(ConfigError, match=r"env\.videos=FOLDER"):
        VideoWebArenaEnv(observations=("tree", "video"))
