"""MGDM's explanation of a step: the similarity of its memory, and the map around the robot."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cosine

from longhaul.policies.mgdm.memory.episode_memory import EpisodeMemory
from longhaul.policies.mgdm.model import StepEncoding
from longhaul.policies.mgdm.perception.relative_pose import pose_features
from longhaul.policies.mgdm.picture.explain import PICTURE_SIDE, PIXELS_PER_M
from longhaul.policies.mgdm.picture.style import INK, SUBTASK_COLORS
from longhaul.policies.policy import Batch, Picture, Start
from tests.conformance.catalog import build, load, open_env
from tests.policies.mgdm.memory.test_episode_memory import STEPS, WIDTH, encodings, poses


def test_memory_rows_are_compared_by_their_cosine() -> None:
    encoding, pose_rows = encodings(STEPS), pose_features(poses(STEPS))
    memory = EpisodeMemory(4, "fifo", WIDTH)
    assert memory.similarity() == {}
    for step in range(STEPS):
        memory.push(StepEncoding(*(values[0, step] for values in encoding)), pose_rows[0, step])
    found = memory.similarity()["memory, like the present view"]
    assert list(found.ages) == [3, 2, 1]
    visual = encoding.visual[0].numpy()
    expected = [max(0, 1 - cosine(visual[-1], visual[-1 - age])) for age in found.ages]
    np.testing.assert_allclose(found.values, [expected], atol=1e-6)


def color(hexes: str) -> list[int]:
    return list(bytes.fromhex(hexes[1:]))


@pytest.mark.parametrize("decision", ["rule", "network"])
def test_the_map_has_robot_path_and_destination_where_they_are(decision: str) -> None:
    task = open_env("lhvln", episodes=1, policy=load("policy", "mgdm"))
    env, episode = task.make_env(), task.episodes[0]
    policy = build("mgdm", task, 1, architecture="small", decision=decision, stop_threshold=0.99)
    seen, info = env.reset(options={"episode": episode})
    policy.reset([0], [Start(episode.id, episode.seed, info["instruction"])])
    path, told = [], False
    for _ in range(20):
        pose = seen["pose"].copy()
        path.append(pose)
        action = policy.act(Batch((0,), {name: rows[None] for name, rows in seen.items()}))[0]
        found, slot = policy.explain(0), policy._slots[0]
        picture = found["map, north up"]
        decides = slot.selector if slot.rule is None else slot.rule
        goal = decides.destination
        assert isinstance(picture, Picture) and picture.image.shape == (
            PICTURE_SIDE,
            PICTURE_SIDE,
            3,
        )
        assert picture.image[PICTURE_SIDE // 2, PICTURE_SIDE // 2].tolist() == color(INK)
        if goal is not None:
            x, y = (PICTURE_SIDE / 2 + PIXELS_PER_M * (goal - pose[:3])[[0, 2]]).round().astype(int)
            if (
                4 < x < PICTURE_SIDE - 4
                and 4 < y < PICTURE_SIDE - 4
                and np.hypot(x - 200, y - 200) > 20
            ):
                assert picture.image[y, x].tolist() == color(SUBTASK_COLORS[1])
                told = True
        seen, *_ = env.step(int(action))
    env.close()
    moved = np.linalg.norm(path[-1][:3] - path[0][:3])
    drawn = (picture.image == color(SUBTASK_COLORS[0])).all(-1)
    assert told and (moved < 0.8 or drawn.any())  # less is under the robot
    assert found["subgoal"] == str(policy._slots[0].agent.tracker.current)
    assert ("memory, like the present view" in found) == (decision == "network")
