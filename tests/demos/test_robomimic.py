"""robomimic's HDF5 as LIBERO writes it."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from longhaul.demos.open import open_source
from longhaul.demos.robomimic import RobomimicSource
from longhaul.demos.source import DatasetError, Segment
from longhaul.envs.specs import ActionSpec

NAME = "KITCHEN_SCENE3_turn_on_the_stove_demo.hdf5"


def libero(path: Path, demos: int = 3, told: bool = True) -> None:
    """Write a file with the names, shapes and types of LIBERO's demonstrations."""
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_name"] = "Libero_Kitchen_Tabletop_Manipulation"
        data.attrs["num_demos"] = demos
        if told:
            problem = {"language_instruction": ["turn on the stove"], "problem_name": "x"}
            data.attrs["problem_info"] = json.dumps(problem)
        data.attrs["macros_image_convention"] = "opengl"
        for i in range(demos):
            frames = 8 + i
            demo = data.create_group(f"demo_{i}")
            demo.attrs["num_samples"] = frames
            t = np.arange(frames, dtype=np.float64)[:, None]
            demo["actions"] = t + np.zeros((1, 7))
            demo["states"] = np.zeros((frames, 47))
            demo["robot_states"] = np.zeros((frames, 9))
            demo["dones"] = np.zeros(frames, np.uint8)
            obs = demo.create_group("obs")
            for name, size in (("ee_states", 6), ("gripper_states", 2), ("joint_states", 7)):
                obs[name] = t + np.zeros((1, size))
            rows = np.arange(128, dtype=np.uint8)[None, :, None, None]
            for name in ("agentview_rgb", "eye_in_hand_rgb"):
                obs[name] = np.broadcast_to(rows, (frames, 128, 128, 3))


def test_reads_liberos_files(tmp_path: Path) -> None:
    libero(tmp_path / NAME, demos=11)
    source = open_source(tmp_path)
    assert isinstance(source, RobomimicSource)
    assert source.lengths().tolist() == [7 + i for i in range(11)]
    last = source.trajectory(10)
    assert last.id.endswith("demo_10")
    assert last.segments == (Segment(0, 17, "turn_on_the_stove", "turn on the stove"),)
    assert last.actions[0, 0] == 1 and last.states["ee_states"][0, 0] == 0  # the next one's action
    upright = next(iter(source.frames(0, "agentview_rgb")))
    assert upright[0, 0, 0] == 127 and upright[127, 0, 0] == 0
    assert source.spec.observation.by_name()["agentview_rgb"].orientation == "upright"
    # 1 moves LIBERO's robot by 5 cm or 0.5 rad, 20 times a second, and closes the gripper.
    pose = ActionSpec("delta", 7, "world", "axis_angle", "open=-1", 0.05, 0.5, 20.0)
    assert source.spec.action == pose
    raw = RobomimicSource(tmp_path, flip=False, shift=False)
    assert raw.lengths()[0] == 8 and raw.trajectory(0).actions[0, 0] == 0
    assert next(iter(raw.frames(0, "agentview_rgb")))[0, 0, 0] == 0
    assert raw.fingerprint() != source.fingerprint()


def test_the_file_name_tells_the_task_where_nothing_else_does(tmp_path: Path) -> None:
    libero(tmp_path / NAME, told=False)
    assert RobomimicSource(tmp_path).trajectory(0).segments[0].instruction == "turn on the stove"


def test_what_is_broken_is_named(tmp_path: Path) -> None:
    libero(tmp_path / NAME)
    whole = (tmp_path / NAME).read_bytes()
    with h5py.File(tmp_path / NAME, "a") as file:
        del file["data/demo_1/obs/ee_states"]
    with pytest.raises(DatasetError, match="there is no data/demo_1/obs/ee_states"):
        RobomimicSource(tmp_path)
    with h5py.File(tmp_path / NAME, "a") as file:
        file["data/demo_1/obs/ee_states"] = np.zeros((3, 6))
    with pytest.raises(DatasetError, match="ee_states has 3 rows, not 9"):
        RobomimicSource(tmp_path)
    (tmp_path / NAME).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match="no readable HDF5"):
        RobomimicSource(tmp_path)
    (tmp_path / NAME).unlink()
    with pytest.raises(DatasetError, match="no demonstration"):
        RobomimicSource(tmp_path)
