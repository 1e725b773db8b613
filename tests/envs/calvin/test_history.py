"""A kept world: calvin_env's way to reset, in which the rollouts before matter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from longhaul.envs.calvin import bodies, panda
from longhaul.envs.calvin.env import CalvinEnv
from longhaul.envs.calvin.history import HISTORIES, History, Past
from longhaul.envs.calvin.initial_states import START_ROBOT_OBS
from longhaul.envs.calvin.lights import Lights
from longhaul.envs.calvin.scenes import BLOCK_Z_M, SCENES
from longhaul.envs.calvin.simulation import PlayTable
from longhaul.errors import ConfigError

PARKED = SCENES["D"].parked()
HEAP = (
    0.05,
    -0.1,
    0.46,
    0.0,
    0.0,
    0.3,
    0.1,
    -0.1,
    0.46,
    0.0,
    0.0,
    1.0,
    0.05,
    -0.1,
    0.505,
    0,
    0,
    0.2,
)
"""Poses of three blocks, one on top of two that overlap a little."""

STARTS = (PARKED, (*PARKED[:6], *HEAP), (*PARKED[:6], *HEAP), PARKED)
"""Starts of one rollout after another."""


LAST_COMMAND = 14
"""The index in robot_obs of the gripper's last command, which a kept world keeps."""


def press() -> NDArray[np.float64]:
    """Return actions (25, 7): closed fingers down onto the table's edge, jammed there."""
    steps = np.zeros((25, 7))
    steps[:, 1], steps[:, 2], steps[:, 6] = 0.4, -0.7, -1.0
    return steps


def rollout(table: PlayTable, start: tuple[float, ...]) -> NDArray[np.float64]:
    table.reset(START_ROBOT_OBS, start)
    trace = [np.concatenate([table.robot_obs(), table.scene_obs()])]
    for action in press():
        table.step(action)
        trace.append(np.concatenate([table.robot_obs(), table.scene_obs()]))
    return np.array(trace)


@pytest.fixture
def made() -> Iterator[Any]:
    tables: list[PlayTable] = []

    def make(history: History) -> PlayTable:
        tables.append(PlayTable("D", history=history))
        return tables[-1]

    yield make
    for table in tables:
        table.close()


def test_a_kept_world_differs_by_the_rollouts_before_alone(made: Any) -> None:
    anew, kept, again = made("anew"), made("kept"), made("kept")
    alone = [rollout(anew, start) for start in STARTS]
    np.testing.assert_array_equal(alone[2], alone[1])
    there = [rollout(kept, start) for start in STARTS]
    np.testing.assert_array_equal(there[0], alone[0], "nothing came before the first one")
    assert np.abs(there[1] - alone[1]).max() > 1e-3, "another order in which contacts are solved"
    for kept_one, alone_one in zip(there, alone, strict=True):
        shown = [np.delete(one[0], LAST_COMMAND) for one in (kept_one, alone_one)]
        np.testing.assert_allclose(*shown, atol=0.05, err_msg="the same start")
    assert (kept.past.rollouts, anew.past.rollouts) == (3, 0)
    for start, expected in zip(STARTS, there, strict=True):
        np.testing.assert_array_equal(rollout(again, start), expected)
    assert again.past.digest == kept.past.digest != anew.past.digest


def test_the_past_is_told_by_starts_and_actions_in_their_order() -> None:
    def past(*what: object) -> tuple[int, str]:
        past = Past()
        for entry in what:
            past.begin(entry) if isinstance(entry, str) else past.advance(entry)
        return past.rollouts, past.digest

    assert past("a") == past("b") and past("a")[0] == 0, "the present rollout is not the past"
    assert past("a", (1.0,), "b") == past("a", (1.0,), "c", (2.0,)) and past("a", "b")[0] == 1
    others = {past("a", (1.0,), "b"), past("a", "b"), past("b", (1.0,), "b"), past("a", "a", "b")}
    assert len(others) == 4


@pytest.mark.parametrize(("history", "command"), [("anew", 1), ("kept", -1)])
def test_calvin_env_keeps_the_grippers_last_command_over_a_reset(
    made: Any, history: History, command: int
) -> None:
    table = made(history)
    for start in (START_ROBOT_OBS, None):
        table.reset(start)
        first = table.robot_obs()[14]
        table.step([0, 0, 0, 0, 0, 0, -1])
        table.reset(start)
        assert table.robot_obs()[14] == command and table.robot_obs()[6] > 0.07
        assert first == 1 or (history == "kept" and start is None)


def test_a_kept_world_has_no_snapshots(made: Any) -> None:
    kept, anew = made("kept"), made("anew")
    kept.reset()
    anew.reset()
    for act in (kept.snapshot, lambda: kept.restore(anew.snapshot())):
        with pytest.raises(RuntimeError, match=r"env.history=kept has no snapshots.*history=anew"):
            act()


def test_a_button_that_was_down_at_a_reset_is_not_pressed_by_it() -> None:
    """calvin_env's Button.reset leaves prev_is_pressed as it is."""
    lights = Lights(button_threshold=0.01, switch_threshold=0.044)
    lights.update(0.02, 0.088)
    lights.reset(lightbulb=0, led=0)
    lights.update(0.02, 0.088)
    assert (lights.led, lights.lightbulb) == (0, 1)


def test_blocks_are_loaded_where_seed_0_of_calvin_env_draws_them() -> None:
    """The first numbers are those that numpy draws with seed 0: a change of its stream shows."""
    position, euler = SCENES["D"].spawned()[0]
    assert position == [-0.0014383915225033503, 0.052868146675533634, BLOCK_Z_M]
    assert euler == [0.0, 0.0, 0.6700123395200417]
    for scene in SCENES.values():
        low = min(scene.table_x[0], scene.slider_left_x[0])
        high = max(scene.table_x[1], scene.slider_right_x[1])
        assert all(low <= place[0] <= high for place, _ in scene.spawned())


def test_the_arm_is_at_rest_before_the_table_is_loaded(
    made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in calvin_env's Robot.load: where the arm is at that time changes contacts later."""
    table, load, seen = made("anew"), bodies.load_table, []

    def watched(*arguments: Any) -> Any:
        seen.append(table.robot.joint_positions(panda.ARM.joints))
        return load(*arguments)

    monkeypatch.setattr(bodies, "load_table", watched)
    table.reset()
    assert seen == [list(panda.ARM.rest)]


def test_what_an_env_says_of_its_history() -> None:
    with pytest.raises(ConfigError, match=r"env.history=new .*anew, kept"):
        CalvinEnv(history="new")  # type: ignore[arg-type]
    said = {}
    for history in HISTORIES:
        env = CalvinEnv(history=history, observations=["robot_obs"])
        said[history] = env.beside(), env.remembers(), env.remarks("D")
    assert said["anew"] == ({}, "", [])
    beside, remembers, (remark,) = said["kept"]
    assert beside == {"history": "kept"} and remembers == "env.history=kept"
    assert remark.startswith("env.history=kept: ")


@pytest.mark.parametrize(("history", "told"), [("anew", [None, None]), ("kept", [0, 1])])
def test_each_record_names_how_many_rollouts_came_before(
    history: History, told: list[int | None]
) -> None:
    env = CalvinEnv(history=history, observations=["robot_obs"])
    endings = []
    for episode in env.episodes("D", 2, 0):
        _, info = env.reset(options={"episode": episode})
        endings.append(info.get("ending", {}).get("history", {}))
    assert [ending.get("rollouts") for ending in endings] == told
    if history == "kept":
        assert len({ending["hash"] for ending in endings}) == 2
    env.close()
