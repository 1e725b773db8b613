"""Two CALVIN tasks, jogged, from the recorder to the reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longhaul.commands.record import main
from longhaul.demos.open import open_source
from longhaul.envs.calvin.env import CalvinEnv

ARGUMENTS = (
    *("env=calvin", "policy=noisy_expert", "env.play_length=2", "env.subtask_steps=240"),
    *("policy.share=0.5", "policy.position=0.2", "env.randomize=light"),
    *("episodes=1", "workers=1", "videos=0", "sheet=0"),
)


def test_two_tasks_come_back_as_they_were_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*ARGUMENTS, "out=demos"]) == 0
    source = open_source(Path("demos"))
    assert len(source) == 1
    found = source.trajectory(0)
    env = CalvinEnv(randomize="light", play_length=2)
    (episode,) = env.episodes("play", 1, 0)
    assert found.episode == episode
    assert [s.name for s in found.segments] == [s.name for s in episode.subtasks]
    assert found.segments[0].stop == found.segments[1].start
    assert found.segments[1].stop == len(found)

    executed, label = found.executed, found.actions
    assert executed is not None
    jogged = np.any(np.abs(executed - label)[:, :6] > 1e-6, axis=1)
    assert 0.2 < jogged.mean() < 0.8
    np.testing.assert_array_equal(executed[:, 6], label[:, 6])
    assert set(np.unique(label[:, 6])) <= {-1.0, 1.0} and np.abs(executed).max() <= 1.0

    # What the env does upon the executed actions is what was stored, picture for picture.
    pictures = {name: source.frames(0, name) for name in ("rgb_static", "rgb_gripper")}
    observation, _ = env.reset(options={"episode": episode})
    for step in range(60):
        np.testing.assert_array_equal(observation["robot_obs"], found.states["robot_obs"][step])
        for name, frames in pictures.items():
            error = np.abs(next(frames).astype(int) - observation[name])
            assert error.mean() < 1.5 and np.quantile(error, 0.99) <= 6
        observation, *_ = env.step(executed[step])
    env.close()
