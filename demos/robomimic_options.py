"""Checks the options of robomimic's reader, which a command line or a YAML file gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from longhaul.demos.components import Component
from longhaul.demos.source import DatasetError
from longhaul.errors import unknown

ACTION_MODES = ("delta", "absolute")
"""The values of action.mode."""

ACTION_NUMBERS = ("rate", "position_scale", "rotation_scale")
"""The numbers that the option action may give, all above 0: actions per second, m and rad."""

CONVENTION_KEYS = ("frame", "rotation", "gripper")
"""The keys of the option conventions."""


def pairs(option: str, given: Any) -> dict[str, str]:
    """Return an option of names and names. Raises DatasetError for anything else."""
    if not isinstance(given, Mapping) or not all(isinstance(v, str) for v in given.values()):
        raise DatasetError(f"option {option}={given} must be pairs NAME: KEY")
    return {str(name): value for name, value in given.items()}


def components(option: str, given: Any) -> dict[str, tuple[Component, ...]]:
    """Return an option of names and lists of components. Raises DatasetError for anything else."""
    if not isinstance(given, Mapping):
        raise DatasetError(f"option {option}={given} must be pairs NAME: [COMPONENT, ...]")
    return {str(name): _parts(f"option {option}.{name}", parts) for name, parts in given.items()}


def action_options(given: Any) -> dict[str, Any]:
    """Return the option action with its `parts`; what is not given is left out, but the parts.
    Raises DatasetError for what is not valid."""
    if not isinstance(given or {}, Mapping):
        raise DatasetError(f"option action={given} must be pairs such as parts: [...]")
    found = dict(given or {})
    for name in found:
        if name not in ("parts", "mode", *ACTION_NUMBERS):
            valid = ("parts", "mode", *ACTION_NUMBERS)
            raise DatasetError(unknown(f"option action.{name}", valid))
    if "mode" in found and found["mode"] not in ACTION_MODES:
        raise DatasetError(unknown(f"option action.mode={found['mode']}", ACTION_MODES))
    for name in ACTION_NUMBERS:
        value = found.get(name, 1.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise DatasetError(f"option action.{name}={value} must be a number above 0")
    found["parts"] = _parts("option action.parts", found.get("parts", [{"key": "actions"}]))
    return found


def conventions_of(given: Any) -> dict[str, str]:
    """Return the option conventions. Raises DatasetError for a key that is none of its own."""
    found = pairs("conventions", given or {})
    for name in found:
        if name not in CONVENTION_KEYS:
            raise DatasetError(unknown(f"option conventions.{name}", CONVENTION_KEYS))
    return found


def _parts(where: str, given: Any) -> tuple[Component, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        raise DatasetError(f"{where}={given} must be a list of components")
    return tuple(Component.of(part, where) for part in given)
