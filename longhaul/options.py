"""Options that belong together, given as a dataclass or as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from longhaul.errors import ConfigError, unknown

Group = TypeVar("Group")


def group(name: str, given: Group | Mapping[str, Any], kind: type[Group]) -> Group:
    """Return a group of options as `kind`, a dataclass; what a mapping leaves out has its default.

    `name` is what the group is called on the command line, such as `policy.limits`. Raises
    ConfigError naming the valid options for an unknown one.
    """
    if isinstance(given, kind):
        return given
    assert isinstance(given, Mapping)
    valid = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    for option in given:
        if option not in valid:
            raise ConfigError(unknown(f"{name}.{option}", valid))
    return kind(**given)
