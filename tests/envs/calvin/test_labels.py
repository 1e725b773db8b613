"""The auto-labeler on the expert's play: it names what was done, and where."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from longhaul.envs.calvin.env import CalvinEnv
from longhaul.envs.calvin.labels import OFFICIAL_NAMES, WINDOW_FRAMES, label
from longhaul.envs.calvin.simulation import PlayTable
from longhaul.envs.calvin.state import SceneState
from longhaul.envs.calvin.tasks import detect

Play = tuple[list[SceneState], list[tuple[Any, Any]], tuple[Any, ...], Any]


@cache
def play() -> Play:
    """Return an episode of play: its states, its observations, what was done, the episode."""
    env = CalvinEnv(observations=["robot_obs", "scene_obs"], play_length=12, subtask_steps=240)
    episode = env.episodes("play", 2, 0)[1]
    seen, info = env.reset(options={"episode": episode})
    expert = env.expert()
    expert.reset(episode.seed)
    states, shown = [env.table.state()], [(seen["robot_obs"], seen["scene_obs"])]
    over = False
    while not over:
        seen, _, terminated, truncated, info = env.step(expert.act())
        states.append(env.table.state())
        shown.append((seen["robot_obs"], seen["scene_obs"]))
        over = terminated or truncated
    env.close()
    return states, shown, info["outcomes"], episode


def test_windows_are_short_apart_and_the_same_for_a_seed() -> None:
    states = play()[0]
    windows = label(states, seed=0)
    assert windows == label(states, seed=0)
    assert len(windows) >= 3
    for window in windows:
        assert 33 <= window.stop - window.start <= WINDOW_FRAMES
    for before, after in pairwise(windows):
        assert after.start >= before.stop


def test_a_window_does_the_task_it_is_named_after() -> None:
    states, _, outcomes, _ = play()
    truly = {o.name: (o.start_step, o.end_step) for o in outcomes if o.success}
    hits = 0
    windows = label(states, seed=0)
    for window in windows:
        assert window.name in detect(states[window.start], states[window.stop - 1], OFFICIAL_NAMES)
        began, ended = truly.get(window.name, (10**6, 10**6))
        hits += began <= window.stop - 1 and window.start <= ended
    assert hits >= 0.7 * len(windows)  # the rest moved a block on the way to something else


def test_labels_from_resets_agree() -> None:
    """The original resets its simulator to each stored frame; most windows are the same."""
    states, shown, _, episode = play()
    table = PlayTable(episode.start["scene"])

    class Resets:
        def __len__(self) -> int:
            return len(shown)

        def __getitem__(self, frame: int) -> SceneState:
            table.reset(*shown[frame])
            return table.state()

    ours, theirs = set(label(states, seed=3)), set(label(Resets(), seed=3))  # type: ignore[arg-type]
    table.close()
    print(f"{len(ours & theirs)} of {len(ours | theirs)} windows are the same")
    assert len(ours & theirs) >= 0.5 * len(ours | theirs)


def test_nothing_is_found_where_nothing_happens() -> None:
    states = play()[0]
    assert label(states[:1] * 200, seed=0) == []
    assert label(states[: WINDOW_FRAMES - 1], seed=0) == []


def test_the_env_offers_it() -> None:
    env = CalvinEnv(observations=["robot_obs"])
    with pytest.raises(RuntimeError, match="reset comes first"):
        env.labeler()
