"""The cameras of a LeRobot folder of somebody else: what info.json says of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from longhaul.demos.lerobot.depth import Quantization, image_unit, is_depth, quantization
from longhaul.demos.lerobot.info import Info
from longhaul.demos.source import DatasetError
from longhaul.envs.specs import CameraSpec
from longhaul.identifiers import shown

AXES = "hwc"
"""The initials of the axes height, width and channels, in the order in which pictures lie here."""

DTYPES = ("video", "image")
"""The dtypes of a feature that is a camera."""


@dataclass(frozen=True)
class Camera:
    """A camera: its `spec`, and the feature `key` that it is, whose pictures lie in videos or, with
    `in_table`, in the data files. A depth camera has the `quantization` of its videos, or the
    length of one `unit` of its pictures in meters."""

    spec: CameraSpec
    key: str
    in_table: bool
    quantization: Quantization | None = None
    unit: float | None = None


def read_cameras(info: Info, cameras: object, mounts: object) -> dict[str, Camera]:
    """Return the cameras by name; `cameras` maps names to features and `mounts` names to frames.

    Raises DatasetError as `read_camera`, and for values of another kind.
    """
    if not isinstance(cameras, Mapping) or not isinstance(mounts, Mapping):
        raise DatasetError(
            f"{info.folder}: cameras={cameras} and mounts={mounts} must map names of cameras to "
            "features and to frames"
        )
    for name, key in cameras.items():
        if not isinstance(key, str) or not isinstance(mounts.get(name, ""), str):
            raise DatasetError(
                f"{info.folder}: cameras.{name}={key} and mounts.{name}={mounts.get(name)} must be "
                "the name of a feature and that of a frame"
            )
    return {
        str(name): read_camera(info, str(name), key, mounts.get(name, "world"))
        for name, key in cameras.items()
    }


def read_camera(info: Info, name: str, key: str, mount: str) -> Camera:
    """Return the camera `name` that is the feature `key`.

    Raises DatasetError for a feature that is no camera, whose axes can't be told apart, or whose
    pictures are neither RGB nor depth of a declared unit.
    """
    feature = info.feature(key)
    dtype = feature.get("dtype")
    if dtype not in DTYPES:
        raise DatasetError(
            f"{info.path}: feature {key} is of dtype {shown(str(dtype))}; a camera is of "
            f"{' or '.join(DTYPES)}"
        )
    height, width, channels = _sizes(info, key)
    if is_depth(feature):
        spec = CameraSpec(name, height, width, "depth", mount)
        if dtype == "video":
            return Camera(spec, key, False, quantization(info, key))
        return Camera(spec, key, True, unit=image_unit(info, key))
    if channels != 3:
        raise DatasetError(
            f"{info.path}: feature {key} is {height} high, {width} wide and has {channels} "
            "channels by its shape and names; a picture has 3, and a depth map says that it is one "
            '("is_depth_map": true in its info)'
        )
    return Camera(CameraSpec(name, height, width, "rgb", mount), key, dtype == "image")


def _sizes(info: Info, key: str) -> tuple[int, int, int]:
    """Return height, width and channels, which the feature's names tell apart, else the number of
    channels."""
    shape, names = info.shape(key), info.feature(key).get("names")
    if len(shape) != 3:
        raise DatasetError(f"{info.path}: feature {key} of shape {shape} is no picture")
    axes = _axes(names) or ("hwc" if shape[2] in (1, 3) or shape[0] not in (1, 3) else "chw")
    sizes = dict(zip(axes, shape, strict=True))
    if not _axes(names) and shape[0] in (1, 3) and shape[2] in (1, 3):
        raise DatasetError(
            f"{info.path}: feature {key} of shape {shape} does not say which axis is which: give "
            'it "names", ["height", "width", "channels"] say'
        )
    height, width, channels = (sizes[axis] for axis in AXES)
    return height, width, channels


def _axes(names: Any) -> str | None:
    """Return the initials of a feature's three axes, or None if its names do not tell them."""
    if isinstance(names, Mapping) and len(names) == 1:  # {"axes": [...]}, as some converters write
        names = next(iter(names.values()))
    if not isinstance(names, Sequence) or isinstance(names, str):
        return None
    axes = "".join(str(name)[:1].lower() for name in names)
    return axes if sorted(axes) == sorted(AXES) else None
