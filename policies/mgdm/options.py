"""Groups of options that both the policy and the learner have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from longhaul.errors import ConfigError, unknown
from longhaul.policies.mgdm.config import MgdmConfig
from longhaul.policies.mgdm.memory.short_term import Mode, ShortTermMemory


def group(name: str, given: Mapping[str, Any] | None, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a group. Those that are missing or None get the value in `known`.

    Raises ConfigError, which names the valid options, for an unknown one.
    """
    for key in sorted(set(given or {}) - set(known)):
        raise ConfigError(unknown(f"policy.{name}.{key}", known))
    chosen = {key: value for key, value in (given or {}).items() if value is not None}
    return {**known, **chosen}


def short_term_of(given: Mapping[str, Any] | None, config: MgdmConfig) -> tuple[Mode, int]:
    """Return mode and capacity of the short-term memory: those given, else the architecture's."""
    known = {"mode": config.short_term, "capacity": config.capacity}
    options = group("short_term", given, known)
    memory = ShortTermMemory(options["capacity"], options["mode"])
    return memory.mode, memory.capacity
