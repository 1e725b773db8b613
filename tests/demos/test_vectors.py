"""States and actions of parts of a feature, as lerobot publishes most: one state, one action."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from longhaul.configs.filling import CONFIG_FOLDER
from longhaul.demos.lerobot.parts import read_parts
from longhaul.demos.lerobot.vectors import Vectors, read_vectors
from longhaul.demos.open import open_source
from longhaul.demos.source import DatasetError
from tests.demos.test_droid import droid

AXES = ["x", "y", "z", "rx", "ry", "rz", "f0", "f1"]
FEATURES: dict[str, dict[str, Any]] = {
    "observation.state": {"dtype": "float32", "shape": [8], "names": AXES},
    "action": {"dtype": "float32", "shape": [7], "names": {"motors": [*AXES[:6], "gripper"]}},
    "plain": {"dtype": "float64", "shape": [2, 2], "names": None},
    "twice": {"dtype": "int64", "shape": [2], "names": ["a", "a"]},
    "observation.images.front": {"dtype": "video", "shape": [8, 8, 3], "names": None},
    "language": {"dtype": "string", "shape": [1], "names": None},
}
COLUMNS = {
    "observation.state": np.arange(24, dtype=np.float32).reshape(3, 8),
    "action": np.arange(21, dtype=np.float32).reshape(3, 7) / 10,
    "plain": np.arange(12, dtype=np.float64).reshape(3, 2, 2),
}
STATE, ACTION = {"key": "observation.state"}, {"key": "action"}


def vectors(part: Any = STATE, action: Any = None, conventions: Any = None) -> Vectors:
    action = {"parts": [ACTION]} if action is None else action
    return read_vectors({"robot_obs": [part]}, action, conventions, FEATURES, 15.0, "made")


@pytest.mark.parametrize(
    ("taken", "columns"),
    [
        ({}, [0, 1, 2, 3, 4, 5, 6, 7]),
        ({"index": [0, 1, 2]}, [0, 1, 2]),
        ({"index": 6}, [6]),
        ({"index": [-1, 0]}, [7, 0]),
        ({"slice": [3, 6]}, [3, 4, 5]),
        ({"names": ["f1", "x"]}, [7, 0]),
        ({"names": "ry"}, [4]),
        ({"index": None, "slice": [0, 1]}, [0]),
    ],
)
def test_part_of_a_state(taken: dict[str, Any], columns: list[int]) -> None:
    found = vectors({**STATE, **taken, "scale": 2, "offset": 1})
    assert found.state_specs[0].size == len(columns)
    expected = COLUMNS["observation.state"][:, columns] * 2 + 1
    np.testing.assert_array_equal(found.states_of(COLUMNS)["robot_obs"], expected)


def test_parts_of_an_action() -> None:
    gripper = {**ACTION, "names": ["gripper"], "closed_above": 1.0, "previous": True}
    parts = [{**ACTION, "names": ["rz", "x"]}, gripper, {"key": "plain", "index": [3]}]
    found = vectors(action={"parts": parts, "mode": "delta", "position_scale": 0.02})
    spec = found.action_spec
    assert (spec.mode, spec.size, spec.position_scale, spec.rotation_scale) == ("delta", 4, 0.02, 1)
    expected = [[0.5, 0, 1, 3], [1.2, 0.7, 1, 7], [1.9, 1.4, -1, 11]]
    np.testing.assert_allclose(found.actions_of(COLUMNS), expected, rtol=1e-6)
    assert vectors().action_spec.mode == "absolute"


def test_change_of_a_pose_in_a_wider_state() -> None:
    pose = {**STATE, "names": ["x", "y", "z", "rx", "ry", "rz"]}
    action = {"delta_of": pose, "gripper": {**ACTION, "index": 6}, "position_scale": 10}
    found = vectors(action=action)
    assert (found.action_spec.mode, found.action_spec.size) == ("delta", 7)
    actions = found.actions_of(COLUMNS)
    np.testing.assert_allclose(actions[:2, :3], 0.8, rtol=1e-6)
    assert np.all(actions[:2, 3:6] == 1) and np.all(actions[2, :6] == 0)  # 8 rad - 2 pi, clipped


@pytest.mark.parametrize(
    ("part", "line"),
    [
        (
            {**STATE, "indx": [0]},
            r"robot_obs\[0\].indx is unknown; did you mean index\? valid: key",
        ),
        ({**STATE, "index": [8]}, r"index 8 is not of its 8 numbers, 0 to 7"),
        ({**STATE, "index": [0.5]}, r"index 0.5 is not of its 8 numbers"),
        ({**STATE, "index": [True]}, r"index True is not of its"),
        ({**STATE, "index": "x"}, r"index 'x' is not of its"),
        ({**STATE, "index": []}, r"index=\[\] takes no numbers"),
        ({**STATE, "slice": [3, 9]}, r"slice \[3, 9\] does not lie in \[0, 8\]"),
        ({**STATE, "slice": [3, 3]}, r"or takes nothing"),
        ({**STATE, "slice": "0:3"}, r"slice='0:3' must be \[start, stop\]"),
        ({**STATE, "slice": [0, 3], "index": 1}, r"give one of index, slice, names, not index and"),
        ({**STATE, "names": ["w"]}, r"'w' is none of 'x', 'y'"),
        ({**STATE, "names": []}, r"names=\[\] takes no"),
        ({"key": "plain", "names": ["x"]}, r"has 0 names of its 4 numbers; take them by index"),
        ({"key": "twice", "names": ["a"]}, r"'a' names more than one of 'a', 'a'"),
        ({"key": "observation.images.front"}, r"observation.images.front holds 'video', no num"),
        ({"key": "language"}, r"language holds 'string', no numbers"),
        ({"key": "observation"}, r"there is no feature 'observation'; valid: 'action'"),
        ({"index": [0]}, r"has no key, the name of a feature; valid: 'action'"),
        ("observation.state", r"='observation.state' must be a part, such as \{key"),
        ({**STATE, "scale": "2"}, r"robot_obs\[0\].scale='2' must be a number"),
        ({**STATE, "offset": float("nan")}, r"offset=nan must be a number"),
        ({**STATE, "previous": "yes"}, r"previous='yes' must be true or false"),
    ],
)
def test_a_part_that_cannot_be_is_one_line(part: Any, line: str) -> None:
    with pytest.raises(DatasetError, match=line) as caught:
        vectors(part)
    assert str(caught.value).startswith("made: states.robot_obs")
    assert "\n" not in str(caught.value)


POSE = {"delta_of": {**STATE, "slice": [0, 6]}, "gripper": {**ACTION, "index": 6}}


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ({**POSE, "delta_of": "observation.state"}, r"takes 8 numbers of .*a pose has 6, .*slice"),
        ({**POSE, "delta_of": {**STATE, "slice": [0, 3]}}, r"takes 3 numbers of .*a pose has 6"),
        ({"delta_of": POSE["delta_of"]}, r"delta_of needs gripper"),
        ({**POSE, "mode": "absolute"}, r"mode=absolute, but delta_of makes actions of mode delta"),
        ({**POSE, "parts": [ACTION]}, r"action.parts is unknown; .*valid: delta_of, gripper"),
        ({"parts": [ACTION], "mode": "relative"}, r"mode=relative is unknown; valid: absolute, d"),
        (
            {"parts": [ACTION], "gripper": ACTION},
            r"action.gripper is unknown; .*valid: parts, mode",
        ),
        ({"parts": [ACTION], "scale": 2}, r"action.scale is unknown; .*valid: parts, mode, pos"),
        ({"parts": ACTION}, r"must be a list of parts"),
        ({"parts": []}, r"must be a list of parts"),
        ({"mode": "delta"}, r"has neither parts, .* nor delta_of"),
        ({"parts": [ACTION], "position_scale": 0}, r"position_scale=0.0 must be above 0"),
        ({"parts": [ACTION], "rotation_scale": "x"}, r"rotation_scale='x' must be a number"),
        ("action", r"action=action must be a group of parts, mode"),
    ],
)
def test_an_action_that_cannot_be_is_one_line(action: Any, line: str) -> None:
    with pytest.raises(DatasetError, match=line) as caught:
        vectors(action=action)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("conventions", "line"),
    [
        ({"rotaton": "euler_xyz"}, r"rotaton is unknown; did you mean rotation\?"),
        ({"frame": 3}, r"conventions.frame=3 must be a word"),
    ],
)
def test_conventions_that_cannot_be_are_one_line(conventions: Any, line: str) -> None:
    with pytest.raises(DatasetError, match=line):
        vectors(conventions=conventions)


def test_columns_of_a_folder_may_hold_changes(tmp_path: Path) -> None:
    columns = droid(tmp_path)
    options = yaml.safe_load((CONFIG_FOLDER / "data" / "droid.yaml").read_text())["options"]
    pose, gripper = "observation.state.cartesian_position", "action.gripper_position"
    options["action"] = {"parts": [{"key": pose, "slice": [0, 2]}, {"key": gripper}]}
    options["action"] |= {"mode": "delta", "position_scale": 0.02}
    options["states"]["robot_obs"] = [{"key": pose, "index": [5, 0]}]
    source = open_source(tmp_path, **options)
    spec = source.spec.action
    assert (spec.mode, spec.size, spec.position_scale) == ("delta", 3, 0.02)
    assert source.spec.observation.states[0].size == 2
    first, rows = source.trajectory(0), slice(0, 12)
    expected = np.concatenate([columns[pose][rows, :2], columns[gripper][rows]], axis=1)
    np.testing.assert_array_equal(first.actions, expected)
    np.testing.assert_array_equal(first.states["robot_obs"], columns[pose][rows][:, [5, 0]])


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ({"cameras": {"rgb_static": {"key": "x"}}}, r"cameras.rgb_static=.* must be the name of a"),
        ({"cameras": ["x"]}, r"cameras=\['x'\] and mounts=.* must map names of cameras"),
        ({"mounts": {"rgb_static": 3}}, r"mounts.rgb_static=3 must be"),
        ({"states": ["x"]}, r"states=\['x'\] must map each name to a list of parts"),
        ({"success": "next.success"}, r"has no feature next.success; it has action"),
    ],
)
def test_options_of_another_kind_are_one_line(
    tmp_path: Path, option: dict[str, Any], line: str
) -> None:
    droid(tmp_path)
    options = yaml.safe_load((CONFIG_FOLDER / "data" / "droid.yaml").read_text())["options"]
    with pytest.raises(DatasetError, match=line):
        open_source(tmp_path, **{**options, **option})


Z: dict[str, list[float]] = {
    "quaternion_xyzw": [0, 0, np.sin(0.3), np.cos(0.3)],
    "axis_angle": [0, 0, 0.6],
    "euler_xyz": [0, 0, 0.6],
}


def turned(row: Any, given: str, wanted: str) -> np.ndarray:
    """Return a rotation that a part converts."""
    features = {"x": {"dtype": "float64", "shape": [len(row)]}}
    told = {"key": "x", "from_rotation": given, "to_rotation": wanted}
    (part,) = read_parts([told], features, "made")
    found = part.of(np.array([row], float))
    assert found.shape == (1, part.size)
    return found[0]


@pytest.mark.parametrize("wanted", Z)
@pytest.mark.parametrize("given", Z)
@pytest.mark.parametrize("sign", [1, -1])
def test_rotations_are_converted(given: str, wanted: str, sign: int) -> None:
    row = np.array(Z[given]) * (sign if given == "quaternion_xyzw" else 1)  # the same rotation
    np.testing.assert_allclose(turned(row, given, wanted), Z[wanted], atol=1e-7)


def test_euler_angles_turn_about_fixed_axes_x_first() -> None:
    a, b = 0.4, 0.9  # first about x, then about z
    x, w, z, v = np.sin(a / 2), np.cos(a / 2), np.sin(b / 2), np.cos(b / 2)
    both = [x * v, x * z, w * z, w * v]  # the product, z after x
    found = turned(both, "quaternion_xyzw", "euler_xyz")
    np.testing.assert_allclose(found, [a, 0, b], atol=1e-7)
    back = turned([a, 0, b], "euler_xyz", "quaternion_xyzw")
    np.testing.assert_allclose(back, both, atol=1e-7)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"from_rotation": "matrix", "to_rotation": "euler_xyz"}, "from_rotation='matrix' is unkn"),
        ({"from_rotation": "axis_angle"}, "to_rotation=None is unknown; valid: quaternion_xyzw"),
        ({"to_rotation": ["axis_angle"]}, "from_rotation=None is unknown"),
        ({"from_rotation": "axis_angle", "to_rotation": "euler_xyz"}, "8 numbers are no axis_ang"),
    ],
)
def test_what_is_no_rotation_is_named(told: dict[str, Any], said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        vectors({**STATE, **told})


def test_a_quaternion_of_zeros_is_no_rotation() -> None:
    with pytest.raises(DatasetError, match="no rotations of quaternion_xyzw"):
        turned([0, 0, 0, 0], "quaternion_xyzw", "euler_xyz")
