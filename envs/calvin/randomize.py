"""Pictures that differ from episode to episode: light and camera, drawn from the episode's seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from longhaul.envs.render.light import Color, Light
from longhaul.envs.render.view import View

RANDOMIZE = ("none", "light", "light_camera")

STREAM = 1
"""Keeps these draws apart from others that begin with an episode's seed."""

AZIMUTH, HEIGHT = 0.9, (0.7, 1.6)
"""The sun goes up to so far to either side (rad), and so high over its distance on the ground."""

STRENGTH = {"sun": (0.6, 1.4), "sky": (0.75, 1.15), "ground": (0.7, 1.2)}
TINT = 0.07
"""Channels of a light differ by up to this share."""

BRIGHTEST = 1.12
"""Sun and sky together on a white surface that faces the sun: more would burn out."""

SHIFT, TURN = 0.015, 0.003
"""How far the static camera moves (m, each axis) and turns (rad, each axis): a few pixels."""


def drawn_light(base: Light, seed: int) -> Light:
    """Return the light of the episode with this seed."""
    random = np.random.default_rng([seed, STREAM])
    x, y, z = base.direction
    reach = float(np.hypot(x, y))
    azimuth = np.arctan2(y, x) + random.uniform(-AZIMUTH, AZIMUTH)
    height = z / reach * random.uniform(*HEIGHT)
    sun, sky, ground = (
        np.array(getattr(base, name)) * random.uniform(*bounds) * _tint(random)
        for name, bounds in STRENGTH.items()
    )
    sun = sun * min(1.0, (BRIGHTEST - float(sky.max())) / float(sun.max()))
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
    random = np.random.default_rng([seed, STREAM + 1])
    pose = view.pose.copy()
    pose[:3, 3] += random.uniform(-SHIFT, SHIFT, 3)
    turn = Rotation.from_rotvec(random.uniform(-TURN, TURN, 3)).as_matrix()
    pose[:3, :3] = turn @ pose[:3, :3]
    return replace(view, pose=pose)


def _tint(random: np.random.Generator) -> np.ndarray:
    return 1.0 + random.uniform(-TINT, TINT, 3)


def _color(values: np.ndarray) -> Color:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
