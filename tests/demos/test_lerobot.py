"""The suite's own store: what was complete is there, whatever came after it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas
import pytest
from numpy.typing import NDArray

from longhaul.demos.lerobot import layout
from longhaul.demos.lerobot.reader import LeRobotSource
from longhaul.demos.lerobot.writer import DemoWriter
from longhaul.demos.open import open_source
from longhaul.demos.source import DatasetError
from longhaul.demos.statistics import Statistics
from tests.demos.made import SPEC, MadeSource


def write(folder: Path, source: MadeSource, indices: range | None = None) -> DemoWriter:
    writer = DemoWriter(folder, SPEC)
    for index in indices or range(len(source)):
        cameras = {name: source.frames(index, name) for name in ("front", "wrist")}
        writer.add(source.trajectory(index), cameras)
    return writer


def equal_trajectories(folder: Path, source: MadeSource) -> int:
    """Read a folder back: its trajectories are the first of the source. Return how many."""
    found = open_source(folder)
    assert isinstance(found, LeRobotSource)
    assert found.spec == SPEC
    np.testing.assert_array_equal(found.lengths(), source.lengths()[: len(found)])
    for index in range(len(found)):
        ours, theirs = found.trajectory(index), source.trajectory(index)
        assert (ours.id, ours.segments, ours.episode) == (theirs.id, theirs.segments, None)
        np.testing.assert_array_equal(ours.actions, theirs.actions)
        for name, values in theirs.states.items():
            np.testing.assert_array_equal(ours.states[name], values)
        for camera in ("front", "wrist"):
            pairs = zip(found.frames(index, camera), source.frames(index, camera), strict=True)
            assert max(np.abs(a.astype(int) - b).max() for a, b in pairs) <= 2
    return len(found)


@pytest.mark.parametrize("jogged", [False, True])
def test_round_trip(tmp_path: Path, jogged: bool) -> None:
    source = MadeSource(jogged=jogged)
    write(tmp_path / "made", source)
    assert equal_trajectories(tmp_path / "made", source) == 3
    executed = open_source(tmp_path / "made").trajectory(0).executed
    assert (executed is not None) == jogged
    if executed is not None:
        np.testing.assert_array_equal(executed, source.trajectory(0).actions + 0.5)


def test_tables_are_those_of_the_layout(tmp_path: Path) -> None:
    """Read with pandas and json alone, as another package would."""
    write(tmp_path, MadeSource())
    info = json.loads((tmp_path / "meta/info.json").read_text())
    assert info["codebase_version"] == "v3.0"
    assert (info["total_episodes"], info["total_frames"], info["fps"]) == (3, 91, 30)
    # lerobot's own defaults: how much it puts into a folder and into a file.
    sizes = [info[f"{kind}_files_size_in_mb"] for kind in ("data", "video")]
    assert (info["chunks_size"], sizes) == (1000, [100, 200])
    tasks = pandas.read_parquet(tmp_path / "meta/tasks.parquet")
    assert list(tasks.index) == ["reach it", "push it"]
    rows = pandas.concat(
        pandas.read_parquet(path) for path in sorted((tmp_path / "data").rglob("*.parquet"))
    )
    np.testing.assert_array_equal(rows["index"], np.arange(91))
    assert (
        rows["task_index"].tolist()
        == [0] * 10 + [1] * 20 + [0] * 10 + [1] * 11 + [0] * 10 + [1] * 30
    )
    assert set(rows.columns) | {"observation.images.front", "observation.images.wrist"} == set(
        info["features"]
    )
    stats = json.loads((tmp_path / "meta/stats.json").read_text())
    actions = np.stack(rows["action"].to_numpy()).astype(float)
    np.testing.assert_allclose(stats["action"]["mean"], actions.mean(axis=0))
    np.testing.assert_allclose(stats["action"]["std"], actions.std(axis=0))
    assert np.shape(stats["observation.images.front"]["mean"]) == (3, 1, 1)


def test_a_writer_goes_on(tmp_path: Path) -> None:
    source = MadeSource()
    write(tmp_path, source, range(1))
    again = DemoWriter(tmp_path, SPEC)
    assert again.completed() == {"made-0"}
    with pytest.raises(DatasetError, match=r"made-0 is in .* already"):
        again.add(source.trajectory(0), {n: source.frames(0, n) for n in ("front", "wrist")})
    write(tmp_path, source, range(1, 3))
    assert equal_trajectories(tmp_path, source) == 3


@pytest.mark.parametrize("after", [1, 25, 45])
def test_a_full_disk_leaves_what_was_complete(tmp_path: Path, after: int) -> None:
    source = MadeSource()
    writer = write(tmp_path, source, range(1))

    def cut(camera: str) -> Iterator[NDArray[np.uint8]]:
        for number, frame in enumerate(source.frames(2, camera)):
            if number == after or (after > 40 and camera == "wrist"):
                raise OSError(28, "No space left on device")
            yield frame

    with pytest.raises(OSError, match="No space left"):
        writer.add(source.trajectory(2), {name: cut(name) for name in ("front", "wrist")})
    assert equal_trajectories(tmp_path, source) == 1
    write(tmp_path, source, range(1, 3))
    assert equal_trajectories(tmp_path, source) == 3


def test_a_crash_before_the_last_file_counts_for_nothing(tmp_path: Path) -> None:
    source = MadeSource()
    write(tmp_path, source, range(2))
    (tmp_path / layout.EPISODE_FILE.format(**layout.place(1))).unlink()
    assert equal_trajectories(tmp_path, source) == 1
    write(tmp_path, source, range(1, 3))
    assert equal_trajectories(tmp_path, source) == 3


def test_what_is_broken_is_named(tmp_path: Path) -> None:
    write(tmp_path / "whole", MadeSource())

    def broken(name: str) -> Path:
        shutil.rmtree(tmp_path / name, ignore_errors=True)
        return Path(shutil.copytree(tmp_path / "whole", tmp_path / name))

    at0, at = layout.place(0), layout.place(1)
    video = layout.VIDEO_FILE.format(video_key=layout.camera_key("front"), **at)
    folder = broken("missing")
    (folder / video).unlink()
    with pytest.raises(DatasetError, match=r"file-001.mp4: this video is missing"):
        list(open_source(folder).frames(1, "front"))
    folder = broken("short")
    (folder / layout.VIDEO_FILE.format(video_key=layout.camera_key("wrist"), **at)).replace(
        folder / layout.VIDEO_FILE.format(video_key=layout.camera_key("wrist"), **layout.place(0))
    )
    with pytest.raises(DatasetError, match=r"21 frames, the metadata says 30"):
        list(open_source(folder).frames(0, "wrist"))
    folder = broken("long")
    names = [layout.VIDEO_FILE.format(video_key=layout.camera_key("wrist"), **n) for n in (at0, at)]
    (folder / names[0]).replace(folder / names[1])
    with pytest.raises(DatasetError, match=r"more than 21 frames, the metadata says 21"):
        list(open_source(folder).frames(1, "wrist"))
    folder = broken("truncated")
    data = folder / layout.DATA_FILE.format(**at)
    data.write_bytes(data.read_bytes()[:200])
    with pytest.raises(DatasetError, match=r"file-001.parquet: no readable parquet"):
        open_source(folder).trajectory(1)
    folder = broken("swapped")
    (folder / layout.DATA_FILE.format(**at)).replace(
        folder / layout.DATA_FILE.format(**layout.place(0))
    )
    with pytest.raises(DatasetError, match=r"21 frames, the metadata says 30"):
        open_source(folder).trajectory(0)


def test_folders_of_another_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there is no such folder"):
        open_source(tmp_path / "nowhere")
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(DatasetError, match=r"holds no dataset; looked for arrays.json"):
        open_source(tmp_path)
    foreign = tmp_path / "foreign"
    (foreign / "meta").mkdir(parents=True)
    (foreign / "meta/info.json").write_text("{}")
    with pytest.raises(DatasetError, match="not written by this suite"):
        DemoWriter(foreign, SPEC)
    assert list((foreign / "meta").iterdir()) == [foreign / "meta/info.json"]
    write(tmp_path / "made", MadeSource(), range(1))
    other = type(SPEC)(SPEC.observation, type(SPEC.action)("absolute", 2))
    with pytest.raises(DatasetError, match="other cameras, states or actions"):
        DemoWriter(tmp_path / "made", other)


def test_statistics_are_those_of_all_rows_and_know_what_is_constant() -> None:
    rows = np.random.default_rng(0).normal(3, 2, (100, 4))
    rows[:, 2] = 7
    parts = [Statistics.of(rows[a:b]) for a, b in ((0, 1), (1, 40), (40, 100))]
    merged = parts[0].merged(parts[1]).merged(parts[2])
    np.testing.assert_allclose(merged.mean, rows.mean(axis=0))
    np.testing.assert_allclose(merged.std, rows.std(axis=0), atol=1e-12)
    np.testing.assert_array_equal(merged.min, rows.min(axis=0))
    assert (merged.count, merged.constant()) == (100, [2])
    assert Statistics.from_json(merged.to_json()).to_json() == merged.to_json()
