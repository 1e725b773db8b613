"""The play table against rollouts recorded from the official simulator with its own assets.

calvin_env ran a scene's rollouts one after another in one simulator and keeps the gripper's last
command over a reset: robot_obs[14] of a rollout's first row is the command that the rollout before
ended with, which is given to the reset here.

Where the asset folder lacks the official fingertip (see longhaul.envs.calvin.fingertip), rollouts
that jam the closed fingers against wood are followed only as long as they can be: after that, two
runs of our own simulator that start a microradian or a little more apart come apart just as fast.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from longhaul.envs.calvin.cameras import CAMERA_NAMES, Cameras
from longhaul.envs.calvin.fingertip import lacks_fingertip
from longhaul.envs.calvin.simulation import PlayTable
from tests.shared import data, golden

EXACT = 1e-5
TCP_METERS, JOINT_METERS, BLOCK_METERS = 0.01, 0.01, 0.02
GRAY_LEVELS = 2.0
TWINS = (1e-6, -1e-6, 1e-5, 1e-4)
"""Offsets of the first joint (rad) of the runs that say how far a rollout is predictable.

The largest moves a fingertip by 0.06 mm, about what is not known of its shape.
"""
APART = 0.1
"""States are apart when they differ by this share of a tolerance."""

Trace = tuple[NDArray[np.float64], NDArray[np.float64]]
"""robot_obs (rows, 15) and scene_obs (rows, 24)."""

pytestmark = pytest.mark.golden


@dataclass
class Rollout:
    """Ours beside the official one.

    `contact` is the first row in which the robot touches something, `predictable` the number of
    rows to follow, `pictures` the mean absolute differences in gray levels by key and row.
    """

    name: str
    ours: Trace
    official: Trace
    contact: int
    predictable: int
    pictures: dict[tuple[str, int], float]


def deviation(one: Trace, other: Trace) -> NDArray[np.float64]:
    """Return per row how far two traces are apart, in tolerances; another light is infinite."""
    robot, scene = one[0] - other[0], one[1] - other[1]
    blocks = np.stack([scene[:, 6:9], scene[:, 12:15], scene[:, 18:21]], axis=1)
    lights = np.where(scene[:, 4:6].any(axis=1), np.inf, 0.0)
    shares: NDArray[np.float64] = np.max(
        [
            np.linalg.norm(robot[:, :3], axis=1) / TCP_METERS,
            np.abs(scene[:, :4]).max(axis=1) / JOINT_METERS,
            np.linalg.norm(blocks, axis=2).max(axis=1) / BLOCK_METERS,
            lights,
        ],
        axis=0,
    )
    return shares


def first_above(shares: NDArray[np.float64], limit: float) -> int:
    """Return the first row above the limit, or the number of rows."""
    return int(np.argmax([*(shares > limit), True]))


def follow(
    table: PlayTable, actions: NDArray[np.float64], cameras: Cameras | None, moments: set[int]
) -> tuple[Trace, int, dict[tuple[str, int], NDArray[np.uint8]]]:
    """Run the actions; return the trace, the first row with a contact, and pictures."""
    robot, scene, contact, pictures = [], [], len(actions) + 1, {}
    for row in range(len(actions) + 1):
        if row:
            table.step(actions[row - 1])
        robot.append(table.robot_obs())
        scene.append(table.scene_obs())
        if table.state().robot_contacts:
            contact = min(contact, row)
        if cameras is not None and row in moments:
            for camera, frame in cameras.take(CAMERA_NAMES, depth=False).items():
                pictures[camera, row] = frame.rgb
    return (np.array(robot), np.array(scene)), contact, pictures


def predictable_rows(
    table: PlayTable, start: Trace, actions: NDArray[np.float64], ours: Trace
) -> int:
    """Return for how many rows twins of a rollout stay with it: all rows if they do."""
    apart = []
    for offset in TWINS:
        robot = start[0].copy()
        robot[7] += offset
        table.reset(robot, start[1])
        twin, _, _ = follow(table, actions, None, set())
        rows = len(twin[0])
        apart.append(first_above(deviation((ours[0][:rows], ours[1][:rows]), twin), APART))
    return min(apart)


@pytest.fixture(scope="module", params=["A", "B", "C", "D"])
def rollouts(request: pytest.FixtureRequest) -> Iterator[list[Rollout]]:
    """Run all rollouts of one scene in order, and take pictures on the way."""
    with np.load(golden(f"calvin_env_{request.param}.npz")) as file:
        recorded = dict(file)
    folder = data("calvin_env")
    table = PlayTable(request.param, folder)
    assert [f"block_{color}" for color in table.scene.blocks] == list(recorded["block_order"])
    table.reset()
    cameras = Cameras(table, "bullet_tiny")
    made, command = [], 1.0
    for name in sorted({key.split("_")[0] for key in recorded if key.endswith("_actions")}):
        start = recorded[f"{name}_reset_robot_obs"].copy(), recorded[f"{name}_reset_scene_obs"]
        start[0][14] = command
        actions = recorded[f"{name}_actions"]
        command = actions[-1, 6]
        table.reset(*start)
        moments = recorded[f"{name}_picture_steps"].tolist()
        ours, contact, pictures = follow(table, actions, cameras, set(moments))
        official = recorded[f"{name}_robot_obs"], recorded[f"{name}_scene_obs"]
        rows, left = len(actions) + 1, first_above(deviation(ours, official), 1.0)
        if lacks_fingertip(folder) and left < rows:
            rows = predictable_rows(table, start, actions[:left], ours)
        levels = differences(pictures, name, moments, recorded)
        made.append(Rollout(name, ours, official, contact, rows, levels))
    yield made
    cameras.close()
    table.close()


def differences(
    pictures: dict[tuple[str, int], NDArray[np.uint8]],
    name: str,
    moments: list[int],
    recorded: dict[str, Any],
) -> dict[tuple[str, int], float]:
    found = {}
    for (camera, row), picture in pictures.items():
        key = f"{name}_rgb_{camera}_{('start', 'mid', 'end')[moments.index(row)]}"
        found[key, row] = float(np.abs(picture - recorded[key].astype(float)).mean())
    return found


def test_states_are_equal_until_the_robot_touches_something(rollouts: list[Rollout]) -> None:
    for rollout in rollouts:
        for ours, official in zip(rollout.ours, rollout.official, strict=True):
            free = slice(rollout.contact)
            np.testing.assert_allclose(
                ours[free], official[free], rtol=0, atol=EXACT, err_msg=rollout.name
            )


def test_states_and_lights_agree_after_contact(rollouts: list[Rollout]) -> None:
    left = {
        rollout.name: (first_above(deviation(rollout.ours, rollout.official), 1.0), rollout)
        for rollout in rollouts
    }
    early = {
        name: (row, rollout.predictable)
        for name, (row, rollout) in left.items()
        if row < rollout.predictable
    }
    assert not early, f"rollout: (row where it leaves the official one, predictable rows): {early}"
    followed = sum(rollout.predictable == len(rollout.ours[0]) for rollout in rollouts)
    assert followed >= len(rollouts) - 2, "most rollouts are followed to their end"
    for rollout in rollouts:
        assert rollout.predictable > rollout.contact - 1
        np.testing.assert_array_equal(rollout.ours[0][:, 14], rollout.official[0][:, 14])


def test_pictures_agree_wherever_the_states_do(rollouts: list[Rollout]) -> None:
    """A block pushed half a centimeter further is within the tolerance, but not a picture of it."""
    pictures = {}
    for rollout in rollouts:
        near = deviation(rollout.ours, rollout.official) <= APART
        pictures |= {key: level for (key, row), level in rollout.pictures.items() if near[row]}
    assert len(pictures) >= 4 * len(rollouts)
    assert max(pictures.values()) <= GRAY_LEVELS, pictures
