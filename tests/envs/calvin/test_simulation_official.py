"""The play table on calvin_env's own assets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
import pytest
from numpy.typing import NDArray

from longhaul.envs.calvin.fingertip import lacks_fingertip, robot_urdf
from longhaul.envs.calvin.initial_states import START_ROBOT_OBS
from longhaul.envs.calvin.simulation import PlayTable
from tests.shared import data, golden

pytestmark = pytest.mark.golden


@pytest.fixture(scope="module")
def table() -> Iterator[PlayTable]:
    made = PlayTable("D", data("calvin_env"))
    yield made
    made.close()


def test_a_reset_without_numbers_shows_the_official_values(table: PlayTable) -> None:
    table.reset()
    np.testing.assert_allclose(table.robot_obs(), START_ROBOT_OBS, rtol=0, atol=1e-5)


def test_a_missing_fingertip_is_put_in(table: PlayTable) -> None:
    folder = data("calvin_env")
    if not lacks_fingertip(folder):
        assert robot_urdf(folder).is_relative_to(folder.resolve())
        return
    completed = robot_urdf(folder).read_text()
    assert "digit_gel_only" not in completed and "package://" not in completed
    table.reset()
    links = table.robot.links
    assert [links[name] for name in ("finger_left_tip", "finger_right_tip", "tcp")] == [10, 12, 15]


@pytest.mark.parametrize("later", [1, 20])
def test_a_snapshot_is_exact_while_fingers_jam_a_button(table: PlayTable, later: int) -> None:
    """Nothing magnifies a difference like closed fingers pressed on compound meshes."""
    with np.load(golden("calvin_env_D.npz")) as file:
        start = file["r2_reset_robot_obs"], file["r2_reset_scene_obs"]
        actions = iter(file["r2_actions"])

    def run(part: Iterable[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
        trace = []
        for action in part:
            table.step(action)
            trace.append(np.concatenate([table.robot_obs(), table.scene_obs()]))
        return trace

    table.reset(*start)
    while not table.state().robot_contacts:
        run([next(actions)])
    run(islice(actions, later))
    taken = table.snapshot()
    rest = list(islice(actions, 20))
    expected = run(rest)
    table.restore(taken)
    np.testing.assert_array_equal(run(rest), expected)
