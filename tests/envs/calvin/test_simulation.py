"""The play table, on the assets built by code."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pybullet
import pytest
from numpy.typing import NDArray

from longhaul.envs.calvin.assets import build
from longhaul.envs.calvin.initial_states import START_ROBOT_OBS
from longhaul.envs.calvin.scenes import SCENES
from longhaul.envs.calvin.simulation import PlayTable
from longhaul.errors import ConfigError

# spec of calvin_env: what a reset without numbers shows.
RESET_TCP = [0.0259, -0.2313, 0.5713, 3.0905, -0.0291, 1.5001]
RESET_JOINTS = [-1.2178, 1.0399, 2.1198, -2.3421, -0.8702, 1.6412, 0.5534]


@pytest.fixture(scope="module")
def table() -> Iterator[PlayTable]:
    made = PlayTable("D")
    yield made
    made.close()


def grab() -> NDArray[np.float64]:
    """Return actions (60, 7): down onto the first of the parked blocks, grasp, sway, lift."""
    steps = np.zeros((60, 7))
    steps[:, 6] = 1.0
    steps[:22, 0] = (0.0583 - 0.0259) / 0.02 / 22
    steps[:22, 1] = (-0.09 + 0.2313) / 0.02 / 22
    steps[:22, 2] = (0.462 - 0.5713) / 0.02 / 22
    steps[26:, 6] = -1.0
    steps[34:46, 1] = 0.3
    steps[46:, 2] = 0.5
    return steps


def run(table: PlayTable, actions: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    trace = []
    for action in actions:
        table.step(action)
        trace.append(np.concatenate([table.robot_obs(), table.scene_obs()]))
    return trace


@pytest.mark.parametrize("scene", SCENES)
def test_a_reset_without_numbers_shows_the_specified_values(scene: str) -> None:
    table = PlayTable(scene)
    table.reset()
    robot, world = table.robot_obs(), table.scene_obs()
    np.testing.assert_allclose(robot[:6], RESET_TCP, atol=6e-5)
    np.testing.assert_allclose(robot[7:14], RESET_JOINTS, atol=6e-5)
    assert robot[6] == pytest.approx(0.08, abs=1e-6) and robot[14] == 1
    np.testing.assert_allclose(robot, START_ROBOT_OBS, atol=1e-5)
    np.testing.assert_array_equal(world[:6], 0)
    np.testing.assert_allclose(world[[8, 14, 20]], 0.46, atol=1e-4)
    # Blocks come in the scene's own order, and settle where they were put.
    for index, color in enumerate(SCENES[scene].blocks):
        position, _ = table.blocks[color].pose()
        np.testing.assert_array_equal(world[6 + 6 * index : 9 + 6 * index], position)
    before = world
    for _ in range(10):
        table.step([0, 0, 0, 0, 0, 0, 1])
    np.testing.assert_allclose(table.scene_obs(), before, atol=1e-3)
    table.close()


def test_resets_to_numbers(table: PlayTable) -> None:
    robot, world = np.array(START_ROBOT_OBS), np.array(SCENES["D"].parked())
    robot[6], robot[14] = 0.03, -1
    robot[7] += 0.2
    world[:6] = 0.2, 0.15, 0.0, 0.088, 1, 1
    world[6:12] = 0.1, -0.1, 0.46, 0.0, 0.0, 0.7
    table.reset(robot, world)
    np.testing.assert_allclose(table.robot_obs()[6:], robot[6:], atol=1e-4)
    np.testing.assert_allclose(table.scene_obs(), world, atol=1e-4)


def test_same_start_same_actions_same_states_bit_for_bit(table: PlayTable) -> None:
    actions = grab()
    table.reset()
    expected = run(table, actions)
    state = table.state()
    assert state.blocks["red"].touched_bodies == {table.robot.uid}, "the block must be in the grip"
    assert state.blocks["red"].position[2] > 0.5
    run(table, actions[::-1])
    table.reset()
    again = run(table, actions)
    np.testing.assert_array_equal(again, expected)
    another = PlayTable("D")
    another.reset()
    np.testing.assert_array_equal(run(another, actions), expected)
    another.close()


@pytest.mark.parametrize("moment", [24, 30, 48])
def test_a_snapshot_is_exact_in_the_middle_of_a_grasp(table: PlayTable, moment: int) -> None:
    actions = grab()
    table.reset()
    run(table, actions[:moment])
    taken = table.snapshot()
    expected = run(table, actions[moment:])
    state = table.state()
    table.restore(taken)
    np.testing.assert_array_equal(run(table, actions[moment:]), expected)
    assert table.state() == state


def test_the_past_cannot_be_changed_through_the_action(table: PlayTable) -> None:
    table.reset()
    action = np.array([0.5, 0, 0, 0, 0, 0, 1.0])
    table.step(action)
    before = table.snapshot()
    action[0] = -1
    assert table.snapshot() == before
    assert before.actions[0] == ("rel", (0.5, 0, 0, 0, 0, 0, 1.0))


def test_the_state_is_what_bullet_says(table: PlayTable) -> None:
    table.reset()
    run(table, grab()[:40])
    state, client = table.state(), table.world.client
    uids = [state.robot, state.table, *(block.body for block in state.blocks.values())]
    assert len(set(uids)) == 5
    for block in state.blocks.values():
        points = pybullet.getContactPoints(bodyA=block.body, physicsClientId=client)
        assert block.contacts == {(point[2], point[4]) for point in points}
        assert block.contacts
    points = pybullet.getContactPoints(bodyA=state.robot, physicsClientId=client)
    assert state.robot_contacts == {(point[2], point[4]) for point in points} != set()
    assert list(state.doors.values()) == table.scene_obs()[:2].tolist()
    for name in ("drawer_link", "slide_link", "plank_link", "switch_link", "button_link"):
        index = state.links[name]
        info = pybullet.getJointInfo(state.table, index, physicsClientId=client)
        assert info[12].decode() == name
    assert state.links["base_link"] == -1


def test_absolute_actions_name_a_pose(table: PlayTable) -> None:
    table.reset()
    goal = [0.1, -0.15, 0.55, 3.0905, -0.0291, 1.5001]
    for _ in range(60):
        table.step([*goal, 1], "abs")
    np.testing.assert_allclose(table.robot_obs()[:3], goal[:3], atol=3e-3)


def test_unknown_scenes_and_bad_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"env.scene=E .*A, B, C, D"):
        PlayTable("E")
    with pytest.raises(ConfigError, match="lacks franka_panda"):
        PlayTable("D", tmp_path)
    folder = tmp_path / "assets"
    shutil.copytree(build("D"), folder)
    table = folder / "calvin_table_D" / "urdf" / "calvin_table_D.urdf"
    text = table.read_text()
    table.write_text(text.replace("../meshes/", "../../../", 1))
    with pytest.raises(ConfigError, match="outside"):
        PlayTable("D", folder)
    table.unlink()
    with pytest.raises(ConfigError, match="lacks calvin_table_D"):
        PlayTable("D", folder)
    table.write_text(text)
    mesh = next((folder / "franka_panda" / "meshes" / "collision").glob("link1.*"))
    mesh.unlink()
    with pytest.raises(ConfigError, match=r"lacks .*link1"):
        PlayTable("D", folder)
