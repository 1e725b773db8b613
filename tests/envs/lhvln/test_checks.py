"""A line that is no navigation episode is refused by file and line, before anything runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from longhaul.envs.episode import Episode
from longhaul.envs.lhvln.checks import require_navigable
from longhaul.envs.lhvln.dataset import Dataset, write_info
from longhaul.errors import ConfigError

SUBTASK = {
    "name": "lamp_3",
    "instruction": "go to the lamp",
    "gt_steps": 12,
    "goal": {"category": "lamp", "room": 3},
}
TASK: dict[str, Any] = {
    "id": "house-1",
    "seed": 4,
    "instruction": "go to the lamp twice",
    "subtasks": [SUBTASK, SUBTASK],
    "start": {
        **{"scene": "house", "robot": "stretch", "kind": "task"},
        **{"position": [1, 0.5, -2.0], "yaw": 0.25},
    },
}
START, GOAL = ("start",), ("subtasks", 1, "goal")
MISSING = object()


def changed(path: tuple[str | int, ...], key: str, value: Any) -> dict[str, Any]:
    """Return TASK with another value, or none, of a key in the part to which a path leads."""
    task: Any = json.loads(json.dumps(TASK))
    part = task
    for step in path:
        part = part[step]
    if value is MISSING:
        del part[key]
    else:
        part[key] = value
    return dict(task)


@pytest.mark.parametrize(
    ("path", "key", "value", "told"),
    [
        (START, "position", [0, float("inf"), 0], "start.position is [0, inf, 0], not x, y, z"),
        (START, "position", [0, 0, 0, 0], "start.position is [0, 0, 0, 0], not x, y, z"),
        (START, "position", ["0", "0", "0"], "start.position is ['0', '0', '0'], not x, y, z"),
        (START, "position", [True, 0, 0], "start.position is [True, 0, 0], not x, y, z"),
        (START, "position", [0, 1e30, 0], "start.position is [0, 1e+30, 0], not x, y, z"),
        (START, "position", {"x": 0}, "start.position is {'x': 0}, not x, y, z"),
        (START, "position", MISSING, "start.position is missing, not x, y, z"),
        (START, "yaw", None, "start.yaw is missing, not a number of radians"),
        (START, "yaw", float("nan"), "start.yaw is nan, not a number of radians"),
        (START, "yaw", "0", "start.yaw is '0', not a number of radians"),
        (START, "scene", "", "start.scene is '', not a text"),
        (START, "scene", 9, "start.scene is 9, not a text"),
        (START, "robot", MISSING, "start.robot is missing, not spot or stretch"),
        (START, "robot", "Spot", "start.robot is 'Spot', not spot or stretch"),
        (GOAL, "category", MISSING, "subtasks[1].goal.category is missing, not a text"),
        (GOAL, "category", ["lamp"], "subtasks[1].goal.category is ['lamp'], not a text"),
        (GOAL, "room", "3", "subtasks[1].goal.room is '3', not the number of a room"),
        (GOAL, "room", 3.0, "subtasks[1].goal.room is 3.0, not the number of a room"),
        (GOAL, "room", True, "subtasks[1].goal.room is True, not the number of a room"),
        ((), "subtasks", [], "subtasks is empty"),
        (("subtasks", 0), "gt_steps", float("nan"), "subtask: gt_steps is nan, not a whole number"),
        (("subtasks", 0), "goal", None, "subtask: goal is None, not an object"),
        ((), "subtasks", MISSING, "episode has no subtasks"),
        ((), "seed", None, "episode: seed is None, not a whole number"),
    ],
)
def test_a_line_that_is_no_episode_is_named(
    path: tuple[str | int, ...], key: str, value: Any, told: str, tmp_path: Path
) -> None:
    write_info(tmp_path, ("test",))
    lines = [{"task": TASK}, {"task": changed(path, key, value)}]
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(ConfigError) as refused:
        Dataset(tmp_path).episodes()
    assert str(refused.value).startswith(f"{tmp_path / 'test.jsonl'}:2 is no task: {told}")
    assert "\n" not in str(refused.value)


def test_a_line_without_a_task_says_so(tmp_path: Path) -> None:
    write_info(tmp_path, ("test",))
    (tmp_path / "test.jsonl").write_text('{"steps": []}\n')
    with pytest.raises(ConfigError, match=r"test\.jsonl:1 is no task: it has no 'task'"):
        Dataset(tmp_path).episodes()


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (START, "position", None),
        (START, "yaw", -4),
        (("subtasks", 0), "gt_steps", 0),
        (GOAL, "room", -1),
    ],
)
def test_what_can_be_run_is_taken(path: tuple[str | int, ...], key: str, value: Any) -> None:
    episode = Episode.from_json(changed(path, key, value))
    assert require_navigable(episode) is episode
