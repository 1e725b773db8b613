"""Checks of a composed configuration's values; each raises ConfigError naming key and value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from longhaul.errors import ConfigError


def require_numbers(
    config: Mapping[str, Any], least: Mapping[str, float], optional: Sequence[str] = ()
) -> None:
    """Raise ConfigError unless each value is a number of its limit's type, and at least that.

    Keys are dotted, and what stands before a dot must be a group; a limit written as an int asks
    for a whole number. An `optional` one may be None.
    """
    for key, limit in least.items():
        value: Any = config
        for name in key.split("."):
            if not isinstance(value, Mapping):
                group = key.rpartition(".")[0]
                raise ConfigError(f"{group}={value} must hold {name}; set {key}=...")
            value = value[name]
        if value is None and key in optional:
            continue
        types = (int,) if isinstance(limit, int) else (int, float)
        if isinstance(value, bool) or not isinstance(value, types) or not value >= limit:
            kind = "a whole number" if isinstance(limit, int) else "a number"
            raise ConfigError(f"{key}={value} must be {kind}, at least {limit}")


def require_flags(config: Mapping[str, Any], keys: Sequence[str]) -> None:
    """Raise ConfigError unless the value of each key, which may be dotted, is true or false.

    A key of a group may be missing; a default then holds.
    """
    for key in keys:
        group, _, name = key.rpartition(".")
        value = config[group].get(name, True) if group else config[name]
        if not isinstance(value, bool):
            raise ConfigError(f"{key}={value} must be true or false")
