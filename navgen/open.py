"""Scenes as the generator opens them."""

from __future__ import annotations

from pathlib import Path

from envs.lhvln.backends import open_simulator
from envs.lhvln.simulator import Cameras, Simulator


def open_scene(folder: Path) -> Simulator:
    """Open a scene in the builtin simulator, which draws nothing until it is looked at."""
    return open_simulator("builtin", folder, Cameras())
