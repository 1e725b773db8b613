"""A small fixture in the published layout, written by hand from its description of fields."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path
from typing import Any

import pytest

from longhaul.envs.lhvln.lhpr import Lhpr, degrees_of, is_lhpr, scene_number, yaw_of
from longhaul.errors import ConfigError

INSTRUCTION = "Take the towel in the bathroom to the bed in the bedroom"
CONFIG: dict[str, Any] = {
    "Task instruction": INSTRUCTION,
    "Subtask list": [
        "Move_to('towel_2')",
        "Grab('towel')",
        "Move_to('bed_12')",
        "Release('towel')",
    ],
    "Robot": "spot",
    "Scene": "00009-vLpv2VX547B",
    "Object": [["towel", "Region 2: Bathroom"], ["bed", "Region 12: Bedroom"]],
}
TRIAL: dict[str, Any] = {
    **CONFIG,
    "Object": ["towel", "bed"],
    "Region": ["2", "12"],
    "Region Name": ["Bathroom", "Bedroom"],
    "Geo dis": [3.2, 4.5],
    "trial": {
        "trial_1": {
            "pos": [[1.0, 0.1, 2.0], [1.0, 0.1, 1.75], [1.0, 0.1, 1.75], [1.0, 0.1, 1.75]],
            "yaw": [180, 180, -150, -150],
            "action": ["stop", "move_forward", "turn_left", "stop"],
        },
        "trial_2": {
            "pos": [[1.0, 0.1, 1.75], [0.9, 0.1, 1.6], [0.9, 0.1, 1.6]],
            "yaw": [-150, -150, -150],
            "action": ["stop", "move_forward", "stop"],
        },
    },
}
STEP: dict[str, Any] = {
    "trajectory path": "task/batch_1/2/" + INSTRUCTION,
    "start": 4,
    "end": 10,
    "Robot": "stretch",
    "Scene": "00803-abcDEF12345",
    "target": ["bed"],
    "Region": ["12"],
    "start_pos": [0.9, 0.1, 1.6],
    "start_yaw": 90,
    "Task instruction": "Go ahead past the lamp and finally go to the bed",
}


def write(path: Path, data: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    task = tmp_path / "task" / "batch_1" / "2" / INSTRUCTION
    write(task / "config.json", CONFIG)
    write(task / "success" / "trial_1" / "task.json", TRIAL)
    write(tmp_path / "step_task" / "batch_1" / "go.json", STEP)
    packed = {**CONFIG, "Scene": "00701-qwe", "Robot": "stretch", "gt_step": [30, 70]}
    packed["Task instruction"] = "Bring the towel to the bed"
    first = {**STEP, "Scene": "00701-qwe", "start": 0, "end": 29, "start_yaw": 180}
    write(
        tmp_path / "episode_task" / "batch_7.json.gz",
        {"0": {"lh_task": packed, "st_task": [first, {**first, "start": 30, "end": 99}]}},
    )
    return tmp_path


def test_a_task_in_folders(folder: Path) -> None:
    (episode,) = [e for e in Lhpr(folder).episodes() if e.instruction == INSTRUCTION]
    assert episode.start == {
        "scene": "00009-vLpv2VX547B",
        "robot": "spot",
        "kind": "task",
        "batch": 1,
        "position": [1.0, 0.1, 2.0],
        "yaw": 0.0,
    }
    assert [(s.name, s.gt_steps, dict(s.goal)) for s in episode.subtasks] == [
        ("towel_2", 3, {"category": "towel", "room": 2}),
        ("bed_12", 2, {"category": "bed", "room": 12}),
    ]
    assert episode.subtasks[1].instruction == "go to the bed in the bedroom"


def test_a_packed_batch(folder: Path) -> None:
    (task,) = [e for e in Lhpr(folder).episodes() if e.start["batch"] == 7]
    assert [s.gt_steps for s in task.subtasks] == [30, 70]
    assert task.start["position"] == [0.9, 0.1, 1.6] and task.start["yaw"] == 0.0
    steps = Lhpr(folder).episodes(kind="step")
    assert [(s.start["batch"], s.subtasks[0].gt_steps) for s in steps] == [(7, 30), (7, 70), (1, 7)]


def test_a_step_task(folder: Path) -> None:
    step = Lhpr(folder).episodes(kind="step")[-1]
    assert step.start["kind"] == "step" and step.start["scene"] == STEP["Scene"]
    assert step.start["yaw"] == pytest.approx(-math.pi / 2)
    assert step.subtasks[0].goal == {"category": "bed", "room": 12}


def test_splits(folder: Path) -> None:
    scenes = {s: [e.start["scene"] for e in Lhpr(folder).episodes(s)] for s in Lhpr.splits}
    assert scenes == {"train": ["00009-vLpv2VX547B"], "val": ["00701-qwe"], "test": []}
    by_batch = Lhpr(folder, split_by="batch")
    assert [e.start["batch"] for e in by_batch.episodes("test")] == [7]
    assert [e.start["scene"] for e in Lhpr(folder).episodes("test", "step")] == [STEP["Scene"]]


def test_a_task_in_both_forms_comes_once(folder: Path) -> None:
    entry = {"lh_task": {**CONFIG, "gt_step": [3, 2]}, "st_task": []}
    write(folder / "episode_task" / "batch_1.json.gz", {"0": entry})
    (found,) = [e for e in Lhpr(folder).episodes() if e.start["batch"] == 1]
    assert found.start["position"] == [1.0, 0.1, 2.0]


def test_seeds_differ_and_stay(folder: Path) -> None:
    one, other = (Lhpr(folder).episodes() for _ in range(2))
    assert [e.seed for e in one] == [e.seed for e in other] and len({e.seed for e in one}) == 2


def test_yaws() -> None:
    assert yaw_of(180) == 0 and yaw_of(-150) == pytest.approx(math.radians(30))
    assert [round(degrees_of(yaw_of(d)), 9) for d in range(-150, 181, 30)] == [
        *range(-150, 181, 30)
    ]


@pytest.mark.parametrize(
    ("path", "change", "message"),
    [
        ("config.json", {"Object": [["towel", "Bathroom"]]}, "is no task"),
        ("config.json", {"Scene": "nowhere"}, "has no number"),
        ("config.json", {"gt_step": [1]}, "is no task"),
        ("config.json", {"gt_step": [-1, 4]}, "gt_steps is -1, not a number of steps"),
        ("config.json", {"Object": []}, "is no task"),
        ("config.json", {"Robot": "Fetch"}, "start.robot is 'fetch', not spot or stretch"),
        ("success/trial_1/task.json", {"trial": {}}, "is no trial"),
    ],
)
def test_a_broken_task_is_one_line(
    folder: Path, path: str, change: dict[str, Any], message: str
) -> None:
    place = folder / "task" / "batch_1" / "2" / INSTRUCTION / path
    write(place, {**json.loads(place.read_text()), **change})
    with pytest.raises(ConfigError, match=message) as caught:
        Lhpr(folder).episodes()
    assert "\n" not in str(caught.value)


def test_broken_files(folder: Path) -> None:
    packed = folder / "episode_task" / "batch_7.json.gz"
    packed.write_bytes(packed.read_bytes()[:20])
    with pytest.raises(ConfigError, match=r"batch_7.json.gz cannot be read"):
        Lhpr(folder).episodes()
    write(packed, {"0": {"lh_task": CONFIG}})
    with pytest.raises(ConfigError, match="entry '0' is no task"):
        Lhpr(folder).episodes()


def test_other_folders(tmp_path: Path) -> None:
    assert not is_lhpr(tmp_path)
    with pytest.raises(ConfigError, match="is no LHPR-VLN data"):
        Lhpr(tmp_path)
    assert scene_number("00009-vLpv2VX547B") == 9
