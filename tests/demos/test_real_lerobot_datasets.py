"""What the real lerobot writes is read as the real LeRobotDataset reads it, frame by frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.demos.lerobot.writer import DemoWriter
from longhaul.demos.open import open_source
from longhaul.demos.source import DemoSource, Segment, Trajectory
from tests.demos.made import SPEC, MadeSource
from tests.demos.real_lerobot import needs_lerobot, run

pytestmark = [pytest.mark.slow, needs_lerobot]

NAMES = (
    *("video", "image", "channels_first", "several_tasks", "reordered_tasks", "deltas"),
    *("three_hertz", "merged", "deleted", "depth", "h264", "av1"),
)

OPTIONS: dict[str, Any] = {
    "cameras": {name: f"observation.images.{name}" for name in ("front", "wrist")},
    "states": {"robot_obs": [{"key": "observation.state"}]},
    "action": {"parts": [{"key": "action"}], "mode": "delta"},
    "success": "next.success",
}

COPIES = ("copy_deleted", "copy_merged", "copy_split/a", "copy_split/b")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lerobot")
    run("lerobot_datasets.py", "datasets", folder, scratch=folder)
    return folder


def told(folder: Path, name: str) -> dict[str, np.ndarray]:
    with np.load(folder / f"{name}.npz", allow_pickle=False) as values:
        return dict(values)


def read(source: DemoSource) -> dict[str, np.ndarray]:
    """Return of every frame what `tell` in lerobot_datasets.py says."""
    found: dict[str, list[Any]] = {}
    for index, length in enumerate(source.lengths().tolist()):
        trajectory = source.trajectory(index)
        sentences = [""] * length
        for segment in trajectory.segments:
            for frame in range(segment.start, segment.stop):
                sentences[frame] = segment.instruction
        row: dict[str, Any] = {
            "episode": [index] * length,
            "time": [frame / source.spec.action.rate for frame in range(length)],
            "state": trajectory.states["robot_obs"],
            "action": trajectory.actions,
            "task": sentences,
        }
        for camera in source.spec.observation.cameras:
            row[f"observation.images.{camera.name}"] = list(source.frames(index, camera.name))
        for key, values in row.items():
            assert len(values) == length
            found.setdefault(key, []).extend(values)
    return {key: np.array(values) for key, values in found.items()}


def differences(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> dict[str, int]:
    """Return how many frames differ, by what."""
    counts = {}
    for key, values in ours.items():
        expected = theirs[key]
        if key == "observation.images.depth":
            expected = expected[..., 0].astype(np.float16)  # lerobot has float32, in meters
        if key == "time":
            expected, values = expected.astype(np.float32), values.astype(np.float32)
        assert values.shape == expected.shape, (key, values.shape, expected.shape)
        differ = (values != expected).reshape(len(values), -1).any(axis=1)
        counts[key] = int(differ.sum())
    return counts


@pytest.mark.parametrize("name", NAMES)
def test_every_frame_is_lerobots(made: Path, name: str) -> None:
    cameras = dict(OPTIONS["cameras"])
    if name == "depth":
        cameras["depth"] = "observation.images.depth"
    source = open_source(made / name, **{**OPTIONS, "cameras": cameras})
    theirs = told(made, name)
    counts = differences(read(source), theirs)
    print(name, len(theirs["time"]), "frames", counts)
    assert counts == dict.fromkeys(("episode", "time", "state", "action", "task"), 0) | {
        f"observation.images.{camera}": 0 for camera in cameras
    }
    kinds = {c.name: (c.kind, c.height, c.width) for c in source.spec.observation.cameras}
    assert kinds == {c: ("depth" if c == "depth" else "rgb", 64, 96) for c in cameras}
    assert source.spec.action.rate == (3 if name == "three_hertz" else 15)
    for index in range(len(source)):
        done = theirs["success"][theirs["episode"] == index].any()
        assert {s.success for s in source.trajectory(index).segments} == {bool(done)}
    numbers = {key: len(np.unique(theirs[key])) for key in ("task", "episode")}
    assert numbers["task"] > 1 and numbers["episode"] == (12 if name == "merged" else len(source))


def test_changes_of_a_part_of_the_state_are_those_of_lerobots_state(made: Path) -> None:
    pose = {"key": "observation.state", "names": ["x", "y", "z", "rx", "ry", "rz"]}
    action = {"delta_of": pose, "gripper": {"key": "action", "index": -1}, "position_scale": 2}
    source = open_source(made / "deltas", **{**OPTIONS, "action": action})
    theirs = told(made, "deltas")
    for index in range(len(source)):
        rows = theirs["episode"] == index
        state = theirs["state"][rows][:, :6].astype(float)
        step = np.diff(state, axis=0)
        step[:, 3:] = np.clip(np.angle(np.exp(1j * step[:, 3:])), -1, 1)
        step[:, :3] = np.clip(step[:, :3] / 2, -1, 1)
        actions = source.trajectory(index).actions
        np.testing.assert_allclose(actions[:-1, :6], step, atol=1e-6)
        np.testing.assert_array_equal(actions[:, 6], theirs["action"][rows][:, 6])


def test_lerobots_reader_takes_the_rows_of_the_tasks_for_their_numbers(made: Path) -> None:
    """Where this fails lerobot looks sentences up by task_index, as we do, and the comparison of
    reordered_tasks can be with the reordered dataset."""
    before = told(made, "reordered_tasks")["task"]
    assert not (np.load(made / "by_row.npy") == before).any()


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copies of one of our recordings by lerobot's tools."""
    folder = tmp_path_factory.mktemp("copies")
    source = MadeSource(jogged=True)
    writer = DemoWriter(folder / "own", SPEC)
    for index in range(len(source)):
        writer.add(own(index), {n: source.frames(index, n) for n in ("front", "wrist")})
    run("lerobot_datasets.py", "copies", folder, scratch=folder)
    return folder


def own(index: int) -> Trajectory:
    """Return a trajectory whose segments overlap and leave the last frames to none."""
    made = MadeSource(jogged=True).trajectory(index)
    more = Segment(5, 12, "lift", "lift it"), Segment(12, len(made) - 2, "push", "push it", False)
    return Trajectory(**{**vars(made), "segments": (made.segments[0], *more)})


@pytest.mark.parametrize("name", COPIES)
def test_copies_of_our_recordings_keep_their_conventions(copies: Path, name: str) -> None:
    which = {"copy_deleted": [0, 2], "copy_merged": [0, 1, 2] * 2, "copy_split/a": [0, 2]}
    indices = which.get(name, [1])
    source, theirs, ours = open_source(copies / name), told(copies, name), read_own(copies)
    assert source.spec == SPEC and len(source) == len(indices)
    for index, original in enumerate(indices):
        trajectory, expected = source.trajectory(index), own(original)
        assert trajectory.segments == expected.segments
        np.testing.assert_array_equal(trajectory.actions, expected.actions)
        np.testing.assert_array_equal(trajectory.executed, expected.executed)
        for state, values in expected.states.items():
            np.testing.assert_array_equal(trajectory.states[state], values)
        for camera in ("front", "wrist"):
            frames = np.stack(list(source.frames(index, camera)))
            np.testing.assert_array_equal(frames, ours[original, camera])
            rows = theirs["episode"] == index
            np.testing.assert_array_equal(frames, theirs[f"observation.images.{camera}"][rows])


def read_own(copies: Path) -> dict[tuple[int, str], np.ndarray]:
    """Return the pictures of the recording that was copied."""
    source = open_source(copies / "own")
    return {
        (index, camera): np.stack(list(source.frames(index, camera)))
        for index in range(len(source))
        for camera in ("front", "wrist")
    }
