"""Actions: rows of a batch, the check before a step, the saved file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete

from longhaul.envs.specs import ActionSpec
from longhaul.evaluation.loop.actions import InvalidActionError, check_action, rows, save_actions

ARM = Box(np.array([-1.0, -2.0], np.float32), np.array([1.0, 2.0], np.float32))
SPACE = Dict({"arm": ARM, "tool": Discrete(3)})
ANY = ActionSpec("delta")
GRIPPER = ActionSpec("delta", size=2, gripper="open=+1")
POSE = ActionSpec("pick_place", size=7, rotation="quaternion_xyzw")


def test_rows_of_an_array_and_of_a_dict() -> None:
    batch = np.arange(6.0).reshape(3, 2)
    np.testing.assert_array_equal(rows(batch, 3)[1], [2, 3])
    split = rows({"arm": batch, "tool": np.array([2, 1, 0])}, 3)
    np.testing.assert_array_equal(split[2]["arm"], [4, 5])
    assert [row["tool"] for row in split] == [2, 1, 0]


@pytest.mark.parametrize("batch", [np.zeros((2, 2)), np.array(1.0), {"arm": np.zeros((4, 2))}])
def test_another_number_of_rows_is_refused(batch: np.ndarray) -> None:
    with pytest.raises(InvalidActionError, match="the policy answered 3 slots with"):
        rows(batch, 3)


def test_valid_actions_pass() -> None:
    check_action(ARM, np.array([1.0, -2.0]), ANY)
    check_action(ARM, np.array([1.0 + 1e-7, -2.0]), ANY)  # a mean of float32 ones
    check_action(SPACE, {"arm": np.array([0.0, 2.0], np.float32), "tool": np.int64(2)}, ANY)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ({"arm": np.zeros(2)}, r"action must have the keys \['arm', 'tool'\]"),
        (np.zeros(2), r"action must have the keys \['arm', 'tool'\]"),
        ({"arm": np.zeros(3), "tool": 0}, r"action arm has shape \(3,\), the env wants \(2,\)"),
        ({"arm": np.array([0, 2.1]), "tool": 0}, r"action arm component 1 is 2.1, outside \[-2.0"),
        ({"arm": np.array([np.nan, 0]), "tool": 0}, "action arm component 0 is nan"),
        ({"arm": np.zeros(2), "tool": np.int64(3)}, r"action tool .*3.* is not in Discrete\(3\)"),
    ],
)
def test_invalid_actions_are_named(action: object, words: str) -> None:
    with pytest.raises(InvalidActionError, match=words):
        check_action(SPACE, action, ANY)


def test_what_a_benchmark_demands_is_stricter_than_the_space() -> None:
    check_action(ARM, np.array([0.5, -1.0]), GRIPPER)
    with pytest.raises(InvalidActionError, match=r"component 1 is 0\.5; a gripper .*-1 or 1"):
        check_action(ARM, np.array([0.5, 0.5]), GRIPPER)
    poses = Dict({"pose": Box(-1.0, 1.0, (7,), np.float32)})
    turned = np.array([0, 0, 0, 0, 0, 1, 0], np.float32)
    check_action(poses, {"pose": turned}, POSE)
    lost = np.array([0.5, 0.5, 0.5, 0, 0, 0, 0], np.float32)
    said = r"action pose: the quaternion \[0\. 0\. 0\. 0\.\] has no direction"
    with pytest.raises(InvalidActionError, match=said):
        check_action(poses, {"pose": lost}, POSE)
    check_action(SPACE, {"arm": np.zeros(2), "tool": 0}, GRIPPER)  # a worker part's own actions


def test_saved_actions_are_read_without_pickle(tmp_path: Path) -> None:
    steps = [np.array([i, -i], np.float32) for i in range(4)]
    save_actions(tmp_path / "a.npy", steps)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy", allow_pickle=False), np.stack(steps))
    save_actions(tmp_path / "b.npy", [{"arm": step, "tool": np.int64(1)} for step in steps])
    saved = np.load(tmp_path / "b.npy", allow_pickle=False)
    np.testing.assert_array_equal(saved["arm"], np.stack(steps))
    np.testing.assert_array_equal(saved["tool"], [1, 1, 1, 1])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npy", "b.npy"]
