"""From keys that are held down to actions."""

from __future__ import annotations

import numpy as np
from gymnasium.spaces import Box, Discrete
from hypothesis import given, settings
from hypothesis import strategies as st

from longhaul.envs.lhvln.conventions import ACTIONS
from longhaul.envs.specs import ActionSpec
from longhaul.evaluation.viewer.live.keys import DELTA_KEYS, Keyboard

ARM = ActionSpec("delta", size=7, frame="world")
BOX = Box(-1.0, 1.0, (7,), np.float32)


@given(st.sets(st.sampled_from([*DELTA_KEYS, " ", "Shift", "Enter", "x", "7"])))
@settings(deadline=None)
def test_keys_make_actions_of_the_space(keys: set[str]) -> None:
    action = Keyboard(ARM, BOX).action(keys)
    if action is None:
        assert not keys & {*DELTA_KEYS, " "}
    else:
        assert BOX.contains(action.astype(np.float32))
        assert action[-1] == (-1 if " " in keys else 1)


def test_a_robot_walks_by_arrows_and_numbers() -> None:
    keyboard = Keyboard(ActionSpec("discrete", 1, frame="robot"), Discrete(4))
    assert [keyboard.action([key]) for key in ("Enter", "ArrowLeft", "ArrowUp", "ArrowRight")] == [
        ACTIONS.index(name) for name in ("stop", "turn_left", "move_forward", "turn_right")
    ]
    assert keyboard.action(["2"]) == 2 and keyboard.action(["9"]) is None
    assert Keyboard(ActionSpec("pick_place", 14), BOX).help == {}


def test_each_key_moves_along_its_axis() -> None:
    """Position, then rotation, each x, y, z; the first key of a pair goes up the axis."""
    keyboard = Keyboard(ARM, BOX)
    for axis, (up, down) in enumerate(("ws", "ad", "rf", "jl", "ik", "uo")):
        for key, sign in ((up, 1.0), (down, -1.0)):
            expected = np.zeros(7)
            expected[axis], expected[-1] = sign, 1.0
            assert keyboard.action([key]).tolist() == expected.tolist()
            expected[axis] = sign / 4
            assert keyboard.action([key, "Shift"]).tolist() == expected.tolist()
            assert (" +" in keyboard.help[key]) == (sign > 0)
        assert keyboard.action([up, down])[axis] == 0
        assert keyboard.help[up][: -len(" +")].startswith(keyboard.help[down].split()[0])
