"""The play table against rollouts recorded from the official simulator with its own assets.

calvin_env ran a scene's rollouts one after another in one world. In a kept world, in that order,
ours are theirs. A world built anew for each one differs where fingers jam: CHANGED_BY_HISTORY.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from longhaul.envs.calvin.cameras import CAMERA_NAMES, Cameras
from longhaul.envs.calvin.scenes import SCENES
from longhaul.envs.calvin.simulation import PlayTable
from tests.envs.calvin.official import Recorded, Trace, block_order, complete, recorded
from tests.shared import data

SAME = 1e-9
"""The largest difference of a component of robot_obs or scene_obs that counts as none."""

CHANGED_BY_HISTORY = {"A": {"r4": "r2"}, "B": {"r2": "r1"}, "C": {}, "D": {"r2": "r1", "r4": "r5"}}
"""By scene, the rollouts of ../shared/golden that go another way in a world built anew, and a
rollout after which they do not."""

GRAY_LEVELS = 0.5
PAD_CLEAR = 1e-5
PAD_METERS = 0.02

pytestmark = pytest.mark.golden


@dataclass
class Rollout:
    """Ours beside the official one; `pictures` are mean absolute differences in gray levels."""

    official: Recorded
    ours: Trace
    pictures: dict[tuple[str, int], float]


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return complete(tmp_path_factory.mktemp("assets"))


@pytest.fixture(scope="module", params=SCENES)
def rollouts(request: pytest.FixtureRequest, assets: Path) -> Iterator[list[Rollout]]:
    """Run all rollouts of one scene in order in one world, and take pictures on the way."""
    table = PlayTable(request.param, assets, history="kept")
    assert [f"block_{color}" for color in table.scene.blocks] == block_order(request.param)
    cameras: Cameras | None = None  # they need bodies, and a reset for them would be history too
    made = []
    for official in recorded(request.param):
        robot, scene, pictures = [], [], {}
        for row in official.follow(table):
            robot.append(table.robot_obs())
            scene.append(table.scene_obs())
            if ("static", row) in official.pictures:
                cameras = cameras or Cameras(table, "bullet_tiny")
                for camera, frame in cameras.take(CAMERA_NAMES, depth=False).items():
                    theirs = official.pictures[camera, row].astype(float)
                    pictures[camera, row] = float(np.abs(frame.rgb - theirs).mean())
        made.append(Rollout(official, (np.array(robot), np.array(scene)), pictures))
    yield made
    assert cameras is not None
    cameras.close()
    table.close()


def test_every_rollout_is_followed_in_a_kept_world(rollouts: list[Rollout]) -> None:
    apart = {r.official.name: float(r.official.distance(r.ours).max()) for r in rollouts}
    assert len(apart) >= 6 and max(apart.values()) <= SAME, apart


def test_pictures_are_those_of_calvin_env(rollouts: list[Rollout]) -> None:
    levels = {(r.official.name, *k): level for r in rollouts for k, level in r.pictures.items()}
    assert len(levels) == 6 * len(rollouts) and max(levels.values()) <= GRAY_LEVELS, levels


@pytest.mark.parametrize("scene", SCENES)
def test_a_world_built_anew_follows_until_fingers_jam(scene: str, assets: Path) -> None:
    """A rollout that goes another way is followed after one other rollout in the same world."""
    table = PlayTable(scene, assets)
    official = {rollout.name: rollout for rollout in recorded(scene)}
    for name, rollout in official.items():
        same = rollout.distance(rollout.trace_of(table)) <= SAME
        assert same[0], name
        if not same.all():
            kept = PlayTable(scene, assets, history="kept")
            before = CHANGED_BY_HISTORY[scene].get(name, min(official))
            official[before].trace_of(kept)
            assert rollout.distance(rollout.trace_of(kept)).max() <= SAME, (before, name)
            kept.close()
    table.close()


@pytest.mark.parametrize("scene", SCENES)
def test_our_pad_follows_what_does_not_jam(scene: str) -> None:
    """The official assets as they are in ../shared/data lack the fingertip, and get ours."""
    table = PlayTable(scene, data("calvin_env"), history="kept")
    lost = []
    for rollout in recorded(scene):
        robot, blocks, untouched = [], [], True
        for row in rollout.follow(table):
            robot.append(table.robot_obs())
            blocks.append(table.scene_obs())
            untouched = untouched and not table.state().robot_contacts
            if untouched:
                apart = np.abs(robot[-1] - rollout.trace[0][row]).max()
                assert apart <= PAD_CLEAR, (rollout.name, row)
        ours = np.array(robot), np.array(blocks)
        places = np.abs(ours[0] - rollout.trace[0])[:, :3].max()
        things = np.abs(ours[1] - rollout.trace[1])[
            :, [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 18, 19, 20]
        ]
        if max(places, things.max()) > PAD_METERS:
            lost.append(rollout.name)
    assert len(lost) <= 2, lost
    table.close()
