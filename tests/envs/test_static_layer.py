"""Envs with a static layer against the same envs without one: what they show is equal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from longhaul.envs.calvin.env import CalvinEnv
from longhaul.envs.hooks import Discloses
from longhaul.envs.lohoravens.cameras import Cameras
from longhaul.envs.lohoravens.env import LoHoRavensEnv

PICTURES = ("rgb_static", "depth_static", "rgb_gripper", "depth_gripper", "robot_obs")


def require_equal(one: dict[str, Any], other: dict[str, Any], note: object) -> None:
    assert one.keys() == other.keys()
    for name in one:
        assert np.array_equal(one[name], other[name]), (name, note)


@pytest.mark.parametrize("randomize", ["none", "light_camera"])
def test_calvins_pictures_are_equal_with_a_layer_and_without(
    used: list[int], randomize: str
) -> None:
    """The expert opens the drawer and switches lights, over two episodes of one env."""
    envs = [
        CalvinEnv(
            static_layer=layer,
            observations=PICTURES,
            chain=["turn_on_led", "open_drawer"],
            randomize=randomize,
        )
        for layer in ("on", "off")
    ]
    shown = 0
    for episode in envs[0].episodes("D", 2, 0):
        seen = [env.reset(options={"episode": episode})[0] for env in envs]
        expert = envs[0].expert()
        expert.reset(episode.seed)
        for step in range(45):
            require_equal(*seen, (episode.id, step))
            action = expert.act()
            results = [env.step(action) for env in envs]
            seen = [result[0] for result in results]
            shown += 1
            if results[0][2] or results[0][3]:
                break
    assert len(used) > shown / 2
    for env in envs:
        env.close()


def test_lohoravens_pictures_are_equal_with_a_layer_and_without(used: list[int]) -> None:
    env = LoHoRavensEnv(observations=[], shadow="none")
    env.reset(options={"episode": env.episodes("seen", 1, 0)[0]})
    cameras = [Cameras("gl", "none", static_layer=layer) for layer in ("on", "off")]
    for one in cameras:
        one.begin(env.table, 0)
    thing = next(iter(env.table.bodies.values()))
    position, orientation = thing.pose()
    for step in range(15):
        thing.set_pose((*position[:2], position[2] + 0.01 * (step % 4)), orientation)
        one, other = (camera.take(env.table, ids=True) for camera in cameras)
        for name in one:
            require_equal(vars(one[name]), vars(other[name]), (name, step))
    assert len(used) >= 3 * 4
    for camera in cameras:
        camera.close()
    env.close()


def test_a_layer_that_cannot_be_stands_beside_the_results() -> None:
    assert isinstance(CalvinEnv(), Discloses)
    for shadow, layer, told in (
        ("soft", "on", {"static_layer": "off: env.shadow=soft"}),
        ("soft", "auto", {}),
        ("none", "on", {}),
        ("none", "off", {}),
    ):
        assert CalvinEnv(shadow=shadow, static_layer=layer).beside() == told
        assert LoHoRavensEnv(shadow=shadow, static_layer=layer).beside() == told
    tiny = CalvinEnv(renderer="bullet_tiny", static_layer="on")
    assert tiny.beside() == {"static_layer": "off: renderer bullet_tiny"}
    assert CalvinEnv(observations=["robot_obs"], shadow="soft", static_layer="on").beside() == {}
