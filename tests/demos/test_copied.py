"""Our recordings as lerobot's tools leave them: without all that we add beside the features.

tests/demos/test_lerobot_tools.py does it with the real tools.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from longhaul.demos.lerobot import layout
from longhaul.demos.lerobot.foreign import ForeignSource
from longhaul.demos.lerobot.writer import DemoWriter
from longhaul.demos.open import open_source
from longhaul.demos.source import DatasetError, DemoSpec, Segment, Trajectory
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, StateSpec
from tests.demos.made import SPEC, MadeSource

CAMERAS = ("front", "wrist")
SEGMENTS = (
    Segment(2, 12, "lift", "lift it", success=False),
    Segment(8, 20, "push", "push it"),
    Segment(20, 24, "push", "push it"),
)
"""They overlap, follow each other with one sentence, and leave the first frames to none."""

MAPPED = DemoSpec(
    ObservationSpec(
        (
            CameraSpec("height", 6, 4, kind="height", orientation="transposed"),
            CameraSpec("front", 32, 32, orientation="upside_down"),
        ),
        (StateSpec("robot_obs", 3, ("x (m)", "y (m)", "z (m)"), "base", "quaternion_xyzw"),),
    ),
    ActionSpec("absolute", 2, rate=30.0),
)


def copied(folder: Path) -> Path:
    """Leave of a dataset what lerobot's delete_episodes keeps; return the folder."""
    (folder / layout.CONVENTIONS_FILE).unlink()
    for path in (folder / "meta/episodes").rglob("*.parquet"):
        table = pandas.read_parquet(path)
        table.drop(columns=[n for n in table if n.startswith("longhaul")]).to_parquet(path)
    return folder


def write(folder: Path, jogged: bool = False, segments: tuple[Segment, ...] = SEGMENTS) -> Path:
    source = MadeSource((30, 21), jogged=jogged)
    writer = DemoWriter(folder, SPEC)
    for index in range(len(source)):
        made = source.trajectory(index)
        made = Trajectory(**{**vars(made), "segments": segments if index == 0 else made.segments})
        writer.add(made, {name: source.frames(index, name) for name in CAMERAS})
    return folder


def changed_info(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    info = json.loads((folder / layout.INFO_FILE).read_text())
    change(info["features"])
    (folder / layout.INFO_FILE).write_text(json.dumps(info))


@pytest.mark.parametrize("jogged", [False, True])
def test_a_copy_is_what_was_copied(tmp_path: Path, jogged: bool) -> None:
    write(tmp_path, jogged)
    ours = open_source(tmp_path)
    expected = [ours.trajectory(i) for i in range(2)]
    pictures = [list(ours.frames(1, name)) for name in CAMERAS]
    copy = open_source(copied(tmp_path))
    assert isinstance(copy, ForeignSource)
    assert copy.spec == SPEC and copy.lengths().tolist() == [30, 21]
    for index, theirs in enumerate(expected):
        found = copy.trajectory(index)
        assert found.segments == theirs.segments
        np.testing.assert_array_equal(found.actions, theirs.actions)
        assert (found.executed is None) == (not jogged)
        if theirs.executed is not None:
            np.testing.assert_array_equal(found.executed, theirs.executed)
        for name, values in theirs.states.items():
            np.testing.assert_array_equal(found.states[name], values)
    for name, frames in zip(CAMERAS, pictures, strict=True):
        np.testing.assert_array_equal(np.stack(list(copy.frames(1, name))), np.stack(frames))
    assert copy.trajectory(0).segments == SEGMENTS


def test_maps_and_every_convention_are_copied(tmp_path: Path) -> None:
    writer = DemoWriter(tmp_path, MAPPED)
    made = MadeSource().trajectory(1)
    states = {"robot_obs": made.states["robot_obs"]}
    maps = np.random.default_rng(0).uniform(0, 1, (21, 6, 4)).astype(np.float16)
    writer.add(
        Trajectory(made.id, states, made.actions, segments=made.segments),
        {"front": MadeSource().frames(1, "front"), "height": maps},
    )
    copy = open_source(copied(tmp_path))
    assert copy.spec == MAPPED
    np.testing.assert_array_equal(np.stack(list(copy.frames(0, "height"))), maps)


def test_a_copy_without_the_column_of_segments_has_those_of_its_tasks(tmp_path: Path) -> None:
    copied(write(tmp_path))
    changed_info(tmp_path, lambda features: features.pop(layout.SEGMENTS))
    found = open_source(tmp_path).trajectory(0).segments
    assert found == (Segment(2, 12, "lift it", "lift it"), Segment(12, 24, "push it", "push it"))


def test_an_older_recording_goes_on_without_the_column(tmp_path: Path) -> None:
    """Its first data files lack it, and lerobot asks that all have the same columns."""
    source = MadeSource()
    writer = DemoWriter(tmp_path, SPEC)
    writer.add(source.trajectory(0), {name: source.frames(0, name) for name in CAMERAS})
    path = tmp_path / layout.DATA_FILE.format(**layout.place(0))
    pandas.read_parquet(path).drop(columns=[layout.SEGMENTS]).to_parquet(path)
    changed_info(tmp_path, lambda features: features.pop(layout.SEGMENTS))
    again = DemoWriter(tmp_path, SPEC)
    again.add(source.trajectory(1), {name: source.frames(1, name) for name in CAMERAS})
    newer = pandas.read_parquet(tmp_path / layout.DATA_FILE.format(**layout.place(1)))
    assert set(newer) == set(pandas.read_parquet(path))
    features = json.loads((tmp_path / layout.INFO_FILE).read_text())["features"]
    assert layout.SEGMENTS not in features and features["action"][layout.TOLD]["mode"] == "delta"


@pytest.mark.parametrize(
    ("key", "told", "line"),
    [
        ("action", {"mode": "delta", "width": 2}, r"longhaul of feature action is broken"),
        ("action", 3, r"longhaul of feature action is broken"),
        ("action", {"mode": "delta", "size": 9}, r"feature action has 2 numbers, longhaul says 9"),
        ("action", None, r"say 0 actions and the names front, wrist, robot_obs, scene_obs"),
        ("observation.images.wrist", {"name": "front", "height": 9, "width": 9}, r"no name twice"),
        (
            "observation.images.wrist",
            {"name": "../x", "height": 9, "width": 9},
            r"can't name a cam",
        ),
    ],
)
def test_broken_conventions_are_named(tmp_path: Path, key: str, told: Any, line: str) -> None:
    copied(write(tmp_path))
    changed_info(tmp_path, lambda features: features[key].update({layout.TOLD: told}))
    if told is None:
        changed_info(tmp_path, lambda features: features[key].pop(layout.TOLD))
    with pytest.raises(DatasetError, match=line) as caught:
        open_source(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["[", "3", '[{"name": "x"}]', '[{"frames": 2, "label": "x"}]', '["x"]']
)
def test_broken_segments_are_named(tmp_path: Path, text: str) -> None:
    copied(write(tmp_path))
    path = tmp_path / layout.DATA_FILE.format(**layout.place(0))
    table = pandas.read_parquet(path)
    table.loc[4, layout.SEGMENTS] = text
    table.to_parquet(path)
    with pytest.raises(DatasetError, match=r"file-000.parquet: .*longhaul.segments") as caught:
        open_source(tmp_path).trajectory(0)
    assert "\n" not in str(caught.value)


def test_a_copy_of_an_older_recording_asks_for_options(tmp_path: Path) -> None:
    def older(features: dict[str, Any]) -> None:
        for feature in features.values():
            feature.pop(layout.TOLD, None)

    copied(write(tmp_path))
    changed_info(tmp_path, older)
    with pytest.raises(DatasetError, match=r"or by an older one: say what its features mean"):
        open_source(tmp_path)
