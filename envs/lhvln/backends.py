"""The navigation simulators; each is imported when it is opened."""

from __future__ import annotations

from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path

from longhaul.envs.lhvln.simulator import Cameras, Simulator
from longhaul.envs.render.renderer import describe_renderer
from longhaul.errors import ConfigError, require_known

SIMULATOR_KINDS = ("builtin", "habitat")


def open_simulator(kind: str, folder: Path, cameras: Cameras, gpu: int = 0) -> Simulator:
    """Open a scene's folder in a simulator. `gpu` is the number of the device habitat draws on.

    Raises ConfigError for an unknown kind, for one that is not installed, and, in one line, for a
    folder that holds no scene.
    """
    require_simulator(kind)
    module = import_module(f"longhaul.envs.lhvln.{kind}")
    opened: Simulator = (
        module.BuiltinSimulator(folder, cameras)
        if kind == "builtin"
        else module.HabitatSimulator(folder, cameras, gpu)
    )
    return opened


def require_simulator(kind: str) -> None:
    """Raise ConfigError, naming the valid ones, unless a simulator can be opened here."""
    require_known("env.simulator", kind, SIMULATOR_KINDS)
    if kind == "habitat" and find_spec("habitat_sim") is None:
        raise ConfigError(
            "env.simulator=habitat: habitat-sim is not installed (conda install habitat-sim "
            "-c conda-forge -c aihabitat); valid without it: builtin"
        )


def describe_simulator(kind: str) -> dict[str, str]:
    """Return what a run's identity has of a simulator: its name and version, and what draws."""
    if kind == "habitat":
        return {"simulator": f"habitat-sim {metadata.version('habitat-sim')}"}
    renderer, description = describe_renderer("gl")
    return {"simulator": kind, "renderer": renderer, "renderer_description": description}
