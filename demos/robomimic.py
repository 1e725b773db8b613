"""Reads demonstrations in robomimic's HDF5 layout, as LIBERO publishes them: one file per task.

LIBERO's files have two peculiarities. Pictures are upside down, as OpenGL draws them; and row j of
`obs` was recorded after action j was applied, so the action that follows a row is that of the next
row. Both are corrected by default.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from longhaul.demos.source import DatasetError, DemoSpec, Segment, Trajectory
from longhaul.documents import parse_json, require_regular
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, StateSpec
from longhaul.errors import single_line

CAMERA_MOUNTS = {"agentview_rgb": "world", "eye_in_hand_rgb": "gripper"}
"""The names of the cameras, and what each is mounted on."""

STATE_SIZES = {"ee_states": 6, "gripper_states": 2, "joint_states": 7}
"""The names of the states, and their numbers of components."""

POSITION_SCALE, ROTATION_SCALE, RATE_HZ = 0.05, 0.5, 20.0
"""What an action of 1 means for robosuite 1.4's OSC_POSE controller, with which LIBERO recorded
(m and rad), and the actions per second."""

MOST_BYTES, MOST_GROWTH = 64 * 2**20, 1000
"""The size limit in bytes of a picture, of a chunk and of an array of states or actions. Pictures
may also take so many times their bytes in the file: deflate reaches about 1,000."""

KNOWN_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
KNOWN_FILTERS |= {h5py.h5z.FILTER_LZF, h5py.h5z.FILTER_SZIP, h5py.h5z.FILTER_SCALEOFFSET}
"""The numbers of the filters that HDF5 and h5py bring; others are programs of somebody else."""


@dataclass(frozen=True)
class _Demo:
    path: Path
    name: str
    frames: int
    instruction: str


class RobomimicSource:
    """Fulfills longhaul.demos.source.DemoSource for a folder of .hdf5 files.

    Args:
        flip: True turns pictures upright.
        shift: With True action j + 1 belongs to frame j, and the last frame, which has no action,
            is dropped.
    """

    def __init__(self, folder: Path, flip: bool = True, shift: bool = True) -> None:
        """Raise DatasetError for a folder without such files, or for a broken one."""
        self._flip, self._shift = flip, shift
        self._demos = [demo for path in _files(folder) for demo in _demos(path)]
        if not self._demos:
            raise DatasetError(f"{folder}: there is no demonstration in its .hdf5 files")
        with _opened(self._demos[0].path) as file:
            first = f"data/{self._demos[0].name}/obs"
            sizes = {name: _array(file, f"{first}/{name}").shape[1:3] for name in CAMERA_MOUNTS}
        orientation = "upright" if flip else "upside_down"
        self.spec = DemoSpec(
            ObservationSpec(
                tuple(
                    CameraSpec(name, sizes[name][0], sizes[name][1], "rgb", mount, orientation)
                    for name, mount in CAMERA_MOUNTS.items()
                ),
                (
                    StateSpec("ee_states", 6, (), "world", "axis_angle"),
                    StateSpec("gripper_states", 2, ("both fingers (m)",)),
                    StateSpec("joint_states", 7, ("arm joints 1-7 (rad)",)),
                ),
            ),
            ActionSpec(
                "delta",
                7,
                "world",
                "axis_angle",
                "open=-1",
                POSITION_SCALE,
                ROTATION_SCALE,
                RATE_HZ,
            ),
        )

    def __len__(self) -> int:
        return len(self._demos)

    def lengths(self) -> NDArray[np.int64]:
        return np.array([demo.frames - self._shift for demo in self._demos], np.int64)

    def trajectory(self, index: int) -> Trajectory:
        demo = self._demos[index]
        frames = demo.frames - self._shift
        with _opened(demo.path) as file:
            group = f"data/{demo.name}"
            states = {name: _vectors(file, f"{group}/obs/{name}")[:frames] for name in STATE_SIZES}
            actions = _vectors(file, f"{group}/actions")[int(self._shift) :]
        return Trajectory(
            id=f"{demo.path.stem}/{demo.name}",
            states={name: np.asarray(values, np.float32) for name, values in states.items()},
            actions=np.asarray(actions, np.float32),
            segments=(Segment(0, frames, _task(demo.path), demo.instruction),),
        )

    def frames(self, index: int, camera: str) -> Iterator[NDArray[np.uint8]]:
        demo = self._demos[index]
        with _opened(demo.path) as file:
            pictures = _array(file, f"data/{demo.name}/obs/{camera}")
            for t in range(demo.frames - self._shift):
                picture: NDArray[np.uint8] = pictures[t]
                yield picture[::-1] if self._flip else picture

    def fingerprint(self) -> str:
        """Return a hash of the options, the demonstrations' names and lengths, and each file's
        size and last megabyte."""
        hasher = sha256(repr((self._flip, self._shift, self._demos)).encode())
        for path in sorted({demo.path for demo in self._demos}):
            size = path.stat().st_size
            with path.open("rb") as file:
                file.seek(max(0, size - 2**20))
                hasher.update(str(size).encode() + file.read())
        return hasher.hexdigest()


def _files(path: Path) -> list[Path]:
    """Return the files of a folder, or the one file."""
    return [path] if path.is_file() else sorted([*path.glob("*.hdf5"), *path.glob("*.h5")])


def _demos(path: Path) -> Iterator[_Demo]:
    with _opened(path) as file:
        names = sorted(_inside(file, "data"), key=lambda name: int(re.sub(r"\D", "", name) or 0))
        for name in names:
            group = f"data/{name}"
            frames = len(_array(file, f"{group}/actions"))
            for array in (*CAMERA_MOUNTS, *STATE_SIZES):
                found = len(_array(file, f"{group}/obs/{array}"))
                if found != frames:
                    raise DatasetError(f"{path}: {group}/{array} has {found} rows, not {frames}")
            yield _Demo(path, name, frames, _instruction(path, file))


def _instruction(path: Path, file: h5py.File) -> str:
    """Return the instruction that the file contains, or else the one in the file's name."""
    attributes = _inside(file, "data").attrs
    try:
        if attributes.get_id("problem_info").shape:
            raise ValueError("several texts")
        problem = parse_json(attributes["problem_info"], "problem_info")
        told = problem["language_instruction"]
    except (KeyError, TypeError, ValueError):
        told = _task(path).replace("_", " ")
    return "".join(told).strip().strip('"')


def _task(path: Path) -> str:
    """Return the task's name in a file name: LIBERO's are like SCENE1_the_task_demo.hdf5."""
    return re.sub(r"^[A-Z_]+SCENE\d+_", "", path.stem.removesuffix("_demo"))


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    try:
        require_regular(path)
        with h5py.File(path, "r") as file:
            yield file
    except DatasetError:
        raise
    except (OSError, RuntimeError, LookupError, ValueError, TypeError) as error:
        raise DatasetError(f"{path}: no readable HDF5 ({single_line(error)})") from None


def _inside(file: h5py.File, name: str) -> Any:
    """Return a group or an array of a file by its path. Raises DatasetError where there is none,
    and for a link, which can lead to another file."""
    found = file
    for part in name.split("/"):
        link = found.get(part, getlink=True) if isinstance(found, h5py.Group) else None
        if link is None:
            raise DatasetError(f"{file.filename}: there is no {name}")
        if not isinstance(link, h5py.HardLink):
            raise DatasetError(f"{file.filename}: {name} is a link, which is not followed")
        found = found[part]
    return found


def _array(file: h5py.File, name: str) -> h5py.Dataset:
    """Return an array of numbers that the file itself holds, of a modest size. Raises
    DatasetError."""
    found, what = _inside(file, name), f"{file.filename}: {name}"
    if not isinstance(found, h5py.Dataset) or found.dtype.kind not in "biuf" or not found.ndim:
        raise DatasetError(f"{what} is no array of numbers")
    if found.is_virtual or found.external:
        raise DatasetError(f"{what} lies in another file, which is not read")
    plan = found.id.get_create_plist()
    filters = {plan.get_filter(number)[0] for number in range(plan.get_nfilters())}
    if not filters <= KNOWN_FILTERS:
        raise DatasetError(f"{what} is packed by a filter of number {max(filters)}, not HDF5's own")
    row = math.prod(found.shape[1:]) * found.dtype.itemsize
    chunk = math.prod(found.chunks or ()) * found.dtype.itemsize
    stored = found.id.get_storage_size()
    if max(row, chunk) > MOST_BYTES or row * len(found) > MOST_BYTES + MOST_GROWTH * stored:
        raise DatasetError(f"{what} claims shape {found.shape} and stores {stored} bytes")
    return found


def _vectors(file: h5py.File, name: str) -> NDArray[Any]:
    """Return the whole of an array of states or actions."""
    found = _array(file, name)
    if found.nbytes > MOST_BYTES:
        raise DatasetError(f"{file.filename}: {name} has {found.nbytes} bytes, not {MOST_BYTES}")
    values: NDArray[Any] = found[()]
    return values
