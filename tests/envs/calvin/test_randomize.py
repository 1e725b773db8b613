"""Randomized pictures: the same for the same episode, different between episodes, natural."""

from __future__ import annotations

import numpy as np
import pytest

from longhaul.envs.calvin.env import CalvinEnv
from longhaul.envs.calvin.randomize import MAX_BRIGHTNESS, drawn_light
from longhaul.envs.episode import Episode
from longhaul.envs.render.light import Light
from longhaul.errors import ConfigError


def first_pictures(mode: str, order: list[int]) -> dict[int, np.ndarray]:
    env = CalvinEnv(randomize=mode, observations=["rgb_static"])
    episodes = env.episodes("D", 3, 0)
    same_start = [Episode(e.id, e.seed, "", e.subtasks, episodes[0].start) for e in episodes]
    found = {i: env.reset(options={"episode": same_start[i]})[0]["rgb_static"] for i in order}
    env.close()
    return found


@pytest.mark.parametrize("mode", ["light", "light_camera"])
def test_an_episode_looks_the_same_whatever_came_before(mode: str) -> None:
    there, back = first_pictures(mode, [0, 1, 2]), first_pictures(mode, [2, 1, 0])
    for i in range(3):
        np.testing.assert_array_equal(there[i], back[i])
    plain = first_pictures("none", [0])[0].astype(int)
    for picture in there.values():
        assert 1.0 < np.abs(picture - plain).mean() < 60.0


def test_lights_stay_within_what_a_room_has() -> None:
    lights = [drawn_light(Light(), seed) for seed in range(300)]
    assert len({light.direction for light in lights}) == 300
    for light in lights:
        bright = np.array(light.sky) + np.array(light.sun)
        assert bright.min() > 0.4 and max(light.sky) + max(light.sun) <= MAX_BRIGHTNESS + 1e-9
        assert light.direction[2] > 0
        assert light.shadow == Light().shadow and max(light.background) <= 1.0


def test_another_renderer_has_no_light_to_draw() -> None:
    with pytest.raises(ConfigError, match=r"env\.randomize=light needs renderer gl"):
        CalvinEnv(randomize="light", renderer="bullet_tiny").provenance()
    with pytest.raises(ConfigError, match=r"env\.randomize=dark is unknown; valid: none, light"):
        CalvinEnv(randomize="dark")
