"""Pictures that differ from episode to episode: light and camera, drawn from the episode's seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from longhaul.envs.render.light import Color, Light
from longhaul.envs.render.view import View

RANDOMIZE = ("none", "light", "light_camera")

LIGHT_STREAM = 1
"""Second number of the random seeds here, after the episode's: it keeps these draws apart from
others that begin with the same episode's seed."""

SUN_AZIMUTH_RAD, SUN_SLOPE_FACTORS = 0.9, (0.7, 1.6)
"""The sun's azimuth changes by up to the first to either side, and its slope (height over distance
on the ground) is multiplied by a factor from the second."""

LIGHT_FACTORS = {"sun": (0.6, 1.4), "sky": (0.75, 1.15), "ground": (0.7, 1.2)}
"""Ranges of the factors by which the lights' intensities are multiplied."""

MAX_TINT = 0.07
"""Each color channel of a light is multiplied by 1 plus or minus up to this."""

MAX_BRIGHTNESS = 1.12
"""Most that sun and sky together add up to on a surface that faces the sun: white is 1, and more
than this would saturate the picture."""

CAMERA_SHIFT_M, CAMERA_TURN_RAD = 0.015, 0.003
"""How far the static camera moves and turns along and about each axis at most: a few pixels."""


def drawn_light(base: Light, seed: int) -> Light:
    """Return the light of the episode with this seed."""
    random = np.random.default_rng([seed, LIGHT_STREAM])
    x, y, z = base.direction
    reach = float(np.hypot(x, y))
    azimuth = np.arctan2(y, x) + random.uniform(-SUN_AZIMUTH_RAD, SUN_AZIMUTH_RAD)
    height = z / reach * random.uniform(*SUN_SLOPE_FACTORS)
    sun, sky, ground = (
        np.array(getattr(base, name)) * random.uniform(*bounds) * _tint(random)
        for name, bounds in LIGHT_FACTORS.items()
    )
    sun = sun * min(1.0, (MAX_BRIGHTNESS - float(sky.max())) / float(sun.max()))
    return replace(
        base,
        direction=(float(np.cos(azimuth)), float(np.sin(azimuth)), float(height)),
        sun=_color(sun),
        sky=_color(sky),
        ground=_color(ground),
        background=_color(np.minimum(np.array(base.background) * random.uniform(0.8, 1.1), 1.0)),
    )


def moved_view(view: View, seed: int) -> View:
    """Return a camera of the world as it stands in the episode with this seed."""
    random = np.random.default_rng([seed, LIGHT_STREAM + 1])
    pose = view.pose.copy()
    pose[:3, 3] += random.uniform(-CAMERA_SHIFT_M, CAMERA_SHIFT_M, 3)
    turn = Rotation.from_rotvec(random.uniform(-CAMERA_TURN_RAD, CAMERA_TURN_RAD, 3)).as_matrix()
    pose[:3, :3] = turn @ pose[:3, :3]
    return replace(view, pose=pose)


def _tint(random: np.random.Generator) -> np.ndarray:
    return 1.0 + random.uniform(-MAX_TINT, MAX_TINT, 3)


def _color(values: np.ndarray) -> Color:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
