"""Groups of options, some of which both the policy and the learner have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from longhaul.options import group
from longhaul.policies.mgdm.config import MgdmConfig
from longhaul.policies.mgdm.memory.short_term import Mode, ShortTermMemory


@dataclass(frozen=True)
class ShortTermOptions:
    """What the memory of the latest steps keeps.

    Attributes:
        mode: Which steps it keeps, entropy, scalar, fifo, uniform or none; None is as the
            checkpoint was trained, entropy without one.
        capacity: How many steps it keeps; None is as the checkpoint was trained, 20 without one.
    """

    mode: Mode | None = None
    capacity: int | None = None


@dataclass(frozen=True)
class LongTermOptions:
    """What is recalled of the memory of earlier houses.

    Attributes:
        k: How many views are recalled; 0 is no long-term memory.
        path: The memory's file; None is the one beside the checkpoint.
    """

    k: int = 0
    path: str | None = None


def short_term_of(
    given: ShortTermOptions | Mapping[str, Any], config: MgdmConfig
) -> tuple[Mode, int]:
    """Return mode and capacity of the short-term memory: those given, else the architecture's."""
    options = group("policy.short_term", given, ShortTermOptions)
    capacity = config.capacity if options.capacity is None else options.capacity
    mode: Any = options.mode or config.short_term  # the memory says which are valid
    memory = ShortTermMemory(capacity, mode)
    return memory.mode, memory.capacity
