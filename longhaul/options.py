"""Options that belong together, given as a dataclass or as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from longhaul.errors import ConfigError, unknown

Group = TypeVar("Group")


def names(option: str, given: object) -> tuple[str, ...]:
    """Return names that an option lists; a single one may stand without brackets, null is none.

    `option` is what it is called on the command line, such as `env.chain`. Raises ConfigError for
    anything else than names.
    """
    listed = [given] if isinstance(given, str) else [] if given is None else given
    if not isinstance(listed, Sequence) or not all(isinstance(name, str) for name in listed):
        raise ConfigError(f"{option}={given} must be names in brackets, such as {option}=[one,two]")
    return tuple(name for name in listed if name)


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
