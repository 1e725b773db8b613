"""Depth as LeRobot datasets hold it: 12-bit videos, whose range info.json says, or pictures of
meters or millimeters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.lerobot.info import Info
from longhaul.demos.source import DatasetError
from longhaul.identifiers import shown

MOST_CODE = 4095
"""The largest value of a pixel of a depth video, which has 12 bits (lerobot 0.6's DEPTH_QMAX)."""

DEPTH_FORMAT = "gray12le"
"""PyAV's name of the pixel format in which a depth video is decoded."""

MOST_METERS = 60_000
"""The greatest depth, in meters, which float16 can hold."""

UNITS = {"m": 1.0, "mm": 0.001}
"""The names of the units of depth pictures, and their lengths in meters."""

RANGE = ("video.depth_min", "video.depth_max", "video.shift")
"""The entries of a feature's info that say in meters what the values 0 and MOST_CODE mean, and
what is added before the logarithm is taken."""

LOGARITHMIC = "video.use_log"
"""The entry that says whether a value is the depth's logarithm."""


@dataclass(frozen=True)
class Quantization:
    """What the values of a depth video mean: `nearest` at 0 to `farthest` at MOST_CODE, in meters;
    linear, or where `shift` (m) is a number the logarithm of depth + shift is."""

    nearest: float
    farthest: float
    shift: float | None

    def meters(self, codes: NDArray[np.uint16]) -> NDArray[np.float16]:
        """Return the depth of values (H, W), in meters, as lerobot's dequantize_depth does."""
        shift = self.shift
        low, high = self.nearest, self.farthest
        if shift is not None:
            low, high = math.log(low + shift), math.log(high + shift)
        depth = codes.astype(np.float32) * ((high - low) / MOST_CODE) + low
        if shift is not None:
            depth = np.exp(depth) - shift
        return np.clip(depth, self.nearest, self.farthest).astype(np.float16)


def is_depth(feature: Mapping[str, Any]) -> bool:
    """Return True for a feature that info.json calls a depth map, as lerobot asks."""
    info, older = _info(feature), _info(feature, "video_info")
    named = (info.get("is_depth_map"), *(i.get("video.is_depth_map") for i in (info, older)))
    return any(named)


def quantization(info: Info, key: str) -> Quantization:
    """Return what the values of a depth video mean.

    Raises DatasetError where info.json does not say it, as lerobot did before 0.6.
    """
    said = _info(info.feature(key))
    numbers: list[Any] = [said.get(name) for name in RANGE]
    logarithmic = said.get(LOGARITHMIC)
    if not isinstance(logarithmic, bool) or not all(_is_length(number) for number in numbers):
        entries = ", ".join((*RANGE, LOGARITHMIC))
        raise DatasetError(
            f"{info.path}: feature {key} is a depth map whose values mean nothing without "
            f"{entries} in its info: record it with lerobot 0.6 or later, or leave the camera out"
        )
    nearest, farthest, shift = map(float, numbers)
    if not nearest < farthest or (logarithmic and nearest + shift <= 0):
        raise DatasetError(
            f"{info.path}: feature {key}: depth from {nearest:g} to {farthest:g} m, shifted by "
            f"{shift:g} m, is no range"
        )
    return Quantization(nearest, farthest, shift if logarithmic else None)


def image_unit(info: Info, key: str) -> float:
    """Return the length of one unit of a depth picture in meters.

    Raises DatasetError where info.json does not say it.
    """
    unit = _info(info.feature(key)).get("depth_unit")
    if not isinstance(unit, str) or unit not in UNITS:
        raise DatasetError(
            f"{info.path}: feature {key} is a depth map of depth_unit {shown(str(unit))}; say in "
            f"its info what it is: {' or '.join(UNITS)}"
        )
    return UNITS[unit]


def _info(feature: Mapping[str, Any], entry: str = "info") -> Mapping[str, Any]:
    found = feature.get(entry)
    return found if isinstance(found, Mapping) else {}


def _is_length(number: Any) -> bool:
    return isinstance(number, int | float) and abs(number) < MOST_METERS
