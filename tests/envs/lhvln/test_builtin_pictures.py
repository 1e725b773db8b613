"""Pictures of the built-in simulator do not depend on what was looked at before."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from longhaul.envs.lhvln.builtin import BuiltinSimulator
from longhaul.envs.lhvln.simulator import Cameras, Picture
from longhaul.navgen.houses.export import write_house
from tests.navgen.houses.made import small_house


def equal(ours: dict[str, Picture], theirs: dict[str, Picture]) -> bool:
    pairs = [(ours[name], picture) for name, picture in theirs.items()]
    kinds = ("rgb", "depth", "ids")
    return all(np.array_equal(getattr(a, k), getattr(b, k)) for a, b in pairs for k in kinds)


def test_pictures_on_a_way_equal_those_of_a_simulator_that_was_never_elsewhere(
    tmp_path: Path,
) -> None:
    """The robot turns, moves into another room, and looks from the height of another robot."""
    write_house(small_house(), tmp_path / "small")
    cameras = Cameras(32, 90.0, True, True)
    house = BuiltinSimulator(tmp_path / "small", cameras)
    views, rng = [], np.random.default_rng(0)
    for _ in range(6):  # the first one is upstairs, from where least is to be seen
        house.set_pose(house.navigation.random_point(rng), 1.0)
        views.append((house.pose, house.camera_height, house.observe()))
    for motion in ("turn_left", "move_forward", "turn_right", "turn_right", "move_forward"):
        house.act(motion)  # type: ignore[arg-type]
        views.append((house.pose, house.camera_height, house.observe()))
    house.camera_height = 1.0
    views.append((house.pose, house.camera_height, house.observe()))
    house.close()
    fresh = BuiltinSimulator(tmp_path / "small", cameras)
    for pose, height, seen in views[::-1]:
        fresh.set_pose(pose.position, pose.yaw)
        fresh.camera_height = height
        for drawing in fresh._drawings:
            drawing._eye = None
        assert equal(seen, fresh.observe())
    fresh.close()
