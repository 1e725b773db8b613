"""robomimic's own files, by any names, and LIBERO's that were regenerated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import yaml

from longhaul.commands.convert import main as convert
from longhaul.configs.filling import CONFIG_FOLDER
from longhaul.demos.open import open_source
from longhaul.demos.source import DatasetError, Segment
from longhaul.envs.specs import ActionSpec, CameraSpec, StateSpec
from tests.demos.robomimic_files import (
    CONTROLLER,
    ENV_ARGS,
    regenerated,
    require_rows_fit,
    robomimic,
)

TURNED = {"from_rotation": "quaternion_xyzw", "to_rotation": "euler_xyz"}
SEER = {
    "cameras": {"rgb_static": "agentview_image", "rgb_gripper": "robot0_eye_in_hand_image"},
    "states": {
        "robot_obs": [
            {"key": "robot0_eef_pos"},
            {"key": "robot0_eef_quat", **TURNED},
            {"key": "robot0_gripper_qpos", "slice": [0, 1]},
            {"key": "actions", "index": 6, "closed_above": 0, "previous": True},
        ]
    },
    "action": {"parts": [{"key": "actions", "slice": [0, 6]}, {"key": "actions", "index": 6}]},
    "conventions": {"frame": "world", "rotation": "euler_xyz", "gripper": "open=+1"},
}


def test_robomimics_files_are_read_without_options(tmp_path: Path) -> None:
    robomimic(tmp_path / "image.hdf5", {0: 5, 10: 6, 2: 7}, compression="gzip", chunks=True)
    for given in (tmp_path, tmp_path / "image.hdf5"):
        source = open_source(given)
        require_rows_fit(source, [0, 2, 10])
        assert source.spec.observation.cameras == (
            CameraSpec("agentview_image", 12, 12),
            CameraSpec("robot0_eye_in_hand_image", 12, 12, mount="gripper"),
        )
        names = [state.name for state in source.spec.observation.states]
        assert names == sorted(["object", *(n for n in names if n.startswith("robot0"))])
        assert StateSpec("robot0_eef_quat", 4, (), "world", "quaternion_xyzw") in (
            source.spec.observation.states
        )
        pose = ActionSpec("delta", 7, "world", "axis_angle", "open=-1", 0.05, 0.5, 20.0)
        assert source.spec.action == pose
        sentence = Segment(0, 7, "nut_assembly_square", "nut assembly square")
        assert source.trajectory(1).segments == (sentence,)


def test_options_name_cameras_states_and_actions(tmp_path: Path) -> None:
    robomimic(tmp_path / "image.hdf5", {0: 5})
    source = open_source(tmp_path, **SEER)
    require_rows_fit(source, [0])
    assert list(source.spec.observation.by_name()) == ["rgb_static", "rgb_gripper", "robot_obs"]
    assert source.spec.observation.cameras[1].mount == "gripper"
    assert source.spec.observation.states == (
        StateSpec("robot_obs", 8, (), "world", "euler_xyz", "open=+1"),
    )
    assert source.spec.action.rotation == "euler_xyz" and source.spec.action.position_scale == 0.05
    state = source.trajectory(0).states["robot_obs"]
    np.testing.assert_allclose(state[1], [1, 1.1, 1.2, 0, 0, 0.4, 1, 1], atol=1e-6)
    np.testing.assert_array_equal(state[:, 7], [1, 1, 1, -1, -1])  # closed by the rows before
    absolute = {"parts": [{"key": "actions_abs"}], "mode": "absolute"}
    other = open_source(tmp_path, action=absolute)
    assert (other.spec.action.mode, other.spec.action.rate) == ("absolute", 20.0)
    assert other.trajectory(0).actions[0, 0] == 100
    assert other.fingerprint() != open_source(tmp_path).fingerprint()


def test_the_configuration_names_them_as_liberos(tmp_path: Path) -> None:
    robomimic(tmp_path / "image.hdf5", {0: 5})
    told = yaml.safe_load((CONFIG_FOLDER / "data" / "robomimic.yaml").read_text())["options"]
    source = open_source(tmp_path, **told)
    regenerated(tmp_path / "other.hdf5", {0: 5})
    libero = open_source(tmp_path / "other.hdf5")
    assert source.spec.observation.states == libero.spec.observation.states
    assert source.spec.action == libero.spec.action
    assert [(c.name, c.mount) for c in source.spec.pictures] == [
        (c.name, c.mount) for c in libero.spec.pictures
    ]
    pose = source.trajectory(0).states["ee_states"][2]
    np.testing.assert_allclose(pose, [2, 2.1, 2.2, 0, 0, 0.4], atol=1e-6)


def test_filter_keys_choose_demonstrations(tmp_path: Path) -> None:
    robomimic(tmp_path / "a.hdf5", {0: 5, 1: 4, 11: 3, 2: 4}, {"train": [11, 2, 0], "valid": [1]})
    require_rows_fit(open_source(tmp_path, filter_key="train"), [0, 2, 11])
    require_rows_fit(open_source(tmp_path / "a.hdf5", filter_key="valid"), [1])
    with h5py.File(tmp_path / "a.hdf5", "r+") as file:
        file["mask/text"] = ["demo_1", "demo_2"]  # of any length, as h5py writes str
        file["mask/gone"] = np.array([b"demo_7"])
        file["mask/none"] = np.array([], "S1")
        file["mask/numbers"] = np.arange(3)
    assert len(open_source(tmp_path, filter_key="text")) == 2
    for key, told in (
        ("test", "there is no mask/test; /mask holds 'gone', 'none', 'numbers', 'text', 'train'"),
        ("gone", "mask/gone lists demo_7, not in data"),
        ("none", "no demonstration"),
        ("numbers", "mask/numbers is no list of texts"),
    ):
        with pytest.raises(DatasetError, match=told):
            open_source(tmp_path, filter_key=key)
    robomimic(tmp_path / "b.hdf5", {0: 5})
    with pytest.raises(DatasetError, match=r"b.hdf5: there is no mask, and so no filter_key=valid"):
        open_source(tmp_path, filter_key="valid")


def test_files_of_a_folder_are_read_together_and_have_to_agree(tmp_path: Path) -> None:
    robomimic(tmp_path / "a.hdf5", {0: 5})
    robomimic(tmp_path / "b.h5", {3: 4})
    source = open_source(tmp_path)
    require_rows_fit(source, [0, 3])
    assert [source.trajectory(i).id for i in range(2)] == ["a/demo_0", "b/demo_3"]
    robomimic(tmp_path / "c.hdf5", {3: 4}, side=14)
    with pytest.raises(DatasetError, match=r"c.hdf5: .*agentview_image is 14 x 14, not 12 x 12"):
        open_source(tmp_path)
    with h5py.File(tmp_path / "b.h5", "r+") as file:
        del file["data/demo_3/obs/object"]
        file["data/demo_3/obs/object"] = np.zeros((4, 14))
    with pytest.raises(DatasetError, match=r"b.h5: data/demo_3/obs/object has 14 numbers, not 10"):
        open_source(tmp_path)


def test_success_and_sentences_are_the_files(tmp_path: Path) -> None:
    args = {**ENV_ARGS, "lang": "nut on the peg"}
    robomimic(tmp_path / "a.hdf5", {0: 5, 1: 4}, args=args)
    source = open_source(tmp_path, success="rewards")
    told = [source.trajectory(i).segments[0] for i in range(2)]
    assert [segment.success for segment in told] == [False, True]
    assert {segment.instruction for segment in told} == {"nut on the peg"}
    with h5py.File(tmp_path / "a.hdf5", "r+") as file:
        del file["data"].attrs["env_args"]
        file["data"].attrs["env_args"] = json.dumps(ENV_ARGS)
        file["data/demo_1"].attrs["ep_meta"] = json.dumps({"lang": "the square nut"})
    assert open_source(tmp_path).trajectory(1).segments[0].instruction == "the square nut"
    given = open_source(tmp_path, instruction="do it")
    assert given.trajectory(1).segments[0].instruction == "do it"


CONTROLLERS: dict[str, tuple[Any, tuple[str, str, float, float]]] = {
    "absolute": ({**CONTROLLER, "control_delta": False}, ("absolute", "world", 1.0, 1.0)),
    "of two arms": ([CONTROLLER, CONTROLLER], ("delta", "world", 0.05, 0.5)),
    "composite": (
        {
            "type": "BASIC",
            "body_parts": {
                "right": {
                    **{"type": "OSC_POSE", "input_type": "delta", "input_ref_frame": "base"},
                    "output_max": [0.1, 0.1, 0.1, 0.25, 0.25, 0.25],
                }
            },
        },
        ("delta", "base", 0.1, 0.25),
    ),
    "unknown limits": ({"type": "OSC_POSE", "output_max": "x"}, ("delta", "world", 0.05, 0.5)),
}


@pytest.mark.parametrize("name", CONTROLLERS)
def test_the_controller_says_what_actions_mean(name: str, tmp_path: Path) -> None:
    told, expected = CONTROLLERS[name]
    kwargs = {"control_freq": 10, "controller_configs": told}
    robomimic(tmp_path / "a.hdf5", {0: 3}, args={**ENV_ARGS, "env_kwargs": kwargs})
    found = open_source(tmp_path).spec.action
    assert (found.mode, found.frame, found.position_scale, found.rotation_scale) == expected
    assert found.rate == 10


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (None, "no env_args"),
        ({"type": 2, "env_kwargs": {}}, "the env's type 2"),
        ({**ENV_ARGS, "env_kwargs": {"controller_configs": {"type": "JOINT_VELOCITY"}}}, "JOINT_V"),
    ],
)
def test_actions_that_nothing_tells_have_to_be_given(args: Any, told: str, tmp_path: Path) -> None:
    robomimic(tmp_path / "a.hdf5", {0: 3}, args=args)
    with pytest.raises(DatasetError, match=f"a.hdf5: nothing tells what .*{told}.* option action"):
        open_source(tmp_path)
    action = {"mode": "absolute", "rate": 10, "position_scale": 1, "rotation_scale": 1}
    assert open_source(tmp_path, action=action).spec.action == ActionSpec(
        "absolute", 7, position_scale=1, rotation_scale=1, rate=10
    )
    if args is None:
        with pytest.raises(DatasetError, match=r"give action.rate"):
            open_source(tmp_path, action={"mode": "delta"})


@pytest.mark.parametrize("args", ["{", "[1]", '"x"', "[" * 100_000])
def test_broken_env_args_are_named(args: str, tmp_path: Path) -> None:
    robomimic(tmp_path / "a.hdf5", {0: 3}, args=args[:60_000])
    with pytest.raises(DatasetError, match=r"a.hdf5: env_args"):
        open_source(tmp_path)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no camera": ({"cameras": {"a": "front"}}, "no data/demo_0/obs/front; .*'agentview_image'"),
    "depth": ({"cameras": {"a": "agentview_depth"}}, "agentview_depth is float32 .* no pictures"),
    "a state": ({"cameras": {"a": "object"}}, "may name agentview_image, robot0_eye_in_h"),
    "no pairs": ({"cameras": ["agentview_image"]}, "option cameras=.* must be pairs"),
    "no list": ({"states": {"x": "object"}}, "a.hdf5: states.x='object' must be a list of parts"),
    "no part": ({"states": {"x": [{"scale": 2}]}}, r"a.hdf5: states.x\[0\] has no key"),
    "unknown part": (
        {"states": {"x": [{"key": "object", "indx": 1}]}},
        r"a.hdf5: states.x\[0\].indx is unknown; did you mean index",
    ),
    "a column": ({"states": {"x": [{"key": "object", "index": 10}]}}, "a.hdf5: .*index 10 is not"),
    "no state": ({"states": {"x": [{"key": "eef"}]}}, "no feature 'eef'; valid: .*robot0_eef_pos"),
    "no states": ({"states": ["object"]}, "option states=.* must be pairs"),
    "no action": ({"action": {"parts": [{"key": "actions_x"}]}}, "no feature 'actions_x'; valid"),
    "an action's key": ({"action": {"modes": "delta"}}, "option action.modes is unknown"),
    "an action's mode": ({"action": {"mode": "relative"}}, "option action.mode=relative is unk"),
    "a number": ({"action": {"rate": 0}}, "option action.rate=0 must be above 0"),
    "a convention": ({"conventions": {"grip": "x"}}, "option conventions.grip is unknown"),
    "no mapping": ({"action": ["actions"]}, "option action=.* must be pairs"),
    "no truth": ({"flip": "no"}, "option flip=no must be bool"),
    "no text": ({"instruction": 3}, "option instruction=3 must be str"),
    "no mounts": ({"mounts": ["gripper"]}, "option mounts=.* must be pairs"),
    "no success": ({"success": "success"}, "there is no data/demo_0/obs/success"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_an_option_gets_wrong_is_named(name: str, tmp_path: Path) -> None:
    options, told = WRONG[name]
    robomimic(tmp_path / "a.hdf5", {0: 3})
    with pytest.raises(DatasetError, match=told):
        open_source(tmp_path, **options)


@pytest.mark.parametrize(
    "pictures",
    [
        np.zeros((3, 3, 12, 12), np.uint8),
        np.zeros((3, 12, 12, 3), np.float32),
        np.zeros((3, 12, 12, 4), np.uint8),
    ],
)
def test_pictures_of_another_kind_are_never_left_out_silently(
    pictures: Any, tmp_path: Path
) -> None:
    robomimic(tmp_path / "a.hdf5", {0: 3})
    with h5py.File(tmp_path / "a.hdf5", "r+") as file:
        file["data/demo_0/obs/front_image"] = pictures
    with pytest.raises(DatasetError, match=r"front_image is .*, no pictures \(frames, H, W, 3\)"):
        open_source(tmp_path)
    assert len(open_source(tmp_path, cameras={"a": "agentview_image"}).spec.pictures) == 1


@pytest.mark.parametrize("said", [4, 2, "3", [3, 3]])
def test_a_demonstration_is_as_long_as_it_says(said: Any, tmp_path: Path) -> None:
    robomimic(tmp_path / "a.hdf5", {0: 3})
    with h5py.File(tmp_path / "a.hdf5", "r+") as file:
        file["data/demo_0"].attrs["num_samples"] = said
    with pytest.raises(DatasetError, match=r"demo_0 has 3 rows, its num_samples says"):
        open_source(tmp_path)


def test_files_without_observations_name_the_remedy(tmp_path: Path) -> None:
    robomimic(tmp_path / "a.hdf5", {0: 3})
    with h5py.File(tmp_path / "a.hdf5", "r+") as file:
        del file["data/demo_0/obs"]
    with pytest.raises(DatasetError, match=r"demo_0 has no obs: .* dataset_states_to_obs.py"):
        open_source(tmp_path)
    (tmp_path / "a.hdf5").write_bytes((tmp_path / "a.hdf5").read_bytes()[:999])
    with pytest.raises(DatasetError, match=r"a.hdf5: no readable HDF5"):
        open_source(tmp_path / "a.hdf5")
    with h5py.File(tmp_path / "a.hdf5", "w") as file:
        file["frames"] = np.zeros(3)
    with pytest.raises(DatasetError, match=r"there is no data; / holds 'frames'"):
        open_source(tmp_path / "a.hdf5")


@pytest.mark.parametrize(("noted", "flipped"), [("opengl", True), ("opencv", False)])
def test_the_noted_convention_decides_what_is_upright(
    noted: str, flipped: bool, tmp_path: Path
) -> None:
    robomimic(tmp_path / "a.hdf5", {0: 3})
    with h5py.File(tmp_path / "a.hdf5", "r+") as file:
        file["data"].attrs["macros_image_convention"] = noted
    shown = next(iter(open_source(tmp_path).frames(0, "agentview_image")))
    assert shown[0, 0, 2] == (11 if flipped else 0)
    turned = next(iter(open_source(tmp_path, flip=True).frames(0, "agentview_image")))
    assert turned[0, 0, 2] == 11
    left = open_source(tmp_path, flip=False)
    assert next(iter(left.frames(0, "agentview_image")))[0, 0, 2] == 0
    orientation = "upside_down" if flipped else "upright"
    assert left.spec.observation.cameras[0].orientation == orientation


@pytest.mark.parametrize("given", ["folder", "file"])
def test_the_command_converts_them(
    given: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    robomimic(tmp_path / "in" / "image.hdf5", {0: 5, 1: 4}, {"valid": [1]}, side=16)
    path = tmp_path / "in" / ("image.hdf5" if given == "file" else "")
    options = json.dumps({"cameras": SEER["cameras"], "filter_key": "valid"})
    assert convert([str(path), str(tmp_path / "out"), "--options", options]) == 0
    assert "1 trajectories, 4 frames" in capsys.readouterr().out
    back = open_source(tmp_path / "out")
    np.testing.assert_array_equal(back.trajectory(0).actions[:, 1], np.arange(4))
    assert [camera.name for camera in back.spec.pictures] == ["rgb_static", "rgb_gripper"]
