"""Opens scenes for the generator."""

from __future__ import annotations

from pathlib import Path

from longhaul.envs.lhvln.backends import open_simulator
from longhaul.envs.lhvln.simulator import Cameras, Simulator

VIEW_SIDE_PX = 128
"""The side (pixels) of the pictures in which the generator checks if a target is in view."""


def open_scene(folder: Path) -> Simulator:
    """Open a scene in the builtin simulator, which draws nothing until `observe` is called."""
    return open_simulator("builtin", folder, Cameras(VIEW_SIDE_PX, depth=False, ids=True))
