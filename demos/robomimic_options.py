"""Checks the options of robomimic's reader, which a command line or a YAML file gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from longhaul.demos.lerobot.parts import Features, Part, number, read_parts
from longhaul.demos.lerobot.vectors import CONVENTION_KEYS, MODES
from longhaul.demos.source import DatasetError
from longhaul.errors import unknown

ACTION_NUMBERS = ("rate", "position_scale", "rotation_scale")
"""The numbers that the option action may give, all above 0: actions per second, m and rad."""


def pairs(option: str, given: Any) -> dict[str, str]:
    """Return an option of names and names. Raises DatasetError for anything else."""
    if not isinstance(given, Mapping) or not all(isinstance(v, str) for v in given.values()):
        raise DatasetError(f"option {option}={given} must be pairs NAME: KEY")
    return {str(name): value for name, value in given.items()}


def require_kinds(kind: type, **given: Any) -> None:
    """Raise DatasetError for an option that is given and of another kind."""
    for name, value in given.items():
        if value is not None and not isinstance(value, kind):
            raise DatasetError(f"option {name}={value} must be {kind.__name__}")


def states_of(given: Any, features: Features, where: str) -> dict[str, tuple[Part, ...]]:
    """Return the option states: names, and the parts that are concatenated. Raises DatasetError for
    anything else, and for what the features do not have; `where` names the dataset."""
    if not isinstance(given, Mapping):
        raise DatasetError(f"option states={given} must be pairs NAME: [PART, ...]")
    return {str(n): read_parts(p, features, f"{where}: states.{n}") for n, p in given.items()}


def action_of(given: Any, features: Features, where: str) -> dict[str, Any]:
    """Return the option action with its `parts`; of the rest, what is given. Raises as
    `states_of`."""
    if not isinstance(given or {}, Mapping):
        raise DatasetError(f"option action={given} must be pairs such as parts: [...]")
    found = dict(given or {})
    for name in found:
        if name not in ("parts", "mode", *ACTION_NUMBERS):
            valid = ("parts", "mode", *ACTION_NUMBERS)
            raise DatasetError(unknown(f"option action.{name}", valid))
    if "mode" in found and found["mode"] not in MODES:
        raise DatasetError(unknown(f"option action.mode={found['mode']}", MODES))
    for name in ACTION_NUMBERS:
        if name in found and number(found[name], f"option action.{name}") <= 0:
            raise DatasetError(f"option action.{name}={found[name]} must be above 0")
    parts = found.get("parts", [{"key": "actions"}])
    return found | {"parts": read_parts(parts, features, f"{where}: action.parts")}


def conventions_of(given: Any) -> dict[str, str]:
    """Return the option conventions. Raises DatasetError for a key that is none of its own."""
    found = pairs("conventions", given or {})
    for name in found:
        if name not in CONVENTION_KEYS:
            raise DatasetError(unknown(f"option conventions.{name}", CONVENTION_KEYS))
    return found
