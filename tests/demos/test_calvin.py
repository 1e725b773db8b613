"""CALVIN's layout: written for its tools, read from what they wrote, and never run."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from longhaul.demos.calvin.annotations import read_annotations, write_annotations
from longhaul.demos.calvin.source import CalvinSource
from longhaul.demos.calvin.writer import write_calvin
from longhaul.demos.open import open_source
from longhaul.demos.source import DatasetError, DemoSpec, Segment, Trajectory
from longhaul.envs.specs import ActionSpec

LENGTHS = (24, 9)


def published(folder: Path) -> None:
    """Write a split as mees/calvin's dataset/README.md describes it, with NumPy alone."""
    random = np.random.default_rng(0)
    for number in range(100, 100 + sum(LENGTHS)):
        frame: dict[str, Any] = {
            "rgb_static": random.integers(0, 256, (200, 200, 3), np.uint8),
            "rgb_gripper": random.integers(0, 256, (84, 84, 3), np.uint8),
            "robot_obs": random.normal(size=15),
            "scene_obs": random.normal(size=24),
            "actions": random.normal(size=7),
            "rel_actions": random.uniform(-1, 1, 7),
        }
        np.savez(folder / f"episode_{number:07d}.npz", **frame)
    np.save(folder / "ep_start_end_ids.npy", np.array([[100, 123], [124, 132]]))
    language = {
        "language": {
            "ann": ["push it left", "lift it"],
            "task": ["push_red_block_left", "lift_red_block_table"],
            "emb": random.normal(size=(2, 1, 384)).astype(np.float32),
        },
        "info": {"indx": [(104, 113), (np.int64(120), 123)], "episodes": []},
    }
    (folder / "lang_annotations").mkdir()
    pickled = np.array(language, dtype=object)
    np.save(folder / "lang_annotations" / "auto_lang_ann.npy", pickled)


def test_reads_what_is_published(tmp_path: Path) -> None:
    published(tmp_path)
    source = open_source(tmp_path)
    assert isinstance(source, CalvinSource)
    assert source.lengths().tolist() == list(LENGTHS)
    # A relative action of 1 is 2 cm or 0.05 rad, an absolute one is a pose; both at 30 Hz.
    relative = ActionSpec("delta", 7, "world", "euler_xyz", "open=+1", 0.02, 0.05, 30.0)
    assert source.spec.action == relative
    assert CalvinSource(tmp_path, action="actions").spec.action == replace(
        relative, mode="absolute", position_scale=1.0, rotation_scale=1.0
    )
    first = source.trajectory(0)
    assert first.segments == (
        Segment(4, 14, "push_red_block_left", "push it left"),
        Segment(20, 24, "lift_red_block_table", "lift it"),
    )
    with np.load(tmp_path / "episode_0000105.npz") as frame:
        np.testing.assert_array_equal(first.actions[5], frame["rel_actions"].astype(np.float32))
        np.testing.assert_array_equal(
            first.states["scene_obs"][5], frame["scene_obs"].astype(np.float32)
        )
        np.testing.assert_array_equal(list(source.frames(0, "rgb_static"))[5], frame["rgb_static"])
        absolute = CalvinSource(tmp_path, action="actions").trajectory(0).actions[5]
        np.testing.assert_array_equal(absolute, frame["actions"].astype(np.float32))
    play = CalvinSource(tmp_path, without_language=True)
    assert play.lengths().tolist() == [4, 6, 9]
    assert all(not play.trajectory(i).segments for i in range(3))


class TwoPlays:
    """Two trajectories with CALVIN's conventions."""

    def __init__(self, spec: DemoSpec) -> None:
        self.spec = spec
        self.random = np.random.default_rng(1)
        self.pictures = {
            name: [self.random.integers(0, 256, (n, side, side, 3), np.uint8) for n in LENGTHS]
            for name, side in (("rgb_static", 200), ("rgb_gripper", 84))
        }
        self.made = [self._make(i, n) for i, n in enumerate(LENGTHS)]

    def _make(self, index: int, frames: int) -> Trajectory:
        def draw(size: int) -> np.ndarray:
            return self.random.normal(size=(frames, size)).astype(np.float32)

        states = {"robot_obs": draw(15), "scene_obs": draw(24)}
        return Trajectory(
            f"t{index}", states, draw(7), segments=(Segment(1, frames - 1, "open_drawer", "open"),)
        )

    def __len__(self) -> int:
        return len(LENGTHS)

    def lengths(self) -> np.ndarray:
        return np.array(LENGTHS)

    def trajectory(self, index: int) -> Trajectory:
        return self.made[index]

    def frames(self, index: int, camera: str) -> Any:
        return iter(self.pictures[camera][index])

    def fingerprint(self) -> str:
        return "two"


def test_round_trip_bit_for_bit(tmp_path: Path) -> None:
    published(tmp_path)
    source = TwoPlays(CalvinSource(tmp_path).spec)
    assert write_calvin(source, tmp_path / "out", "D") == sum(LENGTHS)
    back = open_source(tmp_path / "out")
    for index, made in enumerate(source.made):
        found = back.trajectory(index)
        assert found.segments == made.segments
        np.testing.assert_array_equal(found.actions, made.actions)
        for name, values in made.states.items():
            np.testing.assert_array_equal(found.states[name], values)
        for camera, pictures in source.pictures.items():
            np.testing.assert_array_equal(list(back.frames(index, camera)), pictures[index])
    with pytest.raises(DatasetError, match="exists already; nothing was written"):
        write_calvin(source, tmp_path / "out", "D")


def read_as_they_do(file: Path) -> dict[str, Any]:
    """Return sentences and windows as calvin_agent unpickles them, in a process of its own: that
    runs what a file holds."""
    program = (
        "import json, sys, numpy\n"
        "table = numpy.load(sys.argv[1], allow_pickle=True).item()\n"
        "language, info = table['language'], table['info']\n"
        "print(json.dumps({'language': {'ann': list(language['ann'])},\n"
        "    'info': {'indx': [[int(i) for i in pair] for pair in info['indx']]}}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, file], capture_output=True, check=True)
    table: dict[str, Any] = json.loads(done.stdout)
    return table


def test_its_own_tools_find_their_windows(tmp_path: Path) -> None:
    """As calvin_agent's DiskDataset looks windows up: by name and index."""
    published(tmp_path)
    source = TwoPlays(CalvinSource(tmp_path).spec)
    write_calvin(source, tmp_path / "out", "D")
    file = tmp_path / "out" / "lang_annotations" / "auto_lang_ann.npy"
    table = read_as_they_do(file)
    (start, end), sentence = table["info"]["indx"][1], table["language"]["ann"][1]
    assert (sentence, end - start + 1) == ("open", LENGTHS[1] - 2)
    for t, number in enumerate(range(start, end + 1), 1):
        with np.load(tmp_path / "out" / f"episode_{number:07d}.npz") as frame:
            np.testing.assert_array_equal(frame["rgb_static"], source.pictures["rgb_static"][1][t])
            pose = source.made[1].states["robot_obs"][t + 1, :6]
            np.testing.assert_array_equal(frame["actions"][:6], pose)
    ranges = np.load(tmp_path / "out" / "ep_start_end_ids.npy")
    np.testing.assert_array_equal(ranges, [[0, 23], [24, 32]])


def test_its_own_tools_normalize_by_the_statistics_of_all_frames(tmp_path: Path) -> None:
    published(tmp_path)
    source = TwoPlays(CalvinSource(tmp_path).spec)
    for made in source.made:
        made.states["scene_obs"][:, 3] = 0.25
    write_calvin(source, tmp_path / "out", "D")
    found = yaml.safe_load((tmp_path / "out/statistics.yaml").read_text())
    for name in ("robot_obs", "scene_obs"):
        rows = np.concatenate([made.states[name] for made in source.made]).astype(float)
        (transform,) = found[name]
        assert transform["mean"] == pytest.approx(rows.mean(axis=0), abs=1e-9)
        deviations = rows.std(axis=0)
        if name == "scene_obs":
            deviations[3] = 1.0  # it never changes, and is not to be divided by 0
        assert transform["std"] == pytest.approx(deviations)
    poses = [made.states["robot_obs"][1:, :6] for made in source.made]
    assert found["act_max_bound"][:6] == pytest.approx(np.concatenate(poses).max(axis=0))
    grips = np.concatenate([made.actions[:, 6] for made in source.made])
    assert (found["act_min_bound"][6], found["act_max_bound"][6]) == (grips.min(), grips.max())


class Hostile:
    """An object whose pickle calls a function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = function, arguments

    def __reduce__(self) -> Any:
        return self._call


def print_proof(path: str) -> None:
    Path(path).write_text("it ran")


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (eval, ("1 + 1",)),
        (print_proof, ("PROOF",)),
        (np.load, ("PROOF",)),
        (partial, (print, "PROOF")),
        (getattr, ("text", "upper")),
        (np.dtype, ("V8",)),
        (np.ndarray, ((3,),)),
        (np.frombuffer, (b"12345678",)),
        (Path, ("PROOF",)),
    ],
)
@pytest.mark.parametrize("deep", [False, True])
def test_a_hostile_file_is_refused_before_it_runs(
    tmp_path: Path, function: Any, arguments: tuple[Any, ...], deep: bool
) -> None:
    proof = tmp_path / "proof"
    told = tuple(str(proof) if a == "PROOF" else a for a in arguments)
    hostile: Any = Hostile(function, *told)
    value = {"language": {"ann": [hostile]}} if deep else hostile
    file = tmp_path / "auto_lang_ann.npy"
    array = np.empty((), object)
    array[()] = value
    np.save(file, array)
    with pytest.raises(DatasetError, match=r"auto_lang_ann.npy: (refused|holds)"):
        read_annotations(file)
    assert not proof.exists()


class Posing:
    """An object whose pickle builds a scalar's class with the state of a dtype."""

    def __reduce__(self) -> Any:
        return np.float64, ("f4",), (3, "<", None, None, None, -1, -1, 0)


def test_a_class_that_poses_as_a_dtype_is_refused(tmp_path: Path) -> None:
    array = np.empty((), object)
    array[()] = {"language": {"ann": [Posing()]}}
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(DatasetError, match=r"a.npy: refused \(it names numpy.float64"):
        read_annotations(tmp_path / "a.npy")


def test_what_is_written_is_read_by_numpy(tmp_path: Path) -> None:
    """Arrays of every kind that CALVIN's file has, as numpy.load with allow_pickle reads them."""
    value = {"emb": np.arange(6, dtype=np.float32).reshape(2, 1, 3), "none": np.zeros((2, 0))}
    value["indx"] = [(0, 1), (np.int64(2), 3)]  # type: ignore[assignment]
    write_annotations(tmp_path / "a.npy", value)
    program = (
        "import sys, numpy\n"
        "found = numpy.load(sys.argv[1], allow_pickle=True).item()\n"
        "assert found['emb'].dtype == 'float32' and found['emb'].flags.writeable\n"
        "print(found['emb'].tolist(), found['none'].shape, found['indx'])\n"
    )
    command = [sys.executable, "-c", program, tmp_path / "a.npy"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert done.stdout == "[[[0.0, 1.0, 2.0]], [[3.0, 4.0, 5.0]]] (2, 0) [(0, 1), (2, 3)]\n"
    assert read_annotations(tmp_path / "a.npy")["emb"].tolist() == value["emb"].tolist()


@pytest.mark.parametrize("protocol", range(2, 6))
def test_plain_values_come_back_from_every_protocol(tmp_path: Path, protocol: int) -> None:
    value = {
        "text": ["a", "ü"],
        "numbers": (1, 2.5, True, None, b"\xff\x00"),
        "scalar": np.float32(1.5),
        "array": np.arange(6, dtype=np.int64).reshape(2, 3),
        "turned": np.asfortranarray(np.arange(6, dtype=">f4").reshape(2, 3)),
        "words": np.array(["one", "three"]),
        "objects": np.array(["x", {"y": 1}], dtype=object),
    }
    file = tmp_path / "value.npy"
    header = b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little")
    text = "{'descr': '|O', 'fortran_order': False, 'shape': (), }".ljust(117) + "\n"
    pickled = pickle.dumps(np.array(value, dtype=object), protocol)
    file.write_bytes(header + text.encode() + pickled)
    found = read_annotations(file)
    assert found["text"] == value["text"] and found["numbers"] == value["numbers"]
    assert found["scalar"] == 1.5
    for name in ("array", "turned", "words"):
        np.testing.assert_array_equal(found[name], value[name])
    assert found["objects"].tolist() == ["x", {"y": 1}]


def test_what_is_broken_is_named(tmp_path: Path) -> None:
    published(tmp_path)
    source = CalvinSource(tmp_path)
    frame = tmp_path / "episode_0000110.npz"
    whole = frame.read_bytes()
    frame.write_bytes(whole[:2000])
    with pytest.raises(DatasetError, match=r"episode_0000110.npz: no readable npz"):
        source.trajectory(0)
    frame.unlink()
    with pytest.raises(DatasetError, match=r"episode_0000110.npz: this frame is missing"):
        list(source.frames(0, "rgb_gripper"))
    annotated = tmp_path / "lang_annotations" / "auto_lang_ann.npy"
    annotated.write_bytes(annotated.read_bytes()[:150])
    with pytest.raises(DatasetError, match=r"auto_lang_ann.npy: refused"):
        CalvinSource(tmp_path)
    np.save(tmp_path / "ep_start_end_ids.npy", np.arange(4))
    for table in (np.arange(4), np.array([[0, 1, 2]]), np.array([[5, 9], [3, 2]])):
        np.save(tmp_path / "ep_start_end_ids.npy", table)
        with pytest.raises(DatasetError, match="no table of first and last frames"):
            CalvinSource(tmp_path, language="none")
    (tmp_path / "ep_start_end_ids.npy").unlink()
    with pytest.raises(DatasetError, match=r"ep_start_end_ids.npy: this file is missing"):
        CalvinSource(tmp_path)
    (tmp_path / "ep_start_end_ids.npy").mkdir()
    with pytest.raises(DatasetError, match=r"ep_start_end_ids.npy"):
        CalvinSource(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"info": {}},
        {"info": {"indx": [(104, 113)]}},
        {"info": {"indx": [(104, 113, 1), (120, 123)]}},
        {"info": {"indx": [("a", 113), (120, 123)]}},
        {"info": {"indx": 7}},
        {"language": {"ann": ["push", "lift"]}},
    ],
)
def test_a_table_of_sentences_that_does_not_fit_is_named(tmp_path: Path, changes: Any) -> None:
    published(tmp_path)
    file = tmp_path / "lang_annotations" / "auto_lang_ann.npy"
    write_annotations(file, {**read_annotations(file), **changes})
    with pytest.raises(DatasetError, match=r"auto_lang_ann.npy: no table of sentences"):
        CalvinSource(tmp_path)


@pytest.mark.parametrize("side", [84, 400])
def test_pictures_of_another_size_are_not_written(tmp_path: Path, side: int) -> None:
    published(tmp_path)
    spec = CalvinSource(tmp_path).spec
    cameras = [replace(camera, height=side) for camera in spec.observation.cameras[:1]]
    other = replace(spec.observation, cameras=(*cameras, *spec.observation.cameras[1:]))
    source = TwoPlays(replace(spec, observation=other))
    said = f"CALVIN's rgb_static is 200 x 200, the dataset has \\({side}, 200\\)"
    with pytest.raises(DatasetError, match=said):
        write_calvin(source, tmp_path / "out", "D")
    assert not (tmp_path / "out").exists()
