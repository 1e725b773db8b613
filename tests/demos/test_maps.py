"""Maps of meters and actions of two poses: from an env's observation to a training batch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from longhaul.demos.cache import build_cache
from longhaul.demos.joined import join
from longhaul.demos.lerobot.reader import LeRobotSource
from longhaul.demos.open import open_source
from longhaul.demos.recorder import EpisodeRecorder
from longhaul.demos.recording import Recording, demo_spec
from longhaul.demos.source import DatasetError
from longhaul.demos.windows import Windows
from longhaul.envs.episode import Episode, EpisodeRecord, Subtask, SubtaskOutcome
from longhaul.envs.specs import ActionSpec, CameraSpec, EnvSpec, ObservationSpec

CAMERAS = (
    CameraSpec("color", 24, 16),
    CameraSpec("height", 24, 16, kind="height"),
    CameraSpec("ids", 24, 16, kind="ids"),
)
ENV = EnvSpec(ObservationSpec(CAMERAS), ActionSpec("pick_place", 14, rate=1.0), ("test",))
SIZES = {"color": None, "height": None}


def observation(episode: int, step: int) -> dict[str, np.ndarray]:
    heights = np.random.default_rng([episode, step]).uniform(0, 0.28, (24, 16))
    color = np.full((24, 16, 3), (40 * episode, 20 * step, 128), np.uint8)
    return {"color": color, "height": heights.astype(np.float32), "ids": np.zeros((24, 16))}


def record(folder: Path, episodes: int, steps: int) -> LeRobotSource:
    """Record episodes of pick and place, whose first subtask alone is done."""
    recording = Recording(folder, demo_spec(ENV), "prefix")
    recording.open()
    subtasks = (Subtask("move", "move it", 1), Subtask("rest", "move the rest", 1))
    for number in range(episodes):
        episode = Episode(f"made-{number}", number, "move it", subtasks)
        recorder: EpisodeRecorder = recording.recorder(episode)()
        outcomes = (
            SubtaskOutcome("move", 1, True, False, 0, None),
            SubtaskOutcome("rest", 1),
        )
        for step in range(steps):
            recorder.observe(observation(number, step), {"outcomes": outcomes})
            recorder.act({"pose1": np.full(7, step + 0.5), "pose0": np.full(7, step)})
            outcomes = (SubtaskOutcome("move", 1, True, True, 0, 1), SubtaskOutcome("rest", 1))
        recorder.close({"outcomes": outcomes}, "timeout")
        recording.add(EpisodeRecord(episode, outcomes, "timeout", steps))
    source = open_source(folder)
    assert isinstance(source, LeRobotSource)
    return source


def test_what_was_seen_is_what_is_learned_from(tmp_path: Path) -> None:
    source = record(tmp_path / "made", episodes=3, steps=4)
    assert source.lengths().tolist() == [1, 1, 1]  # the prefix up to the subtask that was done
    cache = build_cache(source, SIZES, tmp_path / "cache")
    windows = Windows(cache, length=1, holdout=0)
    batch = windows.batch(np.arange(len(windows)))
    assert batch["height"].dtype == np.float16
    assert batch["height"].shape == (3, 1, 24, 16)
    assert batch["color"].shape == (3, 1, 24, 16, 3)
    for row in range(3):
        seen = observation(row, 0)
        far = np.abs(batch["height"][row, 0].astype(float) - seen["height"])
        assert 0 < far.max() < 1.3e-4, "float16 is exact to an eighth of a millimeter below 0.5 m"
        assert np.abs(batch["color"][row, 0].astype(int) - seen["color"]).max() <= 2
    np.testing.assert_array_equal(batch["actions"][0, 0], [0.0] * 7 + [0.5] * 7)


def test_datasets_with_maps_are_stitched(tmp_path: Path) -> None:
    sources = [record(tmp_path / name, 2, 1) for name in ("a", "b")]
    caches = [build_cache(source, SIZES, tmp_path / "cache") for source in sources]
    whole = Windows(join(caches), length=1, holdout=0).batch(np.arange(4))
    np.testing.assert_array_equal(whole["height"][2:], whole["height"][:2])
    assert whole["height"].dtype == np.float16


def test_other_readers_find_a_declared_two_dimensional_feature(tmp_path: Path) -> None:
    record(tmp_path, 1, 1)
    info = json.loads((tmp_path / "meta/info.json").read_text())
    feature = info["features"]["observation.maps.height"]
    own = {"dtype": "float16", "shape": [24, 16], "names": ["height", "width"]}
    assert {key: feature[key] for key in feature if key != "longhaul"} == own
    assert "observation.images.height" not in info["features"]
    frame = pandas.read_parquet(next((tmp_path / "data").rglob("*.parquet")))
    rows: Any = frame["observation.maps.height"][0]
    np.testing.assert_allclose(np.stack(rows), observation(0, 0)["height"], atol=1.3e-4)
    stats = json.loads((tmp_path / "meta/stats.json").read_text())["observation.maps.height"]
    assert np.shape(stats["mean"]) == (1, 1) and 0.1 < stats["mean"][0][0] < 0.18


def test_a_map_is_not_resized_and_a_missing_one_is_named(tmp_path: Path) -> None:
    source = record(tmp_path / "made", 1, 1)
    with pytest.raises(DatasetError, match="height is a map: it is not resized"):
        build_cache(source, {"height": 12}, tmp_path / "cache")
    with pytest.raises(DatasetError, match=r"no camera ids; it has \['color', 'height'\]"):
        build_cache(source, {"ids": None}, tmp_path / "cache")
