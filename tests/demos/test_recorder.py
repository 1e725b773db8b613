"""What a worker leaves of an episode: which frames are kept, labels apart from what was done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.demos.open import open_source
from longhaul.demos.recorder import VECTORS_FILE, EpisodeRecorder, as_vector
from longhaul.demos.recording import Recording, subtask_segments
from longhaul.demos.source import DemoSpec, Segment
from longhaul.envs.episode import EpisodeRecord, Status, SubtaskOutcome
from longhaul.envs.hooks import Window
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, StateSpec
from tests.toy import toy_episode

SPEC = DemoSpec(
    ObservationSpec((CameraSpec("rgb", 16, 24),), (StateSpec("state", 1),)),
    ActionSpec("delta", 2, rate=30.0),
)
PICTURE = np.zeros((16, 24, 3), np.uint8)
ENDS = (4, 7)
"""Steps after which the first two subtasks are done; the third never is."""


def info(step: int) -> dict[str, Any]:
    outcomes = [SubtaskOutcome("mark", 3, success=step >= end) for end in (*ENDS, 99)]
    return {"outcomes": outcomes}


def record(folder: Path, keep: str, status: Status, steps: int = 10, label: bool = True) -> Path:
    """Record an episode whose every array says which step it is of; buffers are used again."""
    recorder = EpisodeRecorder(folder, SPEC, keep)
    observation = {"rgb": np.zeros((16, 24, 3), np.uint8), "state": np.zeros(1, np.float32)}
    if label:
        observation["expert_action"] = np.zeros(2)
    executed = np.zeros(2)
    for step in range(steps):
        observation["rgb"][:] = 20 * step
        observation["state"][:] = step
        if label:
            observation["expert_action"][:] = step / 100
        executed[:] = step / 100 + 0.005
        recorder.observe(observation, info(step))
        recorder.act(executed)
    recorder.close(info(steps), status)
    return folder


def vectors(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / VECTORS_FILE, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


@pytest.mark.parametrize(
    ("keep", "status", "frames"),
    [
        ("success", "success", 10),
        ("success", "timeout", 0),
        ("prefix", "timeout", 7),
        ("all", "timeout", 10),
    ],
)
def test_what_is_kept(tmp_path: Path, keep: str, status: Status, frames: int) -> None:
    folder = record(tmp_path / "a", keep, status)
    if not frames:
        assert not folder.exists()
        return
    found = vectors(folder)
    assert found["state.state"][:, 0].tolist() == list(range(frames))
    np.testing.assert_allclose(found["actions"][:, 0], np.arange(frames) / 100)
    np.testing.assert_allclose(found["executed"][:, 0], np.arange(frames) / 100 + 0.005)
    assert all(array.dtype == np.float32 for array in found.values())
    assert brightness(folder / "rgb.mp4") == pytest.approx(20 * np.arange(frames), abs=4)


def test_without_a_label_the_executed_action_is_the_action(tmp_path: Path) -> None:
    found = vectors(record(tmp_path / "a", "all", "success", label=False))
    assert "executed" not in found
    np.testing.assert_allclose(found["actions"][:, 1], np.arange(10) / 100 + 0.005)


def test_an_episode_without_a_finished_subtask_leaves_nothing(tmp_path: Path) -> None:
    assert not record(tmp_path / "a", "prefix", "timeout", steps=3).exists()


def test_windows_that_a_labeler_saw_become_the_segments_where_they_are_kept_whole(
    tmp_path: Path,
) -> None:
    episode = EpisodeRecord(toy_episode("test", 0), (), "timeout", 10)
    recording = Recording(tmp_path / "demos", SPEC, "prefix")
    recording.open()
    recorder = recording.recorder(episode.episode)()
    for step in range(10):
        recorder.observe({"rgb": PICTURE, "state": np.zeros(1)}, info(step))
        recorder.act(np.zeros(2))
    seen = [Window(1, 5, "wave", "wave a hand"), Window(4, 9, "nod", "nod twice")]
    recorder.close({**info(10), "windows": seen}, "timeout")
    recording.add(episode)
    found = open_source(tmp_path / "demos").trajectory(0)
    assert found.segments == (Segment(1, 5, "wave", "wave a hand"),) and len(found) == 7


def test_a_second_attempt_starts_from_nothing(tmp_path: Path) -> None:
    record(tmp_path / "a", "all", "success")
    assert len(vectors(record(tmp_path / "a", "all", "success", steps=5))["actions"]) == 5


def test_segments_are_the_subtasks_up_to_the_last_frame() -> None:
    outcomes = (
        SubtaskOutcome("mark_0", 3, True, True, 0, 4),
        SubtaskOutcome("mark_1", 3, True, True, 4, 7),
        SubtaskOutcome("mark_2", 3, True, False, 7, 12),
    )
    episode = EpisodeRecord(toy_episode("test", 0), outcomes, "timeout", 12)
    prefix = subtask_segments(episode, 7)
    assert [(s.start, s.stop, s.instruction) for s in prefix] == [
        (0, 4, "go to mark 1"),
        (4, 7, "go to mark 2"),
    ]
    assert [s.success for s in subtask_segments(episode, 12)] == [True, True, False]


def brightness(video: Path) -> np.ndarray:
    import av

    with av.open(str(video)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.array([frame.mean() for frame in frames])


def test_every_kind_of_action_is_a_vector() -> None:
    assert as_vector(np.int64(2)).tolist() == [2.0]
    assert as_vector(np.array([0.5, -1.0])).tolist() == [0.5, -1.0]
    assert as_vector({"b": np.array([2.0]), "a": np.array([0.0, 1.0])}).tolist() == [0.0, 1.0, 2.0]
