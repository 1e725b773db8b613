"""`gymnasium.make("longhaul/LhVln-v0")`: its dataset may be a name, and is then generated.

An env knows nothing of navgen; so this is outside longhaul.envs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from longhaul.configs.navigation import with_dataset
from longhaul.envs.lhvln.env import DATASET, LhVlnEntryPoint, LhVlnEnv


class GeneratedEntryPoint(LhVlnEntryPoint):
    """Generates a dataset that is a name where it is not there yet, which takes a minute once."""

    def class_options(
        self, parts: Mapping[str, str], options: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        asked = {"dataset": DATASET, **options}
        return super().class_options(parts, with_dataset(asked, Console(stderr=True)))


make = GeneratedEntryPoint(LhVlnEnv)
