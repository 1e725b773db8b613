"""Whoever takes over by keyboard keeps what the arm holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gymnasium.spaces import Box

from longhaul.envs.specs import ActionSpec
from longhaul.evaluation.viewer.live.keys import Keyboard
from longhaul.policies.policy import Batch
from tests.evaluation.viewer.live.made import ArmPolicy, at, session, task, until

BOX = Box(-1.0, 1.0, (7,), np.float32)
CONVENTIONS = [("open=+1", 1), ("open=-1", -1)]


class Holder(ArmPolicy):
    """Gives the command that closes a gripper, in every action."""

    def __init__(self, closed: float) -> None:
        super().__init__()
        self._closed = closed

    def act(self, batch: Batch) -> np.ndarray:
        actions = super().act(batch)
        actions[:, -1] = self._closed
        return actions


@pytest.mark.parametrize(("gripper", "opened"), CONVENTIONS)
def test_an_episode_begins_open_and_space_changes_the_last_command(
    gripper: str, opened: int
) -> None:
    keyboard = Keyboard(ActionSpec("delta", 7, frame="world", gripper=gripper), BOX)
    assert keyboard.action(["w"])[-1] == opened
    keyboard.follow(np.array([0, 0, 0, 0, 0, 0, -opened], np.float32))
    assert keyboard.action(["w"])[-1] == -opened
    assert keyboard.action([" "])[-1] == opened == keyboard.action(["Shift", "a"])[-1]
    keyboard.follow(np.array([0, 0, 0, 0, 0, 0, -opened], np.float32))
    keyboard.reset()
    assert keyboard.action(["w"])[-1] == opened


def test_without_a_convention_the_last_command_is_repeated_as_it_was() -> None:
    keyboard = Keyboard(ActionSpec("delta", 7, frame="world"), BOX)
    keyboard.follow(np.full(7, -0.25, np.float32))
    assert keyboard.action(["r"]).tolist() == [0, 0, 1, 0, 0, 0, -0.25]
    keyboard.follow({"pose0": np.zeros(7)})
    keyboard.follow("click [4]")
    assert keyboard.action(["r"])[-1] == -0.25


@pytest.mark.parametrize(("gripper", "opened"), CONVENTIONS)
def test_what_a_policy_holds_is_not_dropped(gripper: str, opened: int) -> None:
    ours = task()
    spec = replace(ours.conventions.action, gripper=gripper)
    ours = replace(ours, conventions=replace(ours.conventions, action=spec))
    with session(Holder(-opened), given=ours) as live:
        live.send({"do": "run", "steps": 2})
        until(live, at(2))
        live.send({"do": "keys", "keys": ["s"]})
        assert until(live, at(3))["action"][""][-1] == -opened
        live.send({"do": "keys", "keys": [" "]})
        assert until(live, at(4))["action"][""][-1] == opened
        live.send({"do": "run", "steps": 1})
        until(live, at(5))
        live.send({"do": "keys", "keys": ["w"]})
        assert until(live, at(6))["action"][""][-1] == -opened
