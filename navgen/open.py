"""Scenes as the generator opens them."""

from __future__ import annotations

from pathlib import Path

from longhaul.envs.lhvln.backends import open_simulator
from longhaul.envs.lhvln.simulator import Cameras, Simulator

SIZE = 128
"""Pixels of a picture's side, in which it is looked whether a target is in view."""


def open_scene(folder: Path) -> Simulator:
    """Open a scene in the builtin simulator, which draws nothing until it is looked at."""
    return open_simulator("builtin", folder, Cameras(SIZE, depth=False, ids=True))
