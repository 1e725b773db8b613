"""The 34 success tests against verdicts of the official ones."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from longhaul.envs.calvin.state import BlockState, SceneState
from longhaul.envs.calvin.tasks import detect
from longhaul.envs.calvin.tasks.official import TASKS
from longhaul.envs.calvin.tasks.predicates import _turned
from tests.shared import golden

NAMES = [task.name for task in TASKS]


def _states(pair: dict[str, Any]) -> tuple[SceneState, SceneState]:
    return SceneState.from_info(pair["start_info"]), SceneState.from_info(pair["current_info"])


@pytest.mark.golden
@pytest.mark.parametrize(
    ("name", "key"), [("calvin_task_oracle", "pairs"), ("calvin_task_oracle_sim", "records")]
)
def test_every_official_verdict(name: str, key: str) -> None:
    pairs = json.loads(golden(f"{name}.json").read_text())[key]
    assert pairs
    for number, pair in enumerate(pairs):
        found = detect(*_states(pair), NAMES)
        assert found == set(pair["all_tasks_detected"]), (number, pair.get("note"))
        if "task" in pair:
            assert (pair["task"] in found) == pair["verdict"], (number, pair["task"])


@pytest.mark.golden
def test_every_task_has_verdicts_of_both_kinds() -> None:
    pairs = json.loads(golden("calvin_task_oracle.json").read_text())["pairs"]
    for verdict in (True, False):
        assert {pair["task"] for pair in pairs if pair["verdict"] is verdict} == set(NAMES)


@pytest.mark.golden
def test_the_named_tasks_only() -> None:
    pairs = json.loads(golden("calvin_task_oracle.json").read_text())["pairs"]
    pair = next(pair for pair in pairs if pair["task"] == "open_drawer" and pair["verdict"])
    start, end = _states(pair)
    assert detect(start, end, ["close_drawer"]) == set()
    assert detect(start, end, ["open_drawer", "close_drawer"]) == {"open_drawer"}
    assert detect(start, replace(end, doors=start.doors), ["open_drawer"]) == set()


def test_there_are_34_tasks_and_34_sentences() -> None:
    assert len(set(NAMES)) == 34
    assert len({task.instruction for task in TASKS}) == 34


def test_rotation_is_that_of_scipy() -> None:
    random = np.random.default_rng(0)
    block = BlockState(2, (0, 0, 0), (0, 0, 0, 1), (0, 0, 0), (0, 0, 0), frozenset())
    for before, after in random.normal(size=(200, 2, 4)):
        pair = (replace(block, orientation=tuple(before)), replace(block, orientation=tuple(after)))
        turn = Rotation.from_quat(after) * Rotation.from_quat(before).inv()
        np.testing.assert_allclose(_turned(*pair), turn.as_euler("xyz", degrees=True), atol=1e-6)
