"""A target is hidden where no camera of the robot shows a pixel of it as its leg begins."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from longhaul.envs.lhvln.simulator import Simulator
from longhaul.envs.lhvln.targets import find_target
from longhaul.navgen.houses.export import write_house
from longhaul.navgen.open import open_scene
from longhaul.navgen.tasks.task import Reject, Task
from longhaul.navgen.trajectories.hidden import require_hidden
from longhaul.navgen.trajectories.leg import Leg
from tests.navgen.houses.made import small_house

TASK = Task("small", "go to the sofa", (), "spot", ())
BESIDE = (1.33, 0.0, 4.5)
"""The sofa is 1.7 m from here, along x."""

LIVING_ROOM, BEDROOM = 0, 3


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder = tmp_path_factory.mktemp("hidden") / "small"
    write_house(small_house(), folder)
    simulator = open_scene(folder)
    yield simulator
    simulator.close()


def leg(yaw: float) -> Leg:
    return Leg(("stop",), ((*BESIDE, yaw), (*BESIDE, yaw)), 1.0)


@pytest.mark.parametrize("turn", range(12))
def test_three_cameras_see_seven_twelfths_of_the_horizon(house: Simulator, turn: int) -> None:
    sofa = find_target(house, {"category": "sofa", "room": LIVING_ROOM})
    yaw = -np.pi / 2 + turn * np.pi / 6
    if 4 < turn < 8:  # more than 105 degrees, and the sofa's own width
        require_hidden(house, TASK, [leg(yaw)], [sofa])
    elif not 3 < turn < 9:
        with pytest.raises(Reject, match="in_view: the target of leg 1 is in view") as caught:
            require_hidden(house, TASK, [leg(yaw)], [sofa])
        assert caught.value.reason == "in_view"


def test_each_leg_has_its_own_target(house: Simulator) -> None:
    sofa = find_target(house, {"category": "sofa", "room": LIVING_ROOM})
    bed = find_target(house, {"category": "bed", "room": BEDROOM})
    toward = leg(-np.pi / 2)
    require_hidden(house, TASK, [toward, toward], [bed, None])
    with pytest.raises(Reject, match="leg 2"):
        require_hidden(house, TASK, [toward, toward], [bed, sofa])
