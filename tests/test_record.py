"""scripts/record.py from the command line to the reader."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
import yaml
from PIL import Image

from longhaul.commands.record import main
from longhaul.demos.open import open_source
from longhaul.demos.recording import Recording
from longhaul.demos.source import Trajectory
from tests.evaluation.killing import Command
from tests.evaluation.running import TOY

ENV = {"id": TOY, "faults": {}, "step_s": 0.0, "scratch": None}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "configs/env").mkdir(parents=True)
    (tmp_path / "configs/env/toy.yaml").write_text(yaml.safe_dump(ENV))
    monkeypatch.chdir(tmp_path)
    yield tmp_path


def record(*arguments: str) -> int:
    base = ["env=toy", "policy=expert", "episodes=3", "workers=1", "out=demos", "videos=1"]
    return main(["--config-dir", "configs", *base, *arguments])


def trajectories(path: Path) -> dict[str, Trajectory]:
    source = open_source(path)
    found = [source.trajectory(index) for index in range(len(source))]
    return {trajectory.id: trajectory for trajectory in found}


def pictures(path: Path, camera: str = "rgb_wide") -> dict[str, np.ndarray]:
    source = open_source(path)
    return {
        source.trajectory(index).id: np.stack(list(source.frames(index, camera)))
        for index in range(len(source))
    }


def test_what_was_played_is_what_is_read(folder: Path, capsys: Any) -> None:
    assert record() == 0
    found = trajectories(folder / "demos")
    assert sorted(found) == ["test-0000", "test-0001", "test-0002"]
    for name, frames in pictures(folder / "demos").items():
        trajectory = found[name]
        position, mark = trajectory.states["state"].T
        assert len(frames) == len(trajectory) == len(trajectory.actions)
        # The expert's rule, and what each action did to the position one frame later.
        np.testing.assert_allclose(
            trajectory.actions[:, 0], np.clip((mark - position) / 0.2, -1, 1), atol=1e-5
        )
        np.testing.assert_allclose(np.diff(position), 0.2 * trajectory.actions[:-1, 0], atol=1e-5)
        assert [s.name for s in trajectory.segments] == ["mark_0", "mark_1", "mark_2"]
        assert trajectory.segments[-1].stop == len(trajectory)
        assert trajectory.episode is not None and trajectory.episode.id == name
        # The white bar stands where the state says.
        bars = frames[:, 12, :, 1].argmax(axis=1)
        assert np.abs(bars - np.clip(24 + 24 * position, 0, 47).astype(int)).max() <= 1
    notes = folder / "demos/recording"
    assert [path.name for path in (notes / "videos").iterdir()] == ["test-0000.mp4"]
    assert Image.open(notes / "sheet.png").size[0] > 8 * 48
    assert not (notes / "scratch").exists() or not list((notes / "scratch").iterdir())
    assert "mark_2" in capsys.readouterr().out


def test_only_what_succeeded_is_kept_unless_told_otherwise(folder: Path) -> None:
    few = ("policy=random", "episodes=6", "sheet=0", "videos=0")
    assert record(*few, "out=prefix") == 0
    assert record(*few, "out=success", "keep=success") == 0
    assert record(*few, "out=all", "keep=all") == 0
    records = [json.loads(s) for s in (folder / "all/recording/episodes.jsonl").open()]
    failed = {r["id"] for r in records if r["status"] != "success"}
    begun = {r["id"] for r in records if r["outcomes"][0]["success"]}
    assert failed and begun & failed, "this test needs episodes that fail half-way"
    whole, prefix = trajectories(folder / "all"), trajectories(folder / "prefix")
    assert set(whole) == {r["id"] for r in records}
    assert {r["id"]: r["steps"] for r in records} == {k: len(v) for k, v in whole.items()}
    assert set(trajectories(folder / "success")) == set(whole) - failed
    assert set(prefix) == begun
    for name, trajectory in prefix.items():
        assert all(segment.success for segment in trajectory.segments)
        assert trajectory.segments[-1].stop == len(trajectory)
        np.testing.assert_array_equal(trajectory.actions, whole[name].actions[: len(trajectory)])


def test_a_killed_recording_goes_on(folder: Path) -> None:
    arguments = ("policy=expert", "episodes=12", "workers=2", "videos=0", "sheet=0", "out=demos")
    broken = Command(folder / "broken", arguments, env={**ENV, "step_s": 0.03}, script="record")
    broken.folder.mkdir()
    process = broken.start()
    lines = broken.folder / "demos/recording/episodes.jsonl"
    while process.poll() is None and (not lines.exists() or lines.read_text().count("\n") < 3):
        time.sleep(0.01)
    assert process.poll() is None, (broken.folder / "stderr").read_text()
    broken.kill_main(process)
    done = len(trajectories(broken.folder / "demos"))
    assert 3 <= done < 12
    before = lines.read_text()
    broken.finish()
    assert lines.read_text().startswith(before)
    assert record("episodes=12", "videos=0", "sheet=0", "out=whole") == 0
    again, whole = trajectories(broken.folder / "demos"), trajectories(folder / "whole")
    assert again.keys() == whole.keys()
    for name in whole:
        np.testing.assert_array_equal(again[name].actions, whole[name].actions)
        np.testing.assert_array_equal(again[name].states["state"], whole[name].states["state"])


def test_a_full_disk_is_one_line_and_what_was_complete_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    real, calls = Recording.add, []

    def full(self: Recording, done: Any) -> None:
        calls.append(done)
        if len(calls) == 3:
            raise OSError(28, "No space left on device", "demos/data/a.parquet")
        real(self, done)

    monkeypatch.setattr(Recording, "add", full)
    assert record("episodes=5") == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told == (
        "error: demos/data/a.parquet: No space left on device; what was complete is kept: make "
        "space and give the same command again"
    )
    assert len(trajectories(folder / "demos")) == 2
    monkeypatch.setattr(Recording, "add", real)
    assert record("episodes=5") == 0
    assert len(trajectories(folder / "demos")) == 5


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("keep=some", "keep=some is unknown; valid: success, prefix, all"),
        ("episodes=0", "episodes=0"),
        ("sheet=-1", "sheet=-1"),
        ("out=other", "out=other exists and was not recorded"),
    ],
)
def test_bad_input_is_one_line_before_anything_is_written(
    folder: Path, argument: str, message: str, capsys: Any
) -> None:
    (folder / "other").mkdir()
    (folder / "other/precious").write_text("mine")
    assert record(argument) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not (folder / "demos").exists()
    assert [path.name for path in (folder / "other").iterdir()] == ["precious"]


def test_another_configuration_does_not_mix_in(folder: Path, capsys: Any) -> None:
    assert record("sheet=0", "videos=0") == 0
    before = trajectories(folder / "demos")
    assert record("sheet=0", "videos=0", "seed=5") == 2
    assert "belongs to another configuration" in capsys.readouterr().err
    assert trajectories(folder / "demos").keys() == before.keys()


def test_a_dataset_is_not_continued_with_other_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    package = folder / "path/drifting_env"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "env.py").write_text("from tests.toy import ToyEnv\n")
    monkeypatch.syspath_prepend(str(package.parent))
    toy = replace(gymnasium.spec(TOY.partition(":")[2]), entry_point="drifting_env.env:ToyEnv")
    monkeypatch.setattr("longhaul.evaluation.loop.task._spec", lambda name, options: toy)
    assert record("episodes=1") == 0
    before = {p: p.read_bytes() for p in (folder / "demos").rglob("*") if p.is_file()}
    (package / "env.py").write_text("from tests.toy import ToyEnv\n\nGRAVITY = 9.8\n")
    for command in (("episodes=2",), ("episodes=1",), ("episodes=2", "retry_errors=true")):
        assert record(*command) == 2
        assert "other code of env (drifting_env/env.py)" in capfd.readouterr().err
    assert {p: p.read_bytes() for p in (folder / "demos").rglob("*") if p.is_file()} == before
    assert record("episodes=2", "mixed=allow") == 0
    assert len(trajectories(folder / "demos")) == 2
    lines = (folder / "demos/recording/episodes.jsonl").read_text().splitlines()
    assert len({json.loads(line)["made"]["code"] for line in lines}) == 2
