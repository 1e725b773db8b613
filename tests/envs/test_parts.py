"""The worker part that looks on: what a labeler saw comes with the end of the episode."""

from __future__ import annotations

import numpy as np
import pytest

from longhaul.envs.hooks import Window
from longhaul.envs.parts import with_parts
from longhaul.errors import ConfigError
from tests.toy import ToyEnv, toy_episode


class Counting:
    """Saw one thing, over all frames that it looked at."""

    def __init__(self) -> None:
        self.seen = 0

    def look(self) -> None:
        self.seen += 1

    def windows(self, seed: int) -> list[Window]:
        return [Window(0, self.seen, f"seed {seed}", "look on")]


class Labeled(ToyEnv):
    def labeler(self) -> Counting:
        return Counting()


def test_an_env_without_a_labeler_says_so() -> None:
    with pytest.raises(ConfigError, match=r"this env does not offer it .*Labels"):
        with_parts(ToyEnv(), {"labels": "windows"})


def test_the_labeler_sees_every_state_once_and_reports_at_the_end() -> None:
    env = with_parts(Labeled(), {"labels": "windows"})
    for episode in (toy_episode("test", 3), toy_episode("test", 4)):
        _, info = env.reset(seed=episode.seed, options={"episode": episode})
        steps, over = 0, False
        while not over:
            assert "windows" not in info
            _, _, terminated, truncated, info = env.step(np.zeros(2, np.float32))
            steps, over = steps + 1, terminated or truncated
        assert info["windows"] == [Window(0, steps + 1, f"seed {episode.seed}", "look on")]
