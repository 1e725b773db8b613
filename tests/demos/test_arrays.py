"""Datasets of arrays: what is written is what is read, as a dataset and as training's cache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.demos.arrays import INDEX_FILE, ArraysSource, ArraysWriter
from longhaul.demos.cache import build_cache
from longhaul.demos.joined import join
from longhaul.demos.open import open_source
from longhaul.demos.source import DatasetError, DemoSpec
from longhaul.demos.windows import Windows
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, StateSpec

SPEC = DemoSpec(
    ObservationSpec(
        (
            CameraSpec("picture", 8, 8),
            CameraSpec("rows", 2, 5, "rows"),
            CameraSpec("thing", 4, 4, "ids"),
        ),
        (StateSpec("pose", 3),),
    ),
    ActionSpec("discrete", 1),
)
SHAPES: dict[str, tuple[Any, tuple[int, ...]]] = {
    "camera.picture": (np.uint8, (8, 8, 3)),
    "camera.rows": (np.float16, (2, 5)),
    "camera.thing": (np.uint16, (4, 4)),
    "state.pose": (np.float32, (3,)),
    "actions": (np.float32, (1,)),
}
LENGTHS = (5, 3, 2)
SENTENCES = ("go there", "come back")
SEGMENTS = ((0, 0, 2, 0, 0), (0, 2, 5, 1, 0), (1, 5, 8, 0, 0), (2, 8, 10, 1, 0))


def write(folder: Path, seed: int = 0, sentences: tuple[str, ...] = SENTENCES) -> dict[str, Any]:
    """Write a dataset of random arrays, and return them."""
    rng = np.random.default_rng(seed)
    frames = sum(LENGTHS)
    writer = ArraysWriter(folder, SPEC, frames, SHAPES)
    made = {
        n: (rng.random((frames, *shape)) * 2**15).astype(kind)
        for n, (kind, shape) in SHAPES.items()
    }
    for name, values in made.items():
        writer.arrays[name][:] = values
    writer.close(["a", "b", "c"], (0, *np.cumsum(LENGTHS)), SEGMENTS, sentences, ["task"])
    return made


def test_what_is_written_is_read(tmp_path: Path) -> None:
    made = write(tmp_path / "made")
    source = open_source(tmp_path / "made")
    assert isinstance(source, ArraysSource) and source.spec == SPEC
    assert len(source) == 3 and source.lengths().tolist() == list(LENGTHS)
    for index, rows in enumerate((slice(0, 5), slice(5, 8), slice(8, 10))):
        trajectory = source.trajectory(index)
        assert trajectory.id == "abc"[index]
        np.testing.assert_array_equal(trajectory.actions, made["actions"][rows])
        np.testing.assert_array_equal(trajectory.states["pose"], made["state.pose"][rows])
        for camera in ("picture", "rows", "thing"):
            frames = np.stack(list(source.frames(index, camera)))
            np.testing.assert_array_equal(frames, made[f"camera.{camera}"][rows])
    told = [
        [(s.start, s.stop, s.name, s.instruction) for s in source.trajectory(index).segments]
        for index in range(3)
    ]
    assert told[0] == [(0, 2, "task", "go there"), (2, 5, "task", "come back")]
    assert told[1] == [(0, 3, "task", "go there")]
    assert told[2] == [(0, 2, "task", "come back")]


def test_training_reads_it_where_it_lies(tmp_path: Path) -> None:
    made = write(tmp_path / "made")
    source = open_source(tmp_path / "made")
    cache = build_cache(source, {"picture": 8, "rows": None}, tmp_path / "cache")
    assert not (tmp_path / "cache").exists() and set(cache.pictures) == {"picture", "rows"}
    windows = Windows(cache, 2, within="trajectory", holdout=0)
    batch = windows.batch(np.arange(len(windows)))
    firsts = [0, 1, 2, 3, 5, 6, 8]
    np.testing.assert_array_equal(batch["rows"][:, 1], made["camera.rows"][np.array(firsts) + 1])
    assert batch["rows"].dtype == np.float16 and batch["picture"].shape == (7, 2, 8, 8, 3)


def test_a_wrong_camera_or_size_is_named(tmp_path: Path) -> None:
    write(tmp_path / "made")
    source = open_source(tmp_path / "made")
    with pytest.raises(DatasetError, match="made: picture has 8 pixels a side, not 16"):
        build_cache(source, {"picture": 16})
    with pytest.raises(DatasetError, match="made has no camera depth"):
        build_cache(source, {"depth": None})


def test_it_is_another_dataset_where_one_number_differs(tmp_path: Path) -> None:
    for name, seed in {"one": 0, "same": 0, "other": 1}.items():
        write(tmp_path / name, seed)
    one, same, other = (open_source(tmp_path / n).fingerprint() for n in ("one", "same", "other"))
    assert one == same != other


def damaged(folder: Path, how: str) -> None:
    """Do to a dataset what a crash, a full disk or another program may."""
    index, rows = folder / INDEX_FILE, folder / "camera.rows.npy"
    said = json.loads(index.read_text())
    if how == "cut":
        rows.write_bytes(rows.read_bytes()[:-40])
    elif how == "gone":
        rows.unlink()
    elif how == "shorter":
        np.save(rows, np.load(rows)[:-1])
    elif how == "pickled":
        np.save(rows, np.array([{}] * 10, object))
    elif how == "no json":
        index.write_text(index.read_text()[:100])
    elif how == "format":
        index.write_text(json.dumps({**said, "format": "longhaul.arrays/9"}))
    elif how == "no spec":
        index.write_text(json.dumps({k: v for k, v in said.items() if k != "spec"}))
    elif how == "offsets":
        index.write_text(json.dumps({**said, "offsets": [0, 5]}))


DAMAGES = ("cut", "gone", "shorter", "pickled", "no json", "format", "no spec", "offsets")


@pytest.mark.parametrize("how", DAMAGES)
def test_a_broken_one_is_one_line_that_names_it(tmp_path: Path, how: str) -> None:
    write(tmp_path / "made")
    damaged(tmp_path / "made", how)
    with pytest.raises(DatasetError, match=r"arrays.json: broken \(") as caught:
        open_source(tmp_path / "made")
    assert "\n" not in str(caught.value)


def test_it_is_whole_or_not_there_and_nothing_is_overwritten(tmp_path: Path) -> None:
    ArraysWriter(tmp_path / "made", SPEC, 10, SHAPES)  # as a crash on the way would leave it
    with pytest.raises(DatasetError, match="there is no such folder"):
        open_source(tmp_path / "made")
    write(tmp_path / "made")
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    with pytest.raises(DatasetError, match="made is there already, and not empty"):
        ArraysWriter(tmp_path / "made", SPEC, 10, SHAPES)


def test_numbers_of_sentences_are_not_mixed(tmp_path: Path) -> None:
    """A map of names' numbers means something by its own dataset's sentences only."""
    for name, sentences in {"a": SENTENCES, "b": SENTENCES, "c": SENTENCES[::-1]}.items():
        write(tmp_path / name, 0, sentences)
    a, b, c = (build_cache(open_source(tmp_path / n), {"thing": None}) for n in "abc")
    np.testing.assert_array_equal(join([a, b]).pictures["thing"][10], a.pictures["thing"][0])
    with pytest.raises(DatasetError, match="differ in their sentences, whose numbers are in thing"):
        join([a, b, c])
    plain = [build_cache(open_source(tmp_path / n), {"rows": None}) for n in "ac"]
    assert join(plain).sentences == SENTENCES
