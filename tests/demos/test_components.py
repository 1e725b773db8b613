"""Components of states and actions, as options describe them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from longhaul.demos.components import Component
from longhaul.demos.source import DatasetError

ARRAY = np.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ARRAY),
        ({"index": 2}, ARRAY[:, [2]]),
        ({"index": [3, 0]}, ARRAY[:, [3, 0]]),
        ({"slice": [1, 3]}, ARRAY[:, 1:3]),
        ({"index": 1, "scale": -2, "offset": 0.5}, 0.5 - 2 * ARRAY[:, [1]]),
        ({"index": 0, "closed_above": 4}, [[1], [1], [-1]]),
        ({"index": 0, "previous": True}, [[0], [0], [4]]),
    ],
)
def test_a_component_is_what_it_says(given: dict[str, Any], expected: Any) -> None:
    part = Component.of({"key": "x", **given}, "here")
    found = part.of_array(ARRAY)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.asarray(expected, np.float32))
    assert part.size(4) == found.shape[1]


def test_an_array_of_one_number_a_frame_is_a_column() -> None:
    np.testing.assert_array_equal(Component("x").of_array(np.arange(3)), [[0], [1], [2]])
    np.testing.assert_array_equal(Component("x").of_array(np.ones((2, 2, 2))), np.ones((2, 4)))


Z = {
    "quaternion_xyzw": [0, 0, np.sin(0.3), np.cos(0.3)],
    "axis_angle": [0, 0, 0.6],
    "euler_xyz": [0, 0, 0.6],
}


@pytest.mark.parametrize("wanted", Z)
@pytest.mark.parametrize("given", Z)
@pytest.mark.parametrize("sign", [1, -1])
def test_rotations_are_converted(given: str, wanted: str, sign: int) -> None:
    part = Component("x", from_rotation=given, to_rotation=wanted)
    row = np.array([Z[given]]) * (sign if given == "quaternion_xyzw" else 1)  # the same rotation
    np.testing.assert_allclose(part.of_array(row), [Z[wanted]], atol=1e-7)
    assert part.size(len(Z[given])) == len(Z[wanted])


def test_euler_angles_turn_about_fixed_axes_x_first() -> None:
    a, b = 0.4, 0.9  # first about x, then about z
    x, w, z, v = np.sin(a / 2), np.cos(a / 2), np.sin(b / 2), np.cos(b / 2)
    both = np.array([[x * v, x * z, w * z, w * v]])  # the product, z after x
    part = Component("x", from_rotation="quaternion_xyzw", to_rotation="euler_xyz")
    np.testing.assert_allclose(part.of_array(both), [[a, 0, b]], atol=1e-7)
    back = Component("x", from_rotation="euler_xyz", to_rotation="quaternion_xyzw")
    np.testing.assert_allclose(back.of_array(np.array([[a, 0, b]])), both, atol=1e-7)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("x", "is no component"),
        ({}, "needs a key"),
        ({"key": 3}, "needs a key"),
        ({"key": "x", "indices": [0]}, "indices is unknown; did you mean index"),
        ({"key": "x", "index": 1.5}, "whole numbers"),
        ({"key": "x", "index": [True]}, "whole numbers"),
        ({"key": "x", "slice": [0, 1, 2]}, "slice is"),
        ({"key": "x", "slice": [0, 1], "index": 0}, "without an index"),
        ({"key": "x", "from_rotation": "matrix"}, "from_rotation=matrix is unknown"),
        ({"key": "x", "from_rotation": "axis_angle"}, "to_rotation= is unknown; valid: quat"),
        ({"key": "x", "scale": "2"}, "scale=2 must be a number"),
        ({"key": "x", "closed_above": [1]}, "must be a number"),
    ],
)
def test_what_is_no_component_is_named(given: Any, told: str) -> None:
    with pytest.raises(DatasetError, match=f"here: .*{told}"):
        Component.of(given, "here")


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (Component("x", index=4), "x has 4 columns, index=4 takes others"),
        (Component("x", index=(0, -1)), "takes others"),
        (Component("x", slice=(2, 9)), "slice=\\(2, 9\\) takes others"),
        (Component("x", slice=(2, 2)), "takes others"),
        (Component("x", from_rotation="axis_angle"), "4 columns are no axis_angle, which has 3"),
    ],
)
def test_columns_that_are_not_there_are_named(part: Component, told: str) -> None:
    with pytest.raises(DatasetError, match=told):
        part.of_array(ARRAY)


def test_numbers_that_are_no_rotation_are_named() -> None:
    with pytest.raises(DatasetError, match="x: no rotations"):
        Component("x", from_rotation="quaternion_xyzw", to_rotation="euler_xyz").of_array(0 * ARRAY)
