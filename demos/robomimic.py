"""Reads demonstrations in robomimic's HDF5 layout, and LIBERO's in it: one file per task.

robomimic's pictures are upright, and action j of its files belongs to row j of `obs`. LIBERO's
pictures are upside down, as OpenGL draws them; and row j of `obs` was recorded after action j was
applied, so the action that follows a row is that of the next row. Both are corrected unless the
options say otherwise. Files of LIBERO that were regenerated without idle frames are known by what
they lack (longhaul.demos.robosuite).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos import robosuite
from longhaul.demos.hdf5 import array, group, opened, texts, vectors
from longhaul.demos.lerobot.parts import Part
from longhaul.demos.robomimic_arrays import DemoArrays
from longhaul.demos.robomimic_options import (
    action_of,
    conventions_of,
    pairs,
    require_kinds,
    states_of,
)
from longhaul.demos.source import DatasetError, DemoSpec, Segment, Trajectory
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, StateSpec

FILE_PATTERNS = ("*.hdf5", "*.h5")
"""The patterns of the files in a folder."""


@dataclass(frozen=True)
class _Demo:
    path: Path
    name: str
    frames: int
    task: str
    instruction: str
    flip: bool
    shift: int


class RobomimicSource:
    """Fulfills longhaul.demos.source.DemoSource for an HDF5 file, or for all of a folder.

    A key names an array of a demonstration, first among its observations: agentview_image, actions,
    action_dict/abs_pos. What a part is, longhaul.demos.lerobot.parts says.

    Args:
        cameras: Our names of the cameras, each with the key of its pictures; LIBERO's, or every
            array of pictures, under their own names, if not given.
        states: Names of states, each with a list of the parts that are concatenated; LIBERO's
            own, or every array of vectors, under their own names, if not given.
        action: What is learned, `{parts: [...], mode: delta or absolute, rate, position_scale,
            rotation_scale}`, as for a LeRobot folder; the array actions, with what the recorded
            controller says of it, if not given.
        mounts: The frames that carry the cameras, by our names; if not given, the gripper carries
            those whose keys say it.
        conventions: The values of frame, rotation and gripper, as in StateSpec and ActionSpec.
        filter_key: The list under `mask` of the demonstrations to read, such as train or valid.
        success: The array of a demonstration that is above 0 somewhere if it succeeded, such as
            rewards; if not given, all did.
        instruction: The sentence of all demonstrations; if not given, that of the file.
        flip: True turns pictures upright, False leaves them; if not given, LIBERO's are turned.
        shift: With True action j + 1 belongs to frame j, and the last frame, which has no action,
            is dropped; if not given, LIBERO's own files are read so.
    """

    def __init__(
        self,
        folder: Path,
        cameras: Mapping[str, str] | None = None,
        states: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
        action: Mapping[str, Any] | None = None,
        mounts: Mapping[str, str] | None = None,
        conventions: Mapping[str, str] | None = None,
        filter_key: str | None = None,
        success: str | None = None,
        instruction: str | None = None,
        flip: bool | None = None,
        shift: bool | None = None,
    ) -> None:
        """Raise DatasetError for a folder without such files, for a broken one, and for options
        that name what is not there."""
        require_kinds(bool, flip=flip, shift=shift)
        require_kinds(str, filter_key=filter_key, success=success, instruction=instruction)
        self._flip, self._shift, self._success = flip, shift, success
        self._instruction = instruction
        names = {path: _demos(path, filter_key) for path in _files(folder)}
        if not any(names.values()):
            raise DatasetError(f"{folder}: there is no demonstration in its .hdf5 files")
        path = next(path for path, found in names.items() if found)
        with opened(path) as file:
            first = DemoArrays(file, names[path][0])
            self._cameras = pairs("cameras", cameras) if cameras else first.cameras()
            if not isinstance(action, Mapping) or "parts" not in action:
                array(file, first.at("actions"))
            features, told = first.features(), conventions_of(conventions)
            self._states = states_of(states or first.states(), features, str(path))
            self._action = action_of(action, features, str(path))
            self._widths = {part.key: first.width(part.key) for part in self._parts()}
            self.spec = self._conventions(first, pairs("mounts", mounts or {}), told)
        self._demos = [demo for path, found in names.items() for demo in self._read(path, found)]

    def __len__(self) -> int:
        return len(self._demos)

    def lengths(self) -> NDArray[np.int64]:
        return np.array([demo.frames for demo in self._demos], np.int64)

    def trajectory(self, index: int) -> Trajectory:
        demo = self._demos[index]
        with opened(demo.path) as file:
            found = DemoArrays(file, demo.name)
            states = {name: found.vectors(p, demo.shift) for name, p in self._states.items()}
            actions = found.vectors(self._action["parts"], demo.shift)
            done = not self._success or bool((vectors(file, found.at(self._success)) > 0).any())
        return Trajectory(
            id=f"{demo.path.stem}/{demo.name.removeprefix('data/')}",
            states=states,
            actions=actions,
            segments=(Segment(0, demo.frames, demo.task, demo.instruction, done),),
        )

    def frames(self, index: int, camera: str) -> Iterator[NDArray[np.uint8]]:
        demo = self._demos[index]
        with opened(demo.path) as file:
            pictures = array(file, DemoArrays(file, demo.name).at(self._cameras[camera]))
            for t in range(demo.frames):
                picture: NDArray[np.uint8] = pictures[t]
                yield picture[::-1] if demo.flip else picture

    def fingerprint(self) -> str:
        """Return a hash of the options, the demonstrations' names and lengths, and each file's
        size and last megabyte."""
        chosen = (self._cameras, self._states, self._action, self._success, self._demos)
        hasher = sha256(repr(chosen).encode())
        for path in sorted({demo.path for demo in self._demos}):
            size = path.stat().st_size
            with path.open("rb") as file:
                file.seek(max(0, size - 2**20))
                hasher.update(str(size).encode() + file.read())
        return hasher.hexdigest()

    def _read(self, path: Path, names: Sequence[str]) -> list[_Demo]:
        """Return a file's demonstrations, whose arrays are there in the shapes of the first."""
        if not names:
            return []
        with opened(path) as file:
            first = DemoArrays(file, names[0])
            libero, args, shift = first.is_libero, first.env_args, self._shift
            if shift is None:
                shift = libero and robosuite.is_behind(file, names[0])
            flip = self._flip
            if flip is None:
                flip = robosuite.is_upside_down(file, libero)
            demos = []
            for name in names:
                frames = self._frames(DemoArrays(file, name)) - shift
                if frames < 1:
                    raise DatasetError(f"{path}: {name} has too few rows, {frames + shift}")
                sentence = self._instruction or robosuite.instruction(file, name, args)
                task = robosuite.task(file, args)
                demos.append(_Demo(path, name, frames, task, sentence, flip, int(shift)))
            return demos

    def _frames(self, found: DemoArrays) -> int:
        """Return the number of rows of a demonstration, which all its arrays that are read have."""
        frames = len(array(found.file, found.at(self._action["parts"][0].key)))
        found.require_whole(frames)
        for key, width in self._widths.items():
            found.require_rows(key, frames)
            if found.width(key) != width:
                raise DatasetError(
                    f"{found.file.filename}: {found.at(key)} has {found.width(key)} numbers, not "
                    f"{width} as in the first demonstration"
                )
        if self._success:
            found.require_rows(self._success, frames)
        sizes = {camera.name: (camera.height, camera.width) for camera in self.spec.pictures}
        for name, key in self._cameras.items():
            if (size := found.picture_size(key)) != sizes[name]:
                raise DatasetError(
                    f"{found.file.filename}: {found.at(key)} is {size[0]} x {size[1]}, not "
                    f"{sizes[name][0]} x {sizes[name][1]} as in the first demonstration"
                )
            found.require_rows(key, frames)
        return frames

    def _parts(self) -> list[Part]:
        states = [part for parts in self._states.values() for part in parts]
        return [*states, *self._action["parts"]]

    def _conventions(
        self, found: DemoArrays, mounts: Mapping[str, str], told: Mapping[str, Any]
    ) -> DemoSpec:
        """Return what the options say, and where they say nothing, what the file does."""
        down = self._flip is False and robosuite.is_upside_down(found.file, found.is_libero)
        orientation = "upside_down" if down else "upright"
        cameras = []
        for name, key in self._cameras.items():
            mount = mounts.get(name, robosuite.mount(key))
            height, width = found.picture_size(key)
            cameras.append(CameraSpec(name, height, width, "rgb", mount, orientation))
        states = []
        for name, parts in self._states.items():
            size = sum(part.size for part in parts)
            known = robosuite.state_spec(name, size)
            states.append(StateSpec(name, size, (), **told) if told else known)
        return DemoSpec(ObservationSpec(tuple(cameras), tuple(states)), self._meaning(found, told))

    def _meaning(self, found: DemoArrays, told: Mapping[str, Any]) -> ActionSpec:
        """Return what an action means."""
        name, args, libero = found.file.filename, found.env_args, found.is_libero
        size = sum(part.size for part in self._action["parts"])
        given = {key: value for key, value in self._action.items() if key != "parts"}
        if "mode" not in given:
            own = robosuite.action_spec(args, size, name, libero)
            return replace(own, **given, **told)
        given.setdefault("rate", robosuite.rate(args, libero))
        if not given["rate"]:
            raise DatasetError(f"{name}: nothing tells its actions per second: give action.rate")
        return ActionSpec(size=size, **given, **told)


def _files(path: Path) -> list[Path]:
    """Return the files of a folder, or the one file."""
    if path.is_file():
        return [path]
    return sorted(found for pattern in FILE_PATTERNS for found in path.glob(pattern))


def _demos(path: Path, filter_key: str | None) -> list[str]:
    """Return the paths of a file's demonstrations, or of those that a filter key lists, by their
    numbers."""
    with opened(path) as file:
        names = list(group(file, "data"))
        if filter_key is not None:
            if "mask" not in file:
                raise DatasetError(
                    f"{path}: there is no mask, and so no filter_key={filter_key}; leave the "
                    "option out, or make one by robomimic's split_train_val.py"
                )
            chosen = dict.fromkeys(texts(file, f"mask/{filter_key}"))
            missing = [name for name in chosen if name not in names]
            if missing:
                raise DatasetError(f"{path}: mask/{filter_key} lists {missing[0]}, not in data")
            names = list(chosen)
        ordered = sorted(names, key=lambda name: ([int(n) for n in re.findall(r"\d+", name)], name))
        return [f"data/{name}" for name in ordered]
