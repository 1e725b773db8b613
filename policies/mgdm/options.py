"""Options that acting and learning read alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from longhaul.errors import ConfigError
from longhaul.policies.mgdm.config import MgdmConfig
from longhaul.policies.mgdm.memory.short_term import Mode, ShortTermMemory


def group(name: str, given: Mapping[str, Any] | None, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a group, those that are None or missing as `known` has them.

    Raises ConfigError naming the valid ones for an unknown one.
    """
    odd = sorted(set(given or {}) - set(known))
    if odd:
        raise ConfigError(f"policy.{name}.{odd[0]} is unknown; valid: {', '.join(known)}")
    said = {key: value for key, value in (given or {}).items() if value is not None}
    return {**known, **said}


def short_term_of(given: Mapping[str, Any] | None, config: MgdmConfig) -> tuple[Mode, int]:
    """Return mode and capacity of the short-term memory: those given, else the architecture's."""
    known = {"mode": config.short_term, "capacity": config.capacity}
    options = group("short_term", given, known)
    memory = ShortTermMemory(options["capacity"], options["mode"])
    return memory.mode, memory.capacity
