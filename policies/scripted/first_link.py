"""Clicks the first link of every page: a baseline of aimless browsing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from longhaul.envs.specs import ActionSpec, ObservationSpec, Requirement, StateSpec
from longhaul.envs.text import decode, encode
from longhaul.policies.policy import Batch, Setting, Start

LINK = re.compile(r"^\s*\[(\d+)\] link", re.MULTILINE)


class FirstLinkPolicy:
    """Clicks the first link in the accessibility tree; where there is none it stops."""

    requirement = Requirement(
        ObservationSpec(states=(StateSpec("tree", 0),)), ActionSpec(mode="browser")
    )
    trained = None

    def __init__(self, setting: Setting) -> None:
        self._size = setting.env.action.size

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """Nothing is remembered."""

    def act(self, batch: Batch) -> dict[str, np.ndarray]:
        """Return the actions' arrays (n, ...)."""
        rows = []
        for row in range(len(batch.slots)):
            link = LINK.search(decode("tree", {k: v[row] for k, v in batch.observations.items()}))
            action = f"click [{link[1]}]" if link else "stop []"
            rows.append(encode("action", action, self._size))
        return {key: np.stack([row[key] for row in rows]) for key in rows[0]}

    def provenance(self) -> Mapping[str, str]:
        return {}
