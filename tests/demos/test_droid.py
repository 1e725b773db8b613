"""DROID as published: names and shapes of droid_1.0.1, many episodes in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pandas
import pytest
import yaml

from longhaul.configs.filling import CONFIG_FOLDER
from longhaul.demos.open import open_source
from longhaul.demos.source import DatasetError

LENGTHS = (12, 20, 9)
CAMERAS = ("observation.images.exterior_1_left", "observation.images.wrist_left")
VECTORS = {
    "observation.state.cartesian_position": 6,
    "observation.state.joint_position": 7,
    "observation.state.gripper_position": 1,
    "action.gripper_position": 1,
}


def droid(folder: Path) -> dict[str, np.ndarray]:
    """Write three episodes into one data file and one video a camera; return the columns."""
    random = np.random.default_rng(0)
    total = sum(LENGTHS)
    columns = {name: random.uniform(0, 1, (total, size)) for name, size in VECTORS.items()}
    columns["observation.state.cartesian_position"] *= 0.03
    columns["observation.state.cartesian_position"][:, 5] += np.pi - 0.015  # across the jump
    pose = columns["observation.state.cartesian_position"]
    pose[:, 5] = (pose[:, 5] + np.pi) % (2 * np.pi) - np.pi
    episode = np.repeat(np.arange(3), LENGTHS)
    columns = {name: values.astype(np.float32) for name, values in columns.items()}
    frame = pandas.DataFrame(
        {name: list(v) if v.shape[1] > 1 else v[:, 0] for name, v in columns.items()}
        | {
            "episode_index": episode,
            "index": np.arange(total),
            "task_index": np.array([1, 0, 1])[episode],
            "is_episode_successful": episode != 2,
        }
    )
    for name in ("meta/episodes/chunk-000", "data/chunk-000"):
        (folder / name).mkdir(parents=True)
    frame.to_parquet(folder / "data/chunk-000/file-000.parquet")
    tasks = pandas.DataFrame({"task_index": [0, 1]}, index=["close it", "put it away"])
    tasks.to_parquet(folder / "meta/tasks.parquet")
    starts = np.cumsum([0, *LENGTHS])
    rows: list[dict[str, Any]] = []
    for i, length in enumerate(LENGTHS):
        row: dict[str, Any] = {"episode_index": i, "length": length, "tasks": ["x"]}
        row |= {"data/chunk_index": 0, "data/file_index": 0}
        for key in CAMERAS:
            row |= {f"videos/{key}/{name}_index": 0 for name in ("chunk", "file")}
            row[f"videos/{key}/from_timestamp"] = starts[i] / 15
            row[f"videos/{key}/to_timestamp"] = starts[i + 1] / 15
        rows.append(row)
    pandas.DataFrame(rows).to_parquet(folder / "meta/episodes/chunk-000/file-000.parquet")
    features: dict[str, Any] = {n: {"dtype": "float32", "shape": [s]} for n, s in VECTORS.items()}
    features |= {key: {"dtype": "video", "shape": [180, 320, 3]} for key in CAMERAS}
    features |= {"task_index": {"dtype": "int64", "shape": [1]}}
    features |= {"is_episode_successful": {"dtype": "bool", "shape": [1]}}
    info = {
        "codebase_version": "v3.0",
        "robot_type": "Franka",
        "fps": 15,
        "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
        "video_path": "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
        "features": features,
    }
    (folder / "meta/info.json").write_text(json.dumps(info))
    for key in CAMERAS:
        path = folder / "videos" / key / "chunk-000" / "file-000.mp4"
        path.parent.mkdir(parents=True)
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=15, options={"crf": "1", "g": "2"})
            stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
            for t in range(total):
                picture = np.full((180, 320, 3), 20 + 5 * t, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            container.mux(stream.encode(None))
    return columns


@pytest.fixture
def options() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((CONFIG_FOLDER / "data" / "droid.yaml").read_text())
    return dict(loaded["options"])


def test_reads_droid_by_its_configuration(tmp_path: Path, options: dict[str, Any]) -> None:
    columns = droid(tmp_path)
    source = open_source(tmp_path, **options)
    assert source.lengths().tolist() == list(LENGTHS)
    assert source.spec.action.rate == 15 and source.spec.action.position_scale == 0.02
    rows = slice(12, 32)
    second = source.trajectory(1)
    assert second.segments[0].instruction == "close it" and second.segments[0].success
    assert not source.trajectory(2).segments[0].success
    pose = columns["observation.state.cartesian_position"][rows].astype(float)
    commands = np.where(columns["action.gripper_position"][rows, 0] > 0.5, -1, 1)
    state = second.states["robot_obs"]
    assert state.shape == (20, 15)
    np.testing.assert_allclose(state[:, :6], pose, atol=1e-6)
    opening = 0.085 * (1 - columns["observation.state.gripper_position"][rows, 0])
    np.testing.assert_allclose(state[:, 6], opening, atol=1e-6)
    np.testing.assert_array_equal(state[1:, 14], commands[:-1])
    np.testing.assert_array_equal(second.actions[:, 6], commands)
    moved = np.clip((pose[1:, :3] - pose[:-1, :3]) / 0.02, -1, 1)
    np.testing.assert_allclose(second.actions[:-1, :3], moved, atol=1e-4)
    turned = np.angle(np.exp(1j * (pose[1:, 5] - pose[:-1, 5]))) / 0.05
    assert np.abs(turned).max() < 1 and (np.abs(np.diff(pose[:, 5])) > 3).any()
    np.testing.assert_allclose(second.actions[:-1, 5], turned, atol=1e-4)
    np.testing.assert_array_equal(second.actions[-1, :6], 0)


def test_pictures_begin_where_the_episode_does(tmp_path: Path, options: dict[str, Any]) -> None:
    droid(tmp_path)
    source = open_source(tmp_path, **options)
    for index, start in enumerate((0, 12, 32)):
        levels = [frame.mean() for frame in source.frames(index, "rgb_gripper")]
        expected = 20 + 5 * (start + np.arange(LENGTHS[index]))
        np.testing.assert_allclose(levels, expected, atol=2)


def test_what_does_not_fit_is_named(tmp_path: Path, options: dict[str, Any]) -> None:
    droid(tmp_path)
    with pytest.raises(DatasetError, match="say what its features mean"):
        open_source(tmp_path)
    with pytest.raises(DatasetError, match=r"has no feature observation.images.top; it has"):
        open_source(tmp_path, **{**options, "cameras": {"rgb_static": "observation.images.top"}})
    info = json.loads((tmp_path / "meta/info.json").read_text())
    (tmp_path / "meta/info.json").write_text(json.dumps({**info, "codebase_version": "v2.1"}))
    with pytest.raises(DatasetError, match=r"info.json: codebase_version 'v2.1'; valid: v3.0"):
        open_source(tmp_path, **options)
