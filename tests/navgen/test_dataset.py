"""What is written is read back equal, in our layout and in the published one."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longhaul.envs.episode import Episode, Subtask
from longhaul.envs.lhvln.dataset import Dataset, write_info
from longhaul.envs.lhvln.lhpr import Lhpr
from longhaul.errors import ConfigError
from longhaul.navgen.dataset import lhpr, ours
from longhaul.navgen.dataset.convert import convert
from longhaul.navgen.trajectories.leg import Leg, Trajectory

PRIMITIVES = ["Move_to('towel_2')", "Grab('towel')", "Move_to('bed_12')", "Release('towel')"]


def episode(number: int = 0, kind: str = "task") -> Episode:
    goals = [{"category": "towel", "room": 2}, {"category": "bed", "room": 12}]
    rooms = ("bathroom", "bedroom")
    subtasks = tuple(
        Subtask(
            f"{goal['category']}_{goal['room']}",
            f"go to the {goal['category']} in the {room}",
            steps,
            goal,
        )
        for goal, room, steps in zip(goals, rooms, (3, 2), strict=True)
    )
    start = {"scene": "house_7", "robot": "spot", "kind": kind, "batch": 1}
    start |= {"position": [1.0, 0.0, -2.5], "yaw": math.pi / 6}
    text = f"Take the towel to bed {number}"
    chosen = subtasks if kind == "task" else subtasks[:1]
    return Episode(f"{kind}-{number}", number, text, chosen, start)


def way(name: str) -> Trajectory:
    first = Leg(
        ("move_forward", "turn_left", "stop"),
        ((1.0, 0.0, -2.5, math.pi / 6), *[(0.9, 0.0, -2.7, math.pi / 6)] * 3),
        3.25,
    )
    last = Leg(("turn_right", "stop"), ((0.9, 0.0, -2.7, math.pi / 6),) * 3, 1.5)
    return Trajectory(name, (first, last))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scenes" / "house_7").mkdir(parents=True)
    write_info(tmp_path, ("train", "test"), generator="a test")
    for number in range(3):
        split = "train" if number < 2 else "test"
        steps = [episode(number, "step")]
        ours.append(tmp_path, split, episode(number), way(f"task-{number}"), steps)
    return tmp_path


def test_our_layout(folder: Path) -> None:
    dataset = Dataset(folder)
    assert dataset.splits == ("train", "test")
    assert dataset.episodes("train") == [episode(0), episode(1)]
    assert dataset.episodes() == [episode(0), episode(1), episode(2)]
    assert dataset.episodes("test", "step") == [episode(2, "step")]
    assert list(ours.trajectories(folder, "test")) == [way("task-2")]
    assert dataset.scene("house_7") == folder / "scenes" / "house_7"


@pytest.mark.parametrize("name", ["house_8", "../house_7", "", "/", "..", "a/b"])
def test_a_scene_lies_in_its_dataset(folder: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="has no scene"):
        Dataset(folder).scene(name)


@given(cut=st.integers(1, 400))
def test_a_crash_costs_a_line(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("crash")
    write_info(folder, ("train",))
    for number in range(3):
        ours.append(folder, "train", episode(number), way(f"task-{number}"))
    path = folder / "train.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    ours.mend(folder)
    assert Dataset(folder).episodes() == [episode(0), episode(1)]


def test_bad_lines_and_folders_are_one_line(folder: Path, tmp_path: Path) -> None:
    path = folder / "test.jsonl"
    for line in ("{", "[]", '{"task": 3}', '{"task": {"id": 3}}', "null"):
        path.write_text(line + "\n")
        with pytest.raises(ConfigError, match=r"test.jsonl:1 is no (task|JSON)"):
            Dataset(folder).episodes("test")
        with pytest.raises(ConfigError, match=r"test.jsonl:1 (is no|has no)"):
            list(ours.trajectories(folder, "test"))
    with pytest.raises(ConfigError, match=r"split=val is unknown; .*valid: all, train, test"):
        Dataset(folder).episodes("val")
    with pytest.raises(ConfigError, match=r"it has no dataset\.json"):
        Dataset(tmp_path / "nowhere")
    info = folder / "dataset.json"
    for text, message in (
        ("{", "cannot be read"),
        ('{"format": "other", "version": 1, "splits": []}', "is other 1; valid"),
        ('{"format": "longhaul.lhvln", "version": 1, "splits": ["../a"]}', "list of names"),
    ):
        info.write_text(text)
        with pytest.raises(ConfigError, match=message):
            Dataset(folder)


def test_the_published_layout(tmp_path: Path) -> None:
    task, step = episode(), episode(1, "step")
    lhpr.write_task(tmp_path, 1, task, PRIMITIVES, way(task.id))
    lhpr.write_step(tmp_path, 1, "first", step, "task/batch_1/2")
    (found,) = Lhpr(tmp_path).episodes()
    assert (found.instruction, found.subtasks) == (task.instruction, task.subtasks)
    assert found.start["position"] == task.start["position"]
    assert found.start["yaw"] == pytest.approx(task.start["yaw"])
    (again,) = Lhpr(tmp_path).episodes(kind="step")
    assert again.subtasks[0].gt_steps == 3 and again.start["yaw"] == pytest.approx(math.pi / 6)


def test_a_packed_batch(tmp_path: Path) -> None:
    first = replace(episode(1, "step"), start={**episode(1, "step").start, "first": 0})
    entry = {
        "lh_task": lhpr.task_entry(episode(), PRIMITIVES),
        "st_task": [lhpr.step_entry(first, "")],
    }
    lhpr.write_packed(tmp_path, 1, [entry])
    (found,) = Lhpr(tmp_path).episodes()
    assert found.subtasks == episode().subtasks
    assert found.start["position"] == episode().start["position"]


def test_names_that_are_no_folders(tmp_path: Path) -> None:
    for text in ("", "a/b", "x" * 300, ".hidden"):
        with pytest.raises(ConfigError, match="no name of a folder"):
            lhpr.write_task(tmp_path, 1, replace(episode(), instruction=text), PRIMITIVES, way("a"))
    lhpr.write_task(tmp_path, 1, episode(), PRIMITIVES, way("a"))
    with pytest.raises(ConfigError, match="the same sentence"):
        lhpr.write_task(tmp_path, 1, episode(), PRIMITIVES, way("a"))


def test_a_leg_has_a_pose_more_than_actions() -> None:
    with pytest.raises(ValueError, match="1 actions have 1 poses"):
        Leg(("stop",), ((0.0, 0.0, 0.0, 0.0),), 1.0)


def test_our_datasets_become_the_published_layout(tmp_path: Path) -> None:
    ours_in, out = tmp_path / "ours", tmp_path / "theirs"
    ours_in.mkdir()
    write_info(ours_in, ("train", "test"))
    for number, split in enumerate(("train", "train", "test")):
        task = episode(number)
        task = replace(task, start={**task.start, "primitives": PRIMITIVES})
        steps = [replace(episode(number, "step"), id=f"house_7/000{number}/0")]
        ours.append(ours_in, split, task, way(task.id), steps)
    assert convert(ours_in, out) == 3
    theirs = Lhpr(out, split_by="batch")
    for split, count in (("train", 2), ("val", 0), ("test", 1)):
        found = {e.instruction: e for e in theirs.episodes(split)}
        written = Dataset(ours_in).episodes(split) if count else []
        assert len(found) == count
        for task in written:
            assert found[task.instruction].subtasks == task.subtasks
            assert found[task.instruction].start["position"] == task.start["position"]
        assert len(theirs.episodes(split, "step")) == count
    with pytest.raises(ConfigError, match="exists already"):
        convert(ours_in, out)
    with pytest.raises(ConfigError, match="no navigation dataset"):
        convert(out, tmp_path / "more")
    with (ours_in / "test.jsonl").open("a") as file:
        file.write("{\n")
    with pytest.raises(ConfigError, match=r"test.jsonl:2 is no JSON"):
        convert(ours_in, tmp_path / "more")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ours", "theirs"]
