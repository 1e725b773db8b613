"""What robosuite's recordings mean: their pictures, actions and sentences, as robomimic's HDF5 and
LIBERO's tell them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from longhaul.demos.hdf5 import attribute, inside, vectors
from longhaul.demos.source import DatasetError
from longhaul.documents import parse_json
from longhaul.envs.specs import QUATERNION, ActionSpec, StateSpec
from longhaul.errors import ConfigError

LIBERO_MOUNTS = {"agentview_rgb": "world", "eye_in_hand_rgb": "gripper"}
"""The names of LIBERO's cameras, and what each is mounted on."""

LIBERO_STATES = (
    StateSpec("ee_states", 6, (), "world", "axis_angle"),
    StateSpec("gripper_states", 2, ("both fingers (m)",)),
    StateSpec("joint_states", 7, ("arm joints 1-7 (rad)",)),
)
"""LIBERO's states."""

ROBOT_STATES = (
    StateSpec("eef_pos", 3, ("xyz (m)",), "world"),
    StateSpec("eef_quat", 4, (), "world", QUATERNION),
    StateSpec("gripper_qpos", 2, ("both fingers (m)",)),
    StateSpec("joint_pos", 7, ("arm joints 1-7 (rad)",)),
)
"""What robosuite's observations mean, by their names behind the robot's."""

POSITION_SCALE, ROTATION_SCALE, RATE_HZ = 0.05, 0.5, 20.0
"""What an action of 1 means for robosuite's OSC_POSE controller by its defaults, with which LIBERO
recorded (m and rad), and the actions per second by robosuite's default."""

ROBOSUITE_TYPE = 1
"""The number that robomimic gives to robosuite's envs in env_args (EnvType of its env_base.py)."""

POSE_CONTROLLERS = ("OSC_POSE", "IK_POSE")
"""robosuite's controllers whose actions are a pose or its change, and a gripper command."""

GRIPPER_CAMERA = re.compile(r"eye_in_hand|in_hand|wrist|gripper")
"""Matches the name of a camera that a gripper carries."""

CONVENTION, CONVENTION_FLIPS = "macros_image_convention", {"opengl": True, "opencv": False}
"""The attribute in which LIBERO notes how robosuite drew: opengl is upside down."""

OWN_MARKS = ("num_samples", "model_file", "init_state")
"""The attributes that LIBERO's own script (create_dataset.py) gives to each demonstration."""

LEAST_RATIO, LEAST_MOVED_RAD = 4.0, 1e-3
"""How much farther the joints have to be from the simulator's in one alignment of rows than in the
other, and at least how far, for the other to be believed. Observed joints are one substep, a 25th
of a step, older than the simulator's at best. Chosen here."""


def is_libero(names: Sequence[str]) -> bool:
    """Return whether observations of these names are LIBERO's: one of its cameras is there."""
    return bool(set(LIBERO_MOUNTS) & set(names))


def env_args(file: h5py.File) -> dict[str, Any]:
    """Return what robomimic says of the env that a file was recorded in, {} where it says nothing.
    Raises DatasetError for what is no JSON object."""
    told = attribute(inside(file, "data"), "env_args")
    if not told:
        return {}
    try:
        found = parse_json(told, f"{file.filename}: env_args")
    except ConfigError as error:
        raise DatasetError(str(error)) from None
    if not isinstance(found, dict):
        raise DatasetError(f"{file.filename}: env_args is no JSON object")
    return found


def action_spec(args: Mapping[str, Any], size: int, file: str, libero: bool) -> ActionSpec:
    """Return what robosuite's actions mean by their controller.

    Raises DatasetError for another simulator's and for a controller that sets no poses, since then
    nothing says it.
    """
    told = _controller(_env_kwargs(args).get("controller_configs"))
    name = told.get("type", "OSC_POSE")
    if not libero and (args.get("type") != ROBOSUITE_TYPE or name not in POSE_CONTROLLERS):
        said = f"the controller is {name}, the env's type {args.get('type')}"
        raise DatasetError(
            f"{file}: nothing tells what its actions mean ({said if args else 'no env_args'}): "
            "give the option action with mode, rate, position_scale and rotation_scale"
        )
    relative = told.get("control_delta", True) and told.get("input_type", "delta") == "delta"
    most = told.get("output_max")
    scales = most if isinstance(most, list) and len(most) == 6 else []
    position, rotation = (scales[0], scales[3]) if scales else (POSITION_SCALE, ROTATION_SCALE)
    return ActionSpec(
        mode="delta" if relative else "absolute",
        size=size,
        frame="base" if told.get("input_ref_frame") == "base" else "world",
        rotation="axis_angle",
        gripper="open=-1",
        position_scale=_number(position, POSITION_SCALE) if relative else 1.0,
        rotation_scale=_number(rotation, ROTATION_SCALE) if relative else 1.0,
        rate=rate(args, libero) or RATE_HZ,
    )


def rate(args: Mapping[str, Any], libero: bool) -> float:
    """Return the actions per second, 0 where nothing tells them."""
    known = libero or args.get("type") == ROBOSUITE_TYPE
    return _number(_env_kwargs(args).get("control_freq"), RATE_HZ if known else 0.0)


def _env_kwargs(args: Mapping[str, Any]) -> Mapping[str, Any]:
    kwargs = args.get("env_kwargs")
    return kwargs if isinstance(kwargs, Mapping) else {}


def _controller(told: Any) -> dict[str, Any]:
    """Return the first arm's controller of robosuite's controller_configs, of its composite form
    since version 1.5 too."""
    while isinstance(told, list) and told:
        told = told[0]
    if isinstance(told, dict) and isinstance(told.get("body_parts"), dict):
        parts = [part for part in told["body_parts"].values() if isinstance(part, dict)]
        return parts[0] if parts else {}
    return told if isinstance(told, dict) else {}


def _number(value: Any, default: float) -> float:
    return float(value) if isinstance(value, int | float) and value > 0 else default


def state_spec(name: str, size: int) -> StateSpec:
    """Return what a state of this name means, as far as robosuite says it."""
    for known in (*LIBERO_STATES, *ROBOT_STATES):
        if re.fullmatch(rf"(robot\d+_)?{known.name}", name) and size == known.size:
            return StateSpec(name, size, known.layout, known.frame, known.rotation)
    return StateSpec(name, size)


def mount(camera: str) -> str:
    """Return what carries a camera, by its name."""
    return "gripper" if GRIPPER_CAMERA.search(camera) else "world"


def is_upside_down(file: h5py.File, libero: bool) -> bool:
    """Return whether a file's pictures are upside down: LIBERO's are, unless the file notes another
    convention; robomimic turns them before it writes."""
    noted = attribute(inside(file, "data"), CONVENTION)
    return CONVENTION_FLIPS.get(noted, libero)


def is_behind(file: h5py.File, demo: str) -> bool:
    """Return whether row j of LIBERO's observations was recorded after action j was applied.

    It was by LIBERO's own script, and it was not by those that replay the demonstrations without
    their idle frames (OpenVLA's regenerate_libero_dataset.py and its like), which write no
    attributes. Where the joints in the simulator's states agree with the observed ones in one way
    alone, that decides. Raises DatasetError where nothing tells the two kinds apart.
    """
    moved = _behind_by_joints(file, demo)
    if moved is not None:
        return moved
    notes = [attribute(inside(file, "data"), CONVENTION) != ""]
    notes += [any(mark in inside(file, demo).attrs for mark in OWN_MARKS)]
    if all(notes) or not any(notes):
        return notes[0]
    raise DatasetError(
        f"{file.filename}: this may be LIBERO's own file, whose observations follow their action, "
        "or a regenerated one, where they come before it: give the option shift=true or shift=false"
    )


def _behind_by_joints(file: h5py.File, demo: str) -> bool | None:
    """Return whether observed joints are those of the simulator's next row, None if unknown.

    The simulator's states are taken before the action; they hold the time and the arm's joints
    first.
    """
    if "states" not in inside(file, demo) or "joint_states" not in inside(file, f"{demo}/obs"):
        return None
    states = vectors(file, f"{demo}/states")
    joints = vectors(file, f"{demo}/obs/joint_states")
    size = joints.shape[1]
    if states.shape[1] <= size or len(states) != len(joints) or len(joints) < 2:
        return None
    simulated = states[:, 1 : 1 + size]
    same = float(np.abs(simulated[1:] - joints[1:]).max(axis=1).mean())
    behind = float(np.abs(simulated[1:] - joints[:-1]).max(axis=1).mean())
    near, far = min(same, behind), max(same, behind)
    if not far > max(LEAST_MOVED_RAD, LEAST_RATIO * near):
        return None
    return behind < same


def instruction(file: h5py.File, demo: str, args: Mapping[str, Any]) -> str:
    """Return what a demonstration carries out: a sentence of the file, or else the name of its env
    or of the file in words."""
    problem = _object(attribute(inside(file, "data"), "problem_info"))
    episode = _object(attribute(inside(file, demo), "ep_meta"))
    told = problem.get("language_instruction") or episode.get("lang") or args.get("lang")
    if isinstance(told, list):
        told = "".join(part for part in told if isinstance(part, str))
    if isinstance(told, str) and told.strip():
        return told.strip().strip('"')
    return task(file, args).replace("_", " ")


def task(file: h5py.File, args: Mapping[str, Any]) -> str:
    """Return the task's name: LIBERO's in a file name such as SCENE1_the_task_demo.hdf5, and
    robomimic's env, NutAssembly, as nut_assembly."""
    env = args.get("env_name")
    if "bddl_file" not in args and isinstance(env, str) and env:
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", env).lower()
    stem = Path(file.filename).stem.removesuffix("_demo")
    return re.sub(r"^[A-Z_]+SCENE\d+_", "", stem)


def _object(text: str) -> dict[str, Any]:
    """Return the JSON object of a text, {} where there is none."""
    try:
        found = parse_json(text, "")
    except ConfigError:
        return {}
    return found if isinstance(found, dict) else {}
